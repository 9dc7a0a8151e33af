"""A memory of the last checkpoint, in a file outside every database: the sealer's, and a witness's.

It is on the disk before anything is signed, so that a stopped process never forgets what it signed.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class CheckpointMemory:
    """A folder with the last checkpoint of each origin, as a text or a signed note."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self, origin: str) -> str | None:
        """Return the last checkpoint of an origin that was kept, None before the first."""
        try:
            return self._file(origin).read_text("utf-8")
        except FileNotFoundError:
            return None

    def keep(self, origin: str, written: str) -> None:
        """Keep a checkpoint in place of the last: whole, and on the disk before this returns."""
        self._write(self._file(origin), written)

    def keep_fork(self, *notes: str) -> list[Path]:
        """Keep two notes that contradict each other, as evidence; return their files."""
        files = []
        for number, note in enumerate(notes, start=1):
            origin, size, root = note.split("\n")[:3]
            name = f"{quote(origin, safe='')}-{size}-{quote(root[:12], safe='')}-{number}.note"
            files.append(self._folder / "forks" / name)
            self._write(files[-1], note)
        return files

    def touch(self) -> None:
        """Show by the time of a file that the process is at work (a health check reads it)."""
        (self._folder / "alive").touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for one process; raises `BlockingIOError` while another does."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)

    def _file(self, origin: str) -> Path:
        return self._folder / f"{quote(origin, safe='')}.checkpoint"

    @staticmethod
    def _write(path: Path, written: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
