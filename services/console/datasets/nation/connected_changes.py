"""What was reorganised together: the connected parts of the lineage, one event for each of them."""

from collections.abc import Iterable

from services.console.datasets.nation.lineage import UnitChange


def components(steps: Iterable[UnitChange]) -> tuple[tuple[UnitChange, ...], ...]:
    """Return the steps of each connected part, in the order in which they were given.

    Two steps belong together when they share a unit, or when others lead from the one to the other.
    A unit that simply goes on is a part of its own.
    """
    steps = tuple(steps)
    heads: dict[str, str] = {}
    for step in steps:
        heads[_head(step.source, heads)] = _head(step.target, heads)
    together: dict[str, list[UnitChange]] = {}
    for step in steps:
        together.setdefault(_head(step.source, heads), []).append(step)
    return tuple(tuple(part) for part in together.values())


def _head(unit_id: str, heads: dict[str, str]) -> str:
    """Return the unit that stands for all that are known to be connected with this one."""
    while (above := heads.setdefault(unit_id, unit_id)) != unit_id:
        heads[unit_id] = heads[above]
        unit_id = above
    return unit_id
