"""Statements that are counted: the statement in force of an entity contributes to a cube."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from services.reporting.figures.comparable_rows import tally_contents
from services.reporting.figures.delta_tables import Contribution, tally_tables
from services.reporting.figures.delta_writer import DeltaWriter
from services.reporting.readmodels.parts.latest_statement import LatestStatements, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent


class CountedStatements(LatestStatements):
    """A read model of whole statements with a cube; a subclass defines their contributions."""

    dimensions: ClassVar[tuple[str, ...]]
    """The dimensions of the cube."""

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.delta_tables = tally_tables(self.metadata, self._prefix, self.dimensions)
        self.writer = DeltaWriter(self.delta_tables)

    def contribution(self, statement: Statement) -> Contribution | None:
        """Return the contribution of a statement in force, None if it does not count."""
        raise NotImplementedError

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Prepare the writer for a batch."""
        del facts
        self.writer.open(connection)

    def replaced(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Replace the contribution of the former statement."""
        statement = new or old
        if statement is not None:
            before, after = (each and self.contribution(each) for each in (old, new))
            self.writer.note(position, statement.thing, before, after)

    def finish(self, connection: Connection) -> None:
        """Write the deltas."""
        self.writer.flush(connection)

    def forget(self) -> None:
        """Drop the cached rows."""
        super().forget()
        self.writer.forget()

    def committed(self, after: int, until: int) -> None:
        """Publish the deltas to the caches of the reads."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return the contents by which two generations are compared."""
        return (*super().contents(), *tally_contents(self.delta_tables, self.named))
