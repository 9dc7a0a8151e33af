"""The error page: the problem, the parameters concerned, and links to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.map_notice import NAMED_UNITS
from services.reporting.dashboard.texts.formatting import PageTexts
from shared.clock import day_in_vietnam
from shared.web.answers.as_of_parameters import map_choice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.reporting.dashboard.page_parameters import PageParameters
    from services.reporting.queries.facade import Pin
    from shared.clock import Clock
    from shared.errors import FieldError, Problem

LOST_UNIT = "unit_not_on_map"
MOMENTS_THE_WRONG_WAY_ROUND = "since_after_known_at"
"""Its sentence says everything; its field errors name parameters only."""


def problem_page(
    pin: Pin, choice: PageParameters, clock: Clock, problem: Problem
) -> dict[str, Any]:
    """Return the words of a problem; for a unit missing on the map also related units."""
    lost = _lost(pin, choice, clock, problem) if problem.rule.code == LOST_UNIT else None
    return {**problem_words(PageTexts(choice.lang), problem), "lost": lost}


def problem_words(words: PageTexts, problem: Problem) -> dict[str, Any]:
    """Return the words of a problem without reading the ledger, so that they work in any state."""
    rule, params = problem.rule, problem.params
    key = f"said_{rule.code}"
    if words.known(key):
        detail = words(key).format_map(
            {name: _formatted(name, params[name], words) for name in params}
        )
    else:
        detail = rule.words(words.language, params)
    with_errors = rule.code != MOMENTS_THE_WRONG_WAY_ROUND
    return {
        "status": rule.status,
        "code": rule.code,
        "detail": detail,
        "errors": [_error(each, words) for each in problem.errors] if with_errors else [],
        "lost": None,
    }


def _formatted(name: str, value: object, words: PageTexts) -> str:
    if name == "day":
        return words.day(str(value))
    if name in {"measure", "dimensions"}:
        return ", ".join(words(code.strip()).lower() for code in str(value).split(","))
    return str(value)


def _error(error: FieldError, words: PageTexts) -> tuple[str, str]:
    """Return the name of a parameter, and its error."""
    name = error.pointer.removeprefix("/")
    called, wrong = f"parameter_{name}", f"wrong_{name}"
    detail = words(wrong) if words.known(wrong) else words.one_of(error.detail)
    return (words(called) if words.known(called) else words(name)), detail


def _lost(pin: Pin, choice: PageParameters, clock: Clock, problem: Problem) -> dict[str, Any]:
    unit_id, today = str(problem.params["unit_id"]), day_in_vietnam(clock())
    day = map_choice(choice.map, clock).day or today
    reads, as_of = pin(None)
    life = reads.life(unit_id, as_of, day)

    def unit(unit_id: str) -> dict[str, Any]:
        """Return a unit with its name of today, and the map for the address of its page."""
        name = reads.called([(unit_id, today)], as_of)[unit_id, today]
        life = reads.life(unit_id, as_of, day)
        stays = life is not None and life.exists(day)
        map_ = choice.map if stays else None
        return {"unit_id": unit_id, "name": name or unit_id, "map": map_}

    def units(ids: Iterable[str]) -> list[dict[str, Any]]:
        return [unit(each) for each in list(ids)[:NAMED_UNITS]]

    followed_by: Any = problem.params["followed_by"]
    preceded_by: Any = problem.params["preceded_by"]
    ended = life is not None and life.last is not None and life.last < day
    return {
        "name": unit(unit_id)["name"],
        "lists": (
            ("preceded_by", units(preceded_by)),
            ("followed_by", units(followed_by)),
            ("lies_in", units(life.lies_in) if life and ended and not followed_by else []),
        ),
        "no_successor": ended and not followed_by,
    }
