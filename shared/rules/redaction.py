"""Rules for redactions, the same in every service: free texts change, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain

from shared.errors import BrokenContract, Problem, broken, declare
from shared.events.catalogue import CATALOGUE
from shared.events.decoding import payload_of
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.authority import AUTHORITY_EVENTS
from shared.events.payloads.payload import Payload
from shared.events.payloads.periods import PeriodClosed, PeriodReopened
from shared.events.payloads.redaction import EventRedacted
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import redacted, stated
from shared.vocabulary import Family

REDACTED_EVENT_UNKNOWN = declare(
    "redacted_event_unknown",
    409,
    vi="Vị trí {redacted_position} của chuỗi {subject_stated} không có sự kiện nào với mã băm "
    "{digest_stated}.",
    en="The stream {subject_stated} holds no event at position {redacted_position} with the digest "
    "{digest_stated}.",
)
EVENT_NOT_REDACTABLE = declare(
    "event_not_redactable",
    409,
    vi="{event_type} (vị trí {redacted_position}) không che lời văn được tại dịch vụ này.",
    en="{event_type} (position {redacted_position}) cannot be redacted at this service.",
)
REDACTION_BY_ANOTHER_SOURCE = declare(
    "redaction_by_another_source",
    409,
    vi="Sự kiện tại vị trí {redacted_position} do {redacted_source} gửi: chỉ nơi đó che lời văn "
    "được, khi sổ chưa bắt đầu chế độ ký.",
    en="The event at position {redacted_position} is of {redacted_source}: before trust has begun "
    "only that publisher may redact it.",
)
REDACTED_RECORD_DIFFERS = declare(
    "redacted_record_differs",
    409,
    vi="record nêu {record_stated}, nhưng bản ghi sau khi che có mã băm {record_computed}.",
    en="record states {record_stated}, but the record after it has the digest {record_computed}.",
)
REDACTED_TEXT_UNFIT = declare(
    "redacted_text_unfit",
    409,
    vi="Lời văn thay vào không hợp với trường của {event_type}: tên chỉ một dòng, tối đa 500 ký "
    "tự; lời văn tối đa 8.000.",
    en="A new text does not fit its field in {event_type}: a title has one line of at most 500 "
    "characters, a text at most 8,000.",
)
FINAL: tuple[type[Payload], ...] = (*AUTHORITY_EVENTS, PeriodClosed, PeriodReopened, EventRedacted)
"""The events that are never redacted."""


@dataclass(frozen=True, slots=True)
class Redactable:
    """An event of the log, and the redactions of it so far."""

    event: RecordedEvent
    before: Sequence[EventRedacted] = ()


def record_after(found: Redactable, payload: EventRedacted) -> bytes:
    """Return the record of an event after a redaction; raises `BrokenContract`."""
    event = found.event
    texts = chain.from_iterable(each.texts for each in (*found.before, payload))
    record = redacted(event.body, event.digest, texts, CATALOGUE[event.type].payload)
    try:
        payload_of(event.type, record)
    except BrokenContract:
        # The reason would repeat texts of the event.
        raise broken(REDACTED_TEXT_UNFIT, event_type=event.type) from None
    return record


def cannot_be_redacted(
    event: ReceivedEvent,
    payload: EventRedacted,
    found: Redactable | None,
    family: Family,
    *,
    trusted: bool,
) -> Problem | None:
    """Refuse a redaction of an unknown or final event, or of anything but free texts.

    Before trust only the publisher of an event redacts it; then a right is asked for instead.
    """
    if (
        found is None
        or found.event.subject != event.subject
        or stated(found.event.digest) != payload.digest
    ):
        named = {"redacted_position": payload.position, "subject_stated": event.subject}
        return Problem(REDACTED_EVENT_UNKNOWN, {**named, "digest_stated": payload.digest})
    of, params = found.event, {"redacted_position": payload.position}
    known = CATALOGUE[of.type]
    if known.payload in FINAL or family not in known.families:
        return Problem(EVENT_NOT_REDACTABLE, {**params, "event_type": of.type})
    if not trusted and of.key.source != event.key.source:
        return Problem(REDACTION_BY_ANOTHER_SOURCE, {**params, "redacted_source": of.key.source})
    try:
        computed = stated(sha256(record_after(found, payload)).digest())
    except BrokenContract as error:
        return error.problem
    if computed != payload.record:
        digests = {"record_stated": payload.record, "record_computed": computed}
        return Problem(REDACTED_RECORD_DIFFERS, digests)
    return None
