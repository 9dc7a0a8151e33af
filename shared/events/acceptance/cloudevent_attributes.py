"""Validation of the CloudEvents attributes of an event."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from shared.clock import MICROSECONDS, rfc3339, to_microseconds
from shared.errors import FieldError, broken, declare
from shared.events.acceptance.normalization import MOST_ERRORS
from shared.events.bilingual import said
from shared.events.canonical_json import write
from shared.events.envelope import SIGNING, EventKey, Signing, signing_of
from shared.events.json_pointer import pointer
from shared.events.origin import FITS, LAST_POSITION, ORIGIN, recorded_at_origin, written

ID_PATTERN = r"^[!-~]{1,64}$"
SOURCE_PATTERN = r"^/publishers/[A-Za-z0-9._-]{1,64}$"
TYPE_PATTERN = r"^[!-~]{1,200}$"
SUBJECT_PATTERN = r"^[a-z]{1,32}/[A-Za-z0-9._-]{1,160}$"
CONTENT_TYPE_PATTERN = r'^application/json(?: *; *charset="?[Uu][Tt][Ff]-8"?)?$'
URI_PATTERN = r"^[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-Z_a-z~\[\]]{1,2000}$"
MAX_AHEAD_SECONDS = 300
LAST_VERSION = LAST_POSITION  # both are a CloudEvents Integer

INVALID_ENVELOPE = declare(
    "invalid_envelope",
    422,
    vi="Phong bì CloudEvents không đúng hợp đồng; mục errors chỉ rõ từng thuộc tính.",
    en="The CloudEvents envelope does not match the contract; errors names each attribute.",
)
TIME_AHEAD = declare(
    "time_ahead",
    422,
    vi="Thuộc tính time {time} đi trước giờ của dịch vụ ({now}) quá 5 phút.",
    en="The time {time} is more than 5 minutes ahead of the service ({now}).",
)

SIGNING_PATTERN = r"^[!#-\[\]-~]{1,600}$"
"""The texts of a signature: visible ASCII that JSON does not escape; `shared.trust` reads them."""

REQUIRED = frozenset({"specversion", "id", "source", "type", "subject", "time", "data"})
_SIGNED = REQUIRED | set(SIGNING)
_OPTIONAL = ("datacontenttype", "dataschema", "expectedversion")
_NAMES = ("id", "source", "subject", "time", "type")
_TIME_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
    r"(?:\.[0-9]{1,12})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_PLAIN_TAIL = re.compile(
    r',"id":"([!#-\[\]-~]{1,64})"'
    r'(?:,"signature":"([!#-\[\]-~]{1,600})","signkey":"([!#-\[\]-~]{1,600})"'
    r',"signsalt":"([!#-\[\]-~]{1,600})")?'
    r',"source":"(/publishers/[A-Za-z0-9._-]{1,64})"'
    r',"specversion":"1\.0","subject":"([a-z]{1,32}/[A-Za-z0-9._-]{1,160})"'
    rf',"time":"({_TIME_PATTERN})","type":"(dvk\.[A-Za-z]{{1,100}}\.v[0-9]{{1,9}})"}}'
)
_ID = ',"id":'
_EARLIEST_US = -62_135_596_800 * MICROSECONDS  # 0001-01-01, where Python's calendar begins

_NOT_TEXT = said("phải là chuỗi ký tự", "must be a string")
_MISSING = said("thiếu thuộc tính bắt buộc", "this attribute is required")
_UNKNOWN = said("thuộc tính không có trong hợp đồng", "the contract has no such attribute")
_BY_THE_LOG = said("thuộc tính này do sổ cái đặt", "this attribute is set by the log")
_ALL_OF_ORIGIN = said(
    "bốn thuộc tính origin phải có đủ: sổ cái, vị trí, mã chuỗi và thời điểm ghi sổ ở nơi gốc",
    "the four attributes of an origin are stated together: ledger, position, chain and time there",
)
_BASE64 = said("hãy gửi data dạng JSON", "send data as JSON")
_VISIBLE = said("1–600 ký tự ASCII nhìn thấy được", "1–600 visible ASCII characters")
_WRONG = {
    "specversion": said('phải là "1.0"', 'must be "1.0"'),
    "id": said("1–64 ký tự ASCII nhìn thấy được", "1–64 visible ASCII characters"),
    "type": said("phải có dạng dvk.<EventName>.v<n>", "must be dvk.<EventName>.v<n>"),
    "source": said("phải có dạng /publishers/<publisher_id>", "must be /publishers/<publisher_id>"),
    "subject": said("phải có dạng <luồng>/<mã>", "must be <stream>/<id>"),
    "time": said("thời điểm RFC 3339 kèm múi giờ", "an RFC 3339 time with an offset"),
    "datacontenttype": said("phải là application/json", "must be application/json"),
    "dataschema": said("phải là một URI", "must be a URI"),
    "expectedversion": said("số nguyên từ 0 trở lên", "an integer, 0 or more"),
    "originledger": said(
        "sổ cái gốc có dạng /publishers/<publisher_id>", "must be /publishers/<publisher_id>"
    ),
    "originposition": said("số nguyên từ 1 trở lên", "an integer, 1 or more"),
    "originchain": said("64 chữ số thập lục phân viết thường", "64 lower-case hexadecimal digits"),
    "origintime": said(
        "recordedtime của sổ cái gốc, như sổ đó đưa ra",
        "the recordedtime of the other ledger, as it gives it",
    ),
    **dict.fromkeys(
        SIGNING, said("1–600 ký tự ASCII nhìn thấy được", "1–600 visible ASCII characters")
    ),
}
_FITS = {
    "specversion": re.compile(r"1\.0").fullmatch,
    "id": re.compile(ID_PATTERN).fullmatch,
    "source": re.compile(SOURCE_PATTERN).fullmatch,
    "type": re.compile(TYPE_PATTERN).fullmatch,
    "subject": re.compile(SUBJECT_PATTERN).fullmatch,
    "time": re.compile(_TIME_PATTERN).fullmatch,
    "datacontenttype": re.compile(CONTENT_TYPE_PATTERN).fullmatch,
    "dataschema": re.compile(URI_PATTERN).fullmatch,
    **dict.fromkeys(SIGNING, re.compile(SIGNING_PATTERN).fullmatch),
}


class Attributes(NamedTuple):
    """The envelope of an event: `tail` is its canonical text after the data, from `,` to `}`.

    `origin` has the attributes of an origin, and `tail_there` is the tail without them. It also has
    `originaldigest` if the record was redacted there.
    """

    key: EventKey
    type: str
    subject: str
    time_us: int
    expected_version: int | None
    signing: Signing | None
    tail: str
    origin: Mapping[str, object] | None = None
    tail_there: str = ""


def read_attributes(event: Mapping[str, object], *, now_us: int) -> Attributes:
    """Validate every attribute of an event, at the service's time in microseconds.

    Raises `BrokenContract`: `invalid_envelope` with a pointer for each, or `time_ahead`.
    """
    if "originledger" in event:
        return _forwarded(event, now_us)
    fast = _plain_tail(event)
    if fast:
        tail, plain = fast
        event_id, signature, key_id, salt, source, subject, time, event_type = plain.groups()
        version = None
        signing = None if signature is None else Signing(signature, key_id, salt)
    else:
        # CloudEvents, JSON format 2.2.2: null is the same as absent.
        stated = {name: value for name, value in event.items() if value is not None}
        errors = [*_missing(stated), *_wrong(stated)][:MOST_ERRORS]
        if errors:
            raise broken(INVALID_ENVELOPE, errors)
        tail = _tail(stated)
        event_id, source, subject, time, event_type = (str(stated[name]) for name in _NAMES)
        version = stated.get("expectedversion")
        signing = signing_of(stated)
    return Attributes(
        key=EventKey(source, event_id),
        type=event_type,
        subject=subject,
        time_us=_checked_time(time, now_us),
        expected_version=version if isinstance(version, int) else None,
        signing=signing,
        tail=tail,
    )


def _forwarded(event: Mapping[str, object], now_us: int) -> Attributes:
    """Read the attributes of an event with an origin."""
    others = {name: value for name, value in event.items() if name not in ORIGIN}
    origin = {name: event[name] for name in ORIGIN if event.get(name) is not None}
    if not origin:
        return read_attributes(others, now_us=now_us)
    errors = list(_wrong_of_origin(origin))
    original = others.pop("originaldigest", None)
    if original is not None and not _is_digest(original):
        errors.append(FieldError("/originaldigest", _WRONG["originchain"]))
    if errors:
        raise broken(INVALID_ENVELOPE, errors)
    there = read_attributes(others, now_us=now_us)
    after_id = there.tail.index(_ID) + len(_ID) + len(write(there.key.id))
    tail = there.tail[:after_id] + written(origin) + there.tail[after_id:]
    of_redacted = {} if original is None else {"originaldigest": original}
    return there._replace(tail=tail, origin={**origin, **of_redacted}, tail_there=there.tail)


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and FITS["originchain"](value) is not None


def _wrong_of_origin(origin: Mapping[str, object]) -> Iterator[FieldError]:
    for name in ORIGIN:
        value = origin.get(name)
        if value is None:
            yield FieldError(f"/{name}", _ALL_OF_ORIGIN)
        elif name == "originposition":
            if not _is_whole(value, 1, LAST_POSITION):
                yield FieldError(f"/{name}", _WRONG[name])
        elif not isinstance(value, str):
            yield FieldError(f"/{name}", _NOT_TEXT)
        elif not FITS[name](value) or _is_no_time(name, value):
            yield FieldError(f"/{name}", _WRONG[name])


def _is_no_time(name: str, value: str) -> bool:
    return name == "origintime" and recorded_at_origin(value) is None


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _plain_tail(event: Mapping[str, object]) -> tuple[str, re.Match[str]] | None:
    """Return the tail of a usual envelope, checked by one pattern; None for others."""
    signed = ""
    if event.keys() != REQUIRED:
        if event.keys() != _SIGNED or not isinstance(event["signature"], str):
            return None
        signed = (
            f',"signature":"{event["signature"]}","signkey":"{event["signkey"]}"'
            f',"signsalt":"{event["signsalt"]}"'
        )
    if not isinstance(event["id"], str) or event["data"] is None:
        return None
    tail = (
        f',"id":"{event["id"]}"{signed},"source":"{event["source"]}"'
        f',"specversion":"{event["specversion"]}"'
        f',"subject":"{event["subject"]}","time":"{event["time"]}","type":"{event["type"]}"}}'
    )
    plain = _PLAIN_TAIL.fullmatch(tail)
    return (tail, plain) if plain else None


def _checked_time(time: str, now_us: int) -> int:
    time_us = _microseconds(time)
    if time_us is None:
        raise broken(INVALID_ENVELOPE, [FieldError("/time", _WRONG["time"])])
    if time_us > now_us + MAX_AHEAD_SECONDS * MICROSECONDS:
        raise broken(TIME_AHEAD, time=time, now=rfc3339(now_us))
    return time_us


def _missing(stated: Mapping[str, object]) -> Iterator[FieldError]:
    if not stated.keys() >= REQUIRED:
        for name in sorted(REQUIRED - stated.keys()):
            yield FieldError(f"/{name}", _MISSING)


def _wrong(stated: Mapping[str, object]) -> Iterator[FieldError]:
    for name, value in stated.items():
        fits = _FITS.get(name)
        if fits is None:
            if name != "data":
                yield from _wrong_otherwise(name, value)
        elif not isinstance(value, str):
            yield FieldError(f"/{name}", _NOT_TEXT)
        elif not fits(value):
            yield FieldError(f"/{name}", _WRONG[name])


def _wrong_otherwise(name: str, value: object) -> Iterator[FieldError]:
    match name:
        case "expectedversion":
            if not _is_whole(value, 0, LAST_VERSION):
                yield FieldError("/expectedversion", _WRONG[name])
        case "data_base64":
            yield FieldError("/data_base64", _BASE64)
        case "sequence" | "recordedtime" | "chain" | "originaldigest":
            yield FieldError(f"/{name}", _BY_THE_LOG)
        case "originchain" | "originposition" | "origintime":
            yield FieldError("/originledger", _ALL_OF_ORIGIN)
        case _:
            yield FieldError(pointer([name]), _UNKNOWN)


def _tail(stated: Mapping[str, object]) -> str:
    """Write the attributes in the order of their names, which all follow `data`."""
    optional = "".join(f',"{n}":{write(stated[n])}' for n in _OPTIONAL if n in stated)
    # Only ids may have characters to escape: the other patterns exclude quote and backslash.
    signed = "".join(f',"{n}":"{stated[n]}"' for n in SIGNING if n in stated)
    return (
        f'{optional},"id":{write(stated["id"])}{signed},"source":"{stated["source"]}","specversion":"1.0"'
        f',"subject":"{stated["subject"]}","time":"{stated["time"]}","type":{write(stated["type"])}}}'
    )


def _microseconds(time: str) -> int | None:
    """Return an RFC 3339 time as microseconds since 1970 UTC, None if it is none."""
    written = time.upper()
    leap = written[17:19] == "60"
    try:
        moment = datetime.fromisoformat(f"{written[:17]}59{written[19:]}" if leap else written)
    except ValueError:
        return None
    counted = to_microseconds(moment) + leap * MICROSECONDS
    # A leap second is the last of a UTC day; no other time has :60.
    if counted < _EARLIEST_US or (leap and counted // MICROSECONDS % 86_400):
        return None
    return counted
