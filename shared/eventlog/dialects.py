"""Differences between SQLite and PostgreSQL for the log: engines, lock, guard."""

import fcntl
import hashlib
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

from shared.database.postgres.commit import (
    COMMIT_UNCONFIRMED,
    commit_in_time,
    commits_are_bounded,
)
from shared.database.postgres.engine import (
    READ_ONLY,
    ask_after_idling,
    postgres_engine,
    raw_cursor,
)
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
_NEXT_TRY_MS = 1_000
_REPLICATED = "dvk_replicated"
_MARK = "SELECT pg_logical_emit_message(true, 'dvk', '')"
APPEND_LOCK = 0x64766B  # "dvk": the advisory lock under which positions are assigned
LOCK_PATIENCE_SECONDS = 5.0
IDLE_HOLDER_SECONDS = 2.0
READER_RENEWED_SECONDS = 3_600
"""The age at which a connection that reads is replaced: a balancer forgets who connects seldom."""


class Sqlite:
    """A file with one writer; a file lock around the append transaction keeps waiting fair."""

    def __init__(self, url: str, family: Family | None) -> None:
        path = make_url(url).database or ""
        self._lock_path = f"{path}.lock"
        self.writer = _sqlite_engine(url, family, pool_size=1, max_overflow=0)
        self.reader = _sqlite_engine(url, None)
        event.listen(self.writer, "begin", _begin_immediate)
        for engine in (self.writer, self.reader):
            _follow_the_file(engine, path)

    @contextmanager
    def locked(self, *, answers: bool = False) -> Iterator[Connection]:
        """Take the file lock, then begin the one write transaction."""
        del answers  # what is committed to a file is there for all
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
    """An advisory lock in the append transaction; the server terminates an idle holder."""

    def __init__(self, url: str, *, reads_only: bool = False) -> None:
        settings: dict[str, object] = {
            **(READ_ONLY if reads_only else {}),
            "idle_in_transaction_session_timeout": int(IDLE_HOLDER_SECONDS * 1000),
            "lock_timeout": int(LOCK_PATIENCE_SECONDS * 1000),
            # A generic plan made while the table was empty would scan it for ever.
            "plan_cache_mode": "force_custom_plan",
        }
        # A group reads by index only. The planner's statistics lag behind a fast-growing log, and
        # it would read all of it for a hash.
        lookup_settings = {f"enable_{plan}": "off" for plan in ("seqscan", "hashjoin", "mergejoin")}
        # So every plan is good, and planning again would take as long as executing.
        lookup_settings["plan_cache_mode"] = "force_generic_plan"
        # A holder stopped while the server sends to it is not idle: the timeout of unacknowledged
        # data ends it.
        lookup_settings["tcp_user_timeout"] = str(int(IDLE_HOLDER_SECONDS * 1000))
        name = "dvk-log"
        self.writer = postgres_engine(
            url, name=name, settings={**settings, **lookup_settings}, pool_size=1, max_overflow=1
        )
        event.listen(self.writer, "connect", _begins_by_itself)
        self.reader = postgres_engine(
            url,
            name=name,
            settings=settings,
            pool_size=8,
            max_overflow=16,
            pool_recycle=READER_RENEWED_SECONDS,
            isolation_level="AUTOCOMMIT",
        )
        commits_are_bounded(self.reader)  # seals and cosignatures
        ask_after_idling(self.reader)
        self._unconfirmed = False
        """A commit of this process had no answer: the server may still hold the lock for it."""

    @contextmanager
    def locked(self, *, answers: bool = False) -> Iterator[Connection]:
        """Begin, and take the advisory lock for the transaction.

        A connection that broke while idle is replaced, once: a check beforehand would cost every
        group another round trip. Raises Unavailable while a commit of before is unconfirmed.

        With `answers` publishers get answers from what the log holds: the first commit of a
        connection writes a mark, so that it waits for the standby, if there is one, and all before
        it is there too. What a server committed on its own disk, and then broke off, is seen.
        """
        with ExitStack() as stack:
            connection = stack.enter_context(self.writer.connect())
            try:
                self._begin_locked(connection)
            except OperationalError as error:
                if not error.connection_invalidated:
                    raise
                connection = stack.enter_context(self.writer.connect())
                self._begin_locked(connection)
            self._unconfirmed = False
            yield connection
            if answers and _REPLICATED not in connection.info:
                with raw_cursor(connection, _MARK) as driver:
                    psycopg.Cursor(driver).execute(_MARK)
            self._unconfirmed = True
            with raw_cursor(connection, "COMMIT") as driver:
                commit_in_time(driver)
            self._unconfirmed = False
            if answers:
                connection.info[_REPLICATED] = True

    def _begin_locked(self, connection: Connection) -> None:
        statement = _beginning_with_lock()
        if self._unconfirmed:
            statement = statement.replace(";", f"; SET LOCAL lock_timeout = {_NEXT_TRY_MS};", 1)
        try:
            with raw_cursor(connection, statement) as driver:
                psycopg.Cursor(driver).execute(statement)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != "55P03":
                raise
            if self._unconfirmed:
                raise Unavailable(Problem(COMMIT_UNCONFIRMED), 2) from error
            raise _busy() from error


Dialect = Sqlite | Postgres


def _beginning_with_lock() -> str:
    """Return the statement that begins a transaction and takes the append lock for it."""
    # One round trip for both: the simple query protocol allows two statements.
    return f"BEGIN; SELECT pg_advisory_xact_lock({APPEND_LOCK})"


def dialect_for(url: str, family: Family | None, *, reads_only: bool = False) -> Dialect:
    """Return the dialect of a database address; on PostgreSQL it may be for reads only."""
    if url.startswith("sqlite"):
        return Sqlite(url, family)
    return Postgres(url, reads_only=reads_only)


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
    # The guard trigger of the log calls this for the writing family (migrations.py).
    writes_as = {"dvk_family": lambda: str(family or "")}
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000")
    engine = sqlite_engine(url, pragmas=pragmas, functions=writes_as, **pool)
    event.listen(engine, "connect", _knows_digests)
    return engine


def _knows_digests(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's types
    """Give a connection the function of the trigger that lets only redactions replace a record."""
    connection.create_function("dvk_sha256", 1, _hex_digest, deterministic=True)


def _hex_digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _begins_by_itself(connection: Any, _record: Any) -> None:  # noqa: ANN401  the driver's types
    connection.autocommit = True  # the driver must not begin transactions


def _follow_the_file(engine: Engine, path: str) -> None:
    """Reconnect when the database file was replaced by another.

    Otherwise a restored copy moved there would go unnoticed: appends would go to the unlinked
    file, and be lost with the last process that has it open.
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
    """Begin with the write lock: a transaction that reads first cannot wait for it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
