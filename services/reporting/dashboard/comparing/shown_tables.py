"""A table of a year as a page shows it: heads that sort, cells that explain, rows up to a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import page_files, table_files
from services.reporting.dashboard.cell_links import as_parameters
from services.reporting.dashboard.comparing.table_choice import LEVEL, NAME
from services.reporting.dashboard.comparing.table_rows import derived, value_of
from services.reporting.dashboard.drawing.bars import SHADES
from services.reporting.dashboard.layout import explained_by
from services.reporting.dashboard.page_parameters import EXPLANATION_PAGE, TABLE_PAGE
from services.reporting.figures.grouping_by_map import CARRIED
from shared.vocabulary import AdministrativeLevel, Dimension

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from services.reporting.dashboard.comparing.table_rows import TableLine, YearTable
    from services.reporting.dashboard.comparing.year_tables import YearTables
    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.comparing import ComparedRow, Ratio

SHOWN_ROWS = 10
"""The rows of a table on the page of a year; a page of its own shows all."""
_DOWN, _UP = "descending", "ascending"
_OF_ONE_YEAR = frozenset({"value", "before", "whole_before"})


@dataclass(frozen=True, slots=True)
class ShownHead:
    """A head cell: its text, the address that sorts by it, and the order if it is sorted."""

    text: str
    href: str
    order: str | None
    number: bool = True


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell: its text, the address behind it, and whether it is faint (zero, or too few)."""

    text: str
    href: str | None = None
    faint: bool = False


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A row: the names that head it (the first with its address), and its cells."""

    names: Sequence[ShownCell]
    cells: Sequence[ShownCell]
    shade: int | None = None


@dataclass(frozen=True)
class ShownTable:
    """A table on a page, with the addresses of the whole of it and of its files."""

    id: str
    caption: str
    heads: Sequence[ShownHead]
    lines: Sequence[ShownLine]
    total: Sequence[ShownCell]
    count: int
    whole: str | None
    """The address of the whole table, None where all of its rows are shown."""
    files: dict[str, str]
    compared_in: str | None
    note: str | None = None
    chart: Markup | None = None


def shown(
    tables: YearTables,
    table: YearTable,
    *,
    page: str,
    caption: str,
    first: int = 0,
    most: int | None = SHOWN_ROWS,
    chart: Markup | None = None,
) -> ShownTable:
    """Return a table as a page at an address shows it: `most` rows from the `first` on."""
    view = _View(tables, table, page)
    lines = table.lines[first : None if most is None else first + most]
    words = tables.context.words
    small = table.compare is not None and table.small
    return ShownTable(
        id=view.id,
        caption=caption,
        heads=view.heads(),
        lines=[
            view.line(each, names, number if chart else None)
            for number, (each, names) in enumerate(
                zip(lines, tables.names(table, lines), strict=True), start=first
            )
        ],
        total=view.total() if table.is_of_units or table.compare else (),
        count=len(table.lines),
        whole=view.whole if len(lines) < len(table.lines) else None,
        files=files_of_table(tables, table),
        compared_in=words(table.compare) if table.compare else None,
        note=words("compare_small") if small else None,
        chart=chart,
    )


def files_of_table(tables: YearTables, table: YearTable) -> dict[str, str]:
    """Return the addresses of a table as files; they have the same columns as the page."""
    by = ",".join(table.by)
    if table.compare is None and (tables.choice.level is None or not table.is_of_units):
        return table_files(tables.context, by)
    return page_files(tables.context, TABLE_PAGE, by=by, **tables.choice.parameters)


class _View:
    """One table on one page."""

    def __init__(self, tables: YearTables, table: YearTable, page: str) -> None:
        self._tables = tables
        self._table = table
        self._context: PageContext = tables.context
        self._page = page
        self._explained = explained_by(self._context.choice)
        self.id = "table-" + "-".join(table.by).replace("_", "-")

    @property
    def whole(self) -> str:
        return self._address(TABLE_PAGE, by=",".join(self._table.by))

    def _address(self, page: str, **changed: object) -> str:
        parameters = {**self._tables.choice.parameters, **changed}
        if not self._table.is_of_units and page == TABLE_PAGE:
            parameters[LEVEL] = None
        return self._context.choice.address(page, **parameters)

    def heads(self) -> list[ShownHead]:
        table, words = self._table, self._context.words
        names = [words(each) for each in table.by]
        first = [ShownHead(names[0], self._sorted(NAME), self._order(NAME), number=False)]
        rest = [ShownHead(each, "", None, number=False) for each in names[1:]]
        numbers = [
            ShownHead(self._heading(each), self._sorted(each), self._order(each))
            for each in table.columns
        ]
        return [*first, *rest, *numbers]

    def _heading(self, column: str) -> str:
        if self._table.compare is None:
            return self._context.words(column)
        return derived_heading(self._tables, column)

    def _order(self, column: str) -> str | None:
        sort = self._table.sort
        if sort is None or sort.removeprefix("-") != column:
            return None
        return _DOWN if sort.startswith("-") else _UP

    def _sorted(self, column: str) -> str:
        """Return the address sorted by a column: the largest first, names and ranks from 1."""
        first, second = f"-{column}", column
        if column in {NAME, "rank"}:
            first, second = second, first
        sort = second if self._table.sort == first else first
        changed: dict[str, object] = {"sort": sort}
        if self._page == TABLE_PAGE:
            changed["by"] = ",".join(self._table.by)
        return f"{self._address(self._page, **changed)}#{self.id}"

    @property
    def _whole_year_before(self) -> str:
        """Return the column with the figures of the whole year before, which are explained."""
        return "before" if self._tables.until is None else "whole_before"

    def line(self, line: TableLine, named: Sequence[str], number: int | None) -> ShownLine:
        names = [ShownCell(each) for each in named]
        if self._table.is_of_units and line.label[0] not in {None, self._tables.scope}:
            kept = {"compare": self._tables.choice.parameters["compare"]}
            href = self._context.unit_address(str(line.label[0]), **kept)
            names[0] = ShownCell(named[0], href)
        return ShownLine(
            names,
            [self._cell(line, each) for each in self._table.columns],
            None if number is None else number % SHADES,
        )

    def total(self) -> list[ShownCell]:
        table = self._table
        row = table.total_compared
        if row is None:
            return [
                self._number(table.total[each], self._explained(each)) for each in table.columns
            ]
        return [self._derived(row, each, self._of_scope(each)) for each in table.columns]

    def _of_scope(self, column: str) -> str | None:
        compare = str(self._table.compare)
        if column == self._whole_year_before:
            return self._explained(compare, year=self._context.year - 1)
        return self._explained(compare) if column == "value" else None

    def _cell(self, line: TableLine, column: str) -> ShownCell:
        row = line.compared
        if row is None:
            return self._number(value_of(line, column), self._behind(line, column))
        href = None
        if column == "value":
            href = self._behind(line, str(self._table.compare))
        elif column == self._whole_year_before and not set(self._table.by) & set(CARRIED):
            # Codes of the year before are in this year's taxonomy here, in its own behind a link.
            href = self._behind(line, str(self._table.compare), year=self._context.year - 1)
        return self._derived(row, column, href)

    def _behind(self, line: TableLine, measure: str, **more: object) -> str | None:
        """Return the address of what a number counts."""
        cell = as_parameters(dict(zip(self._table.by, line.label, strict=True)))
        if self._tables.choice.level is None or not self._table.is_of_units:
            return self._explained(measure, **cell, **more)
        (unit,) = line.label
        if unit is None:
            return self._of_unallocated(measure, **more)
        at = {"row": unit} if line.part else {}
        stated = {"unit": unit, "map": self._context.map.stated, "measure": measure, **at, **more}
        return self._context.choice.address(EXPLANATION_PAGE, **stated)

    def _of_unallocated(self, measure: str, **more: object) -> str | None:
        """Return the address of what has no unit of the level, where one address names it."""
        level = self._tables.choice.level
        if level is AdministrativeLevel.COMMUNE:
            return self._explained(measure, allocated="no", **more)
        direct = level is AdministrativeLevel.PROVINCE and self._context.unit is None
        return (
            self._explained(measure, **as_parameters({Dimension.UNIT: None}), **more)
            if (direct)
            else None
        )

    def _number(self, value: int | None, href: str | None) -> ShownCell:
        return ShownCell(self._context.words.number(value), href if value else None, not value)

    def _derived(self, row: ComparedRow, column: str, href: str | None) -> ShownCell:
        words = self._context.words
        if column in _OF_ONE_YEAR:
            return self._number(
                derived(row, column), href if derived(row, column) is not None else None
            )
        if column == "rank":
            return ShownCell("" if row.rank is None else words.number(row.rank))
        if column == "difference":
            return ShownCell("—" if row.difference is None else words.signed(row.difference))
        if column == "percent":
            return self._signed_percent(row)
        ratio = {"share": [row.share], "rate": row.rates[:1], "rate_of_eligible": row.rates[1:]}
        return self._ratio(ratio[column][0])

    def _signed_percent(self, row: ComparedRow) -> ShownCell:
        percent = row.percent
        if percent is None:
            small = row.before is not None and row.before
            return ShownCell("n < 10" if small else "—", faint=True)
        return ShownCell(self._context.words.signed_percent(percent))

    def _ratio(self, ratio: Ratio) -> ShownCell:
        """Return a rate; of few entities only the fraction, of none a dash."""
        words = self._context.words
        if ratio.percent is not None:
            return ShownCell(words.share(ratio.part, ratio.whole))
        if not ratio.whole or ratio.part > ratio.whole:
            return ShownCell("—", faint=True)
        return ShownCell(f"{words.number(ratio.part)}/{words.number(ratio.whole)}", faint=True)


def derived_heading(tables: YearTables, column: str) -> str:
    """Return the heading of a derived column; figures of a part of a year name its last day."""
    context, until = tables.context, tables.until
    year = {"value": context.year, "before": context.year - 1}.get(column)
    if year is None:
        return context.words(f"compare_{column}").format(before=context.year - 1)
    if until is None:
        return f"{context.words('year')} {year}"
    return context.words("year_until").format(year=year, day=context.words.day_and_month(until))


def labels_of(table: YearTable, line: TableLine) -> dict[str, Any]:
    """Return the codes of a row by dimension."""
    return dict(zip(table.by, line.label, strict=True))
