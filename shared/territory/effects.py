"""Effects of a unit event: units opened and ended, and the shares of a reorganisation."""

from collections.abc import Mapping

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import UnitClosed, UnitOpened, UnitsReorganized

Shares = Mapping[str, tuple[str, ...]]
_NOTHING: frozenset[str] = frozenset()


def opened_by(payload: Payload) -> frozenset[str]:
    """Return the units that an event creates, and that its retraction removes."""
    match payload:
        case UnitOpened(unit_id=unit_id):
            return frozenset({unit_id})
        case UnitsReorganized():
            return payload.opened_ids()
        case _:
            return _NOTHING


def ended_by(payload: Payload) -> frozenset[str]:
    """Return the units that end with an event; a source that is also a target continues."""
    match payload:
        case UnitClosed(unit_id=unit_id):
            return frozenset({unit_id})
        case UnitsReorganized():
            return frozenset(payload.sources) - {target.unit_id for target in payload.targets}
        case _:
            return _NOTHING


def shares_of(payload: UnitsReorganized) -> tuple[Shares, Shares]:
    """Return the sources of each target, and the targets of each source that has any."""
    sources = {
        target.unit_id: tuple(dict.fromkeys(share.unit_id for share in target.from_))
        for target in payload.targets
    }
    targets: dict[str, tuple[str, ...]] = {}
    for target, drawn_from in sources.items():
        for source in drawn_from:
            targets[source] = (*targets.get(source, ()), target)
    return sources, targets
