"""The reorganisation of 1 July 2025: 63 provinces became 34, districts ended, communes merged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.console.datasets.nation.event_writer import Event, event
from services.console.datasets.nation.lineage import Lineage, Unit, UnitChange, lineage

_DAY = "2025-07-01"
_WRITTEN_AT = "2025-07-01T08:00:00+07:00"
_DATA_SET = {"kind": "import", "ref": "vietnamadminunits 1.0.4"}
_NOTE = (
    "Theo một bộ dữ liệu của cộng đồng, không phải danh mục chính thức. "
    "After a community data set, not the official list."
)
_MERGERS = {"kind": "nghị quyết", "number": "202/2025/QH15", "signed_on": "2025-06-12"}
_END_OF_DISTRICTS = {"kind": "nghị quyết", "number": "203/2025/QH15", "signed_on": "2025-06-16"}
_NO_DISTRICTS = (
    "Kết thúc hoạt động của đơn vị hành chính cấp huyện trong cả nước. "
    "Administrative units of the district level ended in the whole country."
)


def reorganization_events() -> Iterator[Event]:
    """Yield the events of the day: provinces, then communes, then names, then districts."""
    maps = lineage()
    after = {unit.unit_id: unit for unit in maps.after}
    for part in components(maps.steps):
        yield _reorganized(part, after)
    yield from _renamed(maps, after)
    yield from _closed(maps)


def _reorganized(part: Sequence[UnitChange], after: Mapping[str, Unit]) -> Event:
    """Return the event of one connected part; a continuing unit is both source and target."""
    sources = list(dict.fromkeys(step.source for step in part))
    targets = [after[unit_id] for unit_id in dict.fromkeys(step.target for step in part)]
    first = targets[0]
    reorganization_id = f"gso-{_DAY}-{first.code}"
    new = [unit for unit in targets if unit.unit_id not in sources]
    return event(
        "UnitsReorganized",
        f"reorganization-{reorganization_id}",
        f"reorganization/{reorganization_id}",
        {
            **_common(_MERGERS if first.level == "province" else None),
            "reorganization_id": reorganization_id,
            "sources": sources,
            "targets": [
                {
                    "unit_id": target.unit_id,
                    "from": [
                        {"unit_id": step.source, "share": step.share}
                        for step in part
                        if step.target == target.unit_id
                    ],
                }
                for target in targets
            ],
            "opens": [_opened(unit) for unit in new] or None,
        },
        time=_WRITTEN_AT,
    )


def _opened(unit: Unit) -> dict[str, object]:
    return {
        "unit_id": unit.unit_id,
        "name": unit.name,
        "level": unit.level,
        "kind": unit.kind,
        "parent_id": unit.parent_id,
        "codes": [{"scheme": "gso", "code": unit.code}],
    }


def _renamed(maps: Lineage, after: Mapping[str, Unit]) -> Iterator[Event]:
    """Rename the few that continue under another name; their place follows from the districts."""
    for unit in maps.before:
        later = after.get(unit.unit_id)
        if later is not None and (unit.name, unit.kind) != (later.name, later.kind):
            yield event(
                "UnitRenamed",
                f"renamed-{_DAY}-{unit.unit_id}",
                f"unit/{unit.unit_id}",
                {
                    **_common(),
                    "unit_id": unit.unit_id,
                    "name": later.name,
                    "kind": later.kind,
                },
                time=_WRITTEN_AT,
            )


def _closed(maps: Lineage) -> Iterator[Event]:
    """Close the districts; the five that became special zones have ended already."""
    ended = {step.source for step in maps.steps}
    for unit in maps.before:
        if unit.level == "district" and unit.unit_id not in ended:
            yield event(
                "UnitClosed",
                f"closed-{_DAY}-{unit.unit_id}",
                f"unit/{unit.unit_id}",
                {
                    **_common(_END_OF_DISTRICTS),
                    "unit_id": unit.unit_id,
                    "reason": _NO_DISTRICTS,
                },
                time=_WRITTEN_AT,
            )


def _common(basis: Mapping[str, str] | None = None) -> dict[str, object]:
    return {
        "occurred_on": _DAY,
        "legal_basis": [basis] if basis else None,
        "origin": _DATA_SET,
        "note": _NOTE,
    }


def components(steps: Iterable[UnitChange]) -> tuple[tuple[UnitChange, ...], ...]:
    """Return the changes of each connected part, in the order in which they were given.

    Two changes are connected when they share a unit, directly or through others. A unit that
    simply continues is a part of its own.
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
    """Return the representative of the part that a unit belongs to (union-find)."""
    while (above := heads.setdefault(unit_id, unit_id)) != unit_id:
        heads[unit_id] = heads[above]
        unit_id = above
    return unit_id
