"""Redacted records: the record of an event with other free texts, which takes its place.

The digest, the chain and the leaf of the event stay those of the record as it was recorded, so the
new one states that digest as `originaldigest`. Signature and salt go with the old texts: with them
a guess at a text could be confirmed. A redacted record is right if a redaction of the same stream
states its digest.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from hashlib import sha256
from json import loads
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from shared.errors import broken, declare
from shared.events.canonical_json import canonical
from shared.events.payloads.payload import FreeText
from shared.events.payloads.redaction import EventRedacted, ReplacedText

ORIGINAL = "originaldigest"
REDACTED_TYPES = frozenset({f"dvk.{EventRedacted.NAME}.v{EventRedacted.VERSION}"})
"""The types of redactions."""
_GONE = ("signature", "signsalt")
_MARK = b',"originaldigest":"'
_REDACTED = re.compile(
    rb',"originaldigest":"([0-9a-f]{64})"(?:,"origin[a-z]*":(?:"[^"]*"|[0-9]+)){0,4}'
    rb'(?:,"signkey":"([!#-\[\]-~]{1,600})")?'
    rb',"source":"[^"]*","specversion":"1\.0","subject":"[^"]*","time":"[^"]*","type":"[^"]*"\}'
)
NOT_FREE_TEXT = declare(
    "not_free_text",
    409,
    vi="{field} của {event_type} không phải là lời văn tự do có trong sự kiện đó: chỉ lời văn tự "
    "do mới che được.",
    en="{field} of {event_type} is no free text that the event has: only free texts are redacted.",
)
Path = tuple[str, ...]
_EVERY = "*"
_ANY_BELOW = "**"


def original_digest(record: bytes) -> bytes | None:
    """Return the digest that a redacted record states for the one before it; None for others.

    Data comes first in a record, so what is found is the attribute and never a field.
    """
    found = _attributes(record)
    return bytes.fromhex(found[1].decode()) if found else None


def key_of_original(record: bytes) -> str | None:
    """Return the key that signed the record which was replaced by a redacted one, if any did."""
    found = _attributes(record)
    return found[2].decode() if found and found[2] else None


def _attributes(record: bytes) -> re.Match[bytes] | None:
    at = record.rfind(_MARK)
    return _REDACTED.fullmatch(record, at) if at >= 0 else None


def digest_of(record: bytes) -> bytes:
    """Return the digest of an event by its record: the original's, if it was redacted."""
    return original_digest(record) or sha256(record).digest()


def stated(digest: bytes) -> str:
    """Return a digest as events state it."""
    return f"sha256:{digest.hex()}"


def is_right(record: bytes, position: int, digest: bytes, payloads: Iterable[object]) -> bool:
    """Return whether a record is the one recorded at a position with a digest.

    Or that of a redaction of it, among the payloads of its stream.
    """
    found = sha256(record).digest()
    if found == digest:
        return True
    return original_digest(record) == digest and any(
        isinstance(each, EventRedacted)
        and (each.position, each.digest, each.record) == (position, stated(digest), stated(found))
        for each in payloads
    )


def redacted(
    record: bytes, digest: bytes, texts: Iterable[ReplacedText], payload: type[BaseModel]
) -> bytes:
    """Return the record with other free texts; `payload` is the type of its data.

    Raises `BrokenContract` (`not_free_text`) for a field that is none of them.
    """
    event: dict[str, Any] = loads(record)
    for each in texts:
        path = path_of(each.field)
        if not is_free(payload, path) or not _replace(event["data"], path, each.text):
            raise broken(NOT_FREE_TEXT, field=each.field, event_type=event["type"])
    for name in _GONE:
        event.pop(name, None)
    return canonical({**event, ORIGINAL: digest.hex()})


def path_of(pointer: str) -> Path:
    """Return the steps of a JSON pointer."""
    steps = pointer.split("/")[1:]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def is_free(payload: type[BaseModel], path: Path) -> bool:
    """Return whether a path leads to a free text of a type of data."""
    generic = tuple(_EVERY if step.isdigit() else step for step in path)
    free = free_texts(payload)
    above = (generic[:length] for length in range(1, len(path) + 1))
    return generic in free or any((*each, _ANY_BELOW) in free for each in above)


@cache
def free_texts(part: type[BaseModel]) -> frozenset[Path]:
    """Return the paths of the free texts of a type of data; `*` is any place of a list."""
    hints = get_type_hints(part, include_extras=True)
    found: set[Path] = set()
    for name, field in part.model_fields.items():
        found.update((field.alias or name, *rest) for rest in _below(hints[name]))
    return frozenset(found)


def _below(hint: Any) -> Iterator[Path]:  # noqa: ANN401  a type, or one of `typing`
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        if any(isinstance(each, FreeText) for each in inner[1:]):
            yield () if inner[0] is str or _is_text(inner[0]) else (_ANY_BELOW,)
        else:
            yield from _below(inner[0])
    elif origin is list:
        yield from ((_EVERY, *rest) for rest in _below(inner[0]))
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from free_texts(hint)
    elif origin in {Union, UnionType}:
        for each in inner:
            yield from _below(each)


def _is_text(hint: Any) -> bool:  # noqa: ANN401  as above
    return get_origin(hint) is Annotated and get_args(hint)[0] is str


def _replace(data: Any, path: Path, text: str) -> bool:  # noqa: ANN401  JSON
    """Replace the text at a path; False if there is none."""
    *above, last = path
    for step in above:
        data = _member(data, step)
    if not isinstance(_member(data, last), str):
        return False
    data[int(last) if isinstance(data, list) else last] = text
    return True


def _member(value: Any, step: str) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return None
