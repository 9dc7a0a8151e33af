"""The tables of the desk: uploads and their rows, sealed, and a seal to know the key by."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

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
