"""Where the runner tells how it goes, so that it knows nothing of who measures."""

from typing import Protocol


class RunnerMetrics(Protocol):
    """Where the runner tells how it goes; shared.telemetry has one that Prometheus reads."""

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Note where a read model stands."""
        ...

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Note a run that was committed."""
        ...

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Note how many subjects of a read model are set aside, and how many are discarded."""
        ...


class NoMetrics:
    """Gauges that nobody reads."""

    def read_model_at(self, name: str, position: int, events_handled: int) -> None:
        """Note nothing."""

    def read_models_folded(self, events: int, seconds: float) -> None:
        """Note nothing."""

    def quarantined(self, name: str, subjects: int, discarded: int) -> None:
        """Note nothing."""
