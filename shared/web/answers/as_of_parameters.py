"""The parameters `known_at` and `map`: the log position, and the day of the map, of a read."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from shared.clock import Clock, day_in_vietnam, end_of_day_in_vietnam, to_microseconds
from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.eventlog.protocol import Head, Reader
from shared.events.bilingual import said
from shared.events.payloads.payload import EXACT_INTEGER
from shared.web.answers.problems import parameter_error

RECORDED = "recorded"
CURRENT = "current"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_POSITION = re.compile(r"[0-9]{1,16}")
# An unencoded plus sign arrives as a space; a time has no other space there.
_LOST_PLUS = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:\d{2})$")

BEYOND_HEAD = declare(
    "known_at_beyond_head",
    422,
    vi="Sổ cái mới có đến vị trí {head}, chưa có vị trí {position}.",
    en="The log ends at position {head}; there is no position {position} yet.",
)


@dataclass(frozen=True, slots=True)
class MapChoice:
    """The map of a read: that of a day, or of each item's own day (`day` is None)."""

    stated: str
    day: date | None


def known_at(stated: str | None, log: Reader, *, parameter: str = "known_at") -> Head:
    """Return the head of the log as of `known_at`; by default the current head.

    It is a position, a time with offset, or a date, which means the end of that day in
    Asia/Ho_Chi_Minh. Errors name `parameter`.
    """
    if stated is None:
        return log.head()
    if _POSITION.fullmatch(stated):
        return _at(min(int(stated), EXACT_INTEGER), log, parameter)
    return log.last_recorded_until(_moment(stated, parameter))


def asked(stated: str, parameter: str) -> tuple[int, int]:
    """Return the position that a `known_at` states and 0, or 0 and its time (microseconds)."""
    if _POSITION.fullmatch(stated):
        return min(int(stated), EXACT_INTEGER), 0
    return 0, _moment(stated, parameter)


def require_moment(stated: str, *, parameter: str = "known_at") -> None:
    """Raise the error of `known_at` for an invalid value, without reading the log."""
    if not _POSITION.fullmatch(stated):
        _moment(stated, parameter)


def lies_ahead(stated: str, clock: Clock) -> bool:
    """Return whether a valid `known_at` is in the future, so that it means the current head.

    A day ends with its last moment, so today is in the future; a position never is.
    """
    return not _POSITION.fullmatch(stated) and _moment(stated, "known_at") > clock()


def _at(position: int, log: Reader, parameter: str) -> Head:
    place = log.at(position)
    if place is None:
        params = {"head": log.head().position, "position": position}
        errors = (FieldError(f"/{parameter}", said("sau vị trí cuối", "beyond the head")),)
        raise BrokenContract(Problem(BEYOND_HEAD, params, errors))
    return place


def _moment(stated: str, parameter: str) -> int:
    try:
        if _DAY.fullmatch(stated):
            return end_of_day_in_vietnam(date.fromisoformat(stated))
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", stated))
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise parameter_error(
            parameter,
            vi="phải là vị trí, ngày, hoặc thời điểm có múi giờ",
            en="must be a position, a date, or a time with an offset",
        )
    return to_microseconds(moment)


def map_choice(stated: str | None, clock: Clock, *, default: str = RECORDED) -> MapChoice:
    """Return the choice of `map`; today is the day in Asia/Ho_Chi_Minh."""
    chosen = default if stated is None else stated
    if chosen == RECORDED:
        return MapChoice(chosen, None)
    if chosen == CURRENT:
        return MapChoice(chosen, day_in_vietnam(clock()))
    if _DAY.fullmatch(chosen):
        try:
            return MapChoice(chosen, date.fromisoformat(chosen))
        except ValueError:
            pass
    raise parameter_error(
        "map",
        vi="phải là recorded, current hoặc một ngày",
        en="must be recorded, current or a date",
    )
