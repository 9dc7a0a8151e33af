"""Comparison of two readings of an export with each other, with a closing, and with a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from services.reporting.audit.independent_checkpoint import unbound_runs
from services.reporting.audit.independent_reading import IndependentReading
from services.reporting.audit.independent_signatures import TrustReading
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import RECORDED_MAP, SummaryQuery
from services.reporting.queries.filters import Filters
from shared.events.acceptance.encodings import without_mark
from shared.events.summary_digest import RULES
from shared.vocabulary import DEFAULT_PROGRAMME, Measure
from shared.web.answers.pagination import LARGEST_LIMIT, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.reporting.audit.export_file import Export
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.facade import Queries
    from shared.events.recorded import RecordedEvent
    from shared.web.answers.as_of_parameters import MapChoice

TABLES = (
    "unit",
    "field,registration_kind",
    "owner_kind,registration_kind",
    "block",
    "level",
    "tier",
    "classification",
    "unit,tier",
    "award_form,recipient_kind",
    "unit,award_form",
    "recipient_kind",
)
"""The cross tables that an audit compares, cell by cell."""


class Cell(NamedTuple):
    """One figure of a summary: a measure (or another member), and its cell in a table."""

    name: str
    where: tuple[tuple[str, str | None], ...] = ()

    def in_words(self) -> str:
        """Return the cell in its printed form."""
        where = ", ".join(f"{key}={'—' if value is None else value}" for key, value in self.where)
        return f"{self.name} [{where}]" if where else self.name


@dataclass(frozen=True)
class AuditScope:
    """The scope of an audit: unit (None: the nation), year, map and position."""

    unit_id: str | None
    plan_year: int
    map: MapChoice
    as_of: AsOf

    @property
    def tables(self) -> tuple[tuple[str, ...], ...]:
        """Return the dimensions of each table."""
        return tuple(tuple(table.split(",")) for table in TABLES)


class Disagreement(NamedTuple):
    """A cell for which two readings have different answers (None: no such cell)."""

    cell: Cell
    first: Any
    other: Any


class Uncounted(NamedTuple):
    """An entity that only one of the readings counts."""

    subject: str
    counted_by_first: bool


def independent_reading(export: Export, until: int) -> IndependentReading:
    """Return the independent reading of the events of an export up to a position."""
    return IndependentReading(orjson.loads(item) for item in export.items(until=until))


def answer_of_first(reads: Queries, scope: AuditScope) -> Mapping[Cell, Any]:
    """Return every figure of the read models."""
    by = read_by(TABLES)
    query = SummaryQuery(scope.unit_id, scope.plan_year, DEFAULT_PROGRAMME, scope.map, by)
    return flat(reads.summary(query, scope.as_of))


def answer_of_second(second: IndependentReading, scope: AuditScope) -> Mapping[Cell, Any]:
    """Return every figure of the independent reading; LookupError for a scope not on the map."""
    day, year = scope.map.day, scope.plan_year
    summary = second.summary(scope.unit_id, year, day=day, by=scope.tables)
    digest = second.digest(
        scope.unit_id, year, scope.as_of.position, map_stated=scope.map.stated, day=day
    )
    return flat({**summary, "digest": digest})


def flat(summary: Mapping[str, Any]) -> Mapping[Cell, Any]:
    """Return a summary as figures by cell; cells that are zero or empty are left out."""
    figures: dict[Cell, Any] = {Cell(name): value for name, value in summary["measures"].items()}
    for table in summary["tables"]:
        by = list(table["by"])
        for row in table["rows"]:
            where = tuple((each, row[each]) for each in by)
            figures.update(
                (Cell(name, where), value)
                for name, value in row.items()
                if value and name not in {*by, "unit_name"}
            )
    for each in summary["outcomes"]:
        where = (("metric", each["metric"]), ("nature", each["nature"]))
        figures[Cell("outcome", where)] = (float(each["value"]), each["qualifier"])
    quality = summary["quality"]
    figures[Cell("unallocated")] = quality["unallocated"]
    figures[Cell("approximate")] = quality["approximate"]
    figures.update((Cell("flag", (("code", f["code"]),)), f["count"]) for f in quality["flags"])
    figures[Cell("digest")] = summary["digest"]
    return figures


def disagreements(first: Mapping[Cell, Any], other: Mapping[Cell, Any]) -> list[Disagreement]:
    """Return the cells whose values differ, those of the first reading before others."""
    cells = dict.fromkeys((*first, *other))
    return [
        Disagreement(cell, first.get(cell), other.get(cell))
        for cell in cells
        if first.get(cell) != other.get(cell)
    ]


def uncounted(
    reads: Queries, second: IndependentReading, scope: AuditScope, cell: Cell
) -> Iterator[Uncounted]:
    """Yield the entities that only one of the readings counts in a cell."""
    in_first = set(_subjects(reads, scope, cell))
    in_second = set(
        second.counted(
            scope.unit_id,
            scope.plan_year,
            cell.name,
            day=scope.map.day,
            cell=dict(cell.where),
        )
    )
    for subject in sorted(in_first ^ in_second):
        yield Uncounted(subject, subject in in_first)


def _subjects(reads: Queries, scope: AuditScope, cell: Cell) -> Iterator[str]:
    filters = Filters(
        scope.unit_id, scope.plan_year, DEFAULT_PROGRAMME, scope.map, dict(cell.where)
    )
    place: Mapping[str, object] | None = None
    while True:
        found = reads.explain(filters, cell.name, scope.as_of, Page(LARGEST_LIMIT, place))
        yield from (item["subject"] for item in found.items)
        place = found.after
        if place is None:
            return


def events_of(export: Export, subject: str, until: int) -> list[RecordedEvent]:
    """Return the events of a subject as known at a position."""
    return [event for event in export.events(until=until) if event.subject == subject]


class Closed(NamedTuple):
    """A closing, and the digests that both readings compute at its position."""

    position: int
    event_position: int
    stated: str
    rules: int
    first: str | None
    second: str


def closing_of(
    export: Export, reads: Queries, second: IndependentReading, scope: AuditScope
) -> Closed | None:
    """Return the closing in force of the scope and year, with its digest computed twice."""
    unit_id = scope.unit_id or reads.maps.at(scope.as_of.position).national()
    closing = second.closing(unit_id, scope.plan_year) if unit_id else None
    if unit_id is None or closing is None:
        return None
    position, stated = closing["position"], closing["digest"]
    first = reads.digests_at(unit_id, scope.plan_year, position) or {}
    rules = next((each for each, digest in first.items() if digest == stated), RULES)
    then = independent_reading(export, position)
    return Closed(
        position,
        closing["event_position"],
        stated,
        rules,
        first.get(rules),
        then.digest(unit_id, scope.plan_year, position, rules=rules),
    )


def changes_since(
    reads: Queries, scope: AuditScope, since: int
) -> Iterator[tuple[str, int, int, Sequence[Mapping[str, Any]]]]:
    """Yield (measure, before, after, events) for the changes as recorded since a position."""
    earlier = reads.before(str(since), scope.as_of)
    filters = Filters(scope.unit_id, scope.plan_year, DEFAULT_PROGRAMME, RECORDED_MAP)
    for measure in Measure:
        found = reads.differ(filters, measure, earlier, scope.as_of, Page(LARGEST_LIMIT))
        if found.items:
            yield measure, found.before, found.after, found.items


def positions_without_authority(export: Export) -> dict[int, str]:
    """Return the positions of the events without authority by the second reading, and why."""
    items = ((item, orjson.loads(item)) for item in export.items())
    return dict(TrustReading().read(items))


def positions_not_bound(export: Export) -> list[int]:
    """Return the runs (first positions) not bound to the checkpoint, by the second reading."""
    with export.path.open("rb") as file:
        manifest = orjson.loads(without_mark(file.readline()))
    return unbound_runs(manifest, export.items())
