"""The vault: references of persons, whose names only the desk can read."""

import base64
import re
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from services.lists.uploads.desk_key import DeskKey
from services.lists.uploads.store import DeskStore

REFERENCE = re.compile(r"p-[a-z2-7]{26}")
"""A reference as the vault gives it: 128 random bits."""
_AT_ONCE = 500

_metadata = MetaData()
_persons = Table(
    "sealed_persons",
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
    Column("unit_id", Text, nullable=False, index=True),
)
"""Digests by which a person is found again: of rows, and of unit, organisation, kind and name."""


@dataclass(frozen=True, slots=True)
class PersonVault:
    """Gives each person a random reference, and keeps the name encrypted beside it.

    A person is found again by keyed digests of what lists say, which tell nothing to a reader of
    the database who does not have the key. `alone` is held while one list looks and keeps.
    """

    store: DeskStore
    key: DeskKey
    alone: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        _metadata.create_all(self.store.engine)

    def of_unit(self, unit_id: str) -> "UnitPersons":
        """Return the persons whom lists of a unit named."""
        named = select(_keys.c.person_key, _keys.c.person_ref).where(_keys.c.unit_id == unit_id)
        found = UnitPersons(self, unit_id)
        with self.store.engine.connect() as connection:
            for key, reference in connection.execute(named):
                found.by_key.setdefault(bytes(key), set()).add(reference)
        found.read_names({each for kept in found.by_key.values() for each in kept})
        return found

    def write(
        self,
        unit_id: str,
        rows: Mapping[bytes, str],
        pairs: Iterable[tuple[bytes, str]],
        names: Mapping[str, str],
    ) -> None:
        """Keep persons at once: the one of each row, those of descriptions, and their names."""
        references = {*rows.values(), *names}
        known = set(self.sealed_names(references))
        added = [{"person_ref": each, "unit_id": unit_id} for each in sorted(references - known)]
        both = {*rows.items(), *pairs}
        keys = [{"person_key": k, "person_ref": r, "unit_id": unit_id} for k, r in sorted(both)]
        sealed = [
            {"ref": each, "sealed_name": self.key.seal(name.encode(), _place(each))}
            for each, name in names.items()
        ]
        of_row = delete(_keys).where(_keys.c.person_key == bindparam("key"))
        named = update(_persons).where(_persons.c.person_ref == bindparam("ref"))
        with self.store.writing() as connection:
            for statement, values in (
                (insert(_persons), added),
                (named.values(sealed_name=bindparam("sealed_name")), sealed),
                (of_row, [{"key": key} for key in rows]),
                (
                    of_row.where(_keys.c.person_ref == bindparam("ref")),
                    [{"key": key, "ref": reference} for key, reference in pairs],
                ),
                (insert(_keys), keys),
            ):
                if values:
                    connection.execute(statement, values)

    def sealed_names(self, references: Iterable[str]) -> dict[str, bytes | None]:
        """Return the sealed names of those of some persons who are kept, None without a name."""
        found: dict[str, bytes | None] = {}
        listed = list(references)
        query = select(_persons.c.person_ref, _persons.c.sealed_name)
        with self.store.engine.connect() as connection:
            for start in range(0, len(listed), _AT_ONCE):
                some = _persons.c.person_ref.in_(listed[start : start + _AT_ONCE])
                for reference, sealed in connection.execute(query.where(some)):
                    found[reference] = bytes(sealed) if sealed else None
        return found

    def names(self, references: Iterable[str]) -> dict[str, str]:
        """Return the names behind references, as far as they are kept."""
        return {
            reference: self.key.open(sealed, _place(reference)).decode()
            for reference, sealed in self.sealed_names(references).items()
            if sealed
        }


@dataclass(slots=True)
class UnitPersons:
    """The persons of one unit while a list of it is checked; `write` keeps what was added."""

    vault: PersonVault
    unit_id: str
    by_key: dict[bytes, set[str]] = field(default_factory=dict)
    _sealed: dict[str, bytes | None] = field(default_factory=dict)
    _rows: dict[bytes, str] = field(default_factory=dict)
    _pairs: set[tuple[bytes, str]] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)

    def read_names(self, references: Iterable[str]) -> None:
        """Take in the names of some persons, as they are kept."""
        self._sealed |= self.vault.sealed_names(references)

    def known_by(self, *described: object) -> list[str]:
        """Return the references of the persons of a description, in a stable order."""
        return sorted(self.by_key.get(self.vault.key.digest(described), ()))

    def name(self, reference: str) -> str | None:
        """Return the name behind a reference, None where none is kept."""
        if reference in self._names:
            return self._names[reference]
        if reference not in self._sealed:
            self.read_names([reference])
        sealed = self._sealed.setdefault(reference, None)
        return self.vault.key.open(sealed, _place(reference)).decode() if sealed else None

    def keep(
        self,
        reference: str,
        row: Sequence[object],
        name: str = "",
        described: Sequence[object] = (),
    ) -> str:
        """Keep a person by the row that names it, with its name and its description if any.

        A row names one person; a description may be that of several.
        """
        key = self.vault.key.digest(row)
        if self.by_key.get(key) != {reference}:
            self.by_key[key] = {reference}
            self._rows[key] = reference
        if described:
            key = self.vault.key.digest(described)
            if reference not in self.by_key.setdefault(key, set()):
                self.by_key[key].add(reference)
                self._pairs.add((key, reference))
        is_new = reference not in self._sealed and reference not in self._names
        if name and (is_new or self.name(reference) != name):
            self._names[reference] = name
        return reference

    def write(self) -> None:
        """Write what was added, in one transaction."""
        if self._rows or self._pairs or self._names:
            self.vault.write(self.unit_id, self._rows, self._pairs, self._names)


def new_reference() -> str:
    """Return a random reference to a person, from which nothing can be inferred."""
    return "p-" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def _place(reference: str) -> str:
    return f"person/{reference}"
