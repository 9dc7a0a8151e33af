"""The tables of outcomes, and their contents for comparing two generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from services.reporting.figures.comparable_rows import tally_contents, value_sums
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.delta_writer import DeltaWriter
from services.reporting.readmodels.outcomes.state import DIMENSIONS
from services.reporting.readmodels.parts.surrogate_ids import SurrogateIds
from services.reporting.readmodels.parts.version_rows import version_content, versions_table
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.store import BYTEWISE, POSITION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


class OutcomeTables:
    """The tables of one generation, and the writer of their deltas."""

    def __init__(self, prefix: str = "rm_outcomes_") -> None:
        self.metadata = MetaData()
        self.delta_tables = tally_tables(self.metadata, prefix, DIMENSIONS)
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
        self.writer = DeltaWriter(self.delta_tables)
        self.numbers = SurrogateIds(self.statements.c.thing)

    def forget(self) -> None:
        """Drop the cached rows."""
        self.writer.forget()
        self.numbers.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the deltas to the caches of the reads."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        named = LabelledBy(self.statements)
        return (
            ComparableRows(
                "statements",
                self.statements,
                "subject",
                began="position",
                ended="retracted_position",
                left_out=frozenset({"thing"}),
            ),
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
    table = Table(
        name,
        metadata,
        Column("position", POSITION, primary_key=True, autoincrement=False),
        Column("thing", Integer, nullable=False),
        Column("subject", BYTEWISE, nullable=False),
        Column("source", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("retracted_position", BigInteger),
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
    Index(f"{name}_subject", table.c.subject)
    Index(f"{name}_reporter", table.c.reporter)
    return table
