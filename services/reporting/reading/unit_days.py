"""The map as rows: each unit with its name, parent and province, and its place on today's map.

The map is folded in memory for every other read; SQL needs it as a table. It is written again
whenever the map or the day has changed.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text, delete, select

from shared.database.bulk_write import insert
from shared.database.columns import BYTEWISE
from shared.vocabulary import AdministrativeLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.reporting.map_snapshots import MapSnapshot
    from shared.readmodel.store import Store
    from shared.territory import Territory
    from shared.territory.day_map import UnitState

METADATA = MetaData()
UNIT_DAYS = Table(
    "reading_unit_days",
    METADATA,
    Column("unit_id", BYTEWISE, primary_key=True),
    Column("valid_from", Text, primary_key=True),
    Column("valid_to", Text),
    # A fact recorded outside the unit's days has the name of the nearest day.
    Column("named_from", Text, nullable=False),
    Column("named_to", Text),
    Column("name", Text),
    Column("kind", Text),
    Column("level", Text),
    Column("code", Text),
    Column("parent_id", BYTEWISE),
    Column("province_unit_id", BYTEWISE),
    Column("current_unit_id", BYTEWISE),
    Column("current_province_unit_id", BYTEWISE),
    Column("allocated", Boolean, nullable=False),
)
Index("reading_unit_days_named", UNIT_DAYS.c.unit_id, UNIT_DAYS.c.named_from)
WRITTEN = Table(
    "reading_unit_days_written",
    METADATA,
    Column("position", BigInteger, nullable=False),
    Column("day", Text, nullable=False),
)
_BEFORE_ALL_DAYS = ""


class _State(NamedTuple):
    """The part of a unit's row that may change from day to day."""

    name: str
    kind: str | None
    level: str
    code: str | None
    parent_id: str | None
    province_unit_id: str | None


def is_written(store: Store, snapshot: MapSnapshot, today: date) -> bool:
    """Say whether the rows are those of a map on a day."""
    with store.reading() as connection:
        row = connection.execute(select(WRITTEN)).one_or_none()
    return row is not None and tuple(row) == _key(snapshot, today)


def write(store: Store, snapshot: MapSnapshot, today: date) -> None:
    """Replace all rows by those of a map, with the places on the map of a day."""
    with snapshot.lock:
        rows = list(unit_days(snapshot, today))
    with store.writing() as connection:
        connection.execute(delete(WRITTEN))
        connection.execute(delete(UNIT_DAYS))
        insert(connection, UNIT_DAYS, rows)
        insert(connection, WRITTEN, [_key(snapshot, today)])


def unit_days(snapshot: MapSnapshot, today: date) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each unit and each run of days on which nothing about it changes.

    The caller holds the snapshot's lock.
    """
    territory = snapshot.territory
    states = _states(territory)
    for unit_id in territory.ever():
        runs = states.get(unit_id, [])
        path, allocated, _ = snapshot.locate(unit_id, today)
        current = (path[-1] if path else None, _province(path, territory, today), allocated)
        if not runs:  # it ended on the day of its opening
            day = (territory.first_day(unit_id) or today).isoformat()
            yield (
                unit_id,
                day,
                day,
                _BEFORE_ALL_DAYS,
                None,
                *(None,) * len(_State._fields),
                *current,
            )
        last = territory.last_day(unit_id)
        ended = None if last is None else (last + timedelta(days=1)).isoformat()
        begins = [day.isoformat() for day, _ in runs]
        for place, (_, state) in enumerate(runs):
            later = begins[place + 1] if place + 1 < len(runs) else None
            named_from = begins[place] if place else _BEFORE_ALL_DAYS
            yield (unit_id, begins[place], later or ended, named_from, later, *state, *current)


def _states(territory: Territory) -> dict[str, list[tuple[date, _State]]]:
    """Return the days from which each unit has another state, with the state."""
    found: dict[str, list[tuple[date, _State]]] = {}
    for day in territory.days():
        for unit in territory.on(day).units():
            runs = found.setdefault(unit.unit_id, [])
            state = _state(unit, territory, day)
            if not runs or runs[-1][1] != state:
                runs.append((day, state))
    return found


def _state(unit: UnitState, territory: Territory, day: date) -> _State:
    codes = [each.code for each in unit.codes if each.scheme == "gso"]
    return _State(
        unit.name,
        unit.kind,
        unit.level.value,
        codes[0] if codes else None,
        unit.parent_id,
        _province(territory.path(unit.unit_id, day), territory, day),
    )


def _province(path: tuple[str, ...], territory: Territory, day: date) -> str | None:
    """Return the province on a path from the country to a unit, None at the country."""
    for unit_id in path:
        unit = territory.unit(unit_id, day)
        if unit is not None and unit.level is AdministrativeLevel.PROVINCE:
            return unit_id
    return None


def _key(snapshot: MapSnapshot, today: date) -> tuple[int, str]:
    return snapshot.key[0], today.isoformat()
