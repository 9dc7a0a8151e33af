"""The door agrees with an independent reading of whatever golden events are turned into."""

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.independent_door import check
from tests.unit.events.sending import event, organization, written

FREE = {"a": [1, 2.5, None, {"é": "e\u0301", "\U0001f600": "–"}], "b": "x\ny", "c": 1e3}
GOOD = [
    written(event()),
    written(event({"situation": "Đường liên thôn\như hỏng", "linked_tasks": ["a", "b"]})),
    written(event(), ascii_only=True),
    written(organization(FREE)),
    written(organization(FREE), ascii_only=True),
    json.dumps(event(expectedversion=0, dataschema="urn:x", datacontenttype=None)).encode(),
]
PIECES = [
    b"\x00", b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"NaN", b"-Infinity",
    b"1e400", b"-0", b"0.1235", b"9007199254740993", b"1.0", b"1E2", b"\\ud800", b"\\u0000",
    b"\\u0301", b"\\/", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xcc\x81",
    b"\xf0\x9f\x98\x80", b'"id":"2",', b'"data":null,', b'"x":1,', b"null", b"[" * 70,
    b'{"a":' * 2_000,
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    raw = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.sampled_from([0, 0, 1, 1, 2, 7, 60])))
        raw = raw[:start] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + raw[end:]
    return raw


@pytest.mark.parametrize(
    "examples", [250, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_bytes_near_a_good_event_are_read_as_others_read_them(examples: int) -> None:
    seen = set()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated())
    def agreed(raw: bytes) -> None:
        seen.add(check(raw))

    agreed()
    assert {"accepted", "not_json", "invalid_data", "invalid_envelope"} <= seen
