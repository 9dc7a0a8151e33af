"""Validation of a JSON value as an event: envelope, type, data, and their consistency.

The canonical bytes of the data have a fast path, as most data needs no normalisation: it writes the
data with the C encoder and then checks the text as a whole; it never accepts data that `normalise`
would change or refuse.
"""

import re
from hashlib import sha256

from pydantic import ValidationError

from shared.errors import FieldError, Problem, broken, declare
from shared.events.acceptance.cloudevent_attributes import INVALID_ENVELOPE, read_attributes
from shared.events.acceptance.field_errors import field_errors
from shared.events.acceptance.invalid_values import SuspectKeys
from shared.events.acceptance.json_parser import MAX_DEPTH
from shared.events.acceptance.normalization import MOST_ERRORS, normalise
from shared.events.acceptance.unicode_nfc import is_nfc
from shared.events.bilingual import said
from shared.events.canonical_json import write, write_sorted
from shared.events.catalogue import CATALOGUE, EventType
from shared.events.decoding import lifted
from shared.events.envelope import ReceivedEvent, content_digest
from shared.events.origin import origin_of
from shared.events.payloads.payload import RECORDED, TEXT_LIMIT, Payload
from shared.vocabulary import Family

UNKNOWN_TYPE = declare(
    "unknown_type",
    422,
    vi="Hợp đồng không có loại sự kiện {event_type}.",
    en="The contract has no event of type {event_type}.",
)
WRONG_SERVICE = declare(
    "wrong_service",
    422,
    vi="Sự kiện {event_type} phải gửi tới dịch vụ {service}.",
    en="{event_type} is accepted by the service {service}.",
)
INVALID_DATA = declare(
    "invalid_data",
    422,
    vi="Dữ liệu không đúng lược đồ của {event_type}; mục errors chỉ rõ từng trường.",
    en="The data does not fit the schema of {event_type}; errors names each field.",
)
TOO_LARGE = declare(
    "too_large",
    413,
    vi="Sự kiện vượt quá {limit_bytes} byte ({measured}).",
    en="The event is larger than {limit_bytes} bytes ({measured}).",
)
SUBJECT_MISMATCH = declare(
    "subject_mismatch",
    422,
    vi="Thuộc tính subject là {stated}, nhưng theo dữ liệu phải là {expected}.",
    en="The subject is {stated}, but by the data it is {expected}.",
)
REDACTED_AT_ORIGIN = declare(
    "redacted_at_origin",
    409,
    vi="Sự kiện này đã được che lời văn ở sổ cái chuyển nó, nên không còn chữ ký và không ghi vào "
    "sổ này được. Nơi gửi hãy gửi sự kiện với lời văn mới, cùng mã, thẳng tới sổ này; nếu sổ này "
    "đã có sự kiện thì hãy che lời văn ở đây.",
    en="This event was redacted in the ledger that forwards it, so it has no signature any more "
    "and is not recorded here. Its publisher may send it here with the new text under the same id; "
    "if it is here already, redact it here.",
)
MAX_EVENT_BYTES = 64 * 1024
"""Limit of the canonical record of an event; NFC may make it longer than the event as sent."""
_CANONICAL = said("ở dạng chuẩn RFC 8785, sau NFC", "in its canonical form, RFC 8785 after NFC")


def validate_event(value: object, *, now_us: int, family: Family) -> ReceivedEvent:
    """Return the event of a JSON value, which may have markers of the parser, with its record.

    Raises `BrokenContract` with the code of the first broken rule; an event that an earlier
    release may have accepted is returned with the rule as its objection.
    """
    event = normalise(value) if isinstance(value, SuspectKeys) else value
    if not isinstance(event, dict):
        detail = said("sự kiện phải là đối tượng JSON", "an event must be a JSON object")
        raise broken(INVALID_ENVELOPE, [FieldError("", detail)])
    attributes = read_attributes(event, now_us=now_us)
    event_type = _accepted_type(attributes.type, family)
    data = canonical_data(event["data"])
    body = there = b'{"data":%b%b' % (data, attributes.tail.encode())
    origin = None
    if attributes.origin is not None:
        there = b'{"data":%b%b' % (data, attributes.tail_there.encode())
        original = attributes.origin.get("originaldigest")
        digest = sha256(there).digest() if original is None else bytes.fromhex(str(original))
        origin = origin_of(attributes.origin, digest)
    payload, objection = _payload(event_type, data, there)
    if attributes.origin is not None and "originaldigest" in attributes.origin:
        objection = Problem(REDACTED_AT_ORIGIN)
    subject = attributes.subject
    if payload.STREAM and payload.subject() != subject:
        raise broken(SUBJECT_MISMATCH, stated=subject, expected=payload.subject())
    return ReceivedEvent(
        key=attributes.key,
        type=attributes.type,
        subject=subject,
        time_us=attributes.time_us,
        expected_version=None if origin else attributes.expected_version,
        payload=payload,
        body=body,
        content=content_digest(data, subject, attributes.type),
        objection=objection,
        signing=attributes.signing,
        origin=origin,
    )


def _accepted_type(stated: str, family: Family) -> EventType:
    event_type = CATALOGUE.get(stated)
    if event_type is None:
        raise broken(UNKNOWN_TYPE, event_type=stated)
    if family not in event_type.families:
        service = ", ".join(sorted(event_type.families))
        raise broken(WRONG_SERVICE, event_type=stated, service=service)
    return event_type


def _payload(event_type: EventType, data: bytes, body: bytes) -> tuple[Payload, Problem | None]:
    """Return the typed data, and the rule added since an earlier release that it breaks."""
    objection = None
    if len(body) > MAX_EVENT_BYTES:
        objection = Problem(TOO_LARGE, {"limit_bytes": MAX_EVENT_BYTES, "measured": _CANONICAL})
    try:
        payload: Payload = event_type.validator.validate_json(data)
    except ValidationError as error:
        errors = field_errors(error, data, most=MOST_ERRORS)
        invalid = broken(INVALID_DATA, errors, event_type=event_type.type)
        try:
            record = event_type.record_validator
            recorded = record.validate_json(b'{"data":%b}' % data, extra="forbid", context=RECORDED)
        except ValidationError:
            raise invalid from None
        payload, objection = recorded["data"], objection or invalid.problem
    return lifted(payload, event_type.type, body), objection


# Escapes that plain canonical text never has; they take the slow path.
_OTHER_ESCAPE = re.compile(r'\\[^"\\nt]')


def canonical_data(data: object) -> bytes:
    """Return the RFC 8785 bytes of the data in canonical form.

    Raises `BrokenContract` as `normalise` does, with pointers from the event.
    """
    try:
        text = write_sorted(data)
        encoded = text.encode()
    except (TypeError, ValueError, RecursionError):
        pass  # markers, lone surrogates, depth: `normalise` finds the place
    else:
        if _is_plain(text, encoded):
            return encoded
    return write(normalise(data, under="data")).encode()


def _is_plain(text: str, encoded: bytes) -> bool:
    """Return whether canonical text certainly has nothing to normalise or refuse."""
    if len(text) > TEXT_LIMIT or text.count("{") + text.count("[") > MAX_DEPTH:
        return False
    if "\\" in text and _OTHER_ESCAPE.search(text):
        return False
    return not _holds_control_or_beyond_bmp(encoded) and is_nfc(text)


def _holds_control_or_beyond_bmp(encoded: bytes) -> bool:
    """Return whether the bytes have DEL or lead bytes of C1 controls or 4-byte characters."""
    return (
        b"\x7f" in encoded
        or b"\xc2" in encoded
        or b"\xf0" in encoded
        or b"\xf1" in encoded
        or b"\xf2" in encoded
        or b"\xf3" in encoded
        or b"\xf4" in encoded
    )
