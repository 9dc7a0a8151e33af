"""The tables of outcomes, and their contents for comparing two generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from services.reporting.figures.comparable_rows import tally_contents, value_sums
from services.reporting.readmodels.outcomes.state import DIMENSIONS
from services.reporting.readmodels.parts.entities import CountedTables
from services.reporting.readmodels.parts.latest_statement import (
    statements_content,
    statements_table,
)
from services.reporting.readmodels.parts.version_rows import (
    SurrogateIds,
    version_content,
    versions_table,
)
from shared.database.columns import BYTEWISE, POSITION
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


class OutcomeTables(CountedTables):
    """The tables of one generation, and the writer of their deltas."""

    dimensions = DIMENSIONS

    def __init__(self, prefix: str = "rm_outcomes_") -> None:
        super().__init__(prefix)
        self.registrations = Table(
            f"{prefix}registrations",
            self.metadata,
            Column("registration_id", BYTEWISE, primary_key=True),
            Column("programme", Text, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("withdrawn", Boolean, nullable=False),
            sqlite_with_rowid=False,
        )
        self.statements = _statements(self.metadata, f"{prefix}statements")
        self.versions = versions_table(
            self.metadata,
            f"{prefix}versions",
            Column("statement", POSITION, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text, nullable=False),
            Column("unit_id", BYTEWISE, nullable=False),
            Column("occurred_on", Text, nullable=False),
            Column("counted", Boolean, nullable=False),
        )
        self.numbers = SurrogateIds(self.statements.c.thing)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        named = LabelledBy(self.statements)
        return (
            statements_content(self.statements),
            version_content(self.versions, named),
            ComparableRows(
                "registrations", self.registrations, "registration_id", said="registration/"
            ),
            *tally_contents(self.delta_tables, named),
        )

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return the sum of the counted values by year, nature and metric, in thousandths."""
        return value_sums(connection, self.delta_tables, until)


def _statements(metadata: MetaData, name: str) -> Table:
    table = statements_table(
        metadata,
        name,
        Column("reporter", BYTEWISE, nullable=False),
        Column("registration_id", BYTEWISE),
        Column("plan_year", SmallInteger),
        Column("programme", Text),
        Column("unit_id", BYTEWISE),
        Column("occurred_on", Text, nullable=False),
        Column("metric", Text, nullable=False),
        Column("nature", Text, nullable=False),
        Column("qualifier", Text, nullable=False),
        Column("value", BigInteger, nullable=False),
        Column("interval_from", Text, nullable=False),
        Column("interval_to", Text, nullable=False),
    )
    Index(f"{name}_reporter", table.c.reporter)
    return table
