"""The feed of a running ledger: each event with the exact bytes that the log returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecoder

import httpx

from services.console.client.http_client import Unanswered, response_of
from shared.eventlog.protocol import START, Head
from shared.events.recorded import from_feed

PAGE = 1_000
_read_value = JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Feed:
    """Reads `GET /events` of the registry."""

    client: httpx.Client
    registry: str

    def head(self, position: int) -> Head:
        """Return the head of the log as of a position."""
        if position == 0:
            return START
        event = from_feed(next(self.items(position - 1, position)))
        return Head(event.position, event.chain, event.recorded_us)

    def items(self, after: int, until: int) -> Iterator[bytes]:
        """Yield the events after one position and up to another, in order."""
        while after < until:
            page = self.page(after, min(PAGE, until - after))
            if not page:
                message = f"{self.registry}/events: nothing stands after position {after}"
                raise Unanswered(message)
            yield from page
            after += len(page)

    def page(self, after: int, limit: int = PAGE) -> list[bytes]:
        """Return up to so many events after a position."""
        parameters = {"after": str(after), "limit": str(limit)}
        return cut_items(response_of(self.client, f"{self.registry}/events", parameters).text)


def cut_items(array: str) -> list[bytes]:
    """Return the items of a JSON array byte for byte: parsing and encoding again could change them.

    Raises ValueError for anything but an array without spaces between its items.
    """
    if not array.startswith("["):
        raise ValueError("not a JSON array")
    items: list[bytes] = []
    place = 1
    while array[place] != "]":
        _, end = _read_value(array, place)
        items.append(array[place:end].encode())
        place = end + 1 if array[end] == "," else end
    return items
