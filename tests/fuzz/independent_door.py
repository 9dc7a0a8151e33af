"""What the door must make of bytes, read independently: the standard library's JSON, and rfc8785."""

import json
from typing import Any
from unicodedata import normalize

import rfc8785

from shared.errors import BrokenContract, Problem
from shared.events.acceptance.receive import MAX_EVENT_BYTES, MAX_SENT_BYTES, receive
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family

NOW_US = 1_646_100_000_000_000  # 2022-03-01T02:00:00Z
SAFE = 2**53 - 1  # the reference implementation ends one below the contract


def check(raw: bytes) -> str:
    """Hand bytes in at the door, and fail where an independent reading disagrees; say what came."""
    event = _taken(raw)
    if isinstance(event, Problem):
        assert len(event.errors) <= 20, "too many places are named"
        assert event.rule.code != "not_json" or not _is_json(raw), f"refused JSON: {raw!r}"
        return event.rule.code
    assert len(raw) <= MAX_SENT_BYTES
    assert _is_json(raw), f"accepted, but it is no JSON: {raw!r}"
    plain = _plain(json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique))
    stated = {name: value for name, value in plain.items() if value is not None}
    if _is_safe(stated):
        assert event.body == rfc8785.dumps(stated), f"another record: {raw!r}"
    if event.objection is not None:
        return event.objection.rule.code
    assert len(event.body) <= MAX_EVENT_BYTES, "the record is too long"
    return "accepted"


def _taken(raw: bytes) -> ReceivedEvent | Problem:
    try:
        return receive(raw, now_us=NOW_US, family=Family.REGISTRY)
    except BrokenContract as error:
        return error.problem


def _is_json(raw: bytes) -> bool | None:
    """Say whether bytes are JSON; None where they are nested too deeply for this reader too."""
    try:
        json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        return None
    except ValueError:
        return False
    return True


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {normalize("NFC", key): value for key, value in pairs}
    assert len(found) == len(pairs), f"a key stands twice: {pairs!r}"
    return found


def _plain(value: Any) -> Any:
    """Return the value in NFC, an integral number as an integer."""
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _is_safe(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_safe, value.values()))
    if isinstance(value, list):
        return all(map(_is_safe, value))
    return not isinstance(value, int) or abs(value) <= SAFE
