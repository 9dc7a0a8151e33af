"""The units on which the place of a unit depends: only events of these can move it.

After a unit event, only the units that depend on it are resolved again.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import UnitClosed, UnitMoved, UnitOpened, UnitsReorganized
from shared.territory.day_map import DayMap
from shared.territory.unit_history import UnitHistory
from shared.territory.unit_index import Chronicle


def dependencies_of(unit_id: str, days: Iterable[date], chronicle: Chronicle) -> frozenset[str]:
    """Return the dependencies of a unit's place on some days.

    They are ids of units whose history is read, and `children_of` units whose children are listed.
    """
    recording = _RecordingChronicle(chronicle)
    for day in days:
        day_map = DayMap(recording, day, recording.on)
        place = day_map.place(unit_id)
        for each in {unit_id, place.unit_id} - {None}:
            day_map.path(str(each))
    return frozenset(recording.read)


def touched_by(payload: Payload) -> frozenset[str]:
    """Return the dependencies that a unit event, or its retraction, changes."""
    match payload:
        case UnitOpened(unit_id=unit_id, parent_id=parent_id):
            return frozenset({unit_id, children_of(parent_id)})
        case UnitMoved(unit_id=unit_id, parent_id=parent_id):
            return frozenset({unit_id, children_of(parent_id)})
        case UnitClosed(unit_id=unit_id):
            return frozenset({unit_id})
        case UnitsReorganized():
            below = (unit.parent_id for unit in payload.opens or ())
            targets = (target.unit_id for target in payload.targets)
            lists = {children_of(each) for each in (*below, *targets)}
            return frozenset({*payload.sources, *payload.opened_ids(), *lists})
        case _:
            return frozenset()  # a name moves nothing


def children_of(unit_id: str | None) -> str:
    """Return the dependency on a unit's list of children; ids of units have no slash."""
    return f"{unit_id or ''}/"


class _RecordingChronicle(Chronicle):
    """A chronicle that records what a map reads from it."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__()
        self.read: set[str] = set()
        self.units = _RecordingHistories(chronicle.units, self.read)
        self._chronicle = chronicle

    def ever_below(self, unit_id: str) -> Iterable[str]:
        """Return the units that were ever stated to be under it or to be merged into it."""
        self.read.add(children_of(unit_id))
        return self._chronicle.ever_below(unit_id)

    def on(self, day: date) -> DayMap:
        """Return a fresh map."""
        return DayMap(self, day, self.on)


class _RecordingHistories(dict[str, UnitHistory]):
    """The histories of a chronicle, recording the id of each that is read."""

    def __init__(self, histories: dict[str, UnitHistory], read: set[str]) -> None:
        super().__init__()
        self._histories = histories
        self._read = read

    def get(self, unit_id: str, default: UnitHistory | None = None) -> UnitHistory | None:  # type: ignore[override]
        self._read.add(unit_id)
        return self._histories.get(unit_id, default)

    def __getitem__(self, unit_id: str) -> UnitHistory:
        self._read.add(unit_id)
        return self._histories[unit_id]

    def __contains__(self, unit_id: object) -> bool:
        self._read.add(str(unit_id))
        return unit_id in self._histories

    def __iter__(self) -> Iterator[str]:
        message = "dependencies of a place are recorded only if units are read one by one"
        raise TypeError(message)
