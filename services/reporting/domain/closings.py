"""The rules of closings: one at a time for a year of a unit, at a position with known figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.errors import Problem, declare
from shared.events.payloads.periods import PeriodClosed, PeriodReopened
from shared.events.recorded import RecordedEvent
from shared.events.summary_digest import RULES

PERIOD_CLOSED = declare(
    "period_closed",
    409,
    vi="Năm {plan_year} của đơn vị {unit_id} đã khóa sổ tại vị trí {closed_at}.",
    en="The year {plan_year} of unit {unit_id} was closed at position {closed_at}.",
)
PERIOD_NOT_CLOSED = declare(
    "period_not_closed",
    409,
    vi="Năm {plan_year} của đơn vị {unit_id} chưa khóa sổ: không có gì để mở lại.",
    en="The year {plan_year} of unit {unit_id} is not closed: there is nothing to reopen.",
)
CLOSING_BEYOND_HEAD = declare(
    "closing_beyond_head",
    409,
    vi="Việc khóa sổ nêu vị trí {stated_position}, nhưng sổ mới đến vị trí {head}.",
    en="The closing states position {stated_position}, but the log ends at position {head}.",
)
CLOSING_NOT_AVAILABLE = declare(
    "closing_not_available",
    409,
    vi="Chưa tính lại được tổng hợp năm {plan_year} của đơn vị {unit_id} tại vị trí "
    "{stated_position}, nên chưa thể khóa sổ.",
    en="The summary of {plan_year} of unit {unit_id} at position {stated_position} cannot be "
    "recomputed here yet, so the year cannot be closed.",
)
CLOSING_DIGEST_DIFFERS = declare(
    "closing_digest_differs",
    409,
    vi="Mã băm nêu khi khóa sổ là {stated}, nhưng tính lại tại vị trí {stated_position} được "
    "{computed}.",
    en="The closing states the digest {stated}, but recomputed at position {stated_position} it "
    "is {computed}.",
)

FOLDED = frozenset({PeriodClosed.NAME, PeriodReopened.NAME})
"""The events that close and open a year."""

DigestsAt = Callable[[str, int, int], Mapping[int, str] | None]
"""Returns the digests of the summary of (unit_id, plan_year, position) under `map=recorded`.

There is one for each version of the counting rules; None if no summary can be recomputed.
"""


@dataclass(frozen=True, slots=True)
class ClosedYear:
    """A closed year of a unit; `closed_at` is the position of the closing in force."""

    closed_at: int


def evolve(state: ClosedYear | None, event: RecordedEvent) -> ClosedYear | None:
    """Return the year after one more event of its stream, None while it is open."""
    match event.payload:
        case PeriodClosed():
            return ClosedYear(event.position)
        case PeriodReopened():
            return None
        case _:
            return state


def close(
    payload: PeriodClosed, period: ClosedYear | None, head: int, digests_at: DigestsAt
) -> Problem | None:
    """Accept the closing of an open year with the digest recomputed at its position.

    A digest by an earlier version of the counting rules is valid: its summary was read before.
    """
    stated: dict[str, object] = {
        "unit_id": payload.unit_id,
        "plan_year": payload.plan_year,
        "stated_position": payload.position,
    }
    if period is not None:
        return Problem(PERIOD_CLOSED, {**stated, "closed_at": period.closed_at})
    if payload.position > head:
        return Problem(CLOSING_BEYOND_HEAD, {**stated, "head": head})
    computed = digests_at(payload.unit_id, payload.plan_year, payload.position)
    if computed is None:
        return Problem(CLOSING_NOT_AVAILABLE, stated)
    if payload.digest not in computed.values():
        compared = {"stated": payload.digest, "computed": computed[RULES]}
        return Problem(CLOSING_DIGEST_DIFFERS, {**stated, **compared})
    return None


def reopen(payload: PeriodReopened, period: ClosedYear | None) -> Problem | None:
    """Accept the reopening of a closed year."""
    if period is not None:
        return None
    return Problem(PERIOD_NOT_CLOSED, {"unit_id": payload.unit_id, "plan_year": payload.plan_year})
