"""Whatever crashes, fails, vanishes or comes twice: nothing is lost, doubled or out of order.

Bar N1. Each seed is one history of the whole ledger in one thread; `world.py` says how.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.simulation import fault_points
from tests.simulation.seeds import lived

CHUNKS, SIZE = 10, 10


@cache
def _met_in(chunk: int) -> Counter[str]:
    return lived(range(chunk * SIZE, (chunk + 1) * SIZE))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_lost_doubled_or_out_of_order(chunk: int) -> None:
    assert _met_in(chunk)


@pytest.mark.timeout(600)
def test_every_named_crash_and_every_kind_of_fault_was_met() -> None:
    met = sum(map(_met_in, range(CHUNKS)), Counter[str]())
    assert [name for name in fault_points.EVERYTHING if not met[name]] == []
