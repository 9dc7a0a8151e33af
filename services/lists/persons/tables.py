"""The tables of the vault: persons and their keys apart, holds, requests to erase, look-ups."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Table, Text

METADATA = MetaData()
PERSONS = Table(
    "sealed_persons",
    METADATA,
    Column("person_ref", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("sealed_name", LargeBinary),
)
"""Names, each sealed by the key of its person."""
SEAL_KEYS = Table(
    "person_seal_keys",
    METADATA,
    Column("person_ref", Text, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
)
"""The key of each person, sealed by the key of the desk; its backups are kept 15 days at most."""
DIGESTS = Table(
    "list_person_keys",
    METADATA,
    Column("person_key", LargeBinary, primary_key=True),
    Column("person_ref", Text, primary_key=True, index=True),
    Column("unit_id", Text, nullable=False, index=True),
)
"""Digests by which a person is found again: of rows, and of unit, organisation, kind and name."""
HOLDS = Table(
    "person_holds",
    METADATA,
    Column("person_ref", Text, primary_key=True),
    Column("held_us", BigInteger, nullable=False),
    Column("held_by", Text, nullable=False),
    Column("sealed_ground", LargeBinary, nullable=False),
)
"""Persons who must not be erased, with the ground."""
REQUESTS = Table(
    "person_requests",
    METADATA,
    Column("person_ref", Text, primary_key=True),
    Column("decided_us", BigInteger, primary_key=True),
    Column("decided_by", Text, nullable=False),
    Column("requested_on", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("event", LargeBinary),
    Column("position", BigInteger),
)
"""Requests to erase: refused, or carried out with the event that says so and its position."""
LOOK_UPS = Table(
    "person_look_ups",
    METADATA,
    Column("look_up_id", Text, primary_key=True),
    Column("looked_us", BigInteger, nullable=False, index=True),
    Column("reader", Text, nullable=False),
    Column("person_ref", Text, nullable=False, index=True),
    Column("unit_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("sealed_reason", LargeBinary, nullable=False),
)
"""Look-ups, whether a name was shown or not; a reason is sealed by the key of the person."""
