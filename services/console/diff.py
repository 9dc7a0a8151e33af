"""`dvk diff`: what changed the figures of a year between two moments, event by event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
from rich.table import Table

from services.console.addresses import addresses_at, client_for
from services.console.asking import Unanswered, asked
from services.console.tables import plain_table, show_table
from services.console.up import complain
from services.console.words import Terminal, number, said_on
from services.reporting.dashboard.words import Words
from shared.vocabulary import Measure

PAGE = 1_000
_WORDS = Words("vi")


@dataclass(frozen=True)
class Between:
    """The figures of a year of a unit (None: the nation) on a map, at two moments."""

    plan_year: int
    since: str
    until: str | None = None
    unit_id: str | None = None
    map: str = "recorded"

    def query(self, measure: Measure) -> dict[str, str]:
        """Return the parameters of `GET /explain` for one measure."""
        stated = {
            "year": str(self.plan_year),
            "since": self.since,
            "known_at": self.until,
            "unit_id": self.unit_id,
            "map": self.map,
            "measure": str(measure),
        }
        return {name: value for name, value in stated.items() if value is not None}


@dataclass(frozen=True)
class Change:
    """A measure at the two moments, and the events between that changed it."""

    measure: Measure
    before: int
    after: int
    events: Sequence[Mapping[str, Any]]


def diff(between: Between, at: str, console: Terminal) -> int:
    """Print what changed; 0 when it could be told, 2 when the ledger did not answer."""
    try:
        with client_for(at, 60) as client:
            reporting = addresses_at(at, client).reporting
            # All measures are asked as of one position, however the log grows meanwhile.
            between = replace(between, until=between.until or _reached(client, reporting))
            changes = [change_of(client, reporting, between, each) for each in Measure]
    except Unanswered as error:
        complain(console, error)
        return 2
    place = between.unit_id or "cả nước · the nation"
    heading = f"{place} {between.plan_year}: {between.since} → {between.until} ({between.map})"
    show_table(console, heading, figures_table(changes))
    changed = [change for change in changes if change.events]
    if not changed:
        said_on(console)("Không có gì thay đổi.", "Nothing has changed.")
    for change in changed:
        told = f"{_WORDS(change.measure)}: {number(change.before)} → {number(change.after)}"
        show_table(console, told, events_table(change))
    return 0


def _reached(client: httpx.Client, reporting: str) -> str:
    """Return the position that every read model has reached."""
    completeness = asked(client, f"{reporting}/completeness", {})
    return str(min(each["position"] for each in completeness["read_models"]))


def change_of(client: httpx.Client, reporting: str, between: Between, measure: Measure) -> Change:
    """Ask for one measure, all pages; raises `Unanswered` with what the ledger says."""
    pages = list(_pages(client, f"{reporting}/explain", between.query(measure)))
    events = [event for page in pages for event in page["items"]]
    return Change(measure, pages[0]["before"], pages[0]["after"], events)


def _pages(client: httpx.Client, url: str, query: dict[str, str]) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        following = {"cursor": cursor} if cursor else {}
        page = asked(client, url, {**query, "limit": str(PAGE), **following})
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def figures_table(changes: Sequence[Change]) -> Table:
    """Return the twelve measures at the two moments."""
    table = plain_table()
    table.add_column("Chỉ tiêu · Measure")
    for head in ("Trước", "Sau", "Chênh lệch"):
        table.add_column(head, justify="right")
    for change in changes:
        delta = change.after - change.before
        shown = f"[bold]{delta:+d}[/]" if delta else "[dim]0[/]"
        table.add_row(_WORDS(change.measure), number(change.before), number(change.after), shown)
    return table


def events_table(change: Change) -> Table:
    """Return the events that changed one measure, in the order of the log."""
    table = plain_table()
    table.add_column("Vị trí", justify="right")
    table.add_column("Sự kiện · Event")
    table.add_column("Luồng · Stream")
    table.add_column("±", justify="right")
    for event in change.events:
        name = event["type"].removeprefix("dvk.")
        table.add_row(number(event["position"]), name, event["subject"], f"{event['delta']:+d}")
    return table
