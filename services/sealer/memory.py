"""The sealer's own memory: its last checkpoint, in a file outside the database, and its lock."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.trust.checkpoints import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SealMemory:
    """A folder with the last checkpoint of each origin; what it keeps is on the disk."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self._file = folder / f"{quote(origin, safe='')}.checkpoint"

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint kept, None before the first; raises `NoteError`."""
        try:
            return Checkpoint.parse(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return None

    def keep(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint in place of the last: whole, and on the disk before this returns."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            file.write(str(checkpoint))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def touch(self) -> None:
        """Show by the time of a file that the sealer is at work (a health check reads it)."""
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
