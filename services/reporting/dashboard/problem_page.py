"""What a page says when it cannot be shown: what is wrong, where, and where to go from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.about_map import NAMED_UNITS
from services.reporting.dashboard.words import Words
from shared.clock import day_in_vietnam
from shared.web.moments import map_choice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from services.reporting.dashboard.choice import Choice
    from services.reporting.reads import Reads
    from shared.clock import Clock
    from shared.errors import LedgerError, Problem

LOST_UNIT = "unit_not_on_map"


def problem_page(reads: Reads, choice: Choice, clock: Clock, error: LedgerError) -> dict[str, Any]:
    """Return the words of a problem; of a unit that the map lacks, what came before and after."""
    problem, words = error.problem, Words(choice.lang)
    return {
        "status": problem.rule.status,
        "code": problem.rule.code,
        "detail": problem.rule.words(choice.lang, problem.params),
        "errors": [(e.pointer.removeprefix("/"), words.one_of(e.detail)) for e in problem.errors],
        "lost": _lost(reads, choice, clock, problem) if problem.rule.code == LOST_UNIT else None,
    }


@dataclass(frozen=True)
class _Map:
    """A map on which units are looked for, and as what they are called today."""

    reads: Reads
    stated: str | None
    day: date
    today: date

    def unit(self, unit_id: str) -> dict[str, Any]:
        """Return a unit with its name, and the map on which its page can be asked for."""
        as_of = self.reads.as_of()
        name = self.reads.called([(unit_id, self.today)], as_of)[unit_id, self.today]
        life = self.reads.life(unit_id, as_of, self.day)
        stays = life is not None and life.exists(self.day)
        return {
            "unit_id": unit_id,
            "name": name or unit_id,
            "map": self.stated if stays else None,
        }


def _lost(reads: Reads, choice: Choice, clock: Clock, problem: Problem) -> dict[str, Any]:
    unit_id, today = str(problem.params["unit_id"]), day_in_vietnam(clock())
    day = map_choice(choice.map, clock).day or today
    on_map = _Map(reads, choice.map, day, today)
    life = reads.life(unit_id, reads.as_of(), day)

    def units(ids: Iterable[str]) -> list[dict[str, Any]]:
        return [on_map.unit(each) for each in list(ids)[:NAMED_UNITS]]

    followed_by: Any = problem.params["followed_by"]
    preceded_by: Any = problem.params["preceded_by"]
    ended = life is not None and life.last is not None and life.last < day
    return {
        "name": on_map.unit(unit_id)["name"],
        "lists": (
            ("preceded_by", units(preceded_by)),
            ("followed_by", units(followed_by)),
            ("lies_in", units(life.lies_in) if life and ended and not followed_by else []),
        ),
        "no_successor": ended and not followed_by,
    }
