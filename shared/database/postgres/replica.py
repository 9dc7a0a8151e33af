"""The server that a follower reads: whether it replays another's log, and how far it is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.clock import MICROSECONDS
from shared.errors import Problem, Unavailable, declare

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from shared.clock import Clock

REPLICA_BEHIND = declare(
    "replica_behind",
    503,
    vi="Bản sao của cơ sở dữ liệu chậm hơn bản chính {behind} giây, quá mức {most} giây; hoặc đã "
    "mất liên lạc với bản chính.",
    en="The replica of the database is {behind} seconds behind the primary, more than {most}; or "
    "it has lost the primary.",
)
SERVER = "server"
"""In the information of a pooled connection: which server it leads to."""
REACHED = """
    (CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0')
          ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint
"""
"""In SQL, how far a server is: up to which place of the write-ahead log its data can be read."""
_SETTLED_US = MICROSECONDS
"""For so long a new connection to the primary is not trusted to have received all there is."""
_STATE = text(f"""
    SELECT pg_is_in_recovery(),
           (SELECT pid FROM pg_stat_wal_receiver),
           pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn(),
           (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint,
           {REACHED}
""")  # noqa: S608  a constant


class Replica:
    """A server as of the last look at it; a primary counts as a replica that is never behind."""

    def __init__(
        self,
        reading: Callable[[], AbstractContextManager[Connection]],
        clock: Clock,
        *,
        most_seconds: float,
        shows: Callable[[Connection, int], bool],
    ) -> None:
        """Use a database; `shows` gets how far its server is; False if it is replaced."""
        self._reading = reading
        self._shows = shows
        self._clock = clock
        self._most = most_seconds
        self._receiver: tuple[str | None, int | None] = None, None
        self._received_since_us = 0
        """The server, its process that receives from the primary, and when it was first seen."""
        self.complete_until_us = 0
        """All that the primary had committed by this time can be read here."""

    def look(self) -> None:
        """Ask the server.

        A server that has replayed all that it has received, and that still receives, is complete;
        else it is so until the last commit that it has replayed. One that is read in place of
        another has all that the other had at the last look.
        """
        now = self._clock()
        with self._reading() as connection:
            replays, process, has_all, replayed_us, reached = connection.execute(_STATE).one()
            if not self._shows(connection, reached):
                return
            receiver = connection.info.get(SERVER), process
        if receiver != self._receiver:
            self._receiver, self._received_since_us = receiver, now
        receives = process is not None and now - self._received_since_us >= _SETTLED_US
        is_complete = not replays or (receives and has_all)
        self.complete_until_us = max(
            self.complete_until_us, now if is_complete else replayed_us or 0
        )

    @property
    def now_us(self) -> int:
        """Return the time in microseconds."""
        return self._clock()

    @property
    def behind_seconds(self) -> float:
        """Return by how many seconds the server may be behind now."""
        return max(0, self._clock() - self.complete_until_us) / MICROSECONDS

    def check(self) -> None:
        """Raise `Unavailable` if the server cannot be read, or is too far behind."""
        self.look()
        self.require_near()

    def require_near(self) -> None:
        """Raise `Unavailable` if the server was too far behind, as of the last look at it."""
        behind = self.behind_seconds
        if behind > self._most:
            params = {"behind": round(behind), "most": self._most}
            raise Unavailable(Problem(REPLICA_BEHIND, params), 2)
