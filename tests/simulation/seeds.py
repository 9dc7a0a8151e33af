"""Runs seeds, and says of one that fails how to see it again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.world import Simulation

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 10


def lived(seeds: Iterable[int]) -> Counter[str]:
    """Run each seed and return what they met; fails at the first in which something is wrong."""
    met: Counter[str] = Counter()
    for seed in seeds:
        simulation = Simulation(seed)
        findings = simulation.run()
        assert not findings, told(seed, findings)
        met += simulation.hits
    return met


def told(seed: int, findings: list[str]) -> str:
    """Say what is wrong in a seed, and the command that shows every step of it."""
    shown = [*findings[:SHOWN], *["…"] * (len(findings) > SHOWN)]
    command = f"python -m tests.simulation.replay {seed}"
    return "\n".join([f"seed {seed}: {len(findings)} findings; replay: {command}", *shown])
