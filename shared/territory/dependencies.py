"""On which units it depends where a unit lies: only events of these can move it.

So after each of many unit events only the units that depend on it have to be looked at.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from shared.events.payloads.payload import Payload
from shared.events.payloads.units import UnitClosed, UnitMoved, UnitOpened, UnitsReorganized
from shared.territory.day_map import DayMap
from shared.territory.unit_history import UnitHistory
from shared.territory.unit_index import Chronicle


def dependencies_of(unit_id: str, days: Iterable[date], chronicle: Chronicle) -> frozenset[str]:
    """Return everything that is read to find where a unit lies on some days.

    Ids of units whose history is read, and `children_of` those whose children are listed.
    """
    recording = _RecordingChronicle(chronicle)
    for day in days:
        day_map = DayMap(recording, day, recording.on)
        place = day_map.place(unit_id)
        for each in {unit_id, place.unit_id} - {None}:
            day_map.path(str(each))
    return frozenset(recording.read)


def touched_by(payload: Payload) -> frozenset[str]:
    """Return the dependencies that an event of a unit changes, or that taking it back does."""
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
    """Return what stands for the list of a unit's children; no unit has an id with a slash."""
    return f"{unit_id or ''}/"


class _RecordingChronicle(Chronicle):
    """A chronicle that records what a map reads of it."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__()
        self.read: set[str] = set()
        self.units = _RecordingHistories(chronicle.units, self.read)
        self._chronicle = chronicle

    def ever_below(self, unit_id: str) -> Iterable[str]:
        """Return the units of which it was ever said that they stand under it or end in it."""
        self.read.add(children_of(unit_id))
        return self._chronicle.ever_below(unit_id)

    def on(self, day: date) -> DayMap:
        """Return a map that has read nothing yet."""
        return DayMap(self, day, self.on)


class _RecordingHistories(dict[str, UnitHistory]):
    """The histories of a chronicle; the id of each that is asked for is recorded."""

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
        message = "the dependencies of a place are known only if units are asked for one by one"
        raise TypeError(message)
