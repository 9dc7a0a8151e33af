"""The server that a follower reads. Another one is read only once it has all that was shown.

An address may lead to another standby, or to the same one restored from a copy, and two are not
equally far. So each new connection is examined before it is used, and again when connections have
led to another server meanwhile.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import errors
from sqlalchemy import event

from shared.database.postgres.replica import REACHED, SERVER
from shared.errors import Problem, Unavailable, declare
from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.eventlog.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg
    from sqlalchemy import Connection, Engine

REPLICA_LACKS_EVENTS = declare(
    "replica_lacks_events",
    503,
    vi="Bản sao cơ sở dữ liệu đang nối tới chưa có đủ những gì đã trả lời đến vị trí {position}. "
    "Hãy hỏi lại khi nó đã theo kịp.",
    en="The replica of the database that is reached now does not have all that was answered up to "
    "position {position} yet. Ask again when it has caught up.",
)
REPLICA_OF_OTHER_LOG = declare(
    "replica_of_other_log",
    503,
    vi="Bản sao cơ sở dữ liệu đang nối tới có một lịch sử khác với những gì đã trả lời đến vị trí "
    "{position}. Tiến trình này tự khởi động lại và đọc lại từ đầu.",
    en="The replica of the database that is reached now has another history than what was "
    "answered up to position {position}. This process starts itself again and reads it anew.",
)
_EXAMINED = f"""
    SELECT concat_ws(' ', inet_server_addr(), inet_server_port(), pg_postmaster_start_time()),
           system_identifier, {REACHED}
    FROM pg_control_system()
"""  # noqa: S608  a constant
_CHAIN = f"SELECT chain FROM {EVENTS.name} WHERE position = %s"  # noqa: S608  a constant
_logger = logging.getLogger("dvk.readmodel")


class ServerRefusedError(Unavailable):
    """The server of a new connection is not one to read from; with `mismatch` it never will be."""

    def __init__(self, problem: Problem, mismatch: LogMismatch | None = None) -> None:
        super().__init__(problem, 2)
        self.mismatch = mismatch


@dataclass(frozen=True)
class _Shown:
    """Places of the log that were read, and how far the server of a cluster was (LSN) by then."""

    places: frozenset[LogPosition] = frozenset()
    cluster: int | None = None
    reached: int = 0

    @property
    def position(self) -> int:
        """Return the last position."""
        return max((place.position for place in self.places), default=0)


class FollowedServer:
    """The one server that all connections of a follower lead to."""

    def __init__(self, *engines: Engine) -> None:
        """Examine the connections of these engines."""
        self._lock = threading.Lock()
        self._server: str | None = None
        self._cluster: int | None = None
        self._shown = _Shown()
        for engine in engines:
            event.listen(engine, "checkout", self._taken)

    def show(
        self,
        connection: Connection,
        reached: int,
        places: Iterable[LogPosition] | None = None,
    ) -> bool:
        """Require of every server from now on what was read on a connection, before it is shown.

        `reached` is how far its server was after that, `places` is what was read (None: as before).
        Returns False, and what was read must not be shown, if another server is followed by now.
        """
        with self._lock:
            if connection.info.get(SERVER) != self._server:
                return False
            before = self._shown
            known = before.places if places is None else frozenset(places)
            least = before.reached if before.cluster == self._cluster else 0
            self._shown = _Shown(known, self._cluster, max(reached, least))
        return True

    def _taken(self, driver: psycopg.Connection[Any], record: Any, _proxy: Any) -> None:  # noqa: ANN401
        """Examine a connection unless it is known to lead to the server that is followed."""
        if self._server is not None and record.info.get(SERVER) == self._server:
            return
        while True:
            shown = self._shown
            server, cluster = _examined(driver, shown)
            with self._lock:
                if self._shown is not shown:
                    continue  # more was shown meanwhile
                if self._server not in {None, server}:
                    _logger.warning("reads go on at another server: %s", server)
                record.info[SERVER] = self._server = server
                self._cluster = cluster
                return


def _examined(driver: psycopg.Connection[Any], shown: _Shown) -> tuple[str, int]:
    """Return the name of a server and its cluster; raise if it lacks what was shown.

    One of the same cluster that is not as far as the last one was will be, and is waited for.
    """
    try:
        server, cluster, reached = driver.execute(_EXAMINED).fetchone() or ("", 0, 0)
        if cluster == shown.cluster and reached < shown.reached:
            lacks = Problem(REPLICA_LACKS_EVENTS, {"position": shown.position})
            raise ServerRefusedError(lacks)
        for place in shown.places:
            if place.position and not _has(driver, place):
                other = Problem(REPLICA_OF_OTHER_LOG, {"position": shown.position})
                raise ServerRefusedError(other, LogMismatch(place))
    finally:
        driver.rollback()
    return server, cluster


def _has(driver: psycopg.Connection[Any], place: LogPosition) -> bool:
    try:
        found = driver.execute(_CHAIN, (place.position,)).fetchone()
    except errors.UndefinedTable:  # an empty database
        return False
    return found is not None and bytes(found[0]) == place.chain
