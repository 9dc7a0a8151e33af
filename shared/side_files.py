"""Files written beside a file of others, whose folder may hold links that lead elsewhere."""

import os
from pathlib import Path
from typing import BinaryIO, cast


def open_beside(path: Path, mode: str) -> BinaryIO:
    """Open a binary file for writing, made if it is not there; `OSError` if its name is a link."""
    opened = open(path, mode, opener=_not_through_a_link)  # noqa: SIM115  Path.open has no opener
    return cast("BinaryIO", opened)


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o666)
