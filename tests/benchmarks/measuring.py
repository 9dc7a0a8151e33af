"""What a measurement is: two ways, alternately, in one run; the medians, and their ratio."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Line:
    """One row of the table: what we do, what the peer does, and which ratio is the bar."""

    bar: str
    what: str
    ours: float
    peer: float
    unit: str
    peer_is: str
    at_least: float | None = None
    at_most: float | None = None
    notes: Sequence[str] = field(default=())

    @property
    def ratio(self) -> float:
        """Return ours over the peer's."""
        return self.ours / self.peer

    @property
    def met(self) -> bool:
        """Say whether the bar is met."""
        low = self.at_least is None or self.ratio >= self.at_least
        return low and (self.at_most is None or self.ratio <= self.at_most)

    @property
    def wanted(self) -> str:
        """Return the bar in words."""
        return f"≥ {self.at_least:g}×" if self.at_least is not None else f"≤ {self.at_most:g}×"


def alternately(
    ours: Callable[[], float], peer: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure A B A B …; return the median of each."""
    pairs = [(ours(), peer()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def rate(count: int, work: Callable[[], object]) -> float:
    """Return how many of `count` a second some work does."""
    started = perf_counter()
    work()
    return count / (perf_counter() - started)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def rss_mib(pid: int | None = None) -> float:
    """Return the resident memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
