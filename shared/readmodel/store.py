"""The database of the read models, and where SQLite and PostgreSQL differ for them."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Text,
    any_,
    bindparam,
    event,
    func,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.database.errors import unavailable_as
from shared.database.postgres.copy import install_pipeline_errors, pipelined
from shared.database.postgres.engine import postgres_engine
from shared.database.postgres.pool_check import ask_after_idling
from shared.database.sqlite import sqlite_engine
from shared.errors import Problem, Unavailable, declare

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


READ_MODELS_UNAVAILABLE = declare(
    "read_models_unavailable",
    503,
    vi="Cơ sở dữ liệu của các bảng tổng hợp không trả lời. Hãy gửi lại yêu cầu này.",
    en="The database of the read models does not answer. Send the same request again.",
)

# Ranges and cursors over ids must follow the bytes, whatever the collation of the database is.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
POSITION = BigInteger().with_variant(Integer(), "sqlite")

# A power cut may undo the last commits, rows and checkpoint alike: they are folded again.
_LASTING = ("journal_mode=WAL", "synchronous=NORMAL")
# The journal in memory undoes a transaction; a file that was cut short is thrown away as a whole.
_PASSING = ("journal_mode=MEMORY", "synchronous=OFF")
_PRAGMAS = ("busy_timeout=5000", "cache_size=-65536")


# For every value that is no text and no number the driver looks for a way to bind it, and without
# one of its own this takes longer than all else: most rows hold several of these.
_nothing: Any = {}.get
sqlite3.register_adapter(type(None), _nothing)
sqlite3.register_adapter(bool, int)


HOLDER_SECONDS = 3.0
"""So long a run waits for another runner's transaction; what does nothing so long is cut off."""
_LOCK_NOT_AVAILABLE = "55P03"


class Busy(Exception):  # noqa: N818  the caller knows what is done meanwhile
    """Somebody else does it already."""


class Waited(Unavailable):
    """Somebody else held the rows for `HOLDER_SECONDS`."""


class Store:
    """The tables of all read models of one service."""

    def __init__(self, url: str, *, lasting: bool = True) -> None:
        """Open a database; a file that is not `lasting` may be lost with the machine."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._engine = (
            _sqlite_engine(url, lasting=lasting) if self.is_sqlite else _postgres_engine(url)
        )
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

    def create(self, *described: MetaData) -> None:
        """Create the tables that are missing, all of them or none."""
        with self.writing() as connection:
            present = set(inspect(connection).get_table_names())
            for metadata in described:
                missing = [table for table in metadata.sorted_tables if table.name not in present]
                metadata.create_all(connection, missing, checkfirst=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection on which every statement sees what is committed when it runs."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give one transaction; leaving without an error commits."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def folding(self, *, waiting: bool = False) -> Iterator[Connection]:
        """Give one transaction as `writing` does; raises `Waited` when another one does not end.

        Rows are left to PostgreSQL, and what it refuses shows later; unless each is waited for.
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
        """Give a connection on which every statement sees the same state; it blocks nobody."""
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
        """Give one transaction for which everything else stands still, and which blocks nobody.

        On SQLite the other file `beside` is attached as `schema` and only read; what is written
        goes to this one. Leaving without an error commits.
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
        """Attach another file of SQLite to a connection that is in no transaction."""
        connection.exec_driver_sql(f"ATTACH DATABASE ? AS {schema}", (path,))
        try:
            yield
        finally:
            connection.exec_driver_sql(f"DETACH DATABASE {schema}")

    @contextmanager
    def autocommit_connection(self) -> Iterator[Connection]:
        """Give a connection of SQLite whose transactions are begun and ended by hand."""
        with unavailable_as(READ_MODELS_UNAVAILABLE), self._engine.connect() as connection:
            yield connection

    @property
    def path(self) -> str:
        """Return the file of a database of SQLite."""
        return self._engine.url.database or ""

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Be the only one, in any process, who does something; raises `Busy` when somebody does.

        The lock is the kernel's or the server's: it ends with whoever holds it, however that ends.
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
                # The next one may come at once, before the server sees that a session has ended;
                # but only with its session does the lock surely end: it is not used again.
                with suppress(DBAPIError):
                    connection.execute(select(func.pg_advisory_unlock(number)))
                connection.invalidate()

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()
        self._runs.dispose()


def among(
    connection: Connection, column: ColumnElement[Any], values: Collection[Any]
) -> ColumnElement[bool]:
    """Return `column IN (values)` with one parameter and one plan, however many values."""
    return _among(connection, column, bindparam(None, listed(connection, values)))


def among_bound(
    connection: Connection, column: ColumnElement[Any], name: str
) -> ColumnElement[bool]:
    """Return the same for a statement that is made once: `listed` gives the values of `name`."""
    return _among(connection, column, bindparam(name))


def listed(connection: Connection, values: Collection[Any]) -> Any:  # noqa: ANN401  the driver's
    """Return values as the one parameter that `among_bound` waits for."""
    if connection.dialect.name == "sqlite":
        return orjson.dumps(list(values)).decode()
    return list(values)


def _among(
    connection: Connection, column: ColumnElement[Any], values: BindParameter[Any]
) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":
        each = func.json_each(type_coerce(values, Text())).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(type_coerce(values, ARRAY(column.type)))


def bytewise(connection: Connection, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text that is ordered by its bytes, as SQLite orders all texts and Python too."""
    return text if connection.dialect.name == "sqlite" else text.collate("C")


def _sqlite_engine(url: str, *, lasting: bool) -> Any:  # noqa: ANN401  Engine, with the options set
    engine = sqlite_engine(url, pragmas=(*(_LASTING if lasting else _PASSING), *_PRAGMAS))
    event.listen(engine, "begin", _begin)
    return engine


def _postgres_engine(url: str, **further: object) -> Any:  # noqa: ANN401  Engine
    # As on SQLite: a power cut may undo the last commits, rows and checkpoint alike.
    settings = {
        "plan_cache_mode": "force_custom_plan",
        "idle_in_transaction_session_timeout": 60_000,
        "synchronous_commit": "off",
        **further,
    }
    engine = postgres_engine(
        url, name="dvk-read-models", settings=settings, pool_size=8, max_overflow=16
    )
    ask_after_idling(engine)
    return engine


def _begin(connection: Connection) -> None:
    # Reads take no transaction: each statement sees the last commit, and blocks nobody.
    if connection.get_execution_options().get("dvk_writes"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
