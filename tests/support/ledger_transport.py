"""The three services of a small ledger, reached by a synchronous client as if over the network."""

import httpx

from shared.client.addresses import Addresses
from shared.vocabulary import Family
from tests.support.small_ledger import SmallLedger

ADDRESSES = Addresses("http://reporting", "http://registry", "http://evaluation")


class LedgerTransport(httpx.BaseTransport):
    """Passes each request on to the application that its host names."""

    def __init__(self, ledger: SmallLedger) -> None:
        self._ledger = ledger

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the application, and return its answer."""
        headers = [(n, v) for n, v in request.headers.items() if n not in {"host", "connection"}]
        answer = self._ledger.ask(
            Family(request.url.host),
            request.method,
            f"http://{request.url.host}{request.url.raw_path.decode()}",
            content=request.read(),
            headers=headers,
        )
        plain = [(n, v) for n, v in answer.headers.items() if n != "content-encoding"]
        return httpx.Response(answer.status_code, headers=plain, content=answer.content)


def client_of(ledger: SmallLedger) -> httpx.Client:
    """Return a client whose requests go to the ledger."""
    return httpx.Client(transport=LedgerTransport(ledger))
