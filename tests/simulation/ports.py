"""The ports of an actor with the named points in them: its log, its commits, its line to Redis."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from shared.bus.streams import EVENTS
from shared.errors import Problem, Unavailable
from shared.eventlog.dialects import LOG_BUSY
from shared.eventlog.sql import LOG_UNAVAILABLE
from tests.simulation import fault_points
from tests.simulation.fault_points import MadeDatabaseError, MadeRedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from shared.eventlog.protocol import EventLog
    from shared.events.recorded import RecordedEvent
    from tests.simulation.stream_server import Command, StreamServer


class Fate(Protocol):
    """Decides what happens to one actor at a point."""

    def at(self, point: str) -> None:
        """Let it die here, or let another actor go first; mostly do nothing."""
        ...

    def strikes(self, fault: str) -> bool:
        """Say whether a fault happens now, and take note of it."""
        ...

    def holding(self) -> Any:
        """Return a context in which the actor holds the append lock."""
        ...


class Session:
    """An append session, with a point between what was read and what is written."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def insert(self, events: Sequence[tuple[RecordedEvent, int]]) -> None:
        if events:
            self._fate.at(fault_points.INSERT)
        self._inner.insert(events)


class PortedLog:
    """The log of one actor; a log in memory has its commit here, one in SQL in its driver."""

    def __init__(self, inner: EventLog, fate: Fate, *, commits_here: bool) -> None:
        self._inner = inner
        self._fate = fate
        self._commits_here = commits_here

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        events = self._inner.read(after, limit)
        self._fate.at(fault_points.READ)
        return events

    @contextmanager
    def append_session(self) -> Iterator[Session]:
        self._fate.at(fault_points.LOCK)
        with self._inner.append_session() as session, self._fate.holding():
            yield Session(session, self._fate)
            if self._commits_here:
                _before_commit(self._fate, fault_points.LOG_COMMIT, fault_points.COMMIT_FAILED)
        if self._commits_here:
            self._fate.at(fault_points.LOG_COMMITTED)
            if self._fate.strikes(fault_points.COMMIT_ANSWER_LOST):
                _unavailable()


def _before_commit(fate: Fate, point: str, fault: str) -> None:
    fate.at(point)
    if fate.strikes(fault):
        _unavailable()


def _unavailable() -> NoReturn:
    raise Unavailable(Problem(LOG_UNAVAILABLE), 2) from MadeDatabaseError("disk I/O error")


def commit_with_points(engine: Engine, fate: Fate, names: tuple[str, str, str, str]) -> None:
    """Put points before and after each commit of an engine; two of the names are its faults.

    The commit fails as the driver fails, so SQLAlchemy and the ledger handle it as they would.
    """
    before, after, failed, answer_lost = names
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        fate.at(before)
        if fate.strikes(failed):
            raise MadeDatabaseError("disk I/O error")
        commit(connection)
        fate.at(after)
        if fate.strikes(answer_lost):
            raise MadeDatabaseError("disk I/O error")

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]


OF_THE_LOG = (
    *(fault_points.LOG_COMMIT, fault_points.LOG_COMMITTED),
    *(fault_points.COMMIT_FAILED, fault_points.COMMIT_ANSWER_LOST),
)
OF_THE_ROWS = (
    *(fault_points.ROWS_COMMIT, fault_points.ROWS_COMMITTED),
    *(fault_points.ROWS_FAILED, fault_points.ROWS_ANSWER_LOST),
)


def line_with_points(server: StreamServer, fate: Fate) -> Callable[..., list[Any]]:
    """Return the line to the server, with points before and after whatever changes something."""

    def line(commands: Sequence[Command], execute: Callable[[], list[Any]]) -> list[Any]:
        between = _points_of(commands)
        if between:
            fate.at(between[0])
        if server.away:
            fate.strikes(fault_points.REDIS_AWAY)
            raise MadeRedisError("Connection refused.")
        answers = execute()
        if between:
            fate.at(between[1])
            if fate.strikes(fault_points.REDIS_ANSWER_LOST):
                raise MadeRedisError("Timeout reading from socket")
        return answers

    return line


def _points_of(commands: Sequence[Command]) -> tuple[str, str] | None:
    """Tell a publication of the relay from receipts, with or without a deletion."""
    changed = {(name, arguments[0]) for name, arguments in commands if name in {"xadd", "xdel"}}
    if ("xadd", EVENTS) in changed:
        return fault_points.PUBLISH, fault_points.PUBLISHED
    if any(name == "xdel" for name, _ in changed):
        return fault_points.RECEIPT, fault_points.RECEIVED
    return (fault_points.LATE_RECEIPT, fault_points.LATE_RECEIVED) if changed else None


class TurnLock:
    """The lock of a log in memory where one thread plays all: who finds it held is told so."""

    def __init__(self) -> None:
        self._held = False

    def __enter__(self) -> None:
        if self._held:
            raise Unavailable(Problem(LOG_BUSY, {"seconds": 0}), 1)
        self._held = True

    def __exit__(self, *_failure: object) -> None:
        self._held = False
