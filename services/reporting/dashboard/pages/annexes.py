"""The page of annexes: the tables of the files, the files, and the sentences of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.reporting.annexes.figures import AnnexQuery
from services.reporting.annexes.forms import form_in_force
from services.reporting.annexes.narrative import narrative
from services.reporting.annexes.tables import annex_tables
from services.reporting.api.provenance import day_of_knowledge
from services.reporting.dashboard.page_parameters import ANNEXES_PAGE
from shared.web.answers.problems import parameter_error
from shared.web.files.office_table import FormStyle, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from shared.web.files.office_table import OfficeTable

SHOWN_ROWS = 100
ANNEXES = ("a", "b", "c")
_FORMS = ("xlsx", "docx", "csv")
_SENTENCES = ("docx", "txt", "json")


def annexes_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the chosen annex in the form in force, the same as in its files."""
    annex = _one_of("annex", parameters.get("annex", "a"), ANNEXES)
    style = FormStyle(_one_of("style", parameters.get("style", "state"), tuple(FormStyle)))
    day = day_of_knowledge(context.choice.known_at, context.as_of) or context.today
    form = form_in_force(annex, style, day)
    query = AnnexQuery(context.reads, context.as_of, context.unit, (context.year,), context.map)
    address = context.choice.address

    def files(name: str, forms: tuple[str, ...]) -> dict[str, str]:
        stated = {
            "unit": context.unit,
            "year": context.year,
            "known_at": context.choice.known_at or context.as_of.position,
            "map": context.map.stated,
            "style": str(style),
        }
        query_string = urlencode(
            {name: value for name, value in stated.items() if value is not None}
        )
        return {each: f"/annexes/{name}.{each}?{query_string}" for each in forms}

    return {
        "place": context.place(),
        "annex": annex,
        "annexes": [(each, address(ANNEXES_PAGE, annex=each, style=style)) for each in ANNEXES],
        "style": style,
        "styles": [(s, address(ANNEXES_PAGE, annex=annex, style=s)) for s in map(str, FormStyle)],
        "form": form,
        "shown_tables": [_shown(table) for table in annex_tables(form, query, day)],
        "annex_files": files(annex, _FORMS),
        "sentences": narrative(query, day),
        "narrative_files": files("narrative", _SENTENCES),
        "digest": context.summary()["digest"],
    }


def _shown(table: OfficeTable) -> dict[str, Any]:
    rows = list(table.rows)
    columns = [n for n, column in enumerate(table.columns) if not column.code]
    spans = len(table.head_rows) > 1
    return {
        "title": table.title,
        "heads": table.head_rows if spans else [[table.head_rows[0][n] for n in columns]],
        "rows": [
            {
                "role": str(row.role),
                "cells": [
                    {
                        "text": written(row.cells[n], "vi", grouped=table.columns[n].grouped),
                        "number": isinstance(row.cells[n], int) and not table.columns[n].centred,
                    }
                    for n in columns
                ],
            }
            for row in rows[:SHOWN_ROWS]
        ],
        "count": len(rows),
        "notes": table.notes,
    }


def _one_of(name: str, stated: str, allowed: tuple[str, ...]) -> str:
    if stated not in allowed:
        listed = ", ".join(allowed)
        raise parameter_error(
            name, vi=f"phải là một trong: {listed}", en=f"must be one of: {listed}"
        )
    return stated
