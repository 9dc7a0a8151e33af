"""The runner's port for metrics, independent of the library that collects them."""

from typing import Protocol


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
