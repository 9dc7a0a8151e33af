"""Redactions of recorded events, as their publisher makes them."""

from hashlib import sha256
from typing import Any

from shared.errors import BrokenContract
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.redaction import ReplacedText
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import REDACTED_TYPES, redacted, stated
from shared.rules.redaction import Redactable, record_after
from shared.vocabulary import Family
from tests.support.cloudevents import PUBLISHER, received
from tests.support.scenarios import History
from tests.support.trusted import spoken

NAME = "Lò Thị Hòa"
DAY = {"ground": "request", "occurred_on": "2026-03-03"}


def redaction_of(event: RecordedEvent, texts: dict[str, str], **data: Any) -> dict[str, Any]:
    """Return the data of a redaction: new texts by the pointers of the old ones."""
    of = [ReplacedText(field=field, text=text) for field, text in texts.items()]
    try:
        record = redacted(event.body, event.digest, of, CATALOGUE[event.type].payload)
    except BrokenContract:  # the test states what the rules refuse
        record = event.body
    return {
        "position": event.position,
        "digest": stated(event.digest),
        "texts": [{"field": field, "text": text} for field, text in texts.items()],
        "record": stated(sha256(record).digest()),
        **DAY,
        **data,
    }


def redacts(
    event: RecordedEvent, texts: dict[str, str], *, source: str = PUBLISHER, **data: Any
) -> ReceivedEvent:
    """Return the redaction of an event as the door reads it."""
    stated_ = redaction_of(event, texts, **data)
    return received("EventRedacted", stated_, subject=event.subject, source=source)


def redacts_signed(
    event: RecordedEvent, texts: dict[str, str], publisher: str, **data: Any
) -> ReceivedEvent:
    """Return the redaction of an event, signed by a publisher."""
    return spoken(
        "EventRedacted", redaction_of(event, texts, **data), publisher, subject=event.subject
    )


def redactions_of(history: History) -> list[RecordedEvent]:
    """Return the redactions in a log, in order."""
    events = history.log.as_family(Family.REPORTING).read(0, 100_000)
    return [event for event in events if event.type in REDACTED_TYPES]


def replace_in_log(history: History) -> None:
    """Replace the redacted records of a log, as the owner's tool does."""
    events = history.log.store.events
    for redaction in redactions_of(history):
        of: Any = redaction.payload
        event = events[of.position - 1]
        record = record_after(Redactable(event), of)
        events[of.position - 1] = RecordedEvent.of({**vars(event), "body": record})
