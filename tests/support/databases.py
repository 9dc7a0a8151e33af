"""Addresses of PostgreSQL, and databases that live as long as a test."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DIALECT = "postgresql+psycopg"


def psycopg_address(url: str) -> str:
    """Return an address as psycopg and PostgreSQL's own tools write it."""
    return url.replace(f"{DIALECT}://", "postgresql://", 1)


def sqlalchemy_address(url: str) -> str:
    """Return an address as SQLAlchemy writes it, with the driver that we use."""
    return f"{DIALECT}://{url.split('://', 1)[1]}"


@contextmanager
def new_database(url: str) -> Iterator[str]:
    """Create a database, give its address, and drop it with whoever is still connected."""
    name = f"t_{secrets.token_hex(8)}"
    with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(psycopg_address(url), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
