"""The exchange of good models: those to learn from, by field, block and place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cell_links import Names
from services.reporting.dashboard.lists.page import asked_list, codes_of, turns
from services.reporting.dashboard.page_parameters import (
    EXCHANGE_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
)
from services.reporting.dashboard.reason_lines import field_words, value
from shared.vocabulary import Dimension, Measure
from shared.web.answers.csv_tables import Style, in_words
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.cards.good_models import GoodModel

EXCHANGE_PARAMETERS = ("which", "field", "block", "years", "page", "at")
SHOWN_MODELS = 20
WHICH = ("exemplary", "replicated")
PROMISES = ("outputs", "objectives", "activities")
"""The promises that a reader sees at first, the most measurable first."""


def exchange_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of exemplary or of replicated models."""
    which = parameters.get("which", WHICH[0])
    if which not in WHICH:
        raise parameter_error(
            "which", vi="phải là exemplary hoặc replicated", en="must be exemplary or replicated"
        )
    asked = asked_list(context, {**parameters, "list": "registrations"})
    context, first = asked.context, (asked.page - 1) * SHOWN_MODELS
    models, count = context.reads.good_models.part(
        asked.query, first, SHOWN_MODELS, replicated=which == "replicated"
    )
    pages = max(-(-count // SHOWN_MODELS), 1)
    if asked.page > pages:
        raise parameter_error("page", vi=f"chỉ có {pages} trang", en=f"is beyond page {pages}")
    own = {name: parameters[name] for name in EXCHANGE_PARAMETERS if name in parameters}

    def address(**changed: object) -> str:
        kept = {name: each for name, each in own.items() if name not in {"page", "at"}}
        return context.choice.address(EXCHANGE_PAGE, **{**kept, **changed})

    style = Style(context.choice.lang, worded=True)
    rows = context.reads.labelled([each.item for each in models], context.as_of, style)
    at = context.as_of.position
    return {
        "place": context.place(),
        "which": which,
        "kinds": [(each, address(which=each)) for each in WHICH],
        "models": [_shown(model, row, context) for model, row in zip(models, rows, strict=True)],
        "count": count,
        "first": first + 1,
        "pages": pages,
        "page": asked.page,
        "turns": [(words, address(page=to, at=at)) for words, to in turns(asked.page, pages)],
        "filters": [_field(each, context, parameters) for each in ("field", "block")],
        "every_year": asked.every_year,
        "elsewhere": _elsewhere(context, address, every_year=asked.every_year),
        "places": _places(context, address),
        "hidden": [
            (name, str(stated))
            for name, stated in (
                ("lang", None if context.choice.lang == "vi" else context.choice.lang),
                ("unit", context.unit),
                ("year", context.choice.year),
                ("known_at", context.choice.known_at),
                ("map", context.choice.map),
                ("which", which),
            )
            if stated is not None
        ],
    }


def _shown(model: GoodModel, row: Mapping[str, Any], context: PageContext) -> dict[str, Any]:
    words = context.words
    owner = row["owner_org_id"]
    return {
        "title": row["title"],
        "address": context.choice.address(MODEL_PAGE, model=row["model_id"]),
        "unit_name": row["unit_name"],
        "year": row["plan_year"],
        "owner": row.get("owner_org_id_label"),
        "owner_address": owner and context.choice.address(ORGANIZATION_PAGE, organization=owner),
        "field": row.get("field_code_label"),
        "block": row.get("block_code_label"),
        "promised": [
            (field_words(field, words), value(field, model.promised[field], words))
            for field in PROMISES
            if field in model.promised
        ],
        "outcomes": [
            f"{words.code(each['metric'])}: {words(each['qualifier'])}{words.number(each['value'])}"
            for each in model.outcomes
        ],
        "replications": model.replications,
    }


def _field(name: str, context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    dimension = Dimension.FIELD if name == "field" else Dimension.BLOCK
    names = Names.of(context)
    return {
        "name": name,
        "heading": in_words(name, context.choice.lang),
        "options": [
            {
                "value": code,
                "text": names(dimension, code),
                "chosen": code == parameters.get(name),
            }
            for code in codes_of("registrations", dimension, context)
        ],
    }


def _elsewhere(
    context: PageContext,
    address: Any,  # noqa: ANN401  a function
    *,
    every_year: bool,
) -> list[tuple[str, str]]:
    """Return wider choices for a reader who finds nothing: their words and addresses."""
    words, wider = context.words, {"field": None, "block": None}
    found = [] if every_year else [(words("all_years"), address(**wider, years="all"))]
    if context.unit is not None:
        found.append((words("nation"), address(**wider, unit=None, years="all")))
    return found


def _places(context: PageContext, address: Any) -> list[tuple[str, int, str]]:  # noqa: ANN401  a function
    """Return the units below the scope with exemplary models: name, number, address."""
    summary = context.summary([Dimension.UNIT])
    scope = summary["scope"]
    rows = [
        row
        for row in summary["tables"][0]["rows"]
        if row["unit"] is not None
        and row[Measure.EXEMPLARY]
        and (scope is None or row["unit"] != scope["unit_id"])
    ]
    called = context.called([(row["unit"], context.day) for row in rows])
    return [
        (called(row["unit"], context.day), row[Measure.EXEMPLARY], address(unit=row["unit"]))
        for row in rows
    ]
