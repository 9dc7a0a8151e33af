"""The vault: references of persons, whose names only the desk can read."""

import base64
import re
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, delete, insert, select, update

from services.lists.uploads.desk_key import DeskKey
from services.lists.uploads.store import DeskStore

REFERENCE = re.compile(r"p-[a-z2-7]{26}")
"""A reference as the vault gives it: 128 random bits."""

_metadata = MetaData()
_persons = Table(
    "list_persons",
    _metadata,
    Column("person_ref", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("sealed_name", LargeBinary),
)
_keys = Table(
    "list_person_keys",
    _metadata,
    Column("person_key", LargeBinary, primary_key=True),
    Column("person_ref", Text, primary_key=True, index=True),
)
"""Digests by which a person is found again: of rows, and of unit, organisation, kind and name."""


@dataclass(frozen=True, slots=True)
class PersonVault:
    """Gives each person a random reference, and keeps the name encrypted beside it.

    A person is found again by keyed digests of what lists say, which tell nothing to a reader of
    the database who does not have the key. `alone` is held from a look to the keeping that follows.
    """

    store: DeskStore
    key: DeskKey
    alone: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        _metadata.create_all(self.store.engine)

    def known_by(self, *described: object) -> list[str]:
        """Return the references of the persons of a description, in a stable order."""
        query = select(_keys.c.person_ref).where(_keys.c.person_key == self.key.digest(described))
        with self.store.engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def keep(
        self,
        reference: str,
        unit_id: str,
        row: Sequence[object],
        name: str = "",
        described: Sequence[object] = (),
    ) -> str:
        """Keep a person by the row that names it, with its name and its description if any.

        A row names one person; a description may be that of several.
        """
        row_key = self.key.digest(row)
        keys = [row_key, self.key.digest(described)] if described else [row_key]
        this = _persons.c.person_ref == reference
        with self.store.writing() as connection:
            if connection.execute(select(_persons.c.person_ref).where(this)).first() is None:
                connection.execute(insert(_persons).values(person_ref=reference, unit_id=unit_id))
            if name:
                sealed = self.key.seal(name.encode(), _place(reference))
                connection.execute(update(_persons).where(this).values(sealed_name=sealed))
            connection.execute(delete(_keys).where(_keys.c.person_key == row_key))
            for key in keys:
                pair = {"person_key": key, "person_ref": reference}
                if connection.execute(select(_keys).filter_by(**pair)).first() is None:
                    connection.execute(insert(_keys).values(**pair))
        return reference

    def names(self, references: Iterable[str]) -> dict[str, str]:
        """Return the names behind references, as far as they are kept."""
        query = select(_persons.c.person_ref, _persons.c.sealed_name).where(
            _persons.c.person_ref.in_(list(references))
        )
        with self.store.engine.connect() as connection:
            found = connection.execute(query).all()
        return {
            reference: self.key.open(bytes(sealed), _place(reference)).decode()
            for reference, sealed in found
            if sealed
        }


def new_reference() -> str:
    """Return a random reference to a person, from which nothing can be inferred."""
    return "p-" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _place(reference: str) -> str:
    return f"person/{reference}"
