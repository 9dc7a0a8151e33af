"""What a page says when it cannot be shown: what is wrong, where, and where to go from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.words import Words
from shared.clock import day_in_vietnam

if TYPE_CHECKING:
    from datetime import date

    from services.reporting.dashboard.choice import Choice
    from services.reporting.reads import Reads
    from shared.clock import Clock
    from shared.errors import LedgerError


def problem_page(reads: Reads, choice: Choice, clock: Clock, error: LedgerError) -> dict[str, Any]:
    """Return the words of a problem; of a unit that the map lacks, what came before and after."""
    problem, words = error.problem, Words(choice.lang)
    unit_id = problem.params.get("unit_id")
    return {
        "status": problem.rule.status,
        "code": problem.rule.code,
        "detail": problem.rule.words(choice.lang, problem.params),
        "errors": [(e.pointer.removeprefix("/"), words.one_of(e.detail)) for e in problem.errors],
        "lost_unit": unit_id if problem.rule.code == "unit_not_on_map" else None,
        "called": _called(reads, str(unit_id), clock) if unit_id else None,
        "preceded_by": _units(reads, problem.params.get("preceded_by"), clock),
        "followed_by": _units(reads, problem.params.get("followed_by"), clock),
    }


def _units(reads: Reads, ids: Any, clock: Clock) -> list[dict[str, Any]]:  # noqa: ANN401  of params
    return [{"unit_id": each, "name": _called(reads, each, clock)} for each in ids or ()]


def _called(reads: Reads, unit_id: str, clock: Clock) -> str:
    day: date = day_in_vietnam(clock())
    return reads.called([(unit_id, day)], reads.as_of())[unit_id, day] or unit_id
