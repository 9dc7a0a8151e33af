"""The child process gives the cells of a workbook, and its end is never that of the service."""

from dataclasses import replace

import pytest

from services.lists.workbook.limits import LIMITS, WorkbookLimits
from services.lists.workbook.reading_process import read_workbook
from shared.errors import LedgerError
from tests.support.hostile_workbooks import good_workbook, million_rows


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (replace(LIMITS, wall_seconds=0), "workbook_reader_stopped"),
        (replace(LIMITS, rows=10**6, processor_seconds=1), "workbook_reader_stopped"),
        (replace(LIMITS, rows=10**6, memory=60_000_000), "workbook_reader_stopped"),
        (replace(LIMITS, processor_seconds=2**70), "workbook_reader_failed"),
    ],
    ids=["time", "processor", "memory", "a fault of ours"],
)
def test_a_child_that_dies_is_a_problem_with_a_reason(limits: WorkbookLimits, code: str) -> None:
    with pytest.raises(LedgerError) as refused:
        read_workbook(million_rows(200_000), limits)
    assert refused.value.problem.rule.code == code
    assert refused.value.problem.params


def test_the_service_reads_on_after_a_child_has_died() -> None:
    with pytest.raises(LedgerError):
        read_workbook(million_rows(200_000), replace(LIMITS, rows=10**6, memory=60_000_000))
    assert len(read_workbook(good_workbook()).sheets[0].rows) == 2
