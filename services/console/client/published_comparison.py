"""The published figures next to those of the ledger, read over HTTP like any client."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from services.console.datasets.sample.event_writer import YEAR
from services.console.datasets.sample.published import (
    PublishedFigure,
    city_figures,
    published_figures,
)
from services.console.datasets.sample.reference_data import names_of_codes
from services.reporting.dashboard.texts.formatting import PageTexts

Summary = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """A published figure and the ledger's item for it, None where it is not listed."""

    figure: PublishedFigure
    item: Mapping[str, Any] | None

    @property
    def ledger(self) -> int | None:
        """Return the ledger's own number, None where it has none."""
        return None if self.item is None else self.item["log"]

    @property
    def outcome(self) -> str | None:
        """Return the reason why it cannot be checked, else the result; None: not listed."""
        return None if self.item is None else self.item["reason"] or self.item["result"]

    @property
    def agrees(self) -> bool:
        """Say whether the ledger confirms the figure."""
        return self.outcome == "agrees"


def compare(client: httpx.Client, reporting: str) -> tuple[tuple[Compared, ...], ...]:
    """Return the figures of the city's account, and those of the other accounts."""
    items = _reconciled(client, reporting)
    compared = [Compared(each, items.get(each.figure_id)) for each in published_figures()]
    ours = {figure.figure_id for figure in city_figures()}
    return (
        tuple(each for each in compared if each.figure.figure_id in ours),
        tuple(each for each in compared if each.figure.figure_id not in ours),
    )


def outcomes(compared: Iterable[Compared]) -> Counter[str]:
    """Return the number of listed figures by outcome."""
    return Counter(each.outcome for each in compared if each.outcome is not None)


def _reconciled(client: httpx.Client, reporting: str) -> dict[str, Mapping[str, Any]]:
    """Return the items of all pages of `GET /reconciliation`, by figure."""
    items: dict[str, Mapping[str, Any]] = {}
    cursor: str | None = None
    while True:
        params = {"limit": "1000", **({"cursor": cursor} if cursor else {})}
        answer = client.get(f"{reporting}/reconciliation", params=params)
        answer.raise_for_status()
        page = answer.json()
        items.update((item["figure_id"], item) for item in page["items"])
        cursor = page["next"]
        if cursor is None:
            return items


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


def rows_of(summary: Summary, by: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of the table by these dimensions, in any order."""
    for table in summary["tables"]:
        if set(table["by"]) == set(by):
            rows: list[dict[str, Any]] = table["rows"]
            return rows
    return []


def in_words(figure: PublishedFigure, words: PageTexts) -> str:
    """Return the words for a figure's measure, place and dimensions."""
    parts = [words(figure.metric)]
    if figure.place.level != "district":
        parts.append(figure.place.name)
    parts.extend(code_in_words(value, words) for value in figure.dimensions.values())
    return " · ".join(parts)


def code_in_words(code: str, words: PageTexts) -> str:
    """Return the account's name for a code, else the general words for it."""
    return names_of_codes().get(code) or words(code)
