"""No event that fits the limits takes time out of proportion to its size, nor does its answer."""

import json
from contextlib import suppress
from time import thread_time
from typing import Any

import pytest

from shared.errors import BrokenContract
from shared.events.acceptance.receive import MAX_SENT_BYTES
from shared.gc_control import gc_paused
from tests.unit.events.sending import event, refused, take

LARGEST_ANSWER = 16 * 1024


HOSTILE: dict[str, Any] = {
    "wrong items": lambda size: event({"linked_tasks": [1] * (size // 3)}),
    "wrong objects": lambda size: event({"forces": [{"a": 1}] * (size // 10)}),
    "empty objects": lambda size: event({"legal_basis": [{}] * (size // 4)}),
    "nested lists": lambda size: event({"linked_tasks": [[[[]]]] * (size // 9)}),
    "unknown fields": lambda size: event({f"x{n}": 1 for n in range(size // 13)}),
    "unknown attributes": lambda size: {**event(), **{f"x{n}": 1 for n in range(size // 13)}},
    "long keys": lambda size: event({f"{n}" + "k" * 900: 1 for n in range(size // 1_000)}),
    "marks": lambda size: event({"situation": "a" + "\u0301\u0323" * (size // 4)}),
    "marks in many texts": lambda size: event(
        {"linked_tasks": ["a" + "\u0301\u0323" * 3_000, 1] * (size // 12_100)}
    ),
    "control characters": lambda size: event({"linked_tasks": ["\u0001"] * (size // 10)}),
    "inexact numbers": lambda size: event({"linked_tasks": [0.12345] * (size // 9)}),
    "huge numbers": lambda size: event({"linked_tasks": [10**380] * (size // 384)}),
    "a long type": lambda size: event(type="dvk." + "x" * size),
    "a long subject": lambda size: event(subject="registration/" + "x" * size),
    "a long time": lambda size: event(time="2022-03-01T08:59:00." + "0" * size + "+07:00"),
    "a long schema": lambda size: event(dataschema="https:" + "a" * size),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_four_times_the_bytes_take_four_times_as_long(kind: str) -> None:
    """Whatever takes the square of the size takes sixteen times as long."""
    small, large = HOSTILE[kind](15_000), HOSTILE[kind](60_000)
    # In turn: the machine may be slower for a while.
    few, many = map(min, zip(*((_seconds(small), _seconds(large)) for _ in range(5)), strict=True))
    assert many < few * 12 + 0.002, f"{many / few:.0f} times as long: {many * 1e3:.1f} ms"


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_answer_is_brief_however_much_is_wrong(kind: str) -> None:
    problem = refused(HOSTILE[kind](60_000))
    assert len(problem.errors) <= 20
    assert len(json.dumps(problem.as_json("vi"))) < LARGEST_ANSWER


ROOM = MAX_SENT_BYTES - 4_096


def _filled(text: str) -> bytes:
    """Return an event whose title is this JSON text, whether or not it is right."""
    return json.dumps(event({"title": "@"})).replace('"@"', text).encode("utf-8", "surrogatepass")


def _list_of(text: str) -> bytes:
    return _filled("[" + ",".join([text] * (ROOM // (len(text) + 1))) + "]")


ABUSE: dict[str, tuple[bytes, str]] = {
    "65 deep": (_filled("[" * 65 + "]" * 65), "too_deep"),
    "lists as deep as there is room": (_filled("[" * (ROOM // 2) + "]" * (ROOM // 2)), "too_deep"),
    "objects as deep as there is room": (_filled('{"a":' * (ROOM // 6) + "1" + "}" * (ROOM // 6)), "too_deep"),
    "a million keys": (_filled("{" + ",".join(f'"{n}":1' for n in range(10**6)) + "}"), "too_large"),
    "all the keys there is room for": (_filled("{" + ",".join(f'"{n}":1' for n in range(ROOM // 11)) + "}"), "invalid_data"),
    "one key as often as there is room": (_filled("{" + ",".join(['"a":1'] * (ROOM // 6)) + "}"), "invalid_data"),
    "1e400": (_filled("1e400"), "invalid_value"),
    "1e400 as often as there is room": (_list_of("1e400"), "invalid_value"),
    "-0.0 as often as there is room": (_list_of("-0.0"), "invalid_data"),
    "a number of 380,000 digits": (_filled("1" * ROOM), "invalid_value"),
    "an exponent of 380,000 digits": (_filled("1e" + "9" * ROOM), "invalid_value"),
    "lone surrogates": (_filled('"' + "\\ud800" * (ROOM // 6) + '"'), "invalid_value"),
    "lone surrogates, unescaped": (_filled('"' + "\ud800" * (ROOM // 3) + '"'), "not_json"),
    "letters that NFC takes apart": (_filled('"' + "\U0001d160" * (ROOM // 4) + '"'), "invalid_value"),
    "marks that NFC sorts": (_filled('"a' + "\u0315\u0300\u05ae\u0301" * (ROOM // 8) + '"'), "invalid_value"),
    "brackets that never end": (b"[" * ROOM, "not_json"),
    "quotation marks": (b'"' * ROOM, "not_json"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ABUSE)
def test_abuse_is_refused_within_a_tenth_of_a_second(kind: str) -> None:
    """Of a core that nothing else uses; tests run beside others, so twice that is let pass."""
    raw, code = ABUSE[kind]
    assert refused(raw).rule.code == code
    assert min(_seconds_of(raw) for _ in range(3)) < 0.2


def _seconds(value: Any) -> float:
    raw = json.dumps(value, ensure_ascii=False).encode()
    assert len(raw) <= MAX_SENT_BYTES
    return _seconds_of(raw)


def _seconds_of(raw: bytes) -> float:
    # What a search for garbage takes depends on everything that other tests have left.
    with gc_paused(), suppress(BrokenContract):
        start = thread_time()
        take(raw)
    return thread_time() - start
