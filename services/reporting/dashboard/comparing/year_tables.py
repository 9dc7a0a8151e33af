"""The tables of a scope and year with the columns derived from them, in the chosen order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names
from services.reporting.dashboard.comparing.table_choice import DERIVED, NAME
from services.reporting.dashboard.comparing.table_rows import (
    TableLine,
    YearTable,
    measures_shown,
    value_of,
)
from services.reporting.dashboard.comparing.year_before import (
    Label,
    compared_until,
    in_order,
    incomparable,
    notes_on,
    whole_years,
)
from services.reporting.figures.grouping_by_map import DEPTH
from services.reporting.figures.measures import DATED
from services.reporting.queries.comparing import compared, compared_total
from services.reporting.queries.cross_tables import (
    AWARD_DIMENSIONS,
    REGISTRATION_DIMENSIONS,
    read_by,
)
from services.reporting.queries.facade import SummaryQuery
from shared.vocabulary import DEFAULT_PROGRAMME, Dimension, Measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from services.reporting.dashboard.comparing.table_choice import TableChoice
    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.comparing import ComparedRow
    from shared.vocabulary import AdministrativeLevel

    _Rows = Mapping[Label, Mapping[str, int]]

_BODY, _AT_SCOPE, _UNALLOCATED = range(3)
_UNRATED = frozenset({Dimension.TIER, Dimension.CLASSIFICATION})
"""Dimensions that a registration gets by its result, so that a rate by them says nothing."""


@dataclass(frozen=True)
class YearTables:
    """The tables of one page: this year's summary, and the year before where it is comparable."""

    context: PageContext
    choice: TableChoice
    summary: Mapping[str, Any]
    before: Mapping[str, Any] | None
    notes: Sequence[str] = field(default_factory=tuple)
    """Reasons why some columns are empty or to be read with care."""
    part: Mapping[str, Any] | None = None
    """The year before until the day that a year under way has reached, None for whole years."""
    until: date | None = None
    """That day of the year before."""

    @classmethod
    def of(cls, context: PageContext, choice: TableChoice, by: Sequence[str]) -> YearTables:
        """Read the tables of a page; with a measure to compare also those of the year before."""
        summary = context.summary(by, level=choice.level)
        if choice.compare is None:
            return cls(context, choice, summary, None)
        reason = incomparable(context)
        year = context.year - 1
        if reason is not None:
            note = context.words(reason).format(year=context.year, before=year)
            return cls(context, choice, summary, None, [note])
        query = SummaryQuery(
            context.unit,
            year,
            DEFAULT_PROGRAMME,
            context.map,
            read_by(by),
            choice.level,
            coded_in=context.year,
        )
        before, until = context.reads.counted(query, context.as_of), compared_until(context)
        notes = notes_on(context, before, until, dated=choice.compare in DATED)
        if until is None or choice.compare not in DATED:
            return cls(context, choice, summary, before, notes)
        part = context.reads.counted_until(replace(query, until=until), context.as_of)
        return cls(context, choice, summary, before, notes, part, until)

    def table(self, by: str) -> YearTable:
        """Return one of the tables, in the chosen order."""
        dimensions = tuple(by.split(","))
        measures = measures_shown(dimensions)
        compare = self.choice.compare
        if compare is not None and not self._has(dimensions, compare):
            compare = None
        now, before = _figures(self.summary, dimensions), _figures(self.before, dimensions)
        part = None if self.part is None else _figures(self.part, dimensions)
        labels = in_order(dimensions, now, before if compare else {})
        parts = self._parts(dimensions, labels)
        rows = {}
        if compare:
            years = (now, before, None) if part is None else (now, part, before)
            rows = self._compared(dimensions, years, compare, parts)
        filling = self._filling(dimensions, measures)
        kept = [
            label
            for label in labels
            if any(now.get(label, {}).get(each, 0) for each in filling)
            or ((row := rows.get(label)) and (row.value or row.before or row.whole_before))
        ]
        table = YearTable(
            dimensions,
            measures,
            [
                TableLine(
                    label,
                    now.get(label, {}),
                    rows.get(label),
                    parts[label],
                )
                for label in kept
            ],
            self.summary["measures"],
            compare,
        )
        return self._ordered(self._with_columns(table))

    @property
    def scope(self) -> str | None:
        """Return the unit of the scope."""
        scope = self.summary["scope"]
        return scope["unit_id"] if scope else None

    def _with_columns(self, table: YearTable) -> YearTable:
        if table.compare is None:
            return replace(table, columns=[str(each) for each in table.measures])
        rated = _rated(table.by)
        before = None if self.before is None else self.before["measures"]
        left_out = set() if before else {"before", "difference", "percent"}
        whole = None if self.part is None else before
        if whole is None or self.part is None:
            left_out |= {"whole_before"}
        else:
            before = self.part["measures"]
        if not rated:
            left_out |= {"rate", "rate_of_eligible"}
        total = compared_total(table.total, before, table.compare, rated=rated, whole=whole)
        columns = [each for each in DERIVED if each not in left_out]
        return replace(table, columns=columns, total_compared=total)

    def _ordered(self, table: YearTable) -> YearTable:
        """Sort the rows by the chosen column if the table has it; rows without a value go last."""
        sort = self.choice.sort
        column = sort.removeprefix("-") if sort else None
        if sort is None or column not in {NAME, *table.columns}:
            lines = sorted(table.lines, key=lambda line: line.part)
            return replace(table, lines=lines)
        down = sort.startswith("-")
        if column == NAME:
            lines = list(reversed(table.lines)) if down else list(table.lines)
            return replace(table, lines=sorted(lines, key=lambda line: line.part), sort=sort)

        def key(line: TableLine) -> tuple[int, bool, Any]:
            value = value_of(line, column)
            ordered = 0 if value is None else -value if down else value
            return line.part, value is None, ordered

        return replace(table, lines=sorted(table.lines, key=key), sort=sort)

    def _compared(
        self,
        by: tuple[str, ...],
        years: tuple[_Rows, _Rows, _Rows | None],
        measure: Measure,
        parts: Mapping[Label, int],
    ) -> dict[Label, ComparedRow]:
        """Compare rows of this year with the year before, or with a part of it and the whole."""
        now, before, whole = years
        return compared(
            now,
            before,
            measure,
            self.summary["measures"],
            comparable=self._comparable(by),
            ranked=lambda label: parts[label] == _BODY,
            rated=_rated(by),
            whole=whole,
        )

    def _comparable(self, by: tuple[str, ...]) -> Callable[[Label], bool]:
        """Return whether a row has the same meaning in both years."""
        if self.before is None:
            return lambda _: False
        if by != (Dimension.UNIT,):
            return lambda _: True
        context = self.context

        def of_unit(label: Label) -> bool:
            (unit,) = label
            if unit is None:  # what the map cannot allocate depends on the map's history
                return False
            return context.map.day is not None or whole_years(context, unit)

        return of_unit

    def _has(self, by: tuple[str, ...], measure: Measure) -> bool:
        if by == (Dimension.UNIT,):
            return True
        awards = measure is Measure.AWARDS_GRANTED
        return set(by) <= set(AWARD_DIMENSIONS if awards else REGISTRATION_DIMENSIONS)

    @staticmethod
    def _filling(by: tuple[str, ...], measures: Sequence[Measure]) -> Sequence[Measure]:
        """Return the measures one of which a row must have to be shown."""
        return (*measures, Measure.AWARDS_GRANTED) if by == (Dimension.UNIT,) else measures

    def _parts(self, by: tuple[str, ...], labels: Sequence[Label]) -> dict[Label, int]:
        """Return for each row whether it is one of the table, or has no place among them."""
        if Dimension.UNIT not in by:
            return dict.fromkeys(labels, _BODY)
        place, level, scope = by.index(Dimension.UNIT), self.choice.level, self.scope
        levels = self._levels({label[place] for label in labels}) if level else {}

        def part(unit: str | None) -> int:
            if unit is None:
                return _UNALLOCATED
            above = level is not None and DEPTH[levels[unit]] < DEPTH[level]
            return _AT_SCOPE if above or unit == scope else _BODY

        return {label: part(label[place]) for label in labels}

    def _levels(self, units: Iterable[str | None]) -> Mapping[str, AdministrativeLevel | None]:
        context = self.context
        return context.reads.levels.of([each for each in units if each], context.as_of, context.day)

    def names(self, table: YearTable, lines: Sequence[TableLine]) -> list[Sequence[str]]:
        """Return the names that head some rows of a table, one for each dimension."""
        by, labels = table.by, [line.label for line in lines]
        context, words = self.context, self.context.words
        codes = Names.of(context) if set(by) - {Dimension.UNIT} else None
        units: set[str] = set()
        if Dimension.UNIT in by:
            place = by.index(Dimension.UNIT)
            units = {unit for label in labels if (unit := label[place]) is not None}
        called = context.called([(unit, context.day) for unit in units])
        inside = self._inside(units)

        def name(dimension: str, code: str | None) -> str:
            if dimension != Dimension.UNIT:
                return codes(dimension, code) if codes else str(code)
            if code is None:
                return words("unallocated")
            if code == self.scope:
                return words("at_scope")
            return called(code, context.day) + inside.get(code, "")

        return [[name(d, code) for d, code in zip(by, label, strict=True)] for label in labels]

    def _inside(self, units: set[str]) -> dict[str, str]:
        """Return for units of a deeper level the unit that they are in: names repeat."""
        if self.choice.level is None:
            return {}
        context, words = self.context, self.context.words
        found: dict[str, str] = {}
        parents = context.reads.levels.parents(units, context.as_of, context.day)
        levels = self._levels(units)
        for unit, above in parents.items():
            if DEPTH[levels[unit]] < DEPTH[self.choice.level]:
                found[unit] = f" ({words('recorded_there')})"
            elif above is not None and above["unit_id"] != self.scope:
                found[unit] = f", {above['name']}"
        return found


def _rated(by: tuple[str, ...]) -> bool:
    return set(by) <= set(REGISTRATION_DIMENSIONS) and not set(by) & _UNRATED


def _figures(summary: Mapping[str, Any] | None, by: tuple[str, ...]) -> dict[Label, dict[str, int]]:
    if summary is None:
        return {}
    rows = next(each["rows"] for each in summary["tables"] if tuple(each["by"]) == by)
    return {tuple(row[each] for each in by): row for row in rows}
