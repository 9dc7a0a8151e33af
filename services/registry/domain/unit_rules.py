"""Refusals of units in events of the map, each shared by several rules."""

from collections.abc import Set as AbstractSet
from datetime import date

from shared.errors import Problem, declare
from shared.events.payloads.payload import Payload
from shared.events.payloads.units import OpenedUnit, UnitOpened
from shared.territory import Territory
from shared.territory.unit_history import ONE_DAY

UNIT_EXISTS = declare(
    "unit_exists",
    409,
    vi="Đơn vị {unit_id} đã được lập từ ngày {first_day}; mỗi đơn vị chỉ được lập một lần.",
    en="Unit {unit_id} was opened on {first_day} already; a unit is opened once.",
)
SECOND_COUNTRY = declare(
    "second_country",
    409,
    vi="Bản đồ đã có một quốc gia: {unit_id} không thể là quốc gia thứ hai.",
    en="The map has a country already: {unit_id} cannot be a second one.",
)
PARENT_MISSING = declare(
    "parent_missing",
    409,
    vi="Đơn vị cấp trên {parent_id} của {unit_id} không tồn tại vào ngày {day}.",
    en="The parent {parent_id} of unit {unit_id} does not exist on {day}.",
)
UNIT_MISSING_ON_DAY = declare(
    "unit_missing_on_day",
    409,
    vi="Đơn vị {unit_id} không tồn tại vào ngày {day} hoặc ngày liền trước.",
    en="Unit {unit_id} exists neither on {day} nor on the day before.",
)
ALREADY_ENDED = declare(
    "already_ended",
    409,
    vi="Đơn vị {unit_id} đã kết thúc, ngày tồn tại cuối cùng là {last_day}.",
    en="Unit {unit_id} has ended already: its last day is {last_day}.",
)
COUNTRY_CLOSED = declare(
    "country_closed",
    409,
    vi="Không thể kết thúc quốc gia {unit_id}.",
    en="The country {unit_id} cannot end.",
)
CIRCLE = declare(
    "circle",
    409,
    vi="Sự kiện của {subject} sẽ đặt một đơn vị vào bên dưới, hoặc vào trong, chính nó.",
    en="This event of {subject} would put a unit below itself, or into itself.",
)


def refuse_opening(
    unit: UnitOpened | OpenedUnit,
    day: date,
    territory: Territory,
    beside: AbstractSet[str] = frozenset(),
) -> Problem | None:
    """Refuse a unit that is not new, a second country, and a parent that does not exist.

    `beside` are the other units that the same event opens.
    """
    if territory.known(unit.unit_id):
        first_day = territory.first_day(unit.unit_id)
        return Problem(UNIT_EXISTS, {"unit_id": unit.unit_id, "first_day": str(first_day)})
    if unit.parent_id is None:
        second = territory.has_country()
        return Problem(SECOND_COUNTRY, {"unit_id": unit.unit_id}) if second else None
    if unit.parent_id in beside:
        return None
    return refuse_parent(unit.unit_id, unit.parent_id, day, territory)


def refuse_parent(unit_id: str, parent_id: str, day: date, territory: Territory) -> Problem | None:
    """Refuse a parent that does not exist on the day."""
    return None if territory.exists(parent_id, day) else parent_missing(unit_id, parent_id, day)


def parent_missing(unit_id: str, parent_id: str, day: date) -> Problem:
    """Return the refusal of a parent that does not exist on the day."""
    stated = {"unit_id": unit_id, "parent_id": parent_id, "day": day.isoformat()}
    return Problem(PARENT_MISSING, stated)


def refuse_missing(unit_id: str, day: date, territory: Territory) -> Problem | None:
    """Refuse a unit that exists neither on the day nor on the day before."""
    if territory.exists(unit_id, day) or territory.exists(unit_id, day - ONE_DAY):
        return None
    return Problem(UNIT_MISSING_ON_DAY, {"unit_id": unit_id, "day": day.isoformat()})


def refuse_second_end(unit_id: str, territory: Territory) -> Problem | None:
    """Refuse to end a unit whose end is already recorded, on any day."""
    last_day = territory.last_day(unit_id)
    if last_day is None:
        return None
    return Problem(ALREADY_ENDED, {"unit_id": unit_id, "last_day": last_day.isoformat()})


def refuse_circle(payload: Payload, territory: Territory) -> Problem | None:
    """Refuse an event that would put a unit below itself or make it part of itself."""
    if not territory.makes_circle(payload):
        return None
    return Problem(CIRCLE, {"subject": payload.subject()})
