"""The page of the provinces, and the page of the forwarding of this ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.appending.origins.problems import STOPPING
from shared.clock import DAY_US, MICROSECONDS, rfc3339
from shared.trust.authority import SOURCE_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from shared.eventlog.protocol import OriginHead

SILENT_US = DAY_US
"""A ledger that was not heard from for longer may withhold what it has."""
_STOPPED, _SILENT, _BEHIND, _LEVEL = range(4)
_STATES = ("line_stopped", "line_silent", "line_behind", "line_level")
_SECONDS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"), (1, "seconds"))


def provinces_page(context: PageContext, _parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return each ledger that forwards to this one, those that need to be looked at first."""
    lines = context.lines
    if lines is None:
        return {"origins": [], "troubled": 0, "count": 0}
    now = lines.clock()
    units = _units(context)
    found = sorted(
        ((_state(head, now), head.recorded_us, head.ledger, head) for head in lines.received()),
        key=lambda each: each[:3],
    )
    return {
        "origins": [_row(context, head, state, units, now) for state, _, _, head in found],
        "troubled": sum(state in {_STOPPED, _SILENT} for state, *_ in found),
        "count": len(found),
    }


def _state(head: OriginHead, now_us: int) -> int:
    if head.problem is not None:
        return _STOPPED
    if now_us - head.received_us > SILENT_US:
        return _SILENT
    return _BEHIND if head.head > head.position else _LEVEL


def _units(context: PageContext) -> Mapping[str, str]:
    """Return the unit of each publisher: of its first grant that has one."""
    authority = context.reads.trust.authority(context.as_of)
    found: dict[str, str] = {}
    for grant in authority.grants.values():
        if grant.unit_id is not None:
            found.setdefault(grant.publisher, grant.unit_id)
    return found


def _row(
    context: PageContext, head: OriginHead, state: int, units: Mapping[str, str], now_us: int
) -> dict[str, Any]:
    words = context.words
    publisher = head.ledger.removeprefix(SOURCE_PREFIX)
    unit = units.get(publisher)
    behind = max(0, head.head - head.position)
    return {
        "publisher": publisher,
        "name": None
        if unit is None
        else context.called([(unit, context.today)])(unit, context.today),
        "address": None if unit is None else context.unit_address(unit),
        "state": words(_STATES[state]),
        "needs_look": state in {_STOPPED, _SILENT},
        "position": head.position,
        "shared": head.shared,
        "head": head.head,
        "behind": behind,
        "lag": duration(now_us - head.recorded_us, words) if behind else None,
        "received": words.moment(rfc3339(head.received_us)),
        "silent": duration(now_us - head.received_us, words),
        "recorded": head.recorded,
        "duplicates": head.duplicates,
        "parked": head.parked,
        "refused": head.refused,
        "reason": head.problem and head.problem.rule.words(words.language, head.problem.params),
        "since": None if head.problem_us is None else words.moment(rfc3339(head.problem_us)),
    }


def duration(microseconds: int, words: PageTexts) -> str:
    """Return a duration in its largest unit: 3 ngày, 5 phút."""
    seconds = max(0, microseconds // MICROSECONDS)
    size, name = next((each for each in _SECONDS if seconds >= each[0]), _SECONDS[-1])
    return words(f"duration_{name}").format(count=words.number(seconds // size))


def forwarding_page(context: PageContext, _parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return how far this ledger is forwarded, and what was not recorded there."""
    lines, words = context.lines, context.words
    found = None if lines is None else lines.forwarded()
    if lines is None or found is None:
        return {"forwarded": None, "refusals": []}
    state, refusals = found
    head = max(state.head, context.as_of.position)
    vietnamese = words.language == "vi"
    counts = state.counts or {}
    return {
        "forwarded": {
            "publisher": state.ledger.removeprefix(SOURCE_PREFIX),
            "nation": state.nation,
            "position": state.position,
            "shared": state.shared,
            "head": head,
            "behind": max(0, head - state.position),
            "receipt": words.moment(rfc3339(state.forwarded_us)) if state.forwarded_us else None,
            "answered": words.moment(rfc3339(state.answered_us)) if state.answered_us else None,
            "silent": duration(lines.clock() - state.answered_us, words)
            if lines.clock() - state.answered_us > SILENT_US
            else None,
            "reason": state.stop and (state.stop.vi if vietnamese else state.stop.en),
            "is_final": state.stop is not None and state.stop.code in STOPPING,
            "counts": [
                (words(f"line_{name}"), counts.get(status, 0))
                for status, name in (
                    ("accepted", "recorded"),
                    ("duplicate", "duplicates"),
                    ("parked", "parked"),
                    ("refused", "refused"),
                    ("invalid", "invalid"),
                )
            ]
            + [(words("line_again"), state.taken_again)] * bool(state.taken_again),
        },
        "refusals": [
            {
                "position": each.position,
                "event": words.event(each.type),
                "subject": each.subject,
                "reason": each.vi if vietnamese else each.en,
                "code": each.code,
                "at": words.moment(rfc3339(each.at_us)),
            }
            for each in refusals
        ],
    }
