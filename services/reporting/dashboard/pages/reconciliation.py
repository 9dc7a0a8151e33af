"""The page of reconciliation: figures that reports and the press assert, next to the log's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import reconciliation_files
from services.reporting.dashboard.asserted_figures import Asserted
from services.reporting.dashboard.page_parameters import RECONCILIATION_PAGE, start_of
from services.reporting.domain.assertions import Result
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext

SHOWN_FIGURES = 200
EVERY_YEAR = "all"


def reconciliation_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures whose period touches the year, or all; totals by result, and a part."""
    every_year = _one_of(parameters, "years", {EVERY_YEAR}) is not None
    result = _one_of(parameters, "result", {str(each) for each in Result})
    start = start_of(parameters)
    rows = Asserted.of(context, None if every_year else context.year).rows
    totals = Counter(each["result"] for each in rows)
    chosen = [each for each in rows if result in {None, each["result"]}]
    shown = chosen[start : start + SHOWN_FIGURES]
    more = start + SHOWN_FIGURES
    stated = {"years": EVERY_YEAR if every_year else None, "result": result}
    address = context.choice.address
    return {
        "place": context.place(),
        "every_year": every_year,
        "demonstration": context.demonstration(*(context.years if every_year else (context.year,))),
        "result": result,
        "totals": [
            {
                "result": each,
                "count": totals[each],
                "address": address(RECONCILIATION_PAGE, **{**stated, "result": each}),
            }
            for each in Result
        ],
        "count": len(rows),
        "all_address": address(RECONCILIATION_PAGE, **{**stated, "result": None}),
        "year_address": address(RECONCILIATION_PAGE, result=result),
        "every_year_address": address(RECONCILIATION_PAGE, result=result, years=EVERY_YEAR),
        "rows": shown,
        "first": start + 1,
        "last": start + len(shown),
        "chosen_count": len(chosen),
        "next": address(RECONCILIATION_PAGE, **stated, start=more) if more < len(chosen) else None,
        "files": reconciliation_files(context, every_year=every_year),
    }


def _one_of(parameters: Mapping[str, str], name: str, allowed: set[str]) -> str | None:
    value = parameters.get(name)
    if value is not None and value not in allowed:
        listed = ", ".join(sorted(allowed))
        raise parameter_error(name, vi=f"phải là một trong: {listed}", en=f"must be of: {listed}")
    return value
