"""Where data stand that are there to try the ledger: those of the sample and of `dvk generate`.

Kept by unit and year, as they were recorded, so that a page can say of its figures that such data
are part of them. A correction or retraction is not followed: it takes no page's warning away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, MetaData, SmallInteger, Table, Text, select

from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE
from shared.readmodel.comparable_rows import ComparableRows
from shared.readmodel.generations import prefix_of
from shared.vocabulary.publishers import SAMPLE, SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.decoded_events import DecodedEvent

KINDS: Mapping[str, str] = {SAMPLE: "sample", SYNTHETIC: "synthetic"}
"""What the data of a publisher are; those of all others are what they say."""


class DemonstrationData:
    """The read model `demonstration_data`."""

    name = "demonstration_data"
    version = 1
    events = frozenset(
        {"ModelRegistered", "AwardGranted", "InspectionConducted", "ExemplarCommended"}
    )
    """What names both a unit and a year; whatever else is counted rests on one of these."""

    def __init__(self, prefix: str | None = None) -> None:
        self.metadata = MetaData()
        self.places = Table(
            f"{prefix or prefix_of(self.name)}places",
            self.metadata,
            Column("plan_year", SmallInteger, primary_key=True, autoincrement=False),
            Column("unit_id", BYTEWISE, primary_key=True),
            Column("kind", Text, primary_key=True),
            Column("occurred_on", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
        )
        self._known: set[tuple[int, str, str]] | None = None

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Take down each place when data stand there first."""
        rows: dict[tuple[int, str, str], tuple[Any, ...]] = {}
        for fact in facts:
            kind = KINDS.get(fact.event.key.source)
            if kind is not None and fact.name in self.events:
                place = (fact.data["plan_year"], fact.data["unit_id"], kind)
                if place not in self._places(connection):
                    rows.setdefault(place, (*place, fact.data["occurred_on"], fact.position))
        if rows:
            insert(connection, self.places, list(rows.values()))
            self._places(connection).update(rows)

    def _places(self, connection: Connection) -> set[tuple[int, str, str]]:
        if self._known is None:
            place = self.places.c
            found = connection.execute(select(place.plan_year, place.unit_id, place.kind))
            self._known = {(year, unit_id, kind) for year, unit_id, kind in found}
        return self._known

    def forget(self) -> None:
        """Drop what is remembered."""
        self._known = None

    def committed(self, after: int, until: int) -> None:
        """Nobody follows these places in memory."""

    def contents(self) -> Sequence[ComparableRows]:
        """Return what two fills are compared by."""
        return (ComparableRows("places", self.places, "unit_id", said="unit/", began="position"),)

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing: places are not summed."""
        return {}
