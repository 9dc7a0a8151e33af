"""A list of 10,000 rows and 20 columns is read within its bar of time and memory."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import xlsxwriter

from services.lists.workbook.limits import LIMITS

MEASURE = """
import resource, subprocess, sys
child = [sys.executable, "-I", "-m", "services.lists.workbook.child", sys.argv[2]]
with open(sys.argv[1], "rb") as source:
    subprocess.run(child, stdin=source, stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


@pytest.mark.slow
def test_ten_thousand_rows_are_read_in_five_seconds_and_256_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(10_001):
        sheet.write_row(
            row, 0, [f"Nội dung {row} cột {column}, tuyên truyền" for column in range(20)]
        )
    book.close()
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, path, json.dumps(asdict(LIMITS))],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    seconds, kibibytes = map(float, run.stdout.split())
    assert seconds <= 5
    assert kibibytes * 1024 <= 256_000_000
