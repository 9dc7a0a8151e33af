"""The closings and reopenings of years: which one is in force is folded when a summary is read."""

from services.reporting.readmodels.parts.event_copies import KeptEvents
from shared.events.payloads.periods import PeriodClosed, PeriodReopened


def closings(prefix: str | None = None) -> KeptEvents:
    """Return the read model `closings`."""
    names = frozenset({PeriodClosed.NAME, PeriodReopened.NAME})
    return KeptEvents("closings", names, ("period/",), prefix)
