"""The one place where SQLite and PostgreSQL differ for the log: engine, lock, guard."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    event,
    make_url,
)
from sqlalchemy.exc import DisconnectionError, OperationalError

from shared.database.postgres.engine import ask_after_idling, postgres_engine, raw_cursor
from shared.database.sqlite import sqlite_engine
from shared.errors import Problem, Unavailable, declare
from shared.vocabulary import Family

LOG_BUSY = declare(
    "log_busy",
    503,
    vi="Sổ cái đang bận: chưa tới lượt ghi sau {seconds} giây. Hãy gửi lại chính yêu cầu này.",
    en="The log is busy: no turn to append within {seconds} s. Send the same request again.",
)
LOG_UNAVAILABLE = declare(
    "log_unavailable",
    503,
    vi="Cơ sở dữ liệu của sổ cái không trả lời; chưa có gì được ghi. Hãy gửi lại yêu cầu này.",
    en="The database of the log does not answer; nothing was stored. Send the same request again.",
)
APPEND_LOCK = 0x64766B  # "dvk": the advisory lock under which positions are given
LOCK_PATIENCE_SECONDS = 5.0
IDLE_HOLDER_SECONDS = 2.0


class Sqlite:
    """One file, one writer: a file lock around the append transaction keeps waiting fair."""

    def __init__(self, url: str, family: Family | None) -> None:
        path = make_url(url).database or ""
        self._lock_path = f"{path}.lock"
        self.writer = _sqlite_engine(url, family, pool_size=1, max_overflow=0)
        self.reader = _sqlite_engine(url, None)
        event.listen(self.writer, "begin", _begin_immediate)
        for engine in (self.writer, self.reader):
            _follow_the_file(engine, path)

    @contextmanager
    def locked(self) -> Iterator[Connection]:
        """Take the file lock, then begin the one write transaction."""
        try:
            handle = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:  # the directory was removed, or the file system is read-only
            raise Unavailable(Problem(LOG_UNAVAILABLE), 2) from error
        try:
            _take_file_lock(handle)
            with self.writer.begin() as connection:
                yield connection
        finally:
            os.close(handle)


class Postgres:
    """Advisory lock in the append transaction; a holder that sleeps is cut off by the server."""

    def __init__(self, url: str) -> None:
        settings = {
            "idle_in_transaction_session_timeout": int(IDLE_HOLDER_SECONDS * 1000),
            "lock_timeout": int(LOCK_PATIENCE_SECONDS * 1000),
            # A generic plan made while the table was empty scans it for ever after.
            "plan_cache_mode": "force_custom_plan",
        }
        # A group looks up what it names and nothing else. The planner knows little of a log that
        # grows as fast as it can, and would read the whole of it for a hash.
        looking_up = {f"enable_{way}": "off" for way in ("seqscan", "hashjoin", "mergejoin")}
        # So any plan is the right one, and making it again would take as long as following it.
        looking_up["plan_cache_mode"] = "force_generic_plan"
        # A holder that is stopped while the server still sends to it is not idle: the network is
        # told how long an answer may wait to be taken.
        looking_up["tcp_user_timeout"] = str(int(IDLE_HOLDER_SECONDS * 1000))
        name = "dvk-log"
        self.writer = postgres_engine(
            url, name=name, settings={**settings, **looking_up}, pool_size=1, max_overflow=1
        )
        event.listen(self.writer, "connect", _begins_by_itself)
        self.reader = postgres_engine(
            url,
            name=name,
            settings=settings,
            pool_size=8,
            max_overflow=16,
            isolation_level="AUTOCOMMIT",
        )
        ask_after_idling(self.reader)

    @contextmanager
    def locked(self) -> Iterator[Connection]:
        """Begin, and take the advisory lock for the transaction.

        A connection that broke while nobody used it is replaced, once: asking first whether it
        still stands would cost every group another way to the server.
        """
        with ExitStack() as stack:
            connection = stack.enter_context(self.writer.connect())
            try:
                _begin_locked(connection)
            except OperationalError as error:
                if not error.connection_invalidated:
                    raise
                connection = stack.enter_context(self.writer.connect())
                _begin_locked(connection)
            yield connection
            with raw_cursor(connection, "COMMIT") as driver:
                driver.commit()


Dialect = Sqlite | Postgres


def dialect_for(url: str, family: Family | None) -> Dialect:
    """Return the dialect that a database address names."""
    return Sqlite(url, family) if url.startswith("sqlite") else Postgres(url)


def _busy() -> Unavailable:
    return Unavailable(Problem(LOG_BUSY, {"seconds": LOCK_PATIENCE_SECONDS}), 1)


def _wait_for(attempt: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    pause = 0.000_2
    while not attempt():
        if time.monotonic() > deadline:
            raise _busy()
        time.sleep(pause)
        pause = min(pause * 1.5, 0.005)


def _take_file_lock(handle: int) -> None:
    """Wait for the append lock of the file."""
    _wait_for(lambda: _try_flock(handle))


def _try_flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sqlite_engine(url: str, family: Family | None, **pool: int) -> Engine:
    # The guard trigger of the log asks who is writing (migrations.py).
    writes_as = {"dvk_family": lambda: str(family or "")}
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000")
    return sqlite_engine(url, pragmas=pragmas, functions=writes_as, **pool)


def _begins_by_itself(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's types
    connection.autocommit = True  # the driver must not begin a transaction of its own


def _beginning_with_lock() -> str:
    """Return the statement that begins a transaction and takes the append lock for it."""
    # One way to the server for both: what is to be answered as text may hold two statements.
    return f"BEGIN; SELECT pg_advisory_xact_lock({APPEND_LOCK})"


def _begin_locked(connection: Connection) -> None:
    statement = _beginning_with_lock()
    try:
        with raw_cursor(connection, statement) as driver:
            psycopg.Cursor(driver).execute(statement)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") == "55P03":
            raise _busy() from error
        raise


def _follow_the_file(engine: Engine, path: str) -> None:
    """Open again when another file has taken the place of the one that is open.

    A restored copy that was moved there would not be seen otherwise: what is appended would go to
    a file that has no name any more, and be lost with the last process that has it open.
    """

    def opened(_connection: Any, record: Any) -> None:  # noqa: ANN401
        record.info["file"] = _file_at(path)

    def taken(_connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401
        if record.info["file"] != _file_at(path):
            raise DisconnectionError(path)

    event.listen(engine, "connect", opened)
    event.listen(engine, "checkout", taken)


def _file_at(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _begin_immediate(connection: Connection) -> None:
    """Begin as the one who writes: a transaction that reads first could not be made to wait."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
