"""The city's registrations and decisions of 2022, and the published figures as assertions."""

from collections.abc import Iterator, Sequence

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.sample.event_writer import (
    YEAR,
    YEAR_BEGINS,
    YEAR_ENDS,
    event,
    from_the_account,
)
from services.console.datasets.sample.proportional_allocation import evenly, total
from services.console.datasets.sample.published import PublishedFigure, published_figures
from services.console.datasets.sample.reconstruction import (
    CITY,
    SampleRegistration,
    owning_organizations,
)
from services.console.datasets.sample.reference_data import STEERING_COMMITTEE

_INSPECTION = "bk-058-2022-kiem-tra"
_SESSION = "bk-058-2022-binh-xet"
_PLANNED_ON = "2022-08-11"
_PLANNED_ONLY = (
    "Bài báo nêu đơn vị này trong kế hoạch kiểm tra; số đã kiểm tra thực tế không được nêu riêng. "
    "Tên đơn vị là tái dựng. The account says that this inspection was planned; how many took "
    "place is not stated. Which organisations they were is reconstructed."
)


def registration_events(registrations: Sequence[SampleRegistration]) -> Iterator[Event]:
    """Register every reconstructed model."""
    for one in registrations:
        person = f"bk-058-person-{one.number:03d}" if one.owner_kind == "individual" else None
        yield event(
            "ModelRegistered",
            f"registered-{_registration_id(one)}",
            f"registration/{_registration_id(one)}",
            {
                **from_the_account(YEAR_BEGINS),
                "registration_id": _registration_id(one),
                "model_id": f"bk-058-model-{one.number:03d}",
                "plan_year": YEAR,
                "unit_id": one.unit_id,
                "registration_kind": one.registration_kind,
                "owner_kind": one.owner_kind,
                "owner_org_id": one.owner_org_id,
                "owner_person_ref": person,
                "field_code": one.field,
                "block_code": one.block,
                "title": f"Mô hình tái dựng số {one.number:03d} — "
                "theo tổng số công bố của thành phố Bắc Kạn năm 2022",
            },
        )


def inspection_events() -> Iterator[Event]:
    """Plan the inspections of the account, and record as many as the account counts."""
    size = total("inspected_units")
    owners = owning_organizations()
    pools = {block: iter(orgs) for block, orgs in owners.items()}
    turns = evenly({block: len(orgs) for block, orgs in owners.items()})
    inspected = [next(pools[block]) for block in turns[:size]]
    common = {"inspection_id": _INSPECTION, "plan_year": YEAR, "unit_id": CITY, "scopes": ["DVK"]}
    plan = {
        "kind": "kế hoạch",
        "number": "35-KH/BCĐ",
        "issuer_org_id": STEERING_COMMITTEE,
        "signed_on": _PLANNED_ON,
    }
    yield event(
        "InspectionPlanned",
        f"planned-{_INSPECTION}",
        f"inspection/{_INSPECTION}",
        {
            **from_the_account(_PLANNED_ON, _PLANNED_ONLY, precision="day"),
            **common,
            "document": plan,
            "org_ids": inspected,
        },
    )
    for number, org_id in enumerate(inspected, start=1):
        yield event(
            "InspectionConducted",
            f"conducted-{_INSPECTION}-{number:02d}",
            f"inspection/{_INSPECTION}",
            {**from_the_account(YEAR_ENDS, _PLANNED_ONLY), **common, "org_id": org_id},
        )


def decision_events(registrations: Sequence[SampleRegistration]) -> Iterator[Event]:
    """Assess every registration, hold the review session, recognise as many as the account."""
    for one in registrations:
        yield _of_registration("EligibilityAssessed", "assessed", one, {"eligible": one.eligible})
    yield event(
        "ReviewSessionHeld",
        f"held-{_SESSION}",
        f"session/{_SESSION}",
        {
            **from_the_account(YEAR_ENDS),
            "session_id": _SESSION,
            "org_id": STEERING_COMMITTEE,
            "unit_id": CITY,
            "plan_year": YEAR,
            "minutes": {"kind": "biên bản", "issuer_org_id": STEERING_COMMITTEE},
        },
    )
    for one in registrations:
        if one.recognized:
            yield _of_registration(
                "ModelRecognized",
                "recognized",
                one,
                {
                    "tier": "recognized",
                    "level": "district",
                    "decided_by_org_id": STEERING_COMMITTEE,
                    # Neither number nor day of the decision was published; the ledger flags that.
                    "decision": {"kind": "quyết định"},
                    "session_id": _SESSION,
                },
            )


def figure_events() -> Iterator[Event]:
    """Assert every published figure, with its qualifier."""
    for figure in published_figures():
        yield event(
            "FigureAsserted",
            f"asserted-{figure.figure_id}",
            f"figure/{figure.figure_id}",
            {
                "occurred_on": _last_day(figure.account) or YEAR_ENDS,
                "occurred_precision": "period",
                "origin": {"kind": "press", "ref": figure.title},
                "note": _note(figure),
                "figure_id": figure.figure_id,
                "metric": figure.metric,
                "unit_id": figure.place.unit_id,
                "period": dict(figure.period),
                "dimensions": dict(figure.dimensions),
                "value": figure.value,
                "qualifier": figure.qualifier,
                "source": {"kind": "press", "title": figure.title},
            },
        )


def _registration_id(one: SampleRegistration) -> str:
    return f"bk-058-2022-{one.number:03d}"


def _of_registration(
    name: str, verb: str, one: SampleRegistration, data: dict[str, object]
) -> Event:
    registration_id = _registration_id(one)
    return event(
        name,
        f"{verb}-{registration_id}",
        f"registration/{registration_id}",
        {**from_the_account(YEAR_ENDS), "registration_id": registration_id, **data},
    )


def _last_day(account: str) -> str | None:
    """Return the last day of an account's figures, None for the one that states no day."""
    ends = [f.period["to"] for f in published_figures() if f.account == account]
    return max((day for day in ends if day), default=None)


def _note(figure: PublishedFigure) -> str:
    parts = [f"period: {figure.label}", f"counted in: {figure.counted_in}"]
    if figure.note:
        parts.append(figure.note)
    if _last_day(figure.account) is None:
        parts.append("the day of publication is unknown; occurred_on is a convention")
    return "; ".join(parts)
