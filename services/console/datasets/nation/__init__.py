"""The map of the country as events: before 1 July 2025, and the reorganisation of that day.

The lineage comes from a community data set (see `data/README.md`), not from the official list.
"""

from collections.abc import Iterator

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.nation.reorganization import reorganization_events
from services.console.datasets.nation.units_before_2025 import country_event, openings

__all__ = ["country_event", "nation_events"]


def nation_events() -> Iterator[Event]:
    """Yield every unit event of the map, always in the same order, in which none is parked."""
    yield from openings()
    yield from reorganization_events()
