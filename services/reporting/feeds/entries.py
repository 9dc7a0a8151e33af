"""The entries of a feed: events in the reader's words, with the page that shows more."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.dashboard.entity_names import EntityNames
from services.reporting.dashboard.named_values import names_of
from services.reporting.dashboard.page_parameters import YEAR_PAGE
from services.reporting.dashboard.reason_lines import why
from services.reporting.feeds.kinds import kind_of
from shared.clock import rfc3339
from shared.readmodel.decoded_events import fact_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.reporting.dashboard.page_context import PageContext
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.decoded_events import DecodedEvent


class FeedEntry(NamedTuple):
    """One event; `updated` is its time of recording, `address` a page without host."""

    position: int
    subject: str
    kind: str
    type: str
    updated: str
    title: str
    lines: Sequence[str]
    address: str


def entries_of(events: Sequence[RecordedEvent], context: PageContext) -> list[FeedEntry]:
    """Return events as entries, in the same order and the language of the context."""
    facts = [fact_of(event) for event in events]
    named = EntityNames({event.subject for event in events}, context)
    items = context.reads.activity.explained(events, context.as_of.position)
    values = names_of(items, context)
    called = context.called([place for fact in facts if (place := _place(fact))])
    entries = []
    for fact, item in zip(facts, items, strict=True):
        event, words = fact.event, context.words
        entity = named(event.subject, item["title"])
        place = _place(fact)
        about = [
            entity["concerned"],
            entity["reference"],
            place and f"{words('unit')}: {called(*place)}",
            f"{words('occurred_on')}: {words.day(item['occurred_on'])}",
            *(f"{label}: {text}" for label, text in why(item, words, values)),
        ]
        entries.append(
            FeedEntry(
                event.position,
                event.subject,
                kind_of(fact.name),
                fact.name,
                rfc3339(event.recorded_us),
                f"{words.event(event.type)}: {entity['title']}",
                [str(line) for line in about if line],
                entity["card_address"] or _address(fact, context),
            )
        )
    return entries


def _place(fact: DecodedEvent) -> tuple[str, date] | None:
    """Return the unit that an event itself states, on the day of the event."""
    unit_id = fact.data.get("unit_id")
    return (unit_id, date.fromisoformat(fact.data["occurred_on"])) if unit_id else None


def _address(fact: DecodedEvent, context: PageContext) -> str:
    """Return the page of the year of the event's unit, else of the scope."""
    year = fact.data.get("plan_year")
    unit_id = fact.data.get("unit_id")
    if unit_id:
        return context.unit_address(unit_id, year=year, known_at=None)
    return context.choice.address(YEAR_PAGE, year=year, known_at=None)
