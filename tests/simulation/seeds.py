"""Runs seeds, and says of one that fails how to see it again."""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.simulation.world import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 10
COLLECTED_EVERY = 10


def lived(seeds: Iterable[int]) -> Counter[str]:
    """Run each seed and return what they met; fails at the first in which something is wrong."""
    met: Counter[str] = Counter()
    for number, seed in enumerate(seeds, start=1):
        simulation = Simulation(seed)
        with _garbage_left():
            findings = simulation.run()
        if number % COLLECTED_EVERY == 0:
            gc.collect()
        assert not findings, told(seed, findings)
        met += simulation.hits
    return met


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Leave garbage where it is for a while.

    Every process describes all tables of the read models anew, and a collector that looks at them
    again and again takes a third of the time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def told(seed: int, findings: list[str]) -> str:
    """Say what is wrong in a seed, and the command that shows every step of it."""
    shown = [*findings[:SHOWN], *["…"] * (len(findings) > SHOWN)]
    command = f"python -m tests.simulation.replay {seed}"
    return "\n".join([f"seed {seed}: {len(findings)} findings; replay: {command}", *shown])
