"""The history of a model on its card: every event in words, in log order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.api_links import history_files
from services.reporting.dashboard.entity_names import EntityNames
from services.reporting.dashboard.named_values import names_of
from services.reporting.dashboard.page_parameters import MODEL_PAGE
from services.reporting.dashboard.pages.explanation import event_words, following
from services.reporting.queries.explaining.titles import MODEL
from services.reporting.readmodels.demonstration_data import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext
    from shared.web.answers.pagination import Page

SHOWN_EVENTS = 100


def model_history(
    context: PageContext, model_id: str, page: Page, parameters: Mapping[str, str]
) -> dict[str, Any]:
    """Return a page of a model's events, and its title."""
    listed = context.reads.history(model_id, context.as_of, page)
    own = f"{MODEL}{model_id}"
    named = EntityNames({own, *(each["subject"] for each in listed.items)}, context)
    values = names_of(listed.items, context)
    events = [
        {
            **event_words(each, context, values),
            **_entity(each["subject"], named),
            "source": each["source"],
        }
        for each in listed.items
    ]
    sources = {each["source"] for each in listed.items}
    return {
        "model_id": model_id,
        "title": named(own)["title"],
        "events": events,
        "demonstration": [KINDS[each] for each in KINDS if each in sources],
        "next": listed.after and following(context, MODEL_PAGE, parameters, listed.after),
        "files": history_files(context, model_id),
    }


def _entity(subject: str, named: EntityNames) -> dict[str, Any]:
    """Return the entity of a model's event: registrations have its title, others their own."""
    found = named(subject)
    return {"about": found["reference"] or found["title"], "concerned": found["concerned"]}
