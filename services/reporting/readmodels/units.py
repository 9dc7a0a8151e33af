"""The events of the map: places are resolved from them when a figure is read, never before."""

from services.reporting.readmodels.parts.event_copies import KeptEvents

EVENTS = frozenset({"UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized"})


def units(prefix: str | None = None) -> KeptEvents:
    """Return the read model `units`."""
    return KeptEvents("units", EVENTS, ("unit/", "reorganization/"), prefix)
