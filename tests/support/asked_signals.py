"""What a signal says of a small country, on a day and at a position."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.queries.filters import Filters
from services.reporting.signals.found import SignalCode
from services.reporting.signals.reads import SignalQuery
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.pagination import Page

if TYPE_CHECKING:
    from tests.support.figures_of_events import Projecting


class Answer(NamedTuple):
    """The level, the number and the rows of a signal, and its number by unit."""

    level: str
    number: int | None
    rows: list[dict[str, Any]]
    by_unit: dict[str | None, int]


def question(
    projecting: Projecting,
    day: str,
    *,
    unit_id: str | None = None,
    year: int = 2022,
    known_at: int | None = None,
    map: str = "recorded",  # noqa: A002  the contract names it so
) -> SignalQuery:
    """Return the question for a unit and year, judged on a day."""
    filters = Filters(unit_id, year, DEFAULT_PROGRAMME, map_choice(map, projecting.clock))
    as_of = projecting.reads.as_of(None if known_at is None else str(known_at))
    return SignalQuery(filters, as_of, date.fromisoformat(day))


def says(projecting: Projecting, code: str, day: str, **asked: Any) -> Answer:
    """Return what a signal says on a day."""
    signals, query = projecting.reads.signals, question(projecting, day, **asked)
    found = signals.one(SignalCode(code), query).found
    rows = signals.rows(SignalCode(code), query, Page(1_000)).items
    return Answer(found.level.value, found.number, list(rows), dict(found.by_unit))


def number(projecting: Projecting, code: str, day: str, **asked: Any) -> int | None:
    """Return the number of a signal on a day."""
    return says(projecting, code, day, **asked).number
