"""A thousand more seeds than `make test` has time for (bar N1)."""

from __future__ import annotations

import pytest

from tests.simulation.seeds import lived

CHUNKS, SIZE, FIRST = 20, 50, 1_000


@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_is_lost_doubled_or_out_of_order(chunk: int) -> None:
    first = FIRST + chunk * SIZE
    assert lived(range(first, first + SIZE))
