"""Addresses of PostgreSQL, and databases that live as long as a test."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DIALECT = "postgresql+psycopg"
FILES_ARE_COPIED_FROM = 150_000
"""From this version on the server can be told to copy files, which is half the work."""


def psycopg_address(url: str) -> str:
    """Return an address as psycopg and PostgreSQL's own tools write it."""
    return url.replace(f"{DIALECT}://", "postgresql://", 1)


def sqlalchemy_address(url: str) -> str:
    """Return an address as SQLAlchemy writes it, with the driver that we use."""
    return f"{DIALECT}://{url.split('://', 1)[1]}"


@contextmanager
def new_database(url: str, template: str = "template1") -> Iterator[str]:
    """Create a database, give its address, and drop it with whoever is still connected."""
    name = f"t_{secrets.token_hex(8)}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        *map(sql.Identifier, (name, template))
    )
    with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
        if admin.info.server_version >= FILES_ARE_COPIED_FROM:
            statement += sql.SQL(" STRATEGY FILE_COPY")
        admin.execute(statement)
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def copied_database(url: str) -> Iterator[str]:
    """Create a database that holds what another one holds, to which nobody is connected now."""
    parts = urlsplit(url)
    server = urlunsplit(parts._replace(path="/postgres"))
    with new_database(server, template=parts.path.strip("/")) as copy:
        yield copy
