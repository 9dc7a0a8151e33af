"""Inspections planned and conducted; what was inspected counts once, however often it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, SmallInteger, Text

from services.reporting.readmodels.programmes import REGISTERED, Programmes, named_registrations
from services.reporting.readmodels.statements import Statement, Statements
from services.reporting.tally.contents import tally_contents, tally_sums
from services.reporting.tally.counting import INSPECTIONS, InspectionBits
from services.reporting.tally.tables import Standing, tally_tables
from services.reporting.tally.writing import TallyWriter, ordinal_of
from shared.readmodel.store import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.contents import Content
    from shared.readmodel.facts import Fact

CONDUCTED = "InspectionConducted"
PLANNED = "InspectionPlanned"
_COLUMNS = (
    "inspection_id",
    "state",
    "plan_year",
    "programme",
    "unit_id",
    "occurred_on",
    "org_id",
    "scopes",
    "rating",
    "document_number",
    "origin_kind",
    "note",
)
_PLACE = {name: place for place, name in enumerate(_COLUMNS)}
_OPTIONAL = {"org_id", "rating", "document_number", "origin_kind", "note"}


class Inspections(Statements):
    """The read model `inspections`: one item for each event, planned or conducted."""

    name = "inspections"
    said_by = frozenset({PLANNED, CONDUCTED})
    also = frozenset({REGISTERED})
    each_alone = True

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.tally = tally_tables(self.metadata, self._prefix, ("programme",))
        self.programmes = Programmes(self.metadata, self._prefix)
        self.writer = TallyWriter(self.tally)

    def columns(self) -> Sequence[Column[Any]]:
        """Return what is kept of an inspection."""
        return tuple(
            Column(
                name,
                SmallInteger if name == "plan_year" else BYTEWISE if name.endswith("_id") else Text,
                nullable=name in _OPTIONAL,
            )
            for name in _COLUMNS
        )

    def prepare(self, facts: Sequence[Fact], connection: Connection) -> None:
        """Load the programmes of the registrations that are named."""
        named = {
            each
            for fact in facts
            if fact.name in self.said_by
            for each in named_registrations(fact.data)
        }
        self.programmes.open(connection, named)
        self.writer.open(connection)

    def see(self, fact: Fact) -> None:
        """Take in a registration, for its programme."""
        self.programmes.take(fact)

    def values(self, fact: Fact) -> tuple[Any, ...]:
        """Return what is kept of one event."""
        data = fact.data
        programme = self.programmes.programme(data.get("programme"), named_registrations(data))
        return (
            data["inspection_id"],
            "conducted" if fact.name == CONDUCTED else "planned",
            data["plan_year"],
            programme,
            data["unit_id"],
            data["occurred_on"],
            data.get("org_id"),
            " ".join(data["scopes"]),
            data.get("rating"),
            (data.get("document") or {}).get("number"),
            (data.get("origin") or {}).get("kind"),
            data.get("note"),
        )

    def told(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Count what was inspected."""
        told = new or old
        if told is not None:
            self.writer.note(position, told.thing, self._standing(old), self._standing(new))

    def finish(self, connection: Connection) -> None:
        """Write the deltas."""
        self.programmes.flush(connection)
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
        counted = tally_contents(self.tally, self.named)
        return (*super().contents(), self.programmes.content(), *counted)

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return how many were conducted by year, as of a position."""
        return tally_sums(connection, self.tally, INSPECTIONS, until)

    def _standing(self, statement: Statement | None) -> Standing | None:
        """Say how an inspection conducted counts: for its organisation, else for its unit."""
        if statement is None or statement.values[_PLACE["state"]] != "conducted":
            return None
        value = {name: statement.values[place] for name, place in _PLACE.items()}
        inspected = (
            f"organization/{value['org_id']}" if value["org_id"] else f"unit/{value['unit_id']}"
        )
        return Standing(
            value["plan_year"],
            self.writer.units[value["unit_id"]],
            ordinal_of(value["occurred_on"]),
            self.writer.dims[value["programme"]],
            self.writer.orgs[inspected],
            int(InspectionBits.CONDUCTED),
        )
