"""The evaluation events of a year, each written from the outcomes of its slot."""

from collections.abc import Iterator
from datetime import date

from services.console.datasets.synthetic.model_outcomes import FORMS, OWNERS, RegistrationSlot, What
from services.console.datasets.synthetic.year import Year, document, organization

_INSPECTED = 0.2


def inspections(year: Year) -> Iterator[bytes]:
    """Plan an inspection in each province, and inspect some of its units."""
    for number, unit in enumerate(year.territory.provinces(year.inspecting), start=1):
        org_id = organization(unit.unit_id)
        plan = document("kế hoạch", f"{number:02d}-KH/KT", org_id, year.inspecting)
        yield _inspection(
            year,
            "InspectionPlanned",
            f"plan-{unit.unit_id}",
            unit.unit_id,
            unit.unit_id,
            document=plan,
        )
    for number, unit in enumerate(year.places):
        if year.outcomes.random.draw(year.number, number, What.INSPECTED) < _INSPECTED:
            province = year.territory.province_of(unit.unit_id, year.inspecting)
            place = year.territory.on(year.inspecting).place(unit.unit_id).unit_id
            yield _inspection(
                year,
                "InspectionConducted",
                unit.unit_id,
                province,
                place or province,
                org_id=organization(unit.unit_id),
            )


def assessed(year: Year, slot: RegistrationSlot) -> bytes:
    """Assess whether a registration is eligible for review."""
    eligible = year.outcomes.eligible(slot)
    return year.of(slot, "EligibilityAssessed", date(year.number, 9, 10), eligible=eligible)


def sessions(year: Year) -> Iterator[bytes]:
    """Hold the review session of each province."""
    for unit in year.territory.provinces(year.deciding):
        session_id, org_id = year.session_id(unit.unit_id), organization(unit.unit_id)
        yield year.event(
            "ReviewSessionHeld",
            f"session-{year.number}-{unit.unit_id}",
            f"session/{session_id}",
            year.deciding,
            session_id=session_id,
            org_id=org_id,
            unit_id=unit.unit_id,
            plan_year=year.number,
            minutes=document("biên bản", f"{year.number}-BB", org_id, year.deciding),
        )


def evaluated(year: Year, slot: RegistrationSlot) -> bytes:
    """Score an eligible registration."""
    points = 50 + int(year.outcomes.of_year(slot, What.POINTS) * 51)
    return year.of(
        slot,
        "ModelEvaluated",
        year.deciding,
        session_id=year.session_id(year.province_of(slot)),
        total=points,
        classification="tốt" if points >= 80 else "khá",
    )


def recognized(year: Year, slot: RegistrationSlot, sent_on: date | None = None) -> bytes:
    """Recognise a model."""
    province = year.province_of(slot)
    org_id = organization(province)
    return year.of(
        slot,
        "ModelRecognized",
        year.deciding,
        sent_on,
        tier=year.outcomes.tier(slot),
        level="province",
        decided_by_org_id=org_id,
        decision=document("quyết định", f"{year.number}-QĐ/TU", org_id, year.deciding),
        session_id=year.session_id(province),
    )


def declined(year: Year, slot: RegistrationSlot) -> bytes:
    """Refuse to recognise an eligible model."""
    return year.of(slot, "RecognitionDeclined", year.deciding, reason="chưa có kết quả rõ")


def replicated(year: Year, slot: RegistrationSlot) -> bytes:
    """Replicate an exemplary model in the whole province."""
    return year.event(
        "ModelReplicated",
        f"{year.number}-{slot.number}-replicated",
        f"model/{year.model_id(slot)}",
        year.awarding,
        source_model_id=year.model_id(slot),
        target_unit_id=year.territory.province_of(year.unit_of(slot), year.awarding),
        plan_year=year.number,
        how="giới thiệu tại hội nghị sơ kết, các xã học tập làm theo",
    )


def commendations(year: Year) -> Iterator[bytes]:
    """Commend the party organisation of each province as an example."""
    for unit in year.territory.provinces(year.awarding):
        commendation_id = f"{year.writer.prefix}-{year.number}-{unit.unit_id}"
        yield year.event(
            "ExemplarCommended",
            f"commended-{year.number}-{unit.unit_id}",
            f"commendation/{commendation_id}",
            year.awarding,
            commendation_id=commendation_id,
            recipient={"kind": "collective", "org_id": organization(unit.unit_id)},
            unit_id=unit.unit_id,
            plan_year=year.number,
            occasion="Hội nghị biểu dương điển hình tiên tiến",
        )


def revoked(year: Year, slot: RegistrationSlot) -> bytes:
    """Revoke a recognition."""
    return year.of(slot, "RecognitionRevoked", date(year.number, 10, 20), reason="kê khai sai")


def granted(year: Year, slot: RegistrationSlot) -> bytes:
    """Grant an award for a recognised model."""
    unit_id = year.unit_of(slot)
    owner = OWNERS.at(year.outcomes.of_model(slot, What.OWNER))
    recipient = {"kind": owner, "org_id": organization(unit_id)}
    if owner == "individual":
        recipient = {"kind": owner, "person_ref": f"{year.model_id(slot)}-person"}
    grantor = organization(year.province_of(slot))
    return year.event(
        "AwardGranted",
        f"{year.number}-{slot.number}-granted",
        f"award/{year.award_id(slot)}",
        year.awarding,
        award_id=year.award_id(slot),
        award_form=FORMS.at(year.outcomes.of_year(slot, What.FORM)),
        grantor_org_id=grantor,
        unit_id=year.territory.on(year.awarding).place(unit_id).unit_id or year.territory.country,
        plan_year=year.number,
        recipient=recipient,
        basis={"kind": "model", "registration_ids": [year.registration_id(slot)]},
        decision=document("quyết định", f"{year.number}-QĐ/KT", grantor, year.awarding),
    )


def presented(year: Year, slot: RegistrationSlot) -> bytes:
    """Present an award."""
    return year.event(
        "AwardPresented",
        f"{year.number}-{slot.number}-presented",
        f"award/{year.award_id(slot)}",
        date(year.number, 10, 20),
        award_id=year.award_id(slot),
    )


def _inspection(
    year: Year, name: str, key: str, province: str, unit_id: str, **data: object
) -> bytes:
    inspection_id = f"{year.writer.prefix}-{year.number}-{province}"
    return year.event(
        name,
        f"inspection-{year.number}-{key}",
        f"inspection/{inspection_id}",
        year.inspecting,
        inspection_id=inspection_id,
        plan_year=year.number,
        unit_id=unit_id,
        scopes=["DVK"],
        **data,
    )
