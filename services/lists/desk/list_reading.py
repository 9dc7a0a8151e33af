"""A file becomes the rows of a list, by the columns of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.lists.desk.checking import StatedRow
from services.lists.kinds.kind import ListKind


@dataclass(frozen=True, slots=True)
class ReadList:
    """The rows of a file, and what reading says of the whole file."""

    rows: list[StatedRow]
    summary: Mapping[str, object]


def read_list(content: bytes, kind: ListKind, answers: Mapping[str, str]) -> ReadList:
    """Return the rows of a workbook; raises `LedgerError` when it cannot be read."""
    raise NotImplementedError
