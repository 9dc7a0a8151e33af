"""A follower: it reads how far another process has folded, on a replica of its database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.eventlog.checkpoint import LogMismatch
from shared.readmodel import checkpoints
from shared.readmodel.progress import ReadModelProgress

if TYPE_CHECKING:
    from collections.abc import Sequence


class Follower(ReadModelProgress):
    """The checkpoints that another process moves; nothing is folded or written here."""

    def start(self) -> None:
        """Read the checkpoints, and check that the log is the one folded.

        Raises `Retired` when a generation was replaced meanwhile.
        """
        self._reload()
        for name, key in self._keys.items():
            if name not in self._at:
                raise checkpoints.Retired(key)
        self._require_same_log()

    def step(self, _entries: Sequence[object] = ()) -> int:
        """Read the checkpoints again; return by how many positions they have moved.

        0 also when a generation was replaced. Raises `LogMismatch` when the log is not the one
        that was read before.
        """
        with self._store.reading() as connection:
            found = checkpoints.load(connection)
        self._require_same_log()  # at the old checkpoints: all that is in memory is of that log
        if not found.keys() >= set(self._keys.values()):
            return 0
        before = self.checkpoint()
        if {name: found[key] for name, key in self._keys.items()} == self._at:
            return 0
        self._reload()
        moved = self.position - before.position
        if moved < 0:
            raise LogMismatch(before)
        self._require_same_log()
        return moved
