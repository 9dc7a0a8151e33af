"""The tables of registrations: what the fold writes, and what two fills are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Index, Integer, SmallInteger, Table, Text

from services.reporting.figures.measures import REGISTRATIONS
from services.reporting.readmodels.parts.entities import EntityTables, RecentEntities
from services.reporting.readmodels.registrations.model_statements import ModelStatements
from services.reporting.readmodels.registrations.state import (
    COLUMN_TYPES,
    DIMENSIONS,
    OPTIONAL,
    SUBJECT,
    VERSIONED,
    RegistrationRow,
)
from shared.database.columns import BYTEWISE, POSITION
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Iterable


class RegistrationTables(EntityTables[RegistrationRow]):
    """The tables of one generation, and the writer of their deltas."""

    row = RegistrationRow
    subject = SUBJECT
    dimensions = DIMENSIONS
    counting = REGISTRATIONS

    def __init__(self, prefix: str = "rm_registrations_") -> None:
        super().__init__(
            prefix,
            things=(
                Column("model_id", BYTEWISE, nullable=False),
                Column("plan_year", SmallInteger, nullable=False),
                Column("programme", Text, nullable=False),
            ),
            versions=(
                Column(name, COLUMN_TYPES.get(name, Text), nullable=name in OPTIONAL)
                for name in VERSIONED
            ),
        )
        Index(f"{prefix}things_model", self.things.c.model_id)
        self.titles = Table(
            f"{prefix}titles",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("from_position", POSITION, primary_key=True, autoincrement=False),
            Column("title", Text, nullable=False),
            sqlite_with_rowid=False,
        )
        self.model_statements = ModelStatements(self.metadata, prefix)
        self.remembered: RecentEntities[RegistrationRow] = RecentEntities()

    def forget(self) -> None:
        """Drop what is remembered."""
        super().forget()
        self.remembered.forget()

    def further_contents(self, named: LabelledBy) -> Iterable[ComparableRows]:
        """Return by what titles and the statements about models are compared."""
        return (
            ComparableRows(
                "titles",
                self.titles,
                "thing",
                began="from_position",
                things={"thing": named},
                left_out=frozenset({"thing"}),
            ),
            self.model_statements.content(),
        )
