"""What reports assert of a small country, and what the reconciliation says of it."""

from typing import Any

from services.reporting.queries.facade import RECORDED_MAP, Filters
from shared.events.envelope import ReceivedEvent
from shared.web.answers.pagination import Page
from tests.support.cloudevents import received
from tests.support.figures_of_events import Projecting

YEAR_2022 = {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"}


def figure(number: int = 1, /, **data: Any) -> ReceivedEvent:
    """Say that a report says that Bắc Kạn registered a number of models in 2022."""
    stated = {
        "figure_id": f"f-{number}",
        "metric": "registered",
        "unit_id": "bk",
        "period": YEAR_2022,
        "value": 2,
        "qualifier": "exact",
        "source": {"kind": "báo cáo", "title": "Báo cáo tổng kết"},
        "occurred_on": "2023-01-15",
    }
    return received("FigureAsserted", {**stated, **data})


def outcome(number: int, value: float, **data: Any) -> ReceivedEvent:
    """Say that Phường Đức Xuân reported land given in 2022."""
    stated = {
        "outcome_id": f"x-{number}",
        "unit_id": "bk-1",
        "plan_year": 2022,
        "metric": "land_donated_m2",
        "value": value,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
        "occurred_on": "2022-12-31",
    }
    return received("OutcomeReported", {**stated, **data})


def inspected(number: int, **data: Any) -> ReceivedEvent:
    """Say that an inspection was conducted in Phường Đức Xuân in 2022."""
    stated = {"inspection_id": f"i-{number}", "plan_year": 2022, "unit_id": "bk-1"}
    told = {**stated, "scopes": ["DVK"], "occurred_on": "2022-08-15", **data}
    return received("InspectionConducted", told)


def years(first: int, last: int, kind: str = "multi_year") -> dict[str, str]:
    """Return a period of whole years."""
    return {"from": f"{first}-01-01", "to": f"{last}-12-31", "kind": kind}


def page(
    projecting: Projecting,
    *,
    unit_id: str | None = None,
    year: int | None = None,
    known_at: int | None = None,
    page: Page | None = None,
) -> Any:
    """Return a page of the reconciliation."""
    as_of = projecting.reads.as_of(None if known_at is None else str(known_at))
    filters = Filters(unit_id, None, None, RECORDED_MAP)
    return projecting.reads.reconciliation(filters, year, as_of, page)


def told(projecting: Projecting, **how: Any) -> list[tuple[Any, ...]]:
    """Return (result, log, difference, reason) of each figure, in the order of the figures."""
    return [
        (each["result"], each["log"], each["difference"], each["reason"])
        for each in page(projecting, **how).items
    ]


def cannot(reason: str) -> list[tuple[Any, ...]]:
    """Return what is told of one figure that cannot be checked."""
    return [("cannot_be_checked", None, None, reason)]
