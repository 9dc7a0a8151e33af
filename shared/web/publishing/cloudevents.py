"""CloudEvents over HTTP: the mode of a request, and its body within limits.

Follows the CloudEvents HTTP protocol binding 1.0.2 (sections 3.1 to 3.3).
"""

import re
from collections.abc import Iterable
from enum import Enum
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from shared.errors import FieldError, broken, declare
from shared.events.acceptance.normalization import MOST_ERRORS
from shared.events.acceptance.receive import (
    BATCH_TOO_LARGE,
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_SENT_BYTES,
    sent_too_large,
)
from shared.events.bilingual import said
from shared.events.json_pointer import pointer, shortened

STRUCTURED_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"
DATA_TYPE = "application/json"
_NOT_UTF8 = said("không phải UTF-8 mã hóa phần trăm", "not percent-encoded UTF-8")
_TWICE = said("tiêu đề ghi hai lần", "the header is repeated")
_LONGEST_LENGTH = 18  # digits; Python parses at most 4,300
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

UNSUPPORTED_MEDIA_TYPE = declare(
    "unsupported_media_type",
    415,
    vi="Không nhận kiểu nội dung {media_type}: hãy gửi application/cloudevents+json, "
    "application/cloudevents-batch+json, hoặc application/json với các tiêu đề ce-.",
    en="The media type {media_type} is not supported: send application/cloudevents+json, "
    "application/cloudevents-batch+json, or application/json with ce- headers.",
)
INVALID_HEADER = declare(
    "invalid_header",
    422,
    vi="Tiêu đề ce- không đọc được; mục errors nói rõ từng tiêu đề.",
    en="A ce- header cannot be read; errors names each.",
)


class Mode(Enum):
    """The content modes of CloudEvents over HTTP."""

    STRUCTURED = "structured"
    BINARY = "binary"
    BATCHED = "batched"


def mode_of(request: Request) -> Mode:
    """Return the mode of the content type; an unsupported one is 415."""
    content_type = request.headers.get("content-type", "")
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity" and _is_utf8(parameters):
        if media_type == STRUCTURED_TYPE:
            return Mode.STRUCTURED
        if media_type == BATCH_TYPE:
            return Mode.BATCHED
        # JSON without attributes is no CloudEvent in any mode.
        if media_type in {DATA_TYPE, ""} and _has_attributes(request):
            return Mode.BINARY
    compressed = "" if encoding == "identity" else f" ({encoding})"
    raise broken(
        UNSUPPORTED_MEDIA_TYPE, media_type=(shortened(content_type) or "—") + shortened(compressed)
    )


def _is_utf8(parameters: str) -> bool:
    """Return whether the charset is UTF-8 or not given; JSON is UTF-8 (RFC 8259, 8.1)."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() in {"utf-8", "utf8", "us-ascii"}
    return True


def _has_attributes(request: Request) -> bool:
    return any(name.startswith(b"ce-") for name, _ in request.headers.raw)


def attributes_of(request: Request) -> dict[str, str]:
    """Return the decoded attributes in the headers of a request in binary mode."""
    attributes: dict[str, str] = {}
    errors: list[FieldError] = []
    for name, value in _attribute_headers(request.headers.raw):
        try:
            decoded = decode_header(value)
        except ValueError:
            errors.append(FieldError(pointer([name]), _NOT_UTF8))
            continue
        if name in attributes:
            errors.append(FieldError(pointer([name]), _TWICE))
        attributes[name] = decoded
    if errors:
        raise broken(INVALID_HEADER, errors[:MOST_ERRORS])
    if "content-type" in request.headers:
        attributes["datacontenttype"] = DATA_TYPE
    return attributes


def _attribute_headers(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[tuple[str, bytes]]:
    for name, value in headers:
        if name.startswith(b"ce-"):
            yield name[3:].decode("latin-1"), value


def decode_header(value: bytes) -> str:
    """Return the text of a header (binding, 3.1.3.2): unquote, percent-decode once, UTF-8."""
    text = value.decode("latin-1").strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = _QUOTED_PAIR.sub(r"\1", text[1:-1])
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8")


async def event_body(request: Request) -> bytes:
    """Read the body of one event; a larger one is 413."""
    body = await _body_within(request, MAX_SENT_BYTES)
    if body is None:
        raise sent_too_large()
    return body


async def batch_body(request: Request) -> bytes:
    """Read the body of a batch; a larger one is 413."""
    body = await _body_within(request, MAX_BATCH_BYTES)
    if body is None:
        raise broken(BATCH_TOO_LARGE, limit_events=MAX_BATCH_EVENTS, limit_bytes=MAX_BATCH_BYTES)
    return body


def stated_length(request: Request) -> int | None:
    """Return the Content-Length of a request, None if it has none."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return None
    # A number of thousands of digits is not parsed: it is too large in any case.
    return int(length) if len(length) <= _LONGEST_LENGTH else 10**_LONGEST_LENGTH


async def _body_within(request: Request, limit: int) -> bytes | None:
    """Read the body, never keeping more than `limit` bytes; return None if it is larger."""
    length = stated_length(request)
    if length is not None and length > limit:
        return None
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            return None
        pieces.append(piece)
    return b"".join(pieces)
