"""The row "any" of the contract: rules for every event of every service.

It is here, and not in each domain, because it is one rule of the contract and not three.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shared.clock import MICROSECONDS, day_in_vietnam
from shared.errors import Problem, declare
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.payload import Document, Payload
from shared.events.payloads.taxonomies import TaxonomyPublished
from shared.events.payloads.units import (
    UnitClosed,
    UnitMoved,
    UnitOpened,
    UnitRenamed,
    UnitsReorganized,
)
from shared.territory import Territory
from shared.territory.taxonomies import Taxonomies, TaxonomyVersion
from shared.vocabulary import Precision, TaxonomyKind

UNIT_EVENTS = (UnitOpened, UnitRenamed, UnitMoved, UnitClosed, UnitsReorganized)
"""Events whose own rows of the contract state when the units they name must exist."""

MAY_LIE_AHEAD = (*UNIT_EVENTS, TaxonomyPublished)
"""Events that may be sent before their day: map changes and taxonomies take effect later."""

_HOUR_US = 3_600 * MICROSECONDS

OCCURRED_IN_FUTURE = declare(
    "occurred_in_future",
    409,
    vi="occurred_on {occurred_on} sau ngày gửi {sent_on} (giờ Việt Nam): sự việc chưa xảy ra.",
    en="occurred_on {occurred_on} is after {sent_on}, the day of `time` in Vietnam: "
    "it cannot have happened yet.",
)
SIGNED_IN_FUTURE = declare(
    "signed_in_future",
    409,
    vi="Văn bản có ngày ký {signed_on} sau ngày gửi {sent_on} (giờ Việt Nam).",
    en="A document is signed on {signed_on}, after {sent_on}, the day of `time` in Vietnam.",
)
UNIT_DOES_NOT_EXIST = declare(
    "unit_does_not_exist",
    409,
    vi="Đơn vị {unit_id} không tồn tại vào {occurred}: đơn vị này tồn tại từ {first_day} "
    "đến {last_day}.",
    en="Unit {unit_id} does not exist on {occurred}: it existed from {first_day} to {last_day}.",
)


class Days(NamedTuple):
    """A range of days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        if self.first == self.last:
            return self.first.isoformat()
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


def days_of(occurred_on: date, precision: Precision, plan_year: int | None) -> tuple[Days, ...]:
    """Return the days on which an event may have happened, by the precision of its day."""
    match precision:
        case Precision.DAY:
            return (Days(occurred_on, occurred_on),)
        case Precision.MONTH:
            last = monthrange(occurred_on.year, occurred_on.month)[1]
            return (Days(occurred_on.replace(day=1), occurred_on.replace(day=last)),)
        case Precision.YEAR:
            return (_year(occurred_on.year),)
        case Precision.PERIOD:
            years = dict.fromkeys((occurred_on.year, plan_year or occurred_on.year))
            return tuple(_year(year) for year in years)


def unknown_units(payload: Payload, territory: Territory) -> tuple[str, ...]:
    """Return the units named that are not opened yet, in a stable order."""
    unknown = [unit_id for unit_id in payload.unit_ids() if not territory.known(unit_id)]
    return tuple(sorted(unknown))


def broken_common_rule(
    event: ReceivedEvent,
    territory: Territory,
    *,
    plan_year: int | None = None,
    unit_ids: Iterable[str] | None = None,
) -> Problem | None:
    """Return the rule of the row "any" that an event breaks; all units it names must be known.

    `plan_year` is the derived one, if the event does not state it; `unit_ids` are the units that
    must exist on its day (default: all that it names).
    """
    payload = event.payload
    sent_on = day_sent(event)
    may_lie_ahead = isinstance(payload, MAY_LIE_AHEAD)
    problem = None if may_lie_ahead else not_yet(payload.occurred_on, sent_on)
    problem = problem or not_yet_signed(payload.documents(), sent_on)
    if problem or isinstance(payload, UNIT_EVENTS):
        return problem
    named = payload.unit_ids() if unit_ids is None else unit_ids
    days = days_of(payload.occurred_on, payload.occurred_precision, payload.plan_year or plan_year)
    return do_not_exist(named, days, territory)


def day_sent(event: ReceivedEvent) -> date:
    """Return the day of `time` in Vietnam."""
    return vietnam_day(event.time_us)


def vietnam_day(moment_us: int) -> date:
    """Return the day of a moment in Vietnam, whose offset is in whole hours."""
    return _day_of_hour(moment_us // _HOUR_US)


def not_yet(occurred_on: date, sent_on: date) -> Problem | None:
    """Refuse an event dated after the day it was sent."""
    if occurred_on <= sent_on:
        return None
    return Problem(
        OCCURRED_IN_FUTURE,
        {"occurred_on": occurred_on.isoformat(), "sent_on": sent_on.isoformat()},
    )


def not_yet_signed(documents: Iterable[Document], sent_on: date) -> Problem | None:
    """Refuse a document that was signed after the day it was sent."""
    for document in documents:
        signed_on = document.signed_on
        if signed_on is not None and signed_on > sent_on:
            return Problem(
                SIGNED_IN_FUTURE,
                {"signed_on": signed_on.isoformat(), "sent_on": sent_on.isoformat()},
            )
    return None


def do_not_exist(
    unit_ids: Iterable[str], days: Sequence[Days], territory: Territory
) -> Problem | None:
    """Refuse a unit that exists on none of the days."""
    for unit_id in sorted(unit_ids):
        for first, last in days:
            if territory.exists_within(unit_id, first, last):
                break
        else:
            return Problem(UNIT_DOES_NOT_EXIST, _when_it_existed(unit_id, days, territory))
    return None


def _when_it_existed(unit_id: str, days: Sequence[Days], territory: Territory) -> dict[str, object]:
    params: dict[str, object] = {
        "unit_id": unit_id,
        "occurred": ", ".join(str(run) for run in days),
    }
    first, last = territory.first_day(unit_id), territory.last_day(unit_id)
    if first is not None:
        params["first_day"] = first.isoformat()
    if last is not None:
        params["last_day"] = last.isoformat()
    return params


@lru_cache(maxsize=4096)
def _day_of_hour(hour: int) -> date:
    # Thousands of events share one hour, and time zone conversion is slow.
    return day_in_vietnam(hour * _HOUR_US)


def _year(year: int) -> Days:
    return Days(date(year, 1, 1), date(year, 12, 31))


CODE_NOT_IN_FORCE = declare(
    "code_not_in_force",
    409,
    vi="Mã {code_sent} không có trong danh mục {taxonomy} phiên bản {version} của {jurisdiction}, "
    "đang có hiệu lực đối với đơn vị {unit_id} vào ngày {day}.",
    en="Code {code_sent} is not in the taxonomy {taxonomy} version {version} of {jurisdiction}, "
    "which is in force for unit {unit_id} on {day}.",
)


def not_in_force(
    code: str,
    kind: TaxonomyKind,
    *,
    unit_id: str,
    day: date,
    taxonomies: Taxonomies,
    territory: Territory,
) -> Problem | None:
    """Refuse a code that the taxonomy in force does not list; if none is in force, accept any.

    events.md, Accepting, Taxonomies.
    """
    version = taxonomies.in_force(kind, unit_id, day, territory)
    if version is None or code in version.entries:
        return None
    return not_listed(code, kind, version, unit_id=unit_id, day=day)


def not_listed(
    code: str, kind: TaxonomyKind, version: TaxonomyVersion, *, unit_id: str, day: date
) -> Problem:
    """Return the refusal of a code that a version does not list."""
    return Problem(
        CODE_NOT_IN_FORCE,
        {
            "code_sent": code,
            "taxonomy": str(kind),
            "version": version.version,
            "jurisdiction": version.jurisdiction_unit_id,
            "unit_id": unit_id,
            "day": day.isoformat(),
        },
    )
