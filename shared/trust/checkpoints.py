"""Checkpoints of the log (c2sp.org/tlog-checkpoint): origin, size and root, as a note's text."""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.trust.merkle import HASH_BYTES
from shared.trust.notes import NoteError, from_base64, is_key_name, to_base64

MOST_SIZE = (1 << 63) - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """The log of an origin at a size (a number of events) has a root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """Return the text of the note; it has no further lines, which not all verifiers sign."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Return the checkpoint of a note's text; raises `NoteError`, for further lines too."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise NoteError("a checkpoint has three lines: origin, size and root")
        origin, size, root = lines[:3]
        if not is_key_name(origin):
            raise NoteError("the origin of a checkpoint is empty, or has a space or a plus sign")
        checkpoint = cls(origin, number(size), from_base64(root))
        if len(checkpoint.root) != HASH_BYTES:
            raise NoteError("the root of a checkpoint has 32 bytes")
        return checkpoint


def number(text: str) -> int:
    """Return a decimal number without leading zeros, up to 2^63 - 1; raises `NoteError`."""
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > MOST_SIZE:
        raise NoteError(f"not a number: {text[:40]!r}")
    return value
