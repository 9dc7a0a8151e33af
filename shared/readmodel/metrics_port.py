"""Where the runner tells how it goes, so that it knows nothing of who measures."""

from typing import Protocol


class RunnerMetrics(Protocol):
    """Where the runner tells how it goes; shared.telemetry has one that Prometheus reads."""

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
    """Gauges that nobody reads."""

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Note nothing."""

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Note nothing."""

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Note nothing."""
