"""The places of demonstration data: of the sample and of `dvk generate`.

They are stored by unit and year, as recorded, so that a page can say that its figures include such
data. Corrections and retractions are not followed: they never remove the warning from a page.
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
"""The kind of data of a publisher; data of all others are real."""


class DemonstrationData:
    """The read model `demonstration_data`."""

    name = "demonstration_data"
    version = 1
    events = frozenset(
        {"ModelRegistered", "AwardGranted", "InspectionConducted", "ExemplarCommended"}
    )
    """The events with both a unit and a year; all other counted events depend on one of them."""

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
        """Store each place of demonstration data once."""
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
        """Drop the cached places."""
        self._known = None

    def committed(self, after: int, until: int) -> None:
        """Do nothing: no cache follows these places."""

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (ComparableRows("places", self.places, "unit_id", said="unit/", began="position"),)

    def sums(self, _connection: Connection, _until: int) -> Mapping[str, int]:
        """Return nothing: places are not summed."""
        return {}
