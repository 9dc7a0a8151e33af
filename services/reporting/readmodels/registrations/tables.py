"""The tables of registrations, and their contents for comparing two generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from services.reporting.figures.comparable_rows import tally_contents, tally_sums
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.delta_writer import DeltaWriter
from services.reporting.figures.measures import REGISTRATIONS
from services.reporting.readmodels.parts.organization_references import KnownOrganizations
from services.reporting.readmodels.parts.recent_entities import RecentEntities
from services.reporting.readmodels.parts.surrogate_ids import SurrogateIds
from services.reporting.readmodels.parts.version_rows import version_content, versions_table
from services.reporting.readmodels.registrations.model_statements import ModelStatements
from services.reporting.readmodels.registrations.state import (
    COLUMN_TYPES,
    DIMENSIONS,
    OPTIONAL,
    VERSIONED,
)
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.store import BYTEWISE, POSITION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from services.reporting.readmodels.registrations.state import RegistrationRow


class RegistrationTables:
    """The tables of one generation, and the writer of their deltas."""

    def __init__(self, prefix: str = "rm_registrations_") -> None:
        self.metadata = MetaData()
        self.delta_tables = tally_tables(self.metadata, prefix, DIMENSIONS)
        self.things = Table(
            f"{prefix}things",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("model_id", BYTEWISE, nullable=False),
            Column("plan_year", SmallInteger, nullable=False),
            Column("programme", Text, nullable=False),
            Column("recorded", BigInteger, nullable=False),
        )
        Index(f"{prefix}things_subject", self.things.c.subject)
        Index(f"{prefix}things_model", self.things.c.model_id)
        self.versions = versions_table(
            self.metadata,
            f"{prefix}versions",
            *(
                Column(name, COLUMN_TYPES.get(name, Text), nullable=name in OPTIONAL)
                for name in VERSIONED
            ),
        )
        self.titles = Table(
            f"{prefix}titles",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("from_position", POSITION, primary_key=True, autoincrement=False),
            Column("title", Text, nullable=False),
            sqlite_with_rowid=False,
        )
        self.organizations = KnownOrganizations(self.metadata, prefix)
        self.model_statements = ModelStatements(self.metadata, prefix)
        self.writer = DeltaWriter(self.delta_tables)
        self.numbers = SurrogateIds(self.things.c.thing)
        self.recent_entities: RecentEntities[RegistrationRow] = RecentEntities()

    def forget(self) -> None:
        """Drop the cached rows."""
        self.writer.forget()
        self.numbers.forget()
        self.recent_entities.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the deltas to the caches of the reads."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        named, no_number = LabelledBy(self.things), frozenset({"thing"})
        return (
            ComparableRows("things", self.things, "subject", began="recorded", left_out=no_number),
            version_content(self.versions, named),
            ComparableRows(
                "titles",
                self.titles,
                "thing",
                began="from_position",
                things={"thing": named},
                left_out=no_number,
            ),
            self.model_statements.content(),
            *self.organizations.contents(named),
            *tally_contents(self.delta_tables, named),
        )

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return every measure and flag by year, as of a position."""
        return tally_sums(connection, self.delta_tables, REGISTRATIONS, until)
