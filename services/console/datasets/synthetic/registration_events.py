"""The registration events and reports of a year, each written from the outcomes of its slot."""

from datetime import date

from services.console.datasets.synthetic.model_outcomes import (
    BLOCKS,
    FIELDS,
    LEVELS,
    OWNERS,
    RegistrationSlot,
    What,
)
from services.console.datasets.synthetic.year import Year, organization


def registered(year: Year, slot: RegistrationSlot, sent_on: date | None = None) -> bytes:
    """Register the model of a slot."""
    of_model, unit_id = year.outcomes.of_model, year.unit_of(slot)
    owner = OWNERS.at(of_model(slot, What.OWNER))
    kind = year.outcomes.kind(slot)
    previous = {"previous_registration_id": year.registration_id(slot, slot.year - 1)}
    person = {"owner_person_ref": f"{year.model_id(slot)}-person"}
    return year.event(
        "ModelRegistered",
        f"{year.number}-{slot.number}-registered",
        year.stream_of(slot),
        year.day_of(slot),
        sent_on or year.registering[1],
        registration_id=year.registration_id(slot),
        model_id=year.model_id(slot),
        plan_year=year.number,
        unit_id=unit_id,
        registration_kind=kind,
        owner_kind=owner,
        owner_org_id=organization(unit_id),
        field_code=FIELDS.at(of_model(slot, What.FIELD)),
        block_code=BLOCKS.at(of_model(slot, What.BLOCK)),
        level=LEVELS.at(of_model(slot, What.LEVEL)),
        title=year.title_of(slot, unit_id),
        **(previous if kind == "maintained" else {}),
        **(person if owner == "individual" else {}),
    )


def withdrawn(year: Year, slot: RegistrationSlot) -> bytes:
    """Withdraw a registration."""
    return year.of(slot, "RegistrationWithdrawn", date(year.number, 5, 31), reason="trùng lặp")


def amended(year: Year, slot: RegistrationSlot) -> bytes:
    """Correct the field of a registration."""
    drawn = year.outcomes.of_year(slot, What.FIELD)
    return year.of(
        slot,
        "ModelAmended",
        date(year.number, 5, 31),
        reason="ghi nhầm lĩnh vực",
        changes={"field_code": FIELDS.at(drawn)},
    )


def reported(year: Year, slot: RegistrationSlot) -> bytes:
    """Report an outcome of a registration: land donated, or days of work."""
    drawn = year.outcomes.of_year(slot, What.AMOUNT)
    outcome_id = f"{year.registration_id(slot)}-outcome"
    return year.event(
        "OutcomeReported",
        f"{year.number}-{slot.number}-reported",
        f"outcome/{outcome_id}",
        date(year.number, 7, 31),
        outcome_id=outcome_id,
        registration_id=year.registration_id(slot),
        metric="land_donated_m2" if drawn < 0.5 else "workdays",
        value=1 + int(drawn * 997),
        qualifier="exact" if drawn < 0.9 else "approx",
        nature="flow",
        interval={"from": f"{year.number}-02-01", "to": f"{year.number}-07-31"},
    )
