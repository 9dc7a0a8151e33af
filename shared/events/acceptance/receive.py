"""Reception of events: bytes become a typed event with its canonical record, or a problem.

The record is the event as sent, in canonical form, without derived values.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import BrokenContract, FieldError, Problem, broken, declare
from shared.events.acceptance.cloudevent_attributes import INVALID_ENVELOPE
from shared.events.acceptance.invalid_values import SuspectKeys
from shared.events.acceptance.json_parser import ParsedJson, UnparsableItem, items, parse
from shared.events.acceptance.validation import MAX_EVENT_BYTES, TOO_LARGE, validate_event
from shared.events.bilingual import said
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.payload import TEXT_LIMIT
from shared.vocabulary import Family

MAX_SENT_BYTES = 6 * MAX_EVENT_BYTES
"""Limit of an event as sent: an escaped ASCII letter takes six bytes instead of one."""
MAX_BATCH_EVENTS = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024

BATCH_TOO_LARGE = declare(
    "batch_too_large",
    413,
    vi="Một lô có tối đa {limit_events} sự kiện và {limit_bytes} byte.",
    en="A batch has at most {limit_events} events and {limit_bytes} bytes.",
)
NOT_A_BATCH = declare(
    "not_a_batch",
    422,
    vi="Một lô sự kiện phải là một mảng JSON.",
    en="A batch of events must be a JSON array.",
)


@dataclass(frozen=True, slots=True)
class Invalid:
    """An invalid event of a batch, with its id and source if they could be read."""

    id: str | None
    source: str | None
    problem: Problem


def receive(raw: bytes, *, now_us: int, family: Family) -> ReceivedEvent:
    """Return the event of a request in structured mode, at the service's time in microseconds.

    Raises `BrokenContract` with the code of the rule: 400 `not_json`, 413 `too_large`, else 422.
    """
    _check_size(len(raw))
    return _received(parse(raw), now_us, family)


def receive_binary(
    attributes: Mapping[str, str], data: bytes, *, now_us: int, family: Family
) -> ReceivedEvent:
    """Return the event of a request in binary mode: decoded attributes without `ce-`, and data.

    Raises `BrokenContract` as `receive` does; the size limit applies to the data alone.
    """
    _check_size(len(data))
    event: dict[str, object] = dict(attributes)
    if "data" in event:
        detail = said("data là nội dung của yêu cầu", "data is the body of the request")
        raise broken(INVALID_ENVELOPE, [FieldError("/data", detail)])
    for name in ("expectedversion", "originposition"):
        number = attributes.get(name, "")
        if number.isascii() and number.isdecimal() and len(number) <= 10:
            event[name] = int(number)
    event["data"] = parse(data, check_keys=True).value
    return validate_event(event, now_us=now_us, family=family)


def receive_batch(raw: bytes, *, now_us: int, family: Family) -> list[ReceivedEvent | Invalid]:
    """Return the events of a batch in order, each either received or invalid.

    Raises `BrokenContract` for the whole batch: `batch_too_large`, `not_json`, `not_a_batch`.
    """
    too_large = broken(BATCH_TOO_LARGE, limit_events=MAX_BATCH_EVENTS, limit_bytes=MAX_BATCH_BYTES)
    if len(raw) > MAX_BATCH_BYTES:
        raise too_large
    found = items(raw, MAX_BATCH_EVENTS + 1)
    if found is None:
        raise broken(NOT_A_BATCH)
    if len(found) > MAX_BATCH_EVENTS:
        raise too_large
    return [_received_item(sent, now_us, family) for sent in found]


def _received_item(sent: ParsedJson, now_us: int, family: Family) -> ReceivedEvent | Invalid:
    value = sent.value
    try:
        # A character has at most 4 bytes: only long items are measured.
        if (sent.end - sent.start) * 4 > MAX_SENT_BYTES:
            text = sent.text[sent.start : sent.end]
            _check_size(len(text.encode("utf-8", "surrogateescape")))
        if isinstance(value, UnparsableItem):
            problem, value = value.problem, value.value
            raise BrokenContract(problem)  # noqa: TRY301  handled below
        return _received(sent, now_us, family)
    except BrokenContract as error:
        return Invalid(_text(value, "id"), _text(value, "source"), error.problem)


def _check_size(size: int) -> None:
    if size > MAX_SENT_BYTES:
        raise sent_too_large()


def sent_too_large() -> BrokenContract:
    """Return the error for an event that is too large to be parsed."""
    return broken(
        TOO_LARGE, limit_bytes=MAX_SENT_BYTES, measured=said("như đã gửi", "as it was sent")
    )


def _text(event: object, name: str) -> str | None:
    """Return an attribute if it is a single text that UTF-8 can encode."""
    if isinstance(event, SuspectKeys):
        values = [value for key, value in event.pairs if key == name]
        value = values[0] if len(values) == 1 else None
    else:
        value = event.get(name) if isinstance(event, dict) else None
    if not isinstance(value, str) or len(value) > TEXT_LIMIT:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _received(sent: ParsedJson, now_us: int, family: Family) -> ReceivedEvent:
    event = validate_event(sent.value, now_us=now_us, family=family)
    if not sent.checked and event.body.count(b'"') != sent.quotes:
        # The record left something out: a null attribute, or a duplicate key.
        return validate_event(sent.read_again().value, now_us=now_us, family=family)
    return event
