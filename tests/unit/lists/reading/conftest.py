"""Workbooks are read in this process: the rules of its child are tested in `../workbook`."""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from services.lists.workbook import reading_process
from services.lists.workbook.child import answer
from services.lists.workbook.limits import WorkbookLimits


@pytest.fixture(scope="module", autouse=True)
def read_in_this_process() -> Iterator[None]:
    """Let the parser answer without a start of Python, which takes most of the time."""

    def run(content: bytes, limits: WorkbookLimits) -> Mapping[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read: Mapping[str, Any] = orjson.loads(answer(content, limits))
        assert "problem" not in read
        return read

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_process, "_run", run)
        yield
