"""The tables of awards, and their contents for comparing two generations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

from services.reporting.figures.comparable_rows import tally_contents, tally_sums
from services.reporting.figures.delta_tables import tally_tables
from services.reporting.figures.delta_writer import DeltaWriter
from services.reporting.figures.measures import AWARDS
from services.reporting.readmodels.awards.state import (
    BOOLEANS,
    DIMENSIONS,
    REQUIRED,
    VERSIONED,
)
from services.reporting.readmodels.parts.organization_references import KnownOrganizations
from services.reporting.readmodels.parts.programmes import Programmes
from services.reporting.readmodels.parts.surrogate_ids import SurrogateIds
from services.reporting.readmodels.parts.version_rows import version_content, versions_table
from shared.readmodel.comparable_rows import ComparableRows, LabelledBy
from shared.readmodel.store import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


def _column(name: str) -> Column[Any]:
    if name == "plan_year":
        return Column(name, SmallInteger, nullable=False)
    kind = Boolean() if name in BOOLEANS else Text()
    return Column(name, kind, nullable=name not in REQUIRED | BOOLEANS)


class AwardTables:
    """The tables of one generation, and the writer of their deltas."""

    def __init__(self, prefix: str = "rm_awards_") -> None:
        self.metadata = MetaData()
        self.delta_tables = tally_tables(self.metadata, prefix, DIMENSIONS)
        self.things = Table(
            f"{prefix}things",
            self.metadata,
            Column("thing", Integer, primary_key=True, autoincrement=False),
            Column("subject", BYTEWISE, nullable=False),
            Column("recorded", BigInteger, nullable=False),
        )
        Index(f"{prefix}things_subject", self.things.c.subject)
        self.versions = versions_table(
            self.metadata, f"{prefix}versions", *(_column(name) for name in VERSIONED)
        )
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
        self.organizations = KnownOrganizations(self.metadata, prefix)
        self.programmes = Programmes(self.metadata, prefix)
        self.writer = DeltaWriter(self.delta_tables)
        self.numbers = SurrogateIds(self.things.c.thing)

    def forget(self) -> None:
        """Drop the cached rows."""
        self.writer.forget()
        self.numbers.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the deltas to the caches of the reads."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        named = LabelledBy(self.things)
        return (
            ComparableRows(
                "things",
                self.things,
                "subject",
                began="recorded",
                left_out=frozenset({"thing"}),
            ),
            version_content(self.versions, named),
            ComparableRows(
                "named",
                self.named,
                "registration_id",
                said="registration/",
                things={"thing": named},
            ),
            ComparableRows("proposed", self.proposed, "subject"),
            self.programmes.content(),
            *self.organizations.contents(named),
            *tally_contents(self.delta_tables, named),
        )

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return every measure and flag by year, as of a position."""
        return tally_sums(connection, self.delta_tables, AWARDS, until)
