"""The closings and reopenings of years: which one is in force is folded when a summary is read."""

from services.reporting.readmodels.parts.event_copies import EventCopies
from shared.events.payloads.periods import PeriodClosed, PeriodReopened


def closings(prefix: str | None = None) -> EventCopies:
    """Return the read model `closings`."""
    names = frozenset({PeriodClosed.NAME, PeriodReopened.NAME})
    return EventCopies("closings", names, ("period/",), prefix)
