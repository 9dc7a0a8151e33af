"""A line of TCP between two machines that a test cuts and restores."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress

from tests.support.small_ledger import loop_in_a_thread

_PIECE = 1 << 16


class TcpLine:
    """Passes connections to ports in a row on to others; while it is cut, every one is reset.

    With `tls` it is the end of TLS before a server that knows none.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        first: int,
        target: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.port = first
        self._tls = tls
        self.turned_away = 0
        self._loop = loop
        self._target = target
        self._is_cut = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, ports: int) -> list[asyncio.Server]:
        """Listen on so many ports."""
        return [
            await asyncio.start_server(
                self._way_to(step), "127.0.0.1", self.port + step, ssl=self._tls
            )
            for step in range(ports)
        ]

    def cut(self) -> None:
        """Reset every connection, in the middle of what it carries."""
        self._is_cut.set()
        asyncio.run_coroutine_threadsafe(self._reset(), self._loop).result()

    def restore(self) -> None:
        """Let connections through again."""
        self._is_cut.clear()

    def lead_to(self, target: int) -> None:
        """Let new connections lead to other ports; those that there are stay."""
        self._target = target

    async def _reset(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    def _way_to(self, step: int) -> Callable[..., Coroutine[None, None, None]]:
        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._is_cut.is_set():
                self.turned_away += 1
                writer.transport.abort()
                return
            try:
                there, back = await asyncio.open_connection("127.0.0.1", self._target + step)
            except ConnectionError:
                writer.transport.abort()  # as the server that is not there would
                return
            both = {writer, back}
            self._open |= both
            with suppress(ConnectionError):
                await asyncio.gather(_copy(reader, back), _copy(there, writer))
            self._open -= both
            for each in both:
                each.transport.abort()

        return pass_on


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    writer.close()


@contextmanager
def line_to(
    target: int, ports: int, first: int, tls: ssl.SSLContext | None = None
) -> Iterator[TcpLine]:
    """Run a line to so many ports in a row."""
    with loop_in_a_thread() as loop:
        line = TcpLine(loop, first, target, tls)
        servers = asyncio.run_coroutine_threadsafe(line.serve(ports), loop).result()
        try:
            yield line
        finally:
            for server in servers:
                loop.call_soon_threadsafe(server.close)
            line.cut()
