"""Places of the log that is forwarded: how far the other ledger has it, and where a copy ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.events.envelope import NO_CHAIN
from shared.events.recorded import from_feed
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.console.client.feed import Feed
    from shared.client.delivery import Delivery
    from shared.events.recorded import RecordedEvent

COUNTED = {
    "accepted": "recorded",
    "duplicate": "duplicates",
    "parked": "parked",
    "refused": "refused",
}
"""The members of `/origins` that count by status; its `refused` has the invalid ones too."""


class LogPlace(NamedTuple):
    """A position of the log that is forwarded, with the chain there (hexadecimal)."""

    position: int
    chain: str


BEGINNING = LogPlace(0, NO_CHAIN.hex())


class Received(NamedTuple):
    """How far the other ledger has received this one, and its counts by status.

    Up to position `shared` this ledger is a copy of the other: nothing of that is forwarded.
    """

    place: LogPlace
    shared: int
    counts: Mapping[str, int]


def place_of(event: RecordedEvent) -> LogPlace:
    """Return the place of an event."""
    return LogPlace(event.position, event.chain.hex())


def place_at(own: Feed, position: int) -> LogPlace | None:
    """Return a place of the log, None beyond its end."""
    if position == 0:
        return BEGINNING
    events = own.page(position - 1, 1)
    return place_of(from_feed(events[0])) if events else None


def received(nation: Delivery, ledger: str) -> Received:
    """Return how far the other ledger has received the one of this name."""
    items = nation.page_of(Family.REPORTING, "origins", source=ledger)["items"]
    if not items:
        return Received(BEGINNING, 0, {})
    (head,) = items
    counts = {status: head[name] for status, name in COUNTED.items() if head[name]}
    place = LogPlace(head["originposition"], head["originchain"])
    return Received(place, head["shared"], counts)


def last_shared(own: Feed, head: int, nation: Delivery, ledger: str) -> LogPlace:
    """Return the last place up to which a ledger is a copy of the other, by bisection."""
    found, beyond = BEGINNING, head + 1
    at = 1  # a ledger that is no copy differs from the first event on
    while found.position < at < beyond:
        place = place_at(own, at)
        if place is not None and _is_shared(place, nation, ledger):
            found = place
        else:
            beyond = at
        at = (found.position + beyond) // 2
    return found


def _is_shared(place: LogPlace, nation: Delivery, ledger: str) -> bool:
    asked = {"source": ledger, "position": str(place.position), "chain": place.chain}
    return bool(nation.read(Family.REPORTING, "origins/shared", **asked)["shared"])
