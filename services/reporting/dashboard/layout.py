"""The common frame of every page: choices, navigation, and the position of the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.map_notice import about_map
from services.reporting.dashboard.page_parameters import (
    ANNEXES_PAGE,
    CHANGES_PAGE,
    CHOSEN,
    EXCHANGE_PAGE,
    EXPLANATION_PAGE,
    FIND_PAGE,
    FORWARDING_PAGE,
    HELP_PAGE,
    INTEGRITY_PAGE,
    LIST_PAGE,
    PROVINCES_PAGE,
    RECONCILIATION_PAGE,
    SIGNALS_PAGE,
    TRUST_PAGE,
    UNITS_PAGE,
    YEAR_PAGE,
    YEARS_PAGE,
    PageParameters,
)
from services.reporting.dashboard.texts.formatting import PageTexts
from shared.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services.reporting.dashboard.page_context import PageContext

NAVIGATION = (
    (YEAR_PAGE, "page_year"),
    (YEARS_PAGE, "short_years"),
    (LIST_PAGE, "page_list"),
    (EXCHANGE_PAGE, "page_exchange"),
    (SIGNALS_PAGE, "page_signals"),
    (RECONCILIATION_PAGE, "page_reconciliation"),
    (CHANGES_PAGE, "short_changes"),
    (ANNEXES_PAGE, "short_annexes"),
    (UNITS_PAGE, "page_units"),
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_OF_OTHER_PAGES = frozenset({"cursor", "start", "page", "at"})
"""The offset of a list is meaningless once a choice has changed."""


def outline(path: str, choice: PageParameters, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the frame that even an error page has: words, language, addresses."""
    own = {name: value for name, value in parameters.items() if name not in CHOSEN}
    other = "en" if choice.lang == "vi" else "vi"

    def address(to: str = YEAR_PAGE, /, **changed: object) -> str:
        return choice.address(to, **changed)

    return {
        "w": PageTexts(choice.lang),
        "choice": choice,
        "path": path,
        "own": {name: value for name, value in own.items() if name not in _OF_OTHER_PAGES},
        "other": other,
        "other_address": choice.address(path, **{**own, "lang": other}),
        "address": address,
        "explained": explained_by(choice),
        "my_unit": None,
        "form_token": None,
        "asks_sign_in": False,
        "find_page": FIND_PAGE,
        "asked": own.get("q", "") if path == FIND_PAGE else "",
        "help_page": HELP_PAGE,
        "integrity_page": INTEGRITY_PAGE,
        "trust_page": TRUST_PAGE,
        "provinces_page": PROVINCES_PAGE,
        "forwarding_page": FORWARDING_PAGE,
        "navigation": [(to, words) for to, words in NAVIGATION],
    }


def frame(path: str, context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the frame of a page."""
    choice, words, as_of = context.choice, context.words, context.as_of
    closed = {
        year: found.position
        for year in context.years
        if (found := context.reads.closing(context.unit, year, as_of))
    }
    recorded = None if as_of.recorded_us is None else rfc3339(as_of.recorded_us)
    around = outline(path, choice, parameters)
    return {
        **around,
        "unit_address": context.unit_address,
        "year": context.year,
        "years": context.years,
        "closed": closed,
        "known_day": _known_day(choice),
        "known_note": _known_note(context),
        "demonstration": context.demonstration(context.year),
        **about_map(path, context, around["own"]),
        "before_new_map": context.before_new_map,
        "position": as_of.position,
        "recorded": words.moment(recorded),
        "complete": all(m["equal"] for m in context.reads.completeness()["read_models"]),
    }


def explained_by(choice: PageParameters) -> Callable[..., str]:
    """Return a function for the address of the explanation of a measure in a cell of a table.

    A cell of a table by unit names its row; a dimension without a value is stated empty.
    """

    def explained(measure: str, /, **cell: object) -> str:
        stated = {name: "" if code is None else code for name, code in cell.items()}
        return choice.address(EXPLANATION_PAGE, measure=measure, **stated)

    return explained


def _known_note(context: PageContext) -> str | None:
    """Return the note about a chosen moment."""
    stated, words = context.choice.known_at, context.words
    if stated is None:
        return None
    if DAY.fullmatch(stated):
        moment = words("end_of_day").format(day=words.day(stated))
    elif stated.isdigit():
        moment = words("at_position").format(position=words.number(int(stated)))
    else:
        moment = words.moment(stated.replace(" ", "+"))
    return words("known_ahead" if context.known_ahead else "not_now").format(moment=moment)


def _known_day(choice: PageParameters) -> bool:
    """Say whether a date field can show the chosen moment: nothing stated, or a day."""
    return choice.known_at is None or bool(DAY.fullmatch(choice.known_at))
