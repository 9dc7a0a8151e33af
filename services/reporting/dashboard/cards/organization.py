"""The card of an organisation: its result of each year, models, plans, inspections, awards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.api.organization_result import RESULT
from services.reporting.dashboard.downloads import Kept
from services.reporting.dashboard.lists.cells import ListCell, cells_of
from services.reporting.dashboard.lists.declarations import LISTS
from services.reporting.dashboard.page_parameters import LIST_PAGE, ORGANIZATION_PAGE
from services.reporting.queries.cards.organizations import COUNTED
from shared.vocabulary import Measure
from shared.web.answers.csv_tables import Style, in_words, said
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.dashboard.texts.formatting import PageTexts
    from services.reporting.queries.cards.organizations import OrganizationCard
    from services.reporting.queries.filters import Item

SHOWN = 50
"""The number of models, of awards and of inspections on a card; the lists have all."""
NUMBERS = (*map(str, COUNTED), str(Measure.AWARDS_GRANTED), "inspections")


def organization_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the card of an organisation; an unknown one is 404."""
    org_id, card = _card(context, parameters)
    numbers = [each for found in card.models.values() for each in reversed(found)]
    reads = context.reads.organization_cards
    models = reads.registrations(numbers[:SHOWN], reads.query(context.as_of))
    style = Style(context.choice.lang, worded=True)
    (row,) = context.reads.labelled([card.item], context.as_of, style)
    own = () if card.predecessors else ("owner_org_id", "recipient_org_id", "org_id")
    return {
        "org_id": org_id,
        "title": card.item["name"],
        "kind": said("kind", card.item["kind"], context.choice.lang),
        "unit_name": row["unit_name"],
        "unit_now": unit_now(card.item, context),
        "block": row.get("block_code_label"),
        "predecessors": _links(card.predecessors, context),
        "successors": _links(card.successors, context),
        "results": [_result(each, context) for each in card.results],
        "numbers": NUMBERS,
        "models": table("registrations", models, context, without=own),
        "model_count": len(numbers),
        "models_address": context.choice.address(LIST_PAGE, organization=org_id, years="all"),
        "plans": table("plans", card.plans[:SHOWN], context, without=own),
        "inspections": table("inspections", card.inspections[:SHOWN], context, without=own),
        "inspection_count": len(card.inspections),
        "awards": table("awards", card.awards[:SHOWN], context, without=own),
        "award_count": len(card.awards),
        "own_files": {
            form: context.choice.address(ORGANIZATION_PAGE, organization=org_id, format=form)
            for form in ("xlsx", "docx", "csv")
        },
    }


def organization_kept(context: PageContext, parameters: Mapping[str, str]) -> Kept:
    """Return the result of every year of an organisation."""
    _, card = _card(context, parameters)
    return Kept(
        RESULT, ("kết quả của tổ chức", "result of an organisation"), card.results,
        (card.item["name"],),
    )  # fmt: skip


def _card(context: PageContext, parameters: Mapping[str, str]) -> tuple[str, OrganizationCard]:
    org_id = parameters.get("organization")
    if not org_id:
        raise parameter_error(
            "organization", vi="phải nêu mã tổ chức", en="must name an organisation"
        )
    reads = context.reads.organization_cards
    return org_id, reads.card(org_id, reads.query(context.as_of))


def _links(items: Iterable[Item], context: PageContext) -> list[tuple[str, str]]:
    return [
        (each["name"], context.choice.address(ORGANIZATION_PAGE, organization=each["org_id"]))
        for each in items
    ]


def _result(result: Item, context: PageContext) -> dict[str, Any]:
    return {**result, "plan": plan_words(result, context.words)}


def plan_words(result: Item, words: PageTexts) -> str:
    """Return the plan of a result: its number and day, or that there is none yet."""
    number = result["plan_number"]
    if number is None:
        return words("no_plan")
    return f"{number or words('decision_unnumbered')}, {words.day(result['plan_signed_on'])}"


def table(
    name: str,
    items: Sequence[Item],
    context: PageContext,
    *,
    without: Iterable[str] = (),
) -> dict[str, Any]:
    """Return rows of a list as a small table of a card: heads, and rows of cells."""
    declared = LISTS[name]
    left_out = frozenset(without)
    kept = [i for i, column in enumerate(declared.columns) if column.name not in left_out]
    rows: list[list[ListCell]] = cells_of(declared, items, context)
    years = [str(each["plan_year"]) for each in items] if declared.of_years else []
    heads = [
        (declared.table.heading(declared.columns[i].name, context.choice.lang),
         declared.columns[i].numeric)
        for i in kept
    ]  # fmt: skip
    return {
        "name": f"list_{name}",
        "heads": [(in_words("plan_year", context.choice.lang), True), *heads],
        "rows": [
            [*([ListCell(year, None, numeric=True)]), *(row[i] for i in kept)]
            for year, row in zip(years, rows, strict=True)
        ],
    }


def unit_now(item: Mapping[str, Any], context: PageContext) -> list[tuple[str, str]]:
    """Return the units that cover a recorded unit today, with their pages; empty: it is itself."""
    life = context.reads.life(item["unit_id"], context.as_of, context.today)
    units = () if life is None else life.lies_in
    called = context.called([(each, context.today) for each in units])
    return [(called(each, context.today), context.unit_address(each)) for each in units]
