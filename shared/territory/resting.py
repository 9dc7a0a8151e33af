"""Where a unit lies rests on what is said of some others: only events of these can move it.

So a long row of unit events need not be asked for every unit after each of them.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from shared.events.payload import Payload
from shared.events.units import UnitClosed, UnitMoved, UnitOpened, UnitsReorganized
from shared.territory.chronicle import Chronicle
from shared.territory.day_map import DayMap
from shared.territory.history import UnitHistory

COUNTRY = "/"
"""Stands for which country there is. No unit has such an id."""


def rests_on(unit_id: str, days: Iterable[date], chronicle: Chronicle) -> frozenset[str]:
    """Return all of which something is read to find where a unit lies on some days.

    Units of whose history something is read, and the lists of what ever stood under one (`under`).
    """
    watched = _Watched(chronicle)
    for day in days:
        day_map = DayMap(watched, day, watched.on)
        place = day_map.place(unit_id)
        for each in {unit_id, place.unit_id} - {None}:
            day_map.path(str(each))
    return frozenset(watched.read)


def stirred_by(payload: Payload) -> frozenset[str]:
    """Return what an event of a unit, or taking it back, changes of what places may rest on."""
    match payload:
        case UnitOpened(unit_id=unit_id, parent_id=parent_id):
            return frozenset({unit_id, under(parent_id)})
        case UnitMoved(unit_id=unit_id, parent_id=parent_id):
            return frozenset({unit_id, under(parent_id)})
        case UnitClosed(unit_id=unit_id):
            return frozenset({unit_id})
        case UnitsReorganized():
            below = (unit.parent_id for unit in payload.opens or ())
            targets = (target.unit_id for target in payload.targets)
            lists = {under(each) for each in (*below, *targets)}
            return frozenset({*payload.sources, *payload.opened_ids(), *lists})
        case _:
            return frozenset()  # what a unit is called moves nothing


def under(unit_id: str | None) -> str:
    """Return what stands for the list of the units under one; under none stands the country."""
    return COUNTRY if unit_id is None else f"{unit_id}/"


class _Watched(Chronicle):
    """A chronicle that remembers what a map has read of it."""

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__()
        self.read: set[str] = set()
        self.units = _Histories(chronicle.units, self.read)
        self._chronicle = chronicle

    def ever_below(self, unit_id: str) -> Iterable[str]:
        """Return the units of which it was ever said that they stand under it or end in it."""
        self.read.add(under(unit_id))
        return self._chronicle.ever_below(unit_id)

    def on(self, day: date) -> DayMap:
        """Return a map that has read nothing yet."""
        return DayMap(self, day, self.on)


class _Histories(dict[str, UnitHistory]):
    """The histories of a chronicle, by whoever asks for them."""

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
        message = "a place is found by asking for units one by one"
        raise TypeError(message)
