"""Whatever crashes, fails, vanishes or comes twice: nothing is lost, doubled or out of order.

Bar N1. Each seed is one history of the whole ledger in one thread; `world.py` says how.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.simulation import fault_points
from tests.simulation.seeds import lived

SIZE = 10
FIRST = (0, 1, 2, 4)
"""Of these forty seeds together every crash and fault is met, and they miss each protection that
`protections.py` takes out and expects a seed to miss."""
FURTHER = (3, 5, 6, 7, 8, 9)


@cache
def _met_in(chunk: int) -> Counter[str]:
    return lived(range(chunk * SIZE, (chunk + 1) * SIZE))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "chunk", [*FIRST, *(pytest.param(each, marks=pytest.mark.thorough) for each in FURTHER)]
)
def test_nothing_is_lost_doubled_or_out_of_order(chunk: int) -> None:
    assert _met_in(chunk)


@pytest.mark.timeout(600)
def test_every_named_crash_and_every_kind_of_fault_was_met() -> None:
    met = sum(map(_met_in, FIRST), Counter[str]())
    assert [name for name in fault_points.EVERYTHING if not met[name]] == []
