"""The city's published figures beside those of the ledger, asked over HTTP like anybody would."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from services.console.sample.places import names_of_codes
from services.console.sample.published import PublishedFigure, city_figures, published_figures
from services.console.sample.writing import YEAR
from services.console.words import CODES, MEASURES

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """A published figure and what the ledger says; `ledger` is None when it could not be asked."""

    figure: PublishedFigure
    ledger: int | None

    @property
    def agrees(self) -> bool:
        """Every figure of this account is exact."""
        return self.figure.qualifier == "exact" and self.ledger == self.figure.value


def compare_city(client: httpx.Client, reporting: str) -> tuple[Compared, ...]:
    """Ask for each scope once, with every table that its figures need, and compare all figures."""
    figures = city_figures()
    tables: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for figure in figures:
        tables[figure.place.unit_id].add(tuple(figure.dimensions))
    summaries = {
        unit_id: summary_of(client, reporting, unit_id, [by for by in wanted if by])
        for unit_id, wanted in tables.items()
    }
    return tuple(
        Compared(figure, figure_in(summaries[figure.place.unit_id], figure)) for figure in figures
    )


def summary_of(
    client: httpx.Client, reporting: str, unit_id: str, tables: Iterable[tuple[str, ...]]
) -> Summary:
    """Return the summary of a unit for the year of the sample, as recorded."""
    query: list[tuple[str, str | int | float | bool | None]] = [
        ("year", YEAR),
        ("map", "recorded"),
        *(("by", ",".join(table)) for table in sorted(tables)),
    ]
    answer = client.get(f"{reporting}/summaries/units/{unit_id}", params=httpx.QueryParams(query))
    answer.raise_for_status()
    summary: Summary = answer.json()
    return summary


def figure_in(summary: Summary, figure: PublishedFigure) -> int | None:
    """Return the figure as a summary states it: a measure of the scope, or a cell of a table."""
    if not figure.dimensions:
        value = summary["measures"].get(figure.metric)
    else:
        rows = rows_of(summary, tuple(figure.dimensions))
        cell = (r for r in rows if all(r[key] == v for key, v in figure.dimensions.items()))
        value = next(cell, {figure.metric: 0}).get(figure.metric)
    return None if value is None else int(value)


def rows_of(summary: Summary, by: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of the table by these dimensions, in whatever order they were asked."""
    for table in summary["tables"]:
        if set(table["by"]) == set(by):
            rows: list[dict[str, Any]] = table["rows"]
            return rows
    return []


def asserted_elsewhere(client: httpx.Client, reporting: str) -> tuple[int, int]:
    """Return how many figures of the other accounts are listed as asserted, and how many exist."""
    expected = {f.figure_id for f in published_figures()} - {f.figure_id for f in city_figures()}
    listed: set[str] = set()
    cursor: str | None = None
    while True:
        params = {"limit": "1000", **({"cursor": cursor} if cursor else {})}
        answer = client.get(f"{reporting}/figures", params=params)
        answer.raise_for_status()
        page = answer.json()
        listed.update(item["figure_id"] for item in page["items"])
        cursor = page["next"]
        if cursor is None:
            return len(expected & listed), len(expected)


def in_words(figure: PublishedFigure) -> str:
    """Return what a figure counts, for a Vietnamese reader."""
    names = CODES | names_of_codes()
    parts = [MEASURES[figure.metric]]
    if figure.place.level != "district":
        parts.append(figure.place.name)
    parts.extend(names[value] for value in figure.dimensions.values())
    return " · ".join(parts)
