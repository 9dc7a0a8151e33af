"""Takes a protection out of a copy of the tree, as a change of source text, and puts it back.

A change names the text that it takes out, exactly; text that is no longer there is an error, so
that nobody is told of a protection that was moved.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_touches = count(1)


class Change(NamedTuple):
    """A piece of source text and what stands in its place when the protection is gone."""

    path: str
    text: str
    instead: str

    def make(self, tree: Path) -> str:
        """Make the change in a copy of the tree and return the whole text that was there."""
        whole = (tree / self.path).read_text("utf-8")
        if whole.count(self.text) != 1:
            message = f"{self.path} has {whole.count(self.text)} times: {self.text!r}"
            raise LookupError(message)
        (tree / self.path).write_text(whole.replace(self.text, self.instead), "utf-8")
        return whole


class Protection(NamedTuple):
    """One protection, the tests that must fail without it, and a word of what they then say."""

    name: str
    changes: tuple[Change, ...]
    red: tuple[str, ...]
    says: str


@contextmanager
def taken_out(tree: Path, protection: Protection) -> Iterator[None]:
    """Take a protection out of the copy, and put it back."""
    before: dict[Path, str] = {}
    try:
        for change in protection.changes:
            path = tree / change.path
            before.setdefault(path, path.read_text("utf-8"))
            change.make(tree)
            _touched(path)
        yield
    finally:
        for path, text in before.items():
            path.write_text(text, "utf-8")
            _touched(path)


def _touched(path: Path) -> None:
    """Give a file another time, or compiled code of a text as long would be taken for its own."""
    moment = path.stat().st_mtime + 10 * next(_touches)
    os.utime(path, (moment, moment))
