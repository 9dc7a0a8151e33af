"""Redactions in read models: the text of an event is replaced in every row that repeats it.

Rows of the past are replaced too, so that no answer as of an earlier position has the old text. The
old text is that of the row which the event wrote, so it makes no difference whether the record in
the log was replaced before or after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from shared.events.catalogue import CATALOGUE
from shared.events.payloads.redaction import EventRedacted
from shared.events.redacted_record import is_free, path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection

    from shared.readmodel.decoded_events import DecodedEvent

REDACTED = EventRedacted.NAME
_PAYLOADS = {event.name: event.payload for event in CATALOGUE.values()}


class Redaction(NamedTuple):
    """New texts of the event at a position, by the JSON pointers of the old ones."""

    position: int
    texts: Mapping[str, str]

    @classmethod
    def of(cls, fact: DecodedEvent) -> Redaction:
        """Return the redaction of an event."""
        texts = {each["field"]: each["text"] for each in fact.data["texts"]}
        return cls(fact.data["position"], texts)

    def text(self, pointers: Iterable[str]) -> str | None:
        """Return the new text of the first pointer that has one."""
        return next((self.texts[each] for each in pointers if each in self.texts), None)


def parted(facts: Sequence[DecodedEvent]) -> tuple[Sequence[DecodedEvent], list[Redaction]]:
    """Return the events of a run without its redactions, and these; they are applied last."""
    redactions = [Redaction.of(fact) for fact in facts if fact.name == REDACTED]
    return ([f for f in facts if f.name != REDACTED] if redactions else facts), redactions


def is_free_in(events: Iterable[str], pointer: str) -> bool:
    """Return whether a pointer leads to a free text in one of the events."""
    return any(is_free(_PAYLOADS[name], path_of(pointer)) for name in events)


class RepeatedText(NamedTuple):
    """A column with a text of the event at `at`, which later rows of the same `thing` repeat.

    `derived` has the columns that follow from the text.
    """

    column: Column[Any]
    at: Column[Any]
    thing: Column[Any]
    pointers: tuple[str, ...]
    derived: Mapping[str, Callable[[str], object]] = {}

    def replace(self, connection: Connection, redaction: Redaction) -> None:
        """Replace the text in every row of the thing that has it."""
        text = redaction.text(self.pointers)
        if text is None:
            return
        for thing, old in _rows(connection, self.at == redaction.position, self.thing, self.column):
            if old is not None and old != text:
                values = {name: make(text) for name, make in self.derived.items()}
                same = (self.thing == thing) & (self.column == old)
                statement = self.column.table.update().where(same)
                connection.execute(statement.values({self.column.name: text, **values}))


def _rows(
    connection: Connection, where: ColumnElement[bool], *columns: Column[Any]
) -> Iterator[Any]:
    return iter(connection.execute(select(*columns).where(where)).all())
