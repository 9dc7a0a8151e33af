"""The card of a model: owner, place, years, promises and outcomes, decisions, lineage, events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cards.history import SHOWN_EVENTS, model_history
from services.reporting.dashboard.cards.lineage import Relative, lineage
from services.reporting.dashboard.cards.organization import unit_now
from services.reporting.dashboard.lists.cells import status_of
from services.reporting.dashboard.page_context import PageContext, page_of
from services.reporting.dashboard.page_parameters import (
    AWARD_PAGE,
    MODEL_PAGE,
    ORGANIZATION_PAGE,
)
from services.reporting.dashboard.reason_lines import document_words, field_words, value
from services.reporting.queries.explaining.titles import MODEL, ORGANIZATION
from shared.web.answers.csv_tables import Style, said
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from services.reporting.dashboard.reason_lines import Named
    from services.reporting.queries.cards.model_cards import ModelCard, RegistrationCard
    from services.reporting.queries.explaining.titles import Titled
    from services.reporting.queries.filters import Item


def model_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the card of a model, and a page of its events; an unknown model is 404."""
    model_id = parameters.get("model")
    if model_id is None:
        raise parameter_error("model", vi="phải nêu mã mô hình", en="must name a model")
    page = page_of(parameters, SHOWN_EVENTS)
    if page.place is not None:
        context = replace(context, as_of=context.reads.as_of(str(page.after("at", 0))))
    reads = context.reads
    card = reads.model_cards.card(model_id, reads.organization_cards.query(context.as_of))
    history = model_history(context, model_id, page, parameters)
    items = [each.item for each in card.registrations]
    style = Style(context.choice.lang, worded=True)
    rows = list(reads.labelled(items, context.as_of, style))
    years = [
        _year(registration, row, context)
        for registration, row in zip(card.registrations, rows, strict=True)
    ]
    latest = rows[0]
    return {
        **history,
        "facts": list(_facts(latest, context)),
        "unit_name": latest["unit_name"],
        "unit_now": unit_now(latest, context),
        "registrations": years,
        **_lineage(card, history["title"], context),
        "similar": _similar(latest, context),
        "events_open": page.place is not None,
    }


def _facts(row: Mapping[str, Any], context: PageContext) -> Iterator[tuple[str, str, str | None]]:
    """Yield (name, value, address) of what is known about a model at its latest registration."""
    words, lang = context.words, context.choice.lang
    owner = row.get("owner_org_id_label") or ""
    kind = said("owner_kind", row["owner_kind"], lang) or ""
    to = row["owner_org_id"] and context.choice.address(
        ORGANIZATION_PAGE, organization=row["owner_org_id"]
    )
    yield words("owner_kind"), f"{kind}: {owner}" if owner else kind, to
    yield words("field"), str(row.get("field_code_label") or ""), None
    yield words("block"), str(row.get("block_code_label") or ""), None
    yield words("level"), said("level", row["level"], lang) or "", None
    if row["subject_form"] != "model":
        yield words("subject_form"), said("subject_form", row["subject_form"], lang) or "", None
    yield words("latest_status"), f"{status_of(row, context)} ({row['plan_year']})", None


def _year(
    registration: RegistrationCard, row: Mapping[str, Any], context: PageContext
) -> dict[str, Any]:
    """Return one registration of a model as shown."""
    words = context.words
    named = _organizations(registration, context)
    return {
        "year": row["plan_year"],
        "title": row["title"],
        "unit_name": row["unit_name"],
        "kind": words(row["registration_kind"]),
        "status": status_of(row, context),
        "classification": row["classification"] or "",
        "total": row["evaluation_total"],
        "promised": [
            (field_words(field, words), value(field, content, words, named))
            for field, content in registration.promised.items()
        ],
        "outcomes": [
            {
                "metric": words.code(each["metric"]),
                "value": words(each["qualifier"]) + words.number(each["value"]),
                "day": words.day(each["interval"]["to"]),
                "counted": each["counted"],
            }
            for each in registration.outcomes
        ],
        "events": sorted(
            [
                *(_evaluation(each, context) for each in registration.evaluations),
                *(_decision(each, context, named) for each in registration.decisions),
                *(_inspection(each, context) for each in registration.inspections),
            ],
            key=lambda each: each["order"],
        ),
        "awards": [_award(each, context) for each in _labelled(registration.awards, context)],
    }


def _labelled(items: Sequence[Item], context: PageContext) -> Iterable[Mapping[str, Any]]:
    return context.reads.labelled(items, context.as_of, Style(context.choice.lang, worded=True))


def _evaluation(event: Mapping[str, Any], context: PageContext) -> dict[str, Any]:
    words = context.words
    parts = [event.get("classification")]
    if (total := event.get("total")) is not None:
        parts.append(f"{words('points')} {words.number(total)}")
    return _line("ModelEvaluated", event, [each for each in parts if each], context)


def _decision(event: Mapping[str, Any], context: PageContext, named: Named) -> dict[str, Any]:
    words = context.words
    parts = []
    if tier := event.get("tier"):
        parts.append(said("tier", tier, context.choice.lang) or tier)
    if body := event.get("decided_by_org_id"):
        parts.append(named("org_id", body) or body)
    if document := event.get("decision"):
        parts.append(
            document_words({k: v for k, v in document.items() if k != "issuer_org_id"}, words)
        )
        if not document.get("number"):
            parts.append(words("decision_unnumbered"))
    if reason := event.get("reason"):
        parts.append(f"{words('reason').lower()}: {reason}")
    return _line(event["name"], event, parts, context)


def _inspection(each: Mapping[str, Any], context: PageContext) -> dict[str, Any]:
    words, findings = context.words, each["findings"]
    state = said("state", each["state"], context.choice.lang)
    parts = [state, each["rating"], each["document_number"]]
    if findings:
        parts.append("; ".join(findings) if isinstance(findings, list) else findings)
    if not each["registration_ids"]:
        parts.append(words("inspection_of_owner" if each["org_id"] else "inspection_of_unit"))
    return _line("inspection", each, [part for part in parts if part], context)


def _line(
    what: str, stated: Mapping[str, Any], parts: Iterable[str], context: PageContext
) -> dict[str, Any]:
    words = context.words
    return {
        "order": (stated["occurred_on"], stated["position"]),
        "what": words("list_inspections") if what == "inspection" else words.event(what),
        "day": words.day(stated["occurred_on"]),
        "text": " · ".join(parts),
    }


def _award(row: Mapping[str, Any], context: PageContext) -> dict[str, Any]:
    words = context.words
    number = row["decision_number"] or words("decision_unnumbered")
    parts = [row.get("recipient_org_id_label"), number, words.day(row["decision_signed_on"])]
    return {
        "form": row["award_name"] or row["award_form_label"],
        "address": context.choice.address(AWARD_PAGE, award=row["award_id"]),
        "text": " · ".join(part for part in parts if part and part != "—"),
        "revoked": row["revoked"],
    }


def _organizations(registration: RegistrationCard, context: PageContext) -> Named:
    """Return a function for the names of the organisations that a registration's events name."""
    forces = registration.promised.get("forces") or []
    bodies = [each.get("decided_by_org_id") for each in registration.decisions]
    org_ids = {each for each in (*(force.get("org_id") for force in forces), *bodies) if each}
    titles: Mapping[str, Titled] = (
        context.reads.titles({ORGANIZATION + each for each in org_ids}, context.as_of)
        if org_ids
        else {}
    )

    def named(field: str, code: str) -> str | None:
        titled = titles.get(ORGANIZATION + code) if field == "org_id" else None
        return titled.title if titled else None

    return named


def _similar(row: Mapping[str, Any], context: PageContext) -> list[tuple[str, str, str]]:
    """Return (title, address, place and year) of models elsewhere with similar titles."""
    reads = context.reads
    found = reads.similar_models.of(
        dict(row),
        row.get("owner_org_id_label") or "",
        reads.organization_cards.query(context.as_of),
    )
    return [
        (
            item["title"],
            context.choice.address(MODEL_PAGE, model=item["model_id"]),
            ", ".join(str(each) for each in (item["unit_name"], item["plan_year"]) if each),
        )
        for item, _ in found
    ]


def _lineage(card: ModelCard, name: str, context: PageContext) -> dict[str, Any]:
    sources = relatives(card.taken_from, "source_model_id", context)
    targets = relatives(card.taken_up, "target_model_id", context)
    picture = None
    if sources or targets:
        picture = lineage(f"{context.words('lineage')}: {name}", name, sources, targets)
    return {"lineage": picture, "sources": sources, "targets": targets}


def relatives(items: Sequence[Item], column: str, context: PageContext) -> list[Relative]:
    """Return the models, or else the units, that replications name in a column."""
    models = {MODEL + each[column] for each in items if each[column]}
    titles = context.reads.titles(models, context.as_of) if models else {}
    places = [(each["target_unit_id"], context.day) for each in items if each["target_unit_id"]]
    called = context.called(places)
    found = []
    for each in items:
        model_id, unit_id = each[column], each["target_unit_id"]
        titled = titles.get(f"{MODEL}{model_id}")
        at_unit = called(unit_id, context.day) if unit_id and column == "target_model_id" else ""
        name = (titled and titled.title) or model_id or at_unit
        place = f" ({at_unit})" if model_id and at_unit else ""
        address = context.choice.address(MODEL_PAGE, model=model_id) if titled else None
        day = context.words.day(each["occurred_on"])
        found.append(Relative(f"{name}{place}", address, day, each["how"] or ""))
    return found
