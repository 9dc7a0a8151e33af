"""The two databases under the processes: how a service reaches its own, and the log by plain SQL."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.support.data_centre import address_of, make_roles, prepare
from tests.support.databases import psycopg_address
from tests.support.postgres_server import PostgresServer, own_postgres_server

LOG = (
    "SELECT position, source, event_id, subject, stream_version, recorded_us, digest, chain, body "
    "FROM log_events ORDER BY position"
)
WAITING = (
    "SELECT source, event_id FROM registry_parked "
    "UNION ALL SELECT source, event_id FROM evaluation_parked"
)


class Row(NamedTuple):
    """One row of the log, as the database holds it."""

    position: int
    source: str
    id: str
    subject: str
    version: int
    recorded_us: int
    digest: bytes
    chain: bytes
    body: bytes


class Database(Protocol):
    """What the tests need of a database, whichever it is."""

    name: str

    def of(self, service: str) -> Mapping[str, str]:
        """Return the settings with which a service reaches it."""
        ...

    def log(self) -> list[Row]:
        """Return the whole log."""
        ...

    def parked(self) -> list[tuple[str, str]]:
        """Return (source, id) of what waits."""
        ...


class SqliteFiles:
    """The embedded default: a file for the log and one for the read models."""

    name = "sqlite"

    def __init__(self, home: Path) -> None:
        self.home = home

    def of(self, service: str) -> Mapping[str, str]:
        """Return no settings: the files lie under DVK_HOME."""
        return {}

    def log(self) -> list[Row]:
        """Return the whole log."""
        return [Row(*row) for row in self._ask(LOG)]

    def parked(self) -> list[tuple[str, str]]:
        """Return what waits."""
        return self._ask(WAITING)

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(f"file:{self.home / 'log.db'}?mode=ro", uri=True)) as opened:
            return opened.execute(query).fetchall()


class PostgresCluster:
    """A cluster of its own with the roles of a data centre; each service signs in as its own."""

    name = "postgres"

    def __init__(self, server: PostgresServer) -> None:
        self.server = server

    def of(self, service: str) -> Mapping[str, str]:
        """Return the address of the service's role."""
        return {"DATABASE_URL": address_of(self.server, service)}

    @property
    def superuser(self) -> str:
        """Return the superuser's address of the ledger's database."""
        return urlunsplit(urlsplit(psycopg_address(self.server.url))._replace(path="/dvk"))

    def log(self) -> list[Row]:
        """Return the whole log."""
        return [Row(*row) for row in self._ask(LOG)]

    def parked(self) -> list[tuple[str, str]]:
        """Return what waits."""
        return self._ask(WAITING)

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.superuser) as opened:
            return opened.execute(query.encode()).fetchall()


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Run a cluster, prepared as the documents say."""
    with own_postgres_server() as server:
        yield prepared(server)


def prepared(server: PostgresServer) -> PostgresCluster:
    """Make the roles and the tables as the documents say."""
    make_roles(server)
    prepare(server)
    return PostgresCluster(server)
