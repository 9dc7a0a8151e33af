"""The events of the map: places are resolved from them when a figure is read, never before."""

from services.reporting.readmodels.parts.event_copies import EventCopies

EVENTS = frozenset({"UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized"})


def units(prefix: str | None = None) -> EventCopies:
    """Return the read model `units`."""
    return EventCopies("units", EVENTS, ("unit/", "reorganization/"), prefix)
