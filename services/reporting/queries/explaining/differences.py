"""The events that changed a figure between two moments, with the change by each of them.

A figure at a position is a sum of deltas under the map as known there. So an event changes it in
one of two ways: by its own deltas, or by moving earlier deltas on the map. The changes of all
events between two positions add up to the difference of the two figures.
"""

from __future__ import annotations

from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.figures.cells import cell_of, counters_of
from services.reporting.queries.explaining.cell_changes import CellChanges, Moves, key_of
from services.reporting.queries.filters import ListQuery
from shared.web.answers.pagination import Page, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from services.reporting.figures.cube import Cubes
    from services.reporting.map_snapshots import MapSnapshots
    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.explaining.cell_changes import Moves
    from services.reporting.queries.explaining.reasons import Reasons
    from services.reporting.queries.filters import Filters, Item
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

KEPT_UNDER_WAY = 2
"""The number of paged lists whose iterators are kept for the next page."""


class Difference(NamedTuple):
    """A figure at two moments, one page of the events between, and the place of the last."""

    before: int
    after: int
    items: Sequence[Item]
    place: Mapping[str, object] | None


class _UnderWay(NamedTuple):
    """A figure at two moments, and the changes between that are still to be read."""

    before: int
    after: int
    changes: Iterator[tuple[int, int]]


class Differences:
    """Finds the events that changed a figure."""

    def __init__(self, log: Reader, cubes: Cubes, maps: MapSnapshots, reasons: Reasons) -> None:
        self._log = log
        self._cubes = cubes
        self._maps = maps
        self._reasons = reasons
        self._under_way: dict[Any, _UnderWay] = {}
        self._moves: dict[Any, Moves] = {}

    def differ(
        self, filters: Filters, measure: str, since: AsOf, until: AsOf, page: Page
    ) -> Difference:
        """Return the changes of a measure in the cell of the filters between two moments.

        A scope that did not exist at the first moment counted nothing then; one that does not
        exist at the second is 404. Raises `no_such_cell` (422) like an explanation.
        """
        filters = cell_of(filters, measure)
        list_query = ListQuery.of(filters, until, page, self._maps)
        counters = counters_of(self._cubes, measure, filters.dimensions)
        begun = max(page.after("position", since.position), since.position)
        key = (key_of(filters), measure, since.position, until.position)
        under_way = self._under_way.pop((*key, begun), None)
        if under_way is None:
            cell = CellChanges(filters, counters, self._maps, until.position, self._moves)
            figures = cell.figure(since.position), cell.figure(until.position)
            under_way = _UnderWay(*figures, cell.changes(begun, until.position))
        changes = list(islice(under_way.changes, page.limit + 1))
        shown, last = cut(changes, page.limit)
        place = None
        if last:
            place = list_query.place(since=since.position, position=last[0])
            going_on = under_way._replace(changes=chain(changes[-1:], under_way.changes))
            self._under_way[*key, last[0]] = going_on
            while len(self._under_way) > KEPT_UNDER_WAY:
                self._under_way.pop(next(iter(self._under_way)), None)
        items = self._items(shown, until.position)
        return Difference(under_way.before, under_way.after, items, place)

    def _items(self, changes: Sequence[tuple[int, int]], reached: int) -> list[Item]:
        events = list(self._events([position for position, _ in changes]))
        titles = self._reasons.titles(events, reached)
        reasons = self._reasons.of(events, reached)
        return [
            {
                "position": event.position,
                "type": event.type,
                "subject": event.subject,
                "delta": delta,
                "title": title,
                **why,
            }
            for event, (_, delta), title, why in zip(events, changes, titles, reasons, strict=True)
        ]

    def _events(self, positions: Sequence[int]) -> Iterator[RecordedEvent]:
        """Yield the events at positions; neighbours are read together."""
        for _, row in groupby(enumerate(positions), key=lambda each: each[1] - each[0]):
            together = [position for _, position in row]
            yield from self._log.read(together[0] - 1, len(together))
