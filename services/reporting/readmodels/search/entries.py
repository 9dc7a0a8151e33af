"""Entries of the index: versions of one kind of things, each with the words that find it.

A version is a row that is never changed: one that a later event replaces or ends is listed in the
table `…_ended` with the position of that event. So an index of words needs only additions, and an
entry is known at p if its position is not after p and it did not end by then. Entries are numbered
in the order of the log, the newest last.

The newest entry about a registration also says to which model and unit it belongs, for the
decisions about it. One that is not its model's latest has an entry that ends where it begins: no
read finds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    or_,
    select,
)

from shared.database import text_index
from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE, POSITION, among
from shared.database.text_index import WORDS, TextIndex, declared
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from sqlalchemy import Connection, Select


class SearchEntry(NamedTuple):
    """One thing as it is found; `named` is the name of its organisation, `org_id`.

    | kind | title | about | plan_year | code | signed_on |
    |---|---|---|---|---|---|
    | model | of its latest registration | that registration | of that | – | – |
    | organization | its name | – | – | its kind | – |
    | award | its name, if it has one | the unit that received it | – | its form | – |
    | decision | its number | the model | – | – | its day |
    """

    subject: str
    title: str | None
    named: str | None
    unit_id: str
    org_id: str | None = None
    about: str | None = None
    plan_year: int | None = None
    code: str | None = None
    signed_on: str | None = None


def word_of_recipient(unit_id: str) -> str:
    """Return the word by which an award is found by its recipient's unit; no text has it."""
    return f"_r{unit_id.encode().hex()}"


class Entries:
    """The entries of one kind: its tables, and those that the current batch may change."""

    def __init__(
        self,
        metadata: MetaData,
        prefix: str,
        kind: str,
        words: Callable[[SearchEntry], str],
        *,
        by_about: bool = False,
    ) -> None:
        """Declare the tables of a kind; `words` returns the words that find an entry.

        `by_about` is whether entries are also read by what they are about.
        """
        self.kind = kind
        self._words = words
        self.table = Table(
            f"{prefix}{kind}",
            metadata,
            Column("entry", Integer, primary_key=True, autoincrement=False),
            Column("position", POSITION, nullable=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("title", Text),
            Column("named", Text),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("org_id", BYTEWISE),
            Column("about", BYTEWISE),
            Column("plan_year", SmallInteger),
            Column("code", Text),
            Column("signed_on", Text),
            Column("words", WORDS, nullable=False),
            info=declared(TextIndex("entry", "words", "unit_id")),
        )
        columns = self.table.c
        Index(f"{prefix}{kind}_subject", columns.subject)
        there = columns.org_id.is_not(None)
        Index(f"{prefix}{kind}_org", columns.org_id, sqlite_where=there, postgresql_where=there)
        if by_about:
            Index(f"{prefix}{kind}_about", columns.about)
        self.ended = Table(
            f"{prefix}{kind}_ended",
            metadata,
            Column("entry", Integer, primary_key=True, autoincrement=False),
            Column("position", POSITION, nullable=False),
        )
        self._next: int | None = None
        self._clear()

    def contents(self) -> tuple[ComparableRows, ...]:
        """Return the contents by which two generations are compared."""
        numbered = frozenset({"entry"})
        named = LabelledBy(self.table, "entry")
        return (
            ComparableRows(self.kind, self.table, "subject", began="position", left_out=numbered),
            ComparableRows(
                f"{self.kind}_ended",
                self.ended,
                "entry",
                began="position",
                things={"entry": named},
                left_out=numbered,
            ),
        )

    def _clear(self) -> None:
        self._open: dict[str, tuple[int, SearchEntry]] = {}
        self._by_org: dict[str, set[str]] | None = None  # few batches define organisations
        self._new: list[tuple[Any, ...]] = []
        self._new_ends: list[tuple[int, int]] = []

    def about(
        self, connection: Connection, registration_ids: Collection[str]
    ) -> dict[str, SearchEntry]:
        """Return the newest entry about each registration that has one."""
        if not registration_ids:
            return {}
        columns = self.table.c
        query = self._stated().where(among(connection, columns.about, registration_ids))
        found = connection.execute(query.order_by(columns.entry))
        return {entry.about: entry for _, *values in found if (entry := SearchEntry(*values)).about}

    def load(
        self, connection: Connection, subjects: Collection[str], org_ids: Collection[str] = ()
    ) -> None:
        """Begin a batch: load the open entries of subjects, and those that name organisations."""
        self._clear()
        columns = self.table.c
        if self._next is None:
            self._next = (connection.scalar(select(func.max(columns.entry))) or 0) + 1
        wanted = [
            among(connection, column, values)
            for column, values in ((columns.subject, subjects), (columns.org_id, org_ids))
            if values
        ]
        if not wanted:
            return
        # A subquery, not a join: a server would read all that ever ended.
        ended = select(self.ended.c.entry).where(self.ended.c.entry == columns.entry)
        query = self._stated().where(or_(*wanted), ended.scalar_subquery().is_(None))
        for number, *values in connection.execute(query):
            entry = SearchEntry(*values)
            self._open[entry.subject] = (number, entry)

    def _stated(self) -> Select[Any]:
        """Return the query for the numbers and the members of entries."""
        columns = self.table.c
        return select(columns.entry, *(columns[name] for name in SearchEntry._fields))

    def get(self, subject: str) -> SearchEntry | None:
        """Return the open entry of a subject that was loaded."""
        held = self._open.get(subject)
        return held and held[1]

    def open(self) -> Iterator[SearchEntry]:
        """Yield the open entries."""
        return (entry for _, entry in self._open.values())

    def naming(self, org_id: str) -> list[SearchEntry]:
        """Return the open entries that name an organisation, in their order."""
        if self._by_org is None:
            self._by_org = {}
            for entry in self.open():
                self._note_org(entry)
        named = [self._open[each] for each in self._by_org.get(org_id, ()) if each in self._open]
        return [entry for _, entry in sorted(named) if entry.org_id == org_id]

    def _note_org(self, entry: SearchEntry) -> None:
        if self._by_org is not None and entry.org_id is not None:
            self._by_org.setdefault(entry.org_id, set()).add(entry.subject)

    def put(self, position: int, entry: SearchEntry) -> None:
        """Replace the open entry of a subject from a position on, if it changes."""
        subject = entry[0]
        before = self._open.get(subject)
        if before is not None:
            if before[1] == entry:
                return
            self._new_ends.append((before[0], position))
        self._open[subject] = self._add(position, entry), entry
        if self._by_org is not None:
            self._note_org(entry)

    def put_ended(self, position: int, entry: SearchEntry) -> None:
        """Add an entry that ends where it begins, beside the open one of its subject."""
        self._new_ends.append((self._add(position, entry), position))

    def _add(self, position: int, entry: SearchEntry) -> int:
        assert self._next is not None  # noqa: S101  a batch is loaded first
        number = self._next
        self._next = number + 1
        self._new.append((number, position, *entry, self._words(entry)))
        return number

    def end(self, position: int, subject: str) -> None:
        """End the open entry of a subject, if it has one."""
        before = self._open.pop(subject, None)
        if before is not None:
            self._new_ends.append((before[0], position))

    def flush(self, connection: Connection) -> None:
        """Write the new entries, and the ends of those they replace."""
        if self._new:
            insert(connection, self.table, self._new)
            text_index.add(connection, self.table, self._new[0][0] - 1)
        insert(connection, self.ended, sorted(self._new_ends))
        self._clear()

    def redact(self, connection: Connection, position: int, title: str) -> None:
        """Replace the title of an event's entries, and of all that repeat it of their subjects."""
        columns = self.table.c
        made = select(columns.subject, columns.title).where(columns.position == position)
        for subject, old in connection.execute(made).all():
            if old in {None, title}:
                continue
            same = (columns.subject == subject) & (columns.title == old)
            for number, *values in connection.execute(self._stated().where(same)).all():
                entry = SearchEntry(*values)._replace(title=title)
                new = {"title": title, "words": self._words(entry)}
                text_index.replace(connection, self.table, number, new)

    def forget(self) -> None:
        """Drop the cached number; the next one is read again."""
        self._next = None
