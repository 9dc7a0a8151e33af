"""Each hostile file is refused at once, with its reason; the next good file is read."""

import os
import time

import pytest

from services.lists.workbook.reading_process import read_workbook
from shared.errors import LedgerError
from tests.support.hostile_workbooks import HOSTILE, good_workbook

SLOWNESS = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""How many processes wait for each core: the bar is for a core that is free."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_two_seconds(name: str) -> None:
    make, code = HOSTILE[name]
    content = make()
    start = time.perf_counter()
    with pytest.raises(LedgerError) as refused:
        read_workbook(content)
    seconds = time.perf_counter() - start
    assert refused.value.problem.rule.code == code
    assert seconds <= 2 * SLOWNESS, f"{name} took {seconds:.1f} s"
    words = refused.value.problem.rule.words("vi", refused.value.problem.params)
    assert "…" not in words


def test_the_next_good_file_is_read() -> None:
    grid = read_workbook(good_workbook())
    assert [cell.value for cell in grid.sheets[0].rows[2].values()] == [1, "Cổng rào xanh"]
