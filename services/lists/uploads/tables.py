"""The tables of the desk: uploads and their rows, sealed, and a seal to know the key by."""

from sqlalchemy import BigInteger, Column, Engine, Integer, LargeBinary, MetaData, Table, Text

from shared.database.postgres.commit import COMMIT_UNCONFIRMED, commits_are_bounded
from shared.database.postgres.engine import postgres_engine
from shared.database.sqlite import sqlite_engine
from shared.errors import declare

LISTS_UNAVAILABLE = declare(
    "lists_unavailable",
    503,
    vi="Cơ sở dữ liệu của bàn danh sách không trả lời. Hãy thử lại sau ít giây.",
    en="The database of the list desk does not answer. Try again in a few seconds.",
)
AWAY = frozenset({LISTS_UNAVAILABLE, COMMIT_UNCONFIRMED})
"""Problems of the desk's own database, which pass by themselves."""
METADATA = MetaData()
UPLOADS = Table(
    "sealed_uploads",
    METADATA,
    Column("upload_id", Text, primary_key=True),
    Column("received_us", BigInteger, nullable=False, index=True),
    Column("changed_us", BigInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("plan_year", Integer, nullable=False),
    Column("sealed_details", LargeBinary, nullable=False),
    Column("sealed_content", LargeBinary, nullable=False),
)
ROWS = Table(
    "sealed_rows",
    METADATA,
    Column("upload_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("sealed_details", LargeBinary, nullable=False),
)
SEALS = Table("list_seals", METADATA, Column("sealed", LargeBinary, nullable=False))
"""A seal of the key with which the desk began, to know another key by."""


def engine_at(url: str) -> Engine:
    """Return the engine of the desk's database, whose commits are bounded."""
    if url.startswith("sqlite"):
        pragmas = (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=10000",
            "secure_delete=ON",
        )
        return sqlite_engine(url, pragmas=pragmas)
    # A row may be held by a commit that waits for a standby: the next one gives up as soon.
    settings = {"statement_timeout": "30s", "lock_timeout": "5s"}
    engine = postgres_engine(url, name="dvk-lists", settings=settings, pool_pre_ping=True)
    commits_are_bounded(engine)
    return engine
