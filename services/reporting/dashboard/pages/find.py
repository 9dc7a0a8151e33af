"""The page of what was found: models, organisations, units, awards and decisions, by kind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import page_files
from services.reporting.dashboard.page_parameters import (
    AWARD_PAGE,
    FIND_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
    UNITS_PAGE,
)
from services.reporting.queries.finding.entry_search import MOST
from services.reporting.queries.finding.finder import KINDS, LONGEST
from shared.vocabulary import Dimension
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.filters import Item
    from services.reporting.queries.finding.finder import FoundKind

SHOWN_OF_EACH = 10
SHOWN_OF_ONE = 50


def find_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what has the words of `q` in the scope: some of each kind, or more of one."""
    q, kind = asked_words(parameters)
    start = _start(parameters.get("start"))
    most = SHOWN_OF_EACH if kind is None else SHOWN_OF_ONE
    found: list[FoundKind] = []
    if q:
        kinds = KINDS if kind is None else (kind,)
        part = (start, start + most)
        found = context.reads.find(q, kinds, context.filters(), context.as_of, part)
    return {
        "q": q,
        "kind": kind,
        "place": context.place(),
        "groups": [_group(each, context, q, one=kind is not None) for each in found if each.number],
        "every_kind": context.choice.address(FIND_PAGE, q=q),
        "nation": context.unit and context.choice.address(FIND_PAGE, q=q, unit=None, map=None),
        "now": context.choice.known_at and context.choice.address(FIND_PAGE, q=q, known_at=None),
        "units_page": context.choice.address(UNITS_PAGE, q=q or None),
        "most": context.words.number(MOST),
        "own_files": page_files(context, FIND_PAGE, q=q, kind=kind),
    }


def asked_words(parameters: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the words that are asked for, and the kind if only one is."""
    q, kind = parameters.get("q", "").strip(), parameters.get("kind")
    if len(q) > LONGEST:
        raise parameter_error("q", vi=f"dài quá {LONGEST} ký tự", en=f"exceeds {LONGEST} letters")
    if kind is not None and kind not in KINDS:
        raise parameter_error("kind", vi="không có loại này", en="is no kind")
    return q, kind


def _start(stated: str | None) -> int:
    if stated is None:
        return 0
    if not (stated.isascii() and stated.isdigit() and int(stated[:9]) <= MOST):
        raise parameter_error("start", vi="phải là một số", en="must be a number")
    return int(stated)


def _group(found: FoundKind, context: PageContext, q: str, *, one: bool) -> dict[str, Any]:
    words, choice = context.words, context.choice
    said = words("found_number" if found.exact else "found_more_than")
    more = None
    if found.after is not None:
        start = found.after if one else None
        more = choice.address(FIND_PAGE, q=q, kind=found.kind, start=start)
    line = _LINES[found.kind]
    return {
        "kind": found.kind,
        "number": said.format(count=words.number(found.number)),
        "lines": [{**_NO_LINE, **line(item, context)} for item in found.items],
        "more": more,
        "capped": one and not found.exact and found.after is None,
        "most": words.number(MOST),
    }


_NO_LINE: Mapping[str, Any] = {"address": None, "notes": ()}


def _model(item: Item, context: PageContext) -> dict[str, Any]:
    year = context.words("found_year").format(year=item["plan_year"])
    return {
        "address": context.choice.address(MODEL_PAGE, model=item["model_id"]),
        "title": item["title"],
        "notes": _notes(item["organization"], item["unit_name"], year),
    }


def _organization(item: Item, context: PageContext) -> dict[str, Any]:
    org_id = item["subject"].partition("/")[2]
    return {
        "address": context.choice.address(ORGANIZATION_PAGE, organization=org_id),
        "title": item["title"],
        "notes": _notes(item["unit_name"]),
    }


def _unit(item: Item, context: PageContext) -> dict[str, Any]:
    words, former = context.words, item["about"]
    return {
        "address": context.unit_address(item["unit_id"]),
        "title": item["title"],
        "notes": _notes(
            words(f"level_{item['code']}"),
            item["inside"],
            former and words("formerly").format(name=former),
        ),
    }


def _award(item: Item, context: PageContext) -> dict[str, Any]:
    form = _form(item["code"], context)
    units = dict.fromkeys([item["about"], item["unit_name"]])
    return {
        "address": context.choice.address(AWARD_PAGE, award=item["subject"].partition("/")[2]),
        "title": item["title"] or form,
        "notes": _notes(form if item["title"] else None, item["organization"], *units),
    }


def _decision(item: Item, context: PageContext) -> dict[str, Any]:
    """Return a decision with what it decides: a registration's title, or an award."""
    words, choice = context.words, context.choice
    if item["model_id"] is None:
        address = choice.address(AWARD_PAGE, award=item["subject"].partition("/")[2])
    else:
        address = choice.address(MODEL_PAGE, model=item["model_id"])
    signed = item["signed_on"]
    day = signed and words("found_signed").format(day=words.day(date.fromisoformat(signed)))
    about = item["about"] or (item["code"] and _form(item["code"], context))
    return {
        "address": address,
        "title": item["title"],
        "notes": _notes(day, about, item["unit_name"]),
    }


def _form(code: str, context: PageContext) -> str:
    names = context.reads.names(Dimension.AWARD_FORM, context.unit, context.year, context.as_of)
    return names.get(code) or context.words(code)


def _notes(*notes: str | None) -> list[str]:
    return [note for note in notes if note]


_LINES = {
    "model": _model,
    "organization": _organization,
    "unit": _unit,
    "award": _award,
    "decision": _decision,
}
