"""A follower: it reads how far another process has folded, on a replica of its database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.database.postgres.replica import REACHED
from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.readmodel import checkpoints, quarantine
from shared.readmodel.progress import ReadModelProgress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.eventlog.protocol import Reader
    from shared.readmodel.followed_server import FollowedServer
    from shared.readmodel.protocol import RunnerMetrics
    from shared.readmodel.store import Store

_REACHED = text(f"SELECT {REACHED}")


class Follower(ReadModelProgress):
    """The checkpoints that another process moves; nothing is folded or written here."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        keys: Mapping[str, str],
        metrics: RunnerMetrics,
        server: FollowedServer,
    ) -> None:
        """Follow on a server, which gets what is read before it is shown."""
        super().__init__(log, store, keys, metrics)
        self._server = server

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
        before = self.checkpoint()
        self._require_same_log()  # at the old checkpoints: all that is in memory is of that log
        self._reload()
        moved = self.position - before.position
        if moved < 0:
            raise LogMismatch(before)
        if moved:
            self._require_same_log()
        return moved

    def _reload(self) -> None:
        with self._store.reading() as connection:
            found = checkpoints.load(connection)
            at = {name: found[key] for name, key in self._keys.items() if key in found}
            if len(at) < len(self._keys) or at == self._at:
                return
            held_from = quarantine.places(connection, self._keys.values())
            places = {LogPosition(each.position, each.chain) for each in at.values()}
            reached = connection.scalar(_REACHED)
            if not self._server.show(connection, reached, places):
                return
        self._take_over(found, held_from)
