"""The list desk in process, beside a small ledger, as a browser without JavaScript uses it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx

from services.lists import app as lists_app
from services.lists.persons.vault import PersonVault
from services.lists.uploads.desk_key import key_of
from services.lists.uploads.store import DeskStore
from shared.settings import Settings
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_ledger import SmallLedger, loop_in_a_thread
from tests.support.waiting import PAUSE_SECONDS


class SmallDesk:
    """The desk, asked from outside its loop; redirects are followed."""

    def __init__(self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def ask(self, method: str, address: str, **options: object) -> httpx.Response:
        """Send a request as httpx does, and return its answer."""
        asked = self._client.request(method, address, **options)  # type: ignore[arg-type]
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()

    def uploaded(
        self, content: bytes, name: str = "danh sách.xlsx", **fields: str
    ) -> httpx.Response:
        """Upload a file for the province of the small ledger; return the page that follows."""
        form = {"kind": "registrations", "unit": "Bình Văn t-1", "year": "2022", "list_day": ""}
        file = {"file": (name, content)}
        return self.ask("POST", "/lists/uploads?lang=vi", data={**form, **fields}, files=file)

    def settled(self, page: httpx.Response, patience_seconds: float = 60) -> str:
        """Return the page of an upload when the desk has done its work."""
        for _ in range(int(patience_seconds / PAUSE_SECONDS)):
            answer = self.ask("GET", str(page.url))
            if "refresh" not in answer.headers:
                return answer.text
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(answer.text)


@contextmanager
def small_desk(ledger: SmallLedger, home: Path, **environment: str) -> Iterator[SmallDesk]:
    """Run the desk for a ledger, with its state in a folder, or as the environment says."""
    settings = Settings.from_environment({"DVK_HOME": str(home), **environment})
    with client_of(ledger) as client, loop_in_a_thread() as loop:
        stack = AsyncExitStack()
        try:
            started = _started(stack, settings, client)
            asked = asyncio.run_coroutine_threadsafe(started, loop).result()
            yield SmallDesk(asked, loop)
        finally:
            asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result()


async def _started(
    stack: AsyncExitStack, settings: Settings, client: httpx.Client
) -> httpx.AsyncClient:
    app = lists_app.compose(settings, client, ADDRESSES)
    await stack.enter_async_context(app.router.lifespan_context(app))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    asked = httpx.AsyncClient(
        transport=transport, base_url="http://localhost", follow_redirects=True
    )
    return await stack.enter_async_context(asked)


@contextmanager
def vault_in(folder: Path) -> Iterator[PersonVault]:
    """Give a vault of its own, as the desk makes it in its folder."""
    key = key_of(folder / "lists.key")
    store = DeskStore(f"sqlite:///{folder / 'lists.db'}", key)
    try:
        yield PersonVault(store, key)
    finally:
        store.close()
