"""The map of the whole country as events: before 1 July 2025, and what was reorganised that day.

The lineage comes from a community data set (see `data/README.md`), not from the official list.
"""

from collections.abc import Iterator

from services.console.nation.before import country_event, openings
from services.console.nation.reorganization import reorganization_events
from services.console.nation.writing import Event

__all__ = ["country_event", "nation_events", "openings"]


def nation_events() -> Iterator[Event]:
    """Yield every unit event of the map, each time the same, in an order in which none waits."""
    yield from openings()
    yield from reorganization_events()
