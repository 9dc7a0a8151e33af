"""The cell of a figure: a measure or a flag, its dimensions, and the cubes that count it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.figures.grouping_by_map import ALLOCATED, UNKNOWN_KIND
from services.reporting.figures.measures import DEFINED
from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.events.bilingual import said
from shared.vocabulary import Dimension, Flag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.queries.filters import Filters

NO_SUCH_CELL = declare(
    "no_such_cell",
    422,
    vi="Chỉ tiêu {measure} không có ô theo {dimensions}.",
    en="The measure {measure} is not broken down by {dimensions}.",
)


class Counter(NamedTuple):
    """A cube that counts a measure: the entities with `bit`, or their different organisations."""

    cube: Cube
    bit: int
    distinct: bool

    @property
    def column(self) -> int:
        """Return its column in the sums of a grouping."""
        counting = self.cube.cache.counting
        assert counting is not None  # noqa: S101  outcomes count nothing
        if not self.distinct:
            return self.bit.bit_length() - 1
        return len(counting.bits) + [int(each.bit) for each in counting.distinct].index(self.bit)


def counters_of(cubes: Cubes, measure: str, dimensions: Collection[str]) -> list[Counter]:
    """Return the counters of a measure (or flag) in a cell of these dimensions.

    Our own dimension `allocated` (false: carried to a common ancestor) serves to explain the
    count of `quality.unallocated`. A flag may be raised by registrations and by awards: its
    figure is the sum. Raises `no_such_cell` (422) for dimensions that the measure does not have
    (events.md, What is counted).
    """
    own = {Dimension.UNIT, ALLOCATED}
    found = [
        counter
        for counter in _counters(cubes, measure)
        if set(dimensions) <= {*own, *counter.cube.columns}
    ]
    if not found:
        stated = sorted(set(dimensions) - {UNKNOWN_KIND})
        params = {"measure": measure, "dimensions": ", ".join(stated)}
        errors = (FieldError("/measure", said("không có ô như vậy", "no such cell")),)
        raise BrokenContract(Problem(NO_SUCH_CELL, params, errors))
    return found


def cell_of(filters: Filters, measure: str) -> Filters:
    """Return the cell in which a measure counts: for the flag of kinds only unknown kinds."""
    if measure != Flag.UNKNOWN_ORGANIZATION_KIND:
        return filters
    return replace(filters, dimensions={**filters.dimensions, UNKNOWN_KIND: True})


def _counters(cubes: Cubes, measure: str) -> Iterator[Counter]:
    if measure == Flag.UNKNOWN_ORGANIZATION_KIND:
        yield Counter(cubes.organizations, DEFINED, distinct=False)
    for cube in cubes.counted:
        counting = cube.cache.counting
        if counting is None:
            continue
        if measure in counting.bits:
            yield Counter(cube, 1 << counting.bits.index(measure), distinct=False)
        for each in counting.distinct:
            if each.name == measure:
                yield Counter(cube, int(each.bit), distinct=True)
