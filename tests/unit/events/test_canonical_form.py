"""The record has one form: RFC 8785, in NFC, with exact numbers."""

import json
import math
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BrokenContract
from shared.events.acceptance.json_parser import parse
from shared.events.acceptance.normalization import canonical, normalise
from shared.events.acceptance.validation import canonical_data
from shared.events.canonical_json import write

SAFE = 2**53 - 1  # the reference implementation ends one below the contract
TEXTS = st.text() | st.text(alphabet='aé\u0301\U0001f600\ue000\uffff"\\\n\t/ ', max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXTS
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=12,
    )


def outcome(make: Callable[[], bytes]) -> bytes | str:
    try:
        return make()
    except BrokenContract as error:
        return error.problem.rule.code


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_of(item)


@given(nested(LEAVES | FLOATS))
@settings(max_examples=300, deadline=None)
def test_the_canonical_bytes_are_those_of_the_reference_implementation(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(
    st.dictionaries(st.text(alphabet="\U0001f600\U00010000\ue000\uffffaé", max_size=3), st.none())
)
def test_keys_beyond_the_basic_plane_are_sorted_by_utf16(value: dict[str, None]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("number", "written"),
    [  # RFC 8785, appendix B
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (0.000001, "0.000001"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (333333333.3333332, "333333333.3333332"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_ecmascript_writes_them(number: float, written: str) -> None:
    assert canonical(number) == written.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53 + 1, object(), {"a": {1, 2}}])
def test_what_is_not_json_has_no_canonical_form(value: object) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical(value)


@given(nested(LEAVES))
@settings(max_examples=200, deadline=None)
def test_normalising_twice_changes_nothing(value: Any) -> None:
    try:
        once = normalise(value)
    except BrokenContract:
        return
    assert normalise(once) == once
    assert write(once).encode() == rfc8785.dumps(once)
    assert all(unicodedata.is_normalized("NFC", text) for text in texts_of(once))


@given(nested(LEAVES | st.text(alphabet="\x00\t\n\x7f\x85²°é\u0301 a", max_size=4)), st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_quick_way_takes_nothing_that_the_thorough_way_would_not(
    value: Any, escaped: bool
) -> None:
    data = parse(json.dumps({"free": value}, ensure_ascii=escaped).encode()).value
    assert outcome(lambda: canonical_data(data)) == outcome(lambda: write(normalise(data)).encode())


def test_decomposed_text_and_composed_text_are_the_same() -> None:
    composed = {"Bắc Kạn": ["Đường", "thôn"]}
    decomposed = json.loads(unicodedata.normalize("NFD", json.dumps(composed, ensure_ascii=False)))
    assert decomposed != composed
    assert canonical_data(decomposed) == canonical_data(composed)
    assert canonical_data(decomposed) == '{"Bắc Kạn":["Đường","thôn"]}'.encode()
