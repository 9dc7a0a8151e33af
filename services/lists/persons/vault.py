"""The vault: references of persons, whose names only the desk can read."""

import base64
import re
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from services.lists.persons.tables import DIGESTS, METADATA, PERSONS, REQUESTS, SEAL_KEYS
from services.lists.uploads.desk_key import KEY_BYTES, DeskKey
from services.lists.uploads.store import DeskStore
from shared.errors import LedgerError, Problem, declare

REFERENCE = re.compile(r"p-[a-z2-7]{26}")
"""A reference as the vault gives it: 128 random bits."""
ERASED = "erased"
"""The outcome of a request to erase that was carried out."""
PERSON_ERASED = declare(
    "list_person_erased",
    422,
    vi="Mã cá nhân này đã được xóa theo yêu cầu, không dùng lại được. Hãy để trống hoặc ghi “mới”.",
    en="This reference was erased on request and cannot be used again. Leave it empty, or write "
    "“mới”.",
)
_AT_ONCE = 500


class KeptPerson(NamedTuple):
    """A person as the vault keeps it; the name is sealed by the key, the key by that of the desk.

    `sealed_name` is None where no list has named the person.
    """

    person_ref: str
    unit_id: str
    wrapped_key: bytes
    sealed_name: bytes | None


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
        METADATA.create_all(self.store.engine)
        self._give_keys()

    def of_unit(self, unit_id: str) -> "UnitPersons":
        """Return the persons whom lists of a unit named."""
        named = select(DIGESTS.c.person_key, DIGESTS.c.person_ref).where(
            DIGESTS.c.unit_id == unit_id
        )
        with self.store.reading() as connection:
            found = UnitPersons(self, unit_id, erased=erased_of(connection))
            for key, reference in connection.execute(named):
                found.by_key.setdefault(bytes(key), set()).add(reference)
        found.read({each for kept in found.by_key.values() for each in kept})
        return found

    def write(
        self,
        unit_id: str,
        rows: Mapping[bytes, str],
        pairs: Iterable[tuple[bytes, str]],
        names: Mapping[str, str],
    ) -> None:
        """Keep persons at once: the one of each row, those of descriptions, and their names.

        Raises `PERSON_ERASED` for a person who was erased meanwhile.
        """
        references = {*rows.values(), *names}
        both = {*rows.items(), *pairs}
        digests = [{"person_key": k, "person_ref": r, "unit_id": unit_id} for k, r in sorted(both)]
        of_row = delete(DIGESTS).where(DIGESTS.c.person_key == bindparam("key"))
        named = update(PERSONS).where(PERSONS.c.person_ref == bindparam("ref"))
        with self.store.writing() as connection:
            if not references.isdisjoint(erased_of(connection)):
                raise LedgerError(Problem(PERSON_ERASED))
            wrapped = {each.person_ref: each.wrapped_key for each in _kept(connection, references)}
            added = sorted(references - wrapped.keys())
            wrapped |= {each: self._new_key(each) for each in added}
            sealed = [
                {"ref": each, "sealed_name": self.seal(each, wrapped[each], name)}
                for each, name in names.items()
            ]
            keys = [{"person_ref": each, "wrapped_key": wrapped[each]} for each in added]
            for statement, values in (
                # A row without a key is a name that cannot be opened any more.
                (
                    delete(PERSONS).where(PERSONS.c.person_ref == bindparam("ref")),
                    [{"ref": each} for each in added],
                ),
                (insert(SEAL_KEYS), keys),
                (insert(PERSONS), [{"person_ref": each, "unit_id": unit_id} for each in added]),
                (named.values(sealed_name=bindparam("sealed_name")), sealed),
                (of_row, [{"key": key} for key in rows]),
                (
                    of_row.where(DIGESTS.c.person_ref == bindparam("ref")),
                    [{"key": key, "ref": reference} for key, reference in pairs],
                ),
                (insert(DIGESTS), digests),
            ):
                if values:
                    connection.execute(statement, values)

    def kept(self, references: Iterable[str]) -> dict[str, KeptPerson]:
        """Return those of some persons who are kept, by their references."""
        with self.store.reading() as connection:
            return {each.person_ref: each for each in _kept(connection, references)}

    def names(self, references: Iterable[str]) -> dict[str, str]:
        """Return the names behind references, as far as they are kept."""
        named = {each: self.name_of(person) for each, person in self.kept(references).items()}
        return {reference: name for reference, name in named.items() if name is not None}

    def name_of(self, person: KeptPerson) -> str | None:
        """Return the name of a person, None where none is kept."""
        if person.sealed_name is None:
            return None
        return self.open(person.person_ref, person.wrapped_key, person.sealed_name)

    def seal(self, reference: str, wrapped_key: bytes, text: str) -> bytes:
        """Return a text about a person sealed by the key of that person."""
        return self._key_of(reference, wrapped_key).seal(text.encode(), _place(reference))

    def open(self, reference: str, wrapped_key: bytes, sealed: bytes) -> str:
        """Return a text about a person that `seal` sealed."""
        return self._key_of(reference, wrapped_key).open(sealed, _place(reference)).decode()

    def _key_of(self, reference: str, wrapped_key: bytes) -> DeskKey:
        return DeskKey(self.key.open(wrapped_key, _key_place(reference)))

    def _new_key(self, reference: str) -> bytes:
        return self.key.seal(secrets.token_bytes(KEY_BYTES), _key_place(reference))

    def _give_keys(self) -> None:
        """Give a key to each person kept by an earlier release, which had one for all names.

        Persons who were erased and came back with a copy of the table are deleted again; a name
        whose key is missing is left for a copy of the keys.
        """
        without = select(PERSONS.c.person_ref, PERSONS.c.sealed_name).where(
            PERSONS.c.person_ref.not_in(select(SEAL_KEYS.c.person_ref))
        )
        changed = False
        with self.store.writing() as connection:
            erased = erased_of(connection)
            for reference, sealed in connection.execute(without).all():
                if reference in erased:
                    for table in (PERSONS, DIGESTS):
                        connection.execute(delete(table).where(table.c.person_ref == reference))
                    changed = True
                    continue
                try:
                    name = sealed and self.key.open(bytes(sealed), _place(reference)).decode()
                except LedgerError:
                    continue
                wrapped = self._new_key(reference)
                again = self.seal(reference, wrapped, name) if name else None
                of = update(PERSONS).where(PERSONS.c.person_ref == reference)
                connection.execute(of.values(sealed_name=again))
                values = {"person_ref": reference, "wrapped_key": wrapped}
                connection.execute(insert(SEAL_KEYS).values(values))
                changed = True
        if changed:
            self.store.forget_deleted(is_whole=True)


@dataclass(slots=True)
class UnitPersons:
    """The persons of one unit while a list of it is checked; `write` keeps what was added."""

    vault: PersonVault
    unit_id: str
    by_key: dict[bytes, set[str]] = field(default_factory=dict)
    erased: frozenset[str] = frozenset()
    _kept: dict[str, KeptPerson | None] = field(default_factory=dict)
    _rows: dict[bytes, str] = field(default_factory=dict)
    _pairs: set[tuple[bytes, str]] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)

    def read(self, references: Iterable[str]) -> None:
        """Take in some persons, as they are kept."""
        self._kept |= self.vault.kept(references)

    def known_by(self, *described: object) -> list[str]:
        """Return the references of the persons of a description, in a stable order."""
        return sorted(self.by_key.get(self.vault.key.digest(described), ()))

    def name(self, reference: str) -> str | None:
        """Return the name behind a reference, None where none is kept."""
        if reference in self._names:
            return self._names[reference]
        if reference not in self._kept:
            self.read([reference])
        person = self._kept.setdefault(reference, None)
        return None if person is None else self.vault.name_of(person)

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
        is_new = reference not in self._kept and reference not in self._names
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


def erased_of(connection: Connection) -> frozenset[str]:
    """Return the references of the persons who were erased."""
    of = select(REQUESTS.c.person_ref).where(REQUESTS.c.outcome == ERASED)
    return frozenset(connection.execute(of).scalars())


def _kept(connection: Connection, references: Iterable[str]) -> list[KeptPerson]:
    found = []
    listed = list(references)
    query = select(
        PERSONS.c.person_ref, PERSONS.c.unit_id, SEAL_KEYS.c.wrapped_key, PERSONS.c.sealed_name
    ).join(SEAL_KEYS, SEAL_KEYS.c.person_ref == PERSONS.c.person_ref)
    for start in range(0, len(listed), _AT_ONCE):
        some = PERSONS.c.person_ref.in_(listed[start : start + _AT_ONCE])
        for reference, unit_id, wrapped, sealed in connection.execute(query.where(some)):
            name = bytes(sealed) if sealed else None
            found.append(KeptPerson(reference, unit_id, bytes(wrapped), name))
    return found


def _place(reference: str) -> str:
    return f"person/{reference}"


def _key_place(reference: str) -> str:
    return f"person-key/{reference}"
