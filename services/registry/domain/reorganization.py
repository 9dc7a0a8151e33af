"""The rules of a reorganisation: a merger, a division, or both at once (events.md, Accepting)."""

from services.registry.domain.unit_rules import (
    COUNTRY_CLOSED,
    parent_missing,
    refuse_circle,
    refuse_missing,
    refuse_opening,
    refuse_second_end,
)
from shared.errors import Problem, declare
from shared.events.payloads.units import UnitsReorganized
from shared.territory import Territory, ended_by
from shared.territory.effects import shares_of
from shared.territory.unit_history import ONE_DAY

SOURCE_MISSING = declare(
    "source_missing",
    409,
    vi="Đơn vị {unit_id} không tồn tại vào ngày liền trước ngày sắp xếp {day}.",
    en="The source {unit_id} does not exist on the day before the reorganization of {day}.",
)
REORGANIZATION_EXISTS = declare(
    "reorganization_exists",
    409,
    vi="Đã có việc sắp xếp mang mã {reorganization_id}.",
    en="A reorganization {reorganization_id} is recorded already.",
)
SOURCE_WITHOUT_TARGET = declare(
    "source_without_target",
    409,
    vi="Đơn vị {unit_id} được sắp xếp nhưng không có trong `from` của đơn vị mới nào.",
    en="The source {unit_id} stands in the `from` of no target.",
)


def refuse_reorganizing(payload: UnitsReorganized, territory: Territory) -> Problem | None:
    """Return the first rule that a reorganisation would break as the next event."""
    if territory.has_reorganization(payload.reorganization_id):
        return Problem(REORGANIZATION_EXISTS, {"reorganization_id": payload.reorganization_id})
    return (
        _refuse_openings(payload, territory)
        or _refuse_sources(payload, territory)
        or _refuse_targets(payload, territory)
        or refuse_circle(payload, territory)
    )


def _refuse_openings(payload: UnitsReorganized, territory: Territory) -> Problem | None:
    day, opened, ending = payload.occurred_on, payload.opened_ids(), ended_by(payload)
    for unit in payload.opens or ():
        problem = refuse_opening(unit, day, territory, beside=opened)
        if problem is not None:
            return problem
        if unit.parent_id is not None and unit.parent_id in ending:
            return parent_missing(unit.unit_id, unit.parent_id, day)
    return None


def _refuse_sources(payload: UnitsReorganized, territory: Territory) -> Problem | None:
    """Refuse a source that does not exist the day before, ends twice, or has no target."""
    day_before = payload.occurred_on - ONE_DAY
    ending = ended_by(payload)
    _, targets = shares_of(payload)
    for unit_id in payload.sources:
        if not territory.exists(unit_id, day_before):
            stated = {"unit_id": unit_id, "day": payload.occurred_on.isoformat()}
            return Problem(SOURCE_MISSING, stated)
        if unit_id not in targets:
            return Problem(SOURCE_WITHOUT_TARGET, {"unit_id": unit_id})
        if unit_id in ending:
            if territory.is_country(unit_id):
                return Problem(COUNTRY_CLOSED, {"unit_id": unit_id})
            problem = refuse_second_end(unit_id, territory)
            if problem is not None:
                return problem
    return None


def _refuse_targets(payload: UnitsReorganized, territory: Territory) -> Problem | None:
    """Refuse a target, or the unit concerned, that neither exists nor is opened by the event."""
    named = [target.unit_id for target in payload.targets]
    if payload.unit_id is not None:
        named.append(payload.unit_id)
    opened = payload.opened_ids()
    for unit_id in named:
        problem = None
        if unit_id not in opened:
            problem = refuse_missing(unit_id, payload.occurred_on, territory)
        if problem is not None:
            return problem
    return None
