"""Waiting for something to come about, with an end to patience; never sleeping for luck."""

import asyncio
from collections.abc import Awaitable, Callable

PAUSE_SECONDS = 0.05


async def until(ask: Callable[[], Awaitable[bool]], *, patience_seconds: float = 60) -> None:
    """Ask again and again until it is so; fail when patience is over."""
    for _ in range(int(patience_seconds / PAUSE_SECONDS)):
        if await ask():
            return
        await asyncio.sleep(PAUSE_SECONDS)
    message = f"it did not come about in {patience_seconds} s"
    raise AssertionError(message)
