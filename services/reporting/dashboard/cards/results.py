"""The page of the results of all organisations of a unit in a year, sorted by any column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.api.organization_result import RESULT
from services.reporting.dashboard.api_links import page_files
from services.reporting.dashboard.cards.organization import NUMBERS, plan_words
from services.reporting.dashboard.comparing.shown_tables import ShownCell, ShownHead, ShownLine
from services.reporting.dashboard.downloads import Kept
from services.reporting.dashboard.page_parameters import (
    ORGANIZATION_PAGE,
    RESULTS_PAGE,
    start_of,
)
from services.reporting.queries.comparing import Ratio
from shared.vocabulary import Measure
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.filters import Item

ROWS_OF_PAGE = 100
NAME, RATE, PLAN = "org_name", "rate", "plan_signed_on"
COLUMNS = (NAME, *NUMBERS, RATE, PLAN)
_FIRST = f"-{Measure.REGISTERED}"


def results_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of the results; a column that does not exist is 422."""
    first, sort = start_of(parameters), _sort_of(parameters)
    rows = _sorted(context, sort)
    shown = rows[first : first + ROWS_OF_PAGE]

    def page(start: int) -> str:
        return context.choice.address(
            RESULTS_PAGE, sort=parameters.get("sort"), start=start or None
        )

    last = first + len(shown)
    return {
        "place": context.place(),
        "heads": [_head(context, each, sort) for each in COLUMNS],
        "lines": [_line(context, each) for each in shown],
        "count": len(rows),
        "without": sum(not each[Measure.REGISTERED] for each in rows),
        "first": first + 1,
        "last": last,
        "previous": page(max(first - ROWS_OF_PAGE, 0)) if first else None,
        "next": page(last) if last < len(rows) else None,
        "files": page_files(context, RESULTS_PAGE, sort=parameters.get("sort")),
    }


def results_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return all results as a file, in the order of the page."""
    return Kept(
        RESULT,
        ("kết quả các tổ chức", "results of organisations"),
        _sorted(context, _sort_of(parameters)),
        (str(context.year),),
        (context.year,),
    )


def _sort_of(parameters: Mapping[str, str]) -> str:
    sort = parameters.get("sort", _FIRST)
    if sort.removeprefix("-") not in COLUMNS:
        raise parameter_error("sort", vi="không phải một cột của bảng", en="is no column")
    return sort


def _sorted(context: PageContext, sort: str) -> Sequence[Item]:
    """Return the results in an order; rows without a value go last, equal ones by name."""
    by_name = context.reads.organization_results(context.filters(), context.as_of)
    column, down = sort.removeprefix("-"), sort.startswith("-")
    if column == NAME:
        return by_name[::-1] if down else by_name
    filled = [row for row in by_name if _value(row, column) is not None]
    filled.sort(key=lambda row: _value(row, column), reverse=down)
    return [*filled, *(row for row in by_name if _value(row, column) is None)]


def _line(context: PageContext, row: Item) -> ShownLine:
    words = context.words
    card = context.choice.address(ORGANIZATION_PAGE, organization=row["org_id"])
    numbers = [ShownCell(words.number(row[each]), None, not row[each]) for each in NUMBERS]
    rate = _rate(row)
    share = words.share(rate.part, rate.whole) if rate.percent is not None else None
    fraction = f"{rate.part}/{rate.whole}" if rate.whole else "—"
    cells = [
        *numbers,
        ShownCell(share or fraction, None, share is None),
        ShownCell(plan_words(row, words)),
    ]
    return ShownLine([ShownCell(row[NAME], card)], cells)


def _rate(row: Item) -> Ratio:
    return Ratio(row[Measure.RECOGNIZED], row[Measure.REGISTERED])


def _value(row: Item, column: str) -> Any:  # noqa: ANN401  a number or a day
    return _rate(row).percent if column == RATE else row[column]


def _head(context: PageContext, column: str, sort: str) -> ShownHead:
    words = context.words
    texts = {NAME: "organization_name", RATE: "compare_rate", PLAN: "plan_of_year"}
    first, second = (column, f"-{column}") if column == NAME else (f"-{column}", column)
    href = context.choice.address(RESULTS_PAGE, sort=second if sort == first else first)
    order = None
    if sort.removeprefix("-") == column:
        order = "descending" if sort.startswith("-") else "ascending"
    heading = words(texts.get(column, column))
    return ShownHead(heading, href, order, number=column != NAME)
