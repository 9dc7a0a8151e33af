"""A province's ledger that is forwarded to the nation's, over a line that can be cut."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.console.client.feed import Feed
from services.console.forwarding.actions import ForwardingLine, ForwardingRun
from services.console.forwarding.forwarder import Forwarder
from services.console.output.texts import Terminal
from shared.client.delivery import Delivery
from shared.client.forwarding_state import ForwardingState
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent
from tests.support.ledger_transport import ADDRESSES, LedgerTransport, client_of
from tests.support.small_ledger import OPENED, SmallLedger

NAME = "/publishers/thai-nguyen"
PROXY = "proxy"
Answers = Callable[[httpx.Request], httpx.Response]


def _whole(request: httpx.Request, answer: Answers) -> httpx.Response:
    return answer(request)


@dataclass
class CutLine(httpx.BaseTransport):
    """The way of requests to a ledger; `breaks` decides what becomes of each."""

    ledger: SmallLedger
    breaks: Callable[[httpx.Request, Answers], httpx.Response] = _whole
    posts: int = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, as far as the line holds; one to a proxy by its prefix."""
        self.posts += request.method == "POST"
        if request.url.host == PROXY:
            first, _, rest = request.url.raw_path[1:].decode().partition("/")
            family = first if first in {*Family} else Family.REPORTING
            path = f"/{rest}" if first in {*Family} else request.url.raw_path.decode()
            request.url = httpx.URL(f"http://{family}{path}")
        return self.breaks(request, LedgerTransport(self.ledger).handle_request)


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


def followed(
    province: SmallLedger, line: CutLine, file: Path, pause: Callable[[float], None], **way: bool
) -> int:
    """Run `dvk forward` until a pause raises KeyboardInterrupt; return its exit code."""
    address = f"http://{PROXY}"
    between = ForwardingLine(address, address, NAME, None, file)
    own, other = httpx.Client(transport=CutLine(province)), httpx.Client(transport=line)
    with own, other, ForwardingState.opened(file) as kept, suppress(KeyboardInterrupt):
        run = ForwardingRun(between, Terminal(quiet=True), own, other, kept, pause)
        return run.run(**{"once": False, **way})
    return 0


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


def unit(
    unit_id: str,
    name: str,
    parent_id: str = "vn",
    level: str = "province",
    occurred_on: str = OPENED,
) -> dict[str, Any]:
    """Return the opening of a unit."""
    data = {"unit_id": unit_id, "name": name, "level": level, "parent_id": parent_id}
    return cloudevent("UnitOpened", {**data, "codes": [], "occurred_on": occurred_on})


def numbered(number: str) -> dict[str, Any]:
    """Return the opening of a province."""
    return unit(f"t-{number}", f"Tỉnh {number}")


def origin_of(nation: SmallLedger, name: str = NAME) -> dict[str, Any]:
    """Return how far a nation has received a ledger."""
    (found,) = nation.ask(Family.REPORTING, "GET", f"/origins?source={name}").json()["items"]
    return dict(found)
