"""The tables of awards: what the fold writes, and what two fills are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Integer, SmallInteger, Table, Text

from services.reporting.figures.measures import AWARDS
from services.reporting.readmodels.awards.state import (
    BOOLEANS,
    DIMENSIONS,
    REQUIRED,
    SUBJECT,
    VERSIONED,
    AwardRow,
)
from services.reporting.readmodels.parts.entities import EntityTables
from services.reporting.readmodels.parts.programmes import Programmes
from shared.database.columns import BYTEWISE
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Iterable


def _column(name: str) -> Column[Any]:
    if name == "plan_year":
        return Column(name, SmallInteger, nullable=False)
    kind = Boolean() if name in BOOLEANS else Text()
    return Column(name, kind, nullable=name not in REQUIRED | BOOLEANS)


class AwardTables(EntityTables[AwardRow]):
    """The tables of one generation, and the writer of their deltas."""

    row = AwardRow
    subject = SUBJECT
    dimensions = DIMENSIONS
    counting = AWARDS

    def __init__(self, prefix: str = "rm_awards_") -> None:
        super().__init__(prefix, versions=map(_column, VERSIONED))
        self.named = Table(
            f"{prefix}named",
            self.metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("thing", Integer, primary_key=True, autoincrement=False),
        )
        self.proposed = Table(
            f"{prefix}proposed",
            self.metadata,
            Column("subject", BYTEWISE, primary_key=True),
            Column("programme", Text, nullable=False),
        )
        self.programmes = Programmes(self.metadata, prefix)

    def further_contents(self, named: LabelledBy) -> Iterable[ComparableRows]:
        """Return by what the registrations that awards name are compared, and the proposals."""
        return (
            ComparableRows(
                "named",
                self.named,
                "registration_id",
                said="registration/",
                things={"thing": named},
            ),
            ComparableRows("proposed", self.proposed, "subject"),
            self.programmes.content(),
        )
