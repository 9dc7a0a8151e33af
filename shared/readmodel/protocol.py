"""The protocol of a read model: its tables, its events, and one fold for live and rebuild.

And the runner's port for metrics, independent of the library that collects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, MetaData

    from shared.readmodel.comparable_rows import ComparableRows
    from shared.readmodel.decoded_events import DecodedEvent


class ReadModel(Protocol):
    """A fold of the log into its own tables, all named `rm_<name>_…` (see `generations`)."""

    @property
    def name(self) -> str:
        """Return the name, which its checkpoint also has."""
        ...

    @property
    def version(self) -> int:
        """Return the version of the definition, raised when the fold or the tables change."""
        ...

    @property
    def metadata(self) -> MetaData:
        """Return its tables."""
        ...

    @property
    def events(self) -> frozenset[str]:
        """Return the names of the events that it handles, without version."""
        ...

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        """Fold a run of events, in order: load the rows they touch, fold, write them in bulk.

        The transaction is the runner's; the fold must also work after `forget`.
        """
        ...

    def forget(self) -> None:
        """Drop all state in memory: the transaction failed, or another runner was faster."""
        ...

    def committed(self, after: int, until: int) -> None:
        """Handle the commit of the run after one position up to another.

        The run may have had no event for this read model; its last fold was part of this run.
        """
        ...

    def contents(self) -> Sequence[ComparableRows]:
        """Return the rows by which two generations are compared, of all tables with content."""
        ...

    def sums(self, connection: Connection, until: int) -> Mapping[str, int]:
        """Return its figures as of a position, by names such as `2022/registered`."""
        ...


class RunnerMetrics(Protocol):
    """Metrics reported by the runner; shared.telemetry implements them for Prometheus."""

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Record the position of a read model."""
        ...

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Record a committed run."""
        ...

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Record how many subjects of a read model are quarantined and discarded."""
        ...


class NoMetrics:
    """Metrics that are discarded."""

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Do nothing."""

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Do nothing."""

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Do nothing."""
