"""The database of the read models, and its differences between SQLite and PostgreSQL."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.database import text_index
from shared.database.errors import refuse_other_columns, unavailable_as
from shared.database.postgres.copy import install_pipeline_errors, pipelined
from shared.database.postgres.engine import READ_ONLY, ask_after_idling, postgres_engine
from shared.database.sqlite import sqlite_engine
from shared.errors import Problem, Unavailable, declare

if TYPE_CHECKING:
    from collections.abc import Iterator


READ_MODELS_UNAVAILABLE = declare(
    "read_models_unavailable",
    503,
    vi="Cơ sở dữ liệu của các bảng tổng hợp không trả lời. Hãy gửi lại yêu cầu này.",
    en="The database of the read models does not answer. Send the same request again.",
)
READ_MODELS_OF_OTHER_COLUMNS = declare(
    "read_models_of_other_columns",
    503,
    vi="Cột của một bảng tổng hợp trong cơ sở dữ liệu không phải của bản phát hành này: {found}. "
    "Nếu bản này mới hơn, hãy chạy: dvk rebuild. Nếu cũ hơn, hãy thay nó.",
    en="The columns of a read model in the database are not those of this release: {found}. If "
    "this release is the newer one, run: dvk rebuild. If it is the older one, replace it.",
)

# A power failure may lose the last commits, rows and checkpoint alike: they are folded again.
_LASTING = ("journal_mode=WAL", "synchronous=NORMAL")
# The journal in memory allows rollbacks; after a crash the whole file is discarded.
_PASSING = ("journal_mode=MEMORY", "synchronous=OFF")
_PRAGMAS = ("busy_timeout=5000", "cache_size=-65536")


# The driver looks up an adapter for every value that is no text and no number; without one
# registered this dominates the time, as most rows have several such values.
_nothing: Any = {}.get
sqlite3.register_adapter(type(None), _nothing)
sqlite3.register_adapter(bool, int)


HOLDER_SECONDS = 3.0
"""Wait for another runner's transaction; one idle for as long is terminated."""
_LOCK_NOT_AVAILABLE = "55P03"


class Busy(Exception):  # noqa: N818  a signal to the caller
    """The lock is held by another process."""


class Waited(Unavailable):
    """Another runner held the rows for `HOLDER_SECONDS`."""


class Store:
    """The tables of all read models of one service."""

    def __init__(self, url: str, *, lasting: bool = True, reads_only: bool = False) -> None:
        """Open a database; a file that is not `lasting` may be lost in a crash.

        With `reads_only` the sessions of PostgreSQL refuse to write.
        """
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._lasting = lasting
        self._engine: Engine = (
            _sqlite_engine(url, lasting=lasting)
            if self.is_sqlite
            else _postgres_engine(url, **(READ_ONLY if reads_only else {}))
        )
        refuse_other_columns(self._engine, READ_MODELS_OF_OTHER_COLUMNS)
        self._writer = self._engine.execution_options(dvk_writes=True)
        self._reader = (
            self._engine
            if self.is_sqlite
            else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._runs = self._writer
        if not self.is_sqlite:
            self._runs = _postgres_engine(url, lock_timeout=int(HOLDER_SECONDS * 1000))
            install_pipeline_errors(self._runs)
            refuse_other_columns(self._runs, READ_MODELS_OF_OTHER_COLUMNS)

    @property
    def engine(self) -> Engine:
        """Return the engine of all reads."""
        return self._engine

    def create(self, *described: MetaData) -> None:
        """Create the tables that are missing, all of them or none, with their indexes of words.

        A file that may be lost has no index of words: no search reads it.
        """
        with self.writing() as connection:
            present = set(inspect(connection).get_table_names())
            for metadata in described:
                missing = [table for table in metadata.sorted_tables if table.name not in present]
                metadata.create_all(connection, missing, checkfirst=False)
                for table in missing if self._lasting or not self.is_sqlite else ():
                    text_index.create(connection, table)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection on which every statement sees the latest commit."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield one transaction; leaving without an error commits."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def folding(self, *, waiting: bool = False) -> Iterator[Connection]:
        """Yield one transaction as `writing` does; raises `Waited` if another one does not end.

        Unless `waiting`, COPY is pipelined on PostgreSQL, and its errors are raised later.
        """
        with unavailable_as(READ_MODELS_UNAVAILABLE):
            try:
                with self._runs.begin() as connection:
                    yield connection if waiting else pipelined(connection)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                    raise
                raise Waited(Problem(READ_MODELS_UNAVAILABLE), 2) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection on which all statements see the same state; it blocks no other."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            unavailable_as(READ_MODELS_UNAVAILABLE),
            self._engine.connect().execution_options(**options) as connection,
            connection.begin() as transaction,
        ):
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection
            transaction.rollback()

    @contextmanager
    def snapshot_for_update(self, schema: str, beside: str) -> Iterator[Connection]:
        """Yield one transaction on a snapshot, which blocks no other.

        On SQLite the other file `beside` is attached as `schema` and only read; writes go to this
        one. Leaving without an error commits.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            unavailable_as(READ_MODELS_UNAVAILABLE),
            self._engine.connect().execution_options(**options) as connection,
        ):
            if not self.is_sqlite:
                with connection.begin():
                    yield connection
                return
            with self.attached(connection, schema, beside):
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                    connection.exec_driver_sql("COMMIT")
                except BaseException:
                    connection.exec_driver_sql("ROLLBACK")
                    raise

    @contextmanager
    def attached(self, connection: Connection, schema: str, path: str) -> Iterator[None]:
        """Attach another SQLite file to a connection outside a transaction."""
        connection.exec_driver_sql(f"ATTACH DATABASE ? AS {schema}", (path,))
        try:
            yield
        finally:
            connection.exec_driver_sql(f"DETACH DATABASE {schema}")

    @contextmanager
    def autocommit_connection(self) -> Iterator[Connection]:
        """Yield a connection of SQLite whose transactions the caller begins and ends."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._engine.connect() as connection:
            yield connection

    @property
    def path(self) -> str:
        """Return the file of an SQLite database."""
        return self._engine.url.database or ""

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Hold a named lock across processes; raises `Busy` if it is held already.

        The lock is the kernel's or the server's, so it ends with its holder, even after a crash.
        """
        lock = self._file_lock(what) if self.is_sqlite else self._advisory_lock(what)
        with lock:
            yield

    @contextmanager
    def _file_lock(self, what: str) -> Iterator[None]:
        descriptor = os.open(f"{self.path}.{what}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(what) from None
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _advisory_lock(self, what: str) -> Iterator[None]:
        number = int.from_bytes(sha256(f"dvk {what}".encode()).digest()[:8], signed=True)
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._reader.connect() as connection:
            if not connection.scalar(select(func.pg_try_advisory_lock(number))):
                raise Busy(what)
            try:
                yield
            finally:
                # A later one may follow before the server ends this session. Only its end surely
                # releases the lock, so the connection is not reused.
                with suppress(DBAPIError):
                    connection.execute(select(func.pg_advisory_unlock(number)))
                connection.invalidate()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()
        self._runs.dispose()


def _sqlite_engine(url: str, *, lasting: bool) -> Any:  # noqa: ANN401  Engine, with the options set
    engine = sqlite_engine(url, pragmas=(*(_LASTING if lasting else _PASSING), *_PRAGMAS))
    event.listen(engine, "begin", _begin)
    return engine


def _postgres_engine(url: str, **further: object) -> Any:  # noqa: ANN401  Engine
    # As on SQLite: a power failure may lose the last commits, rows and checkpoint alike. No query
    # runs so long that compiling it would pay: it takes longer than a search.
    settings = {
        "plan_cache_mode": "force_custom_plan",
        "idle_in_transaction_session_timeout": 60_000,
        "synchronous_commit": "off",
        "jit": "off",
        **further,
    }
    engine = postgres_engine(
        url, name="dvk-read-models", settings=settings, pool_size=8, max_overflow=16
    )
    ask_after_idling(engine)
    return engine


def _begin(connection: Connection) -> None:
    # Reads use no transaction: each statement sees the latest commit, and blocks no other.
    if connection.get_execution_options().get("dvk_writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
