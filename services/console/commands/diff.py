"""`dvk diff`: the changes of a year's figures between two moments, event by event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
from rich.table import Table
from rich.text import Text

from services.console.client.http_client import Unanswered, client_for, get_json
from services.console.commands.complaints import complain
from services.console.output.change_lines import event_lines
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, said_on
from shared.client.addresses import addresses_at
from shared.vocabulary import Measure

PAGE = 1_000


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
    """A measure at the two moments, and the events in between that changed it."""

    measure: Measure
    before: int
    after: int
    events: Sequence[Mapping[str, Any]]


def diff(between: Between, at: str, console: Terminal) -> int:
    """Print the changes; 0 when all were read, 2 when the ledger did not answer."""
    try:
        with client_for(at, 60) as client:
            reporting = addresses_at(at, client).reporting
            # All measures are read as of one position, even if the log grows meanwhile.
            between = replace(between, until=between.until or _reached(client, reporting))
            place = _place(client, reporting, between, console)
            changes = [change_of(client, reporting, between, each) for each in Measure]
    except Unanswered as error:
        complain(console, error)
        return 2
    show_table(console, _heading(place, between, console), figures_table(changes, console))
    changed = [change for change in changes if change.events]
    if not changed:
        said_on(console)("Không có gì thay đổi.", "Nothing has changed.")
    for change in changed:
        before, after = console.number(change.before), console.number(change.after)
        heading = f"{console.words(change.measure)}: {before} → {after}"
        console.print(Text(heading, style="bold"), soft_wrap=True)
        for event in change.events:
            for line in event_lines(event, console):
                console.print(line, soft_wrap=True)
        console.print()
    return 0


def _heading(place: str, between: Between, console: Terminal) -> str:
    """Return the heading: unit, year, the two moments and the map."""
    since, until = (
        f"{console.words('position').lower()} {console.number(int(each))}"
        if each.isdecimal()
        else each
        for each in (between.since, between.until or "")
    )
    on_map = console.pick("bản đồ", "map")
    return f"{place} {between.plan_year}: {since} → {until} ({on_map} {between.map})"


def _reached(client: httpx.Client, reporting: str) -> str:
    """Return the position that every read model has reached."""
    completeness = get_json(client, f"{reporting}/completeness", {})
    return str(min(each["position"] for each in completeness["read_models"]))


def _place(client: httpx.Client, reporting: str, between: Between, console: Terminal) -> str:
    """Return the name of the scope; the ledger refuses a unit that the map lacks."""
    if between.unit_id is None:
        return console.words("nation")
    asked_for = {"year": str(between.plan_year), "map": between.map, "known_at": between.until}
    known = {name: value for name, value in asked_for.items() if value is not None}
    summary = get_json(client, f"{reporting}/summaries/units/{between.unit_id}", known)
    return f"{summary['scope']['name']} ({between.unit_id})"


def change_of(client: httpx.Client, reporting: str, between: Between, measure: Measure) -> Change:
    """Read all pages for one measure; raises `Unanswered` with the ledger's message."""
    pages = list(_pages(client, f"{reporting}/explain", between.query(measure)))
    events = [event for page in pages for event in page["items"]]
    return Change(measure, pages[0]["before"], pages[0]["after"], events)


def _pages(client: httpx.Client, url: str, query: dict[str, str]) -> Iterator[Any]:
    cursor: str | None = None
    while True:
        following = {"cursor": cursor} if cursor else {}
        page = get_json(client, url, {**query, "limit": str(PAGE), **following})
        yield page
        cursor = page["next"]
        if cursor is None:
            return


def figures_table(changes: Sequence[Change], console: Terminal) -> Table:
    """Return the twelve measures at the two moments."""
    table = plain_table()
    table.add_column(console.pick("Chỉ tiêu", "Measure"))
    for head in (("Trước", "Before"), ("Sau", "After"), ("Chênh lệch", "Difference")):
        table.add_column(console.pick(*head), justify="right")
    for change in changes:
        delta = change.after - change.before
        signed = console.words.signed(delta)
        shown = f"[bold]{signed}[/]" if delta else "[dim]0[/]"
        before, after = console.number(change.before), console.number(change.after)
        table.add_row(console.words(change.measure), before, after, shown)
    return table
