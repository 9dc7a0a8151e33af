"""A mail server on asyncio streams that keeps what it takes, and may refuse it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass
class MailBox:
    """The messages taken, and the answer to the next ones."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: str = "250 taken"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client as RFC 5321 has it, as far as a client without extensions needs."""

        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test ESMTP")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                await say("354 go on")
                content = await reader.readuntil(b"\r\n.\r\n")
                if self.answer.startswith("250"):
                    raw = content[:-3].replace(b"\r\n..", b"\r\n.")
                    self.messages.append(
                        cast("EmailMessage", message_from_bytes(raw, policy=default))
                    )
                await say(self.answer)
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                if verb == "RCPT":
                    self.recipients.append(line.partition("<")[2].partition(">")[0])
                await say("250 ok")
        writer.close()


@contextmanager
def running_mail_server() -> Iterator[MailBox]:
    """Run a mail server on a free port of this machine."""
    box, loop, ready = MailBox(), asyncio.new_event_loop(), threading.Event()

    async def started() -> asyncio.Server:
        server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
        box.port = server.sockets[0].getsockname()[1]
        ready.set()
        return server

    def run() -> None:
        server = loop.run_until_complete(started())
        loop.run_forever()
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
