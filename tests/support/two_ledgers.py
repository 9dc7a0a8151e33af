"""A province's ledger that is forwarded to the nation's, over a line that can be cut."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.console.client.feed import Feed
from services.console.forwarding.forwarder import Forwarder
from shared.client.delivery import Delivery
from shared.client.forwarding_state import ForwardingState
from shared.vocabulary import Family
from tests.support.ledger_transport import ADDRESSES, LedgerTransport, client_of
from tests.support.small_ledger import SmallLedger

NAME = "/publishers/thai-nguyen"
Answers = Callable[[httpx.Request], httpx.Response]


def _whole(request: httpx.Request, answer: Answers) -> httpx.Response:
    return answer(request)


@dataclass
class CutLine(httpx.BaseTransport):
    """The way of requests to a ledger; `breaks` decides what becomes of each."""

    ledger: SmallLedger
    breaks: Callable[[httpx.Request, Answers], httpx.Response] = _whole
    posts: int = 0
    _way: LedgerTransport = field(init=False)

    def __post_init__(self) -> None:
        self._way = LedgerTransport(self.ledger)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, as far as the line holds."""
        self.posts += request.method == "POST"
        return self.breaks(request, self._way.handle_request)


@contextmanager
def forwarder(
    province: SmallLedger, nation: SmallLedger | CutLine, file: Path, name: str = NAME
) -> Iterator[Forwarder]:
    """Give what forwards a ledger; it never really pauses."""
    line = nation if isinstance(nation, CutLine) else CutLine(nation)
    own, other = client_of(province), httpx.Client(transport=line)
    with own, other, ForwardingState.opened(file) as kept:
        yield Forwarder(
            own=Feed(own, ADDRESSES.registry),
            reporting=ADDRESSES.reporting,
            nation=Delivery(other, ADDRESSES, pause=lambda _seconds: None),
            kept=kept,
            state=kept.begin(name, "http://nation"),
            pause=lambda _seconds: None,
        )


def forwarded(
    province: SmallLedger, nation: SmallLedger | CutLine, file: Path, name: str = NAME
) -> int:
    """Forward all that is recorded; return the number of events that were sent."""
    with forwarder(province, nation, file, name) as forwarding:
        forwarding.begin()
        return forwarding.forward()


def log_of(ledger: SmallLedger) -> list[dict[str, Any]]:
    """Return the whole log as its feed has it."""
    answer = ledger.ask(Family.REGISTRY, "GET", "/events?limit=1000")
    found: list[dict[str, Any]] = json.loads(answer.content)
    return found
