"""The database of people: accounts, sessions and attempts; it holds no fact of the movement.

A lost one loses passwords and ends sessions. Roles are events of the log.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.exc import OperationalError, ProgrammingError

from shared.database.errors import unavailable_as
from shared.database.postgres.commit import commits_are_bounded
from shared.database.postgres.engine import postgres_engine
from shared.database.sqlite import sqlite_engine
from shared.errors import declare

_metadata = MetaData()
FLOW_SECONDS: Final = 600
"""For how long a way to an OpenID provider and back may be under way."""

ACCOUNTS: Final = Table(
    "people_accounts",
    _metadata,
    Column("user_name", Text, primary_key=True),
    Column("officer_ref", Text, nullable=False, unique=True),
    Column("password_hash", Text),
)
"""Accounts of one ledger; without a hash until the one-time link is used."""
IDENTITIES: Final = Table(
    "people_identities",
    _metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("officer_ref", Text, nullable=False, unique=True),
    Column("user_name", Text, nullable=False),
)
"""Officers as an OpenID provider knows them."""
LINKS: Final = Table(
    "people_links",
    _metadata,
    Column("link_digest", LargeBinary, primary_key=True),
    Column("user_name", Text, nullable=False, index=True),
    Column("ends_us", BigInteger, nullable=False),
)
"""One-time links, by the SHA-256 of their secrets."""
SESSIONS: Final = Table(
    "people_sessions",
    _metadata,
    Column("token_digest", LargeBinary, primary_key=True),
    Column("officer_ref", Text, nullable=False, index=True),
    Column("user_name", Text, nullable=False),
    Column("roles_digest", BigInteger, nullable=False),
    Column("began_us", BigInteger, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
"""Sessions, by the SHA-256 of their tokens; `roles_digest` is of the roles held at sign-in."""
TOKENS: Final = Table(
    "people_tokens",
    _metadata,
    Column("token_digest", LargeBinary, primary_key=True),
    Column("officer_ref", Text, nullable=False, index=True),
    Column("user_name", Text, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
)
"""Tokens of accounts that programs use, by the SHA-256 of each."""
ATTEMPTS: Final = Table(
    "people_attempts",
    _metadata,
    Column("name_digest", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_us", BigInteger, nullable=False, index=True),
)
"""Failures to sign in, by the SHA-256 of the name that was typed."""
FLOWS: Final = Table(
    "people_flows",
    _metadata,
    Column("state_digest", LargeBinary, primary_key=True),
    Column("browser_digest", LargeBinary, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("ends_us", BigInteger, nullable=False),
)
"""Ways to an OpenID provider and back that are under way; each row is used once."""


PEOPLE_UNAVAILABLE = declare(
    "people_unavailable",
    503,
    vi="Cơ sở dữ liệu tài khoản không trả lời. Hãy thử lại sau ít giây.",
    en="The database of accounts does not answer. Try again in a few seconds.",
)


class PeopleDatabase:
    """The tables, opened and made when they are first used."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def _opened(self) -> Engine:
        """Return the engine; the first use makes missing tables."""
        with self._lock:
            if self._engine is None:
                self._engine = self._made()
            return self._engine

    def _made(self) -> Engine:
        if self._url.startswith("sqlite"):
            pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000")
            engine = sqlite_engine(self._url, pragmas=pragmas)
        else:
            engine = postgres_engine(
                self._url, name="dvk-people", settings={"statement_timeout": "10s"}, pool_size=2
            )
            commits_are_bounded(engine)
        try:
            _metadata.create_all(engine)
        except (OperationalError, ProgrammingError):
            _metadata.create_all(engine)  # another service made them at the same moment
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reads."""
        with unavailable_as(PEOPLE_UNAVAILABLE), self._opened().connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together."""
        with unavailable_as(PEOPLE_UNAVAILABLE), self._opened().connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def close(self) -> None:
        """Give all connections back."""
        if self._engine is not None:
            self._engine.dispose()
