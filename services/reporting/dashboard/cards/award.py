"""The card of an award: recipient, decision, the models that it is for, and every event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.named_values import names_of
from services.reporting.dashboard.page_parameters import MODEL_PAGE, ORGANIZATION_PAGE
from services.reporting.dashboard.pages.explanation import event_words
from services.reporting.queries.explaining.titles import REGISTRATION
from shared.web.answers.csv_tables import Style, said
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.reporting.dashboard.page_context import PageContext


def award_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the card of an award; an unknown one is 404."""
    award_id = parameters.get("award")
    if not award_id:
        raise parameter_error("award", vi="phải nêu mã khen thưởng", en="must name an award")
    reads = context.reads
    card = reads.award_cards.card(award_id, reads.organization_cards.query(context.as_of))
    style = Style(context.choice.lang, worded=True)
    (row,) = reads.labelled([card.item], context.as_of, style)
    values = names_of(card.events, context)
    return {
        "award_id": award_id,
        "title": row["award_name"] or row["award_form_label"],
        "facts": list(_facts(row, context)),
        "flags": [said("flags", each, context.choice.lang) for each in row["flags"]],
        "models": _models(row, context),
        "events": [event_words(each, context, values) for each in card.events],
    }


def _facts(row: Mapping[str, Any], context: PageContext) -> Iterator[tuple[str, str, str | None]]:
    """Yield (name, value, address) of what is known about an award."""
    words, lang = context.words, context.choice.lang

    def organization(column: str) -> str | None:
        org_id = row[column]
        return org_id and context.choice.address(ORGANIZATION_PAGE, organization=org_id)

    kind = said("recipient_kind", row["recipient_kind"], lang) or ""
    name = (
        row.get("recipient_org_id_label")
        or row.get("recipient_unit_id_label")
        or row["recipient_person_ref"]
    )
    yield (
        words("recipient_kind"),
        f"{kind}: {name}" if name else kind,
        organization("recipient_org_id"),
    )
    yield words("unit"), str(row["unit_name"] or ""), None
    yield words("year"), str(row["plan_year"]), None
    yield words("award_form"), str(row.get("award_form_label") or ""), None
    grantor = row.get("grantor_org_id_label") or ""
    yield words("granted_by"), str(grantor), organization("grantor_org_id")
    yield words("basis"), said("basis_kind", row["basis_kind"], lang) or "", None
    number = row["decision_number"] or words("decision_unnumbered")
    signed = row["decision_signed_on"]
    yield words("decision"), f"{number} ({words.day(signed)})" if signed else number, None
    presented = words.day(row["presented_on"]) if row["presented_on"] else ""
    yield words("presented_on"), presented or words("yes" if row["presented"] else "not_yet"), None
    if row["revoked"]:
        yield words("state_of_award"), words("award_is_revoked"), None


def _models(row: Mapping[str, Any], context: PageContext) -> list[tuple[str, str | None]]:
    """Return the models that an award is for, each with its card."""
    subjects = [REGISTRATION + each for each in row["registration_ids"]]
    titles = context.reads.titles(subjects, context.as_of) if subjects else {}
    found: list[tuple[str, str | None]] = []
    for subject in subjects:
        titled = titles.get(subject)
        if titled is None:
            found.append((subject.removeprefix(REGISTRATION), None))
        else:
            address = context.choice.address(MODEL_PAGE, model=titled.model_id)
            found.append((titled.title or subject, address))
    return found
