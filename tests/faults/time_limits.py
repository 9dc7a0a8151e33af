"""How long the fault tests wait: one bar, one allowance for a slow machine, one way of waiting."""

import os
import time
from collections.abc import Callable

BACK_SECONDS = 10.0
"""After a fault everything is back within this time, on a machine that has nothing else to do."""
PAUSE_SECONDS = 0.02
QUESTION_SECONDS = 0.1
"""The pause between questions to a service: each costs it, and us, time that others need."""


def slowness() -> float:
    """Return by how much this machine is slower than one with nothing else to do.

    `TEST_SLOWNESS` says it; otherwise it is how many processes wait for each core.
    """
    stated = os.environ.get("TEST_SLOWNESS")
    if stated:
        return float(stated)
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def until(
    true: Callable[[], object],
    what: str,
    *,
    seconds: float = 90.0,
    pause_seconds: float = PAUSE_SECONDS,
) -> float:
    """Ask again and again until it is so; return after how many seconds; fail when it is not."""
    began = time.monotonic()
    while not true():
        waited = time.monotonic() - began
        assert waited < seconds * slowness(), f"not in {waited:.1f} s: {what}"
        time.sleep(pause_seconds)
    return time.monotonic() - began
