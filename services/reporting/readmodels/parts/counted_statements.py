"""Statements that are counted: what holds for a thing stands in a tally, as every figure does."""

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
    """A read model of whole statements with a tally; a subclass says how each of them stands."""

    dimensions: ClassVar[tuple[str, ...]]
    """The dimensions of the tally."""

    def __init__(self, prefix: str | None = None) -> None:
        super().__init__(prefix)
        self.tally = tally_tables(self.metadata, self._prefix, self.dimensions)
        self.writer = DeltaWriter(self.tally)

    def standing(self, statement: Statement) -> Contribution | None:
        """Return how a statement that holds counts; None: for nothing."""
        raise NotImplementedError

    def prepare(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Make the tally ready for a batch."""
        del facts
        self.writer.open(connection)

    def told(self, position: int, old: Statement | None, new: Statement | None) -> None:
        """Count the statement that holds instead of the one before."""
        told = new or old
        if told is not None:
            before, after = (each and self.standing(each) for each in (old, new))
            self.writer.note(position, told.thing, before, after)

    def finish(self, connection: Connection) -> None:
        """Write the deltas."""
        self.writer.flush(connection)

    def forget(self) -> None:
        """Drop what is remembered."""
        super().forget()
        self.writer.forget()

    def committed(self, after: int, until: int) -> None:
        """Let readers know of the deltas."""
        self.writer.recent.committed(after, until)

    def contents(self) -> Sequence[ComparableRows]:
        """Return what two fills are compared by."""
        return (*super().contents(), *tally_contents(self.tally, self.named))
