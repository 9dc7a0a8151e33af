"""Commendations: persons and collectives held up as examples, without a legal form of award."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, SmallInteger, Text

from services.reporting.readmodels.statements import Statement, Statements
from services.reporting.tally.contents import tally_contents, tally_sums
from services.reporting.tally.counting import COMMENDATIONS, CommendationBits
from services.reporting.tally.tables import Standing, tally_tables
from services.reporting.tally.writing import TallyWriter, ordinal_of
from shared.readmodel.store import BYTEWISE
from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.contents import Content
    from shared.readmodel.facts import Fact

_COLUMNS = (
    "commendation_id",
    "plan_year",
    "programme",
    "unit_id",
    "occurred_on",
    "recipient_kind",
    "recipient_org_id",
    "recipient_person_ref",
    "recipient_unit_id",
    "occasion",
    "origin_kind",
)
_PLACE = {name: place for place, name in enumerate(_COLUMNS)}
_OPTIONAL = {"recipient_org_id", "recipient_person_ref", "recipient_unit_id", "origin_kind"}


class Commendations(Statements):
    """The read model `commendations`: each counts in its year, under its own unit."""

    name = "commendations"
    said_by = frozenset({"ExemplarCommended"})

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.tally = tally_tables(self.metadata, self._prefix, ("programme", "recipient_kind"))
        self.writer = TallyWriter(self.tally)

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of a commendation."""
        return tuple(
            Column(
                name,
                SmallInteger if name == "plan_year" else BYTEWISE if name.endswith("_id") else Text,
                nullable=name in _OPTIONAL,
            )
            for name in _COLUMNS
        )

    def prepare(self, facts: Sequence[Fact], connection: Connection) -> None:
        """Make the tally ready for a batch."""
        del facts
        self.writer.open(connection)

    def values(self, fact: Fact) -> tuple[Any, ...]:
        """Return what is kept of one event."""
        data = fact.data
        recipient = data["recipient"]
        return (
            data["commendation_id"],
            data["plan_year"],
            data.get("programme") or DEFAULT_PROGRAMME,
            data["unit_id"],
            data["occurred_on"],
            recipient["kind"],
            recipient.get("org_id"),
            recipient.get("person_ref"),
            recipient.get("unit_id"),
            data["occasion"],
            (data.get("origin") or {}).get("kind"),
        )

    def told(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Count the statement that holds instead of the one before."""
        told = new or old
        if told is not None:
            self.writer.note(position, told.thing, self._standing(old), self._standing(new))

    def finish(self, connection: Connection) -> None:
        """Write the deltas."""
        self.writer.flush(connection)

    def forget(self) -> None:
        """Drop what is remembered."""
        super().forget()
        self.writer.forget()

    def committed(self, after: int, until: int) -> None:
        """Let readers know of the deltas."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[Content]:
        """Return what two fills are compared by."""
        return (*super().contents(), *tally_contents(self.tally, self.named))

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return how many there are by year, as of a position."""
        return tally_sums(connection, self.tally, COMMENDATIONS, until)

    def _standing(self, statement: Statement | None) -> Standing | None:
        if statement is None:
            return None
        value = {name: statement.values[place] for name, place in _PLACE.items()}
        return Standing(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"], value["recipient_kind"]],
            0,
            int(CommendationBits.COMMENDED),
        )
