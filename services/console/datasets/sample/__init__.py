"""The sample: the figures of five newspaper accounts, the one complete account also as events.

Bắc Kạn city's year 2022 is reconstructed from its published totals: each registration is invented,
and says so, but together they match every figure of the account.
"""

from collections.abc import Iterator

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.sample.events import (
    decision_events,
    figure_events,
    inspection_events,
    registration_events,
)
from services.console.datasets.sample.reconstruction import reconstructed
from services.console.datasets.sample.reference_data import (
    organization_events,
    taxonomy_events,
    unit_events,
)

__all__ = ["sample_events"]


def sample_events() -> Iterator[Event]:
    """Return every event of the sample, in an order in which none is parked."""
    registrations = reconstructed()
    yield from unit_events()
    yield from taxonomy_events()
    yield from organization_events()
    yield from registration_events(registrations)
    yield from inspection_events()
    yield from decision_events(registrations)
    yield from figure_events()
