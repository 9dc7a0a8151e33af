"""In a batch one bad event never fails its neighbours; what breaks the whole fails the whole."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import BrokenContract, Problem
from shared.events.acceptance.receive import (
    MAX_BATCH_BYTES,
    MAX_SENT_BYTES,
    Invalid,
    receive_batch,
)
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.unit.events.sending import NOW_US, event, organization, pointers, take, written


def batch(raw: bytes) -> list[ReceivedEvent | Invalid]:
    return receive_batch(raw, now_us=NOW_US, family=Family.REGISTRY)


def whole_refused(raw: bytes) -> Problem:
    with pytest.raises(BrokenContract) as caught:
        batch(raw)
    return caught.value.problem


def good(number: int) -> dict[str, object]:
    return event(id=f"good-{number}")


def joined(*items: bytes) -> bytes:
    return b"[" + b",".join(items) + b"]"


BAD = {
    "no object": (b"1", None, None, "invalid_envelope"),
    "null": (b"null", None, None, "invalid_envelope"),
    "an empty object": (b"{}", None, None, "invalid_envelope"),
    "wrong data": (written(event({"plan_year": "x"}, id="b")), "b", True, "invalid_data"),
    "unreadable id": (written(event(id=5)), None, True, "invalid_envelope"),
    "long id": (written(event(id="y" * 65)), "y" * 65, True, "invalid_envelope"),
    "foreign source": (written(event(id="b", source="/p")), "b", "/p", "invalid_envelope"),
    "an id that is no text": (
        written(event(id="HERE")).replace(b"HERE", rb"\ud800"),
        None,
        True,
        "invalid_envelope",
    ),
    "a duplicate id": (
        written(event(id="b")).replace(b'"id"', rb'"id": "\u0061", "id"'),
        None,
        True,
        "duplicate_key",
    ),
    "a duplicate key": (
        written(event(id="b")).replace(b'"title"', b'"title": "x", "title"'),
        "b",
        True,
        "duplicate_key",
    ),
    "NaN": (
        written(event(id="b")).replace(b'"plan_year": 2022', b'"plan_year": NaN'),
        "b",
        True,
        "not_json",
    ),
    "not UTF-8": (written(event(id="b")).replace(b"Hi", b"\xff\xfe"), "b", True, "not_json"),
    "too deep": (
        written(organization("HERE")).replace(b'"HERE"', b"[" * 10_000 + b'"]"' + b"]" * 10_000),
        None,
        None,
        "too_deep",
    ),
    "deep": (
        written({**organization("HERE"), "id": "b"}).replace(b'"HERE"', b"[" * 80 + b"]" * 80),
        "b",
        True,
        "too_deep",
    ),
    "too large by white space": (
        written(event(id="b")).replace(b"{", b"{" + b" " * MAX_SENT_BYTES, 1),
        "b",
        True,
        "too_large",
    ),
}


@pytest.mark.parametrize("escaped", [False, True], ids=["plain neighbours", "escaped neighbours"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_event_is_invalid_alone(case: str, escaped: bool) -> None:
    raw, bad_id, bad_source, code = BAD[case]
    before, after = (written(good(n), ascii_only=escaped) for n in (1, 2))
    first, bad, last = batch(joined(before, raw, after))
    assert (first, last) == (take(good(1)), take(good(2)))
    assert isinstance(bad, Invalid)
    source = "/publishers/tinh-mau" if bad_source is True else bad_source
    assert (bad.id, bad.source, bad.problem.rule.code) == (bad_id, source, code)
    json.dumps(bad.problem.as_json(), ensure_ascii=False).encode()


def test_the_order_is_kept_and_pointers_lead_from_the_event() -> None:
    found = batch(written([good(1), event({"title": 5}, id="b"), good(2)]))
    ids = [item.id if isinstance(item, Invalid) else item.key.id for item in found]
    assert ids == ["good-1", "b", "good-2"]
    assert isinstance(found[1], Invalid)
    assert pointers(found[1].problem) == ["/data/title"]


@pytest.mark.parametrize("raw", [b"[]", b" [ ] \n"])
def test_an_empty_batch_is_empty(raw: bytes) -> None:
    assert batch(raw) == []


@pytest.mark.parametrize("raw", [b"{}", b'"[]"', b"null", b"7", written(event())])
def test_what_is_no_array_is_no_batch(raw: bytes) -> None:
    problem = whole_refused(raw)
    assert (problem.rule.code, problem.rule.status) == ("not_a_batch", 422)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[1]]",
        b"[1] x",
        b"[{]",
        b"\xff",
        b"[\xff]",
        b"[\xef\xbb\xbf]",
        b"[" * (4 * 1024 * 1024),
        b"[1," * 1_300_000,
        b"[" * 2_000 + b'"' + b'\\"' * 1_000_000,
        b'{"a":' * 700_000,
    ],
)
def test_a_batch_that_is_not_json_is_400(raw: bytes) -> None:
    problem = whole_refused(raw)
    assert (problem.rule.code, problem.rule.status) == ("not_json", 400)


def test_a_batch_has_at_most_500_events_and_4_mib() -> None:
    item = written(good(1))
    assert len(batch(joined(*[item] * 500))) == 500
    problem = whole_refused(joined(*[item] * 501))
    assert (problem.rule.code, problem.rule.status) == ("batch_too_large", 413)
    raw = joined(item)
    assert len(batch(raw + b" " * (MAX_BATCH_BYTES - len(raw)))) == 1
    problem = whole_refused(raw + b" " * (MAX_BATCH_BYTES + 1 - len(raw)))
    assert problem.rule.status == 413


ITEMS = st.sampled_from([raw for raw, *_ in BAD.values()] + [written(good(n)) for n in range(3)])
SPACE = st.sampled_from([b"", b" ", b"\n\t", b"\r\n  "])


@given(st.lists(st.tuples(ITEMS, SPACE, SPACE), max_size=6))
@settings(max_examples=60, deadline=None)
def test_a_batch_is_what_its_events_are_one_by_one(items: list[tuple[bytes, bytes, bytes]]) -> None:
    raw = b"[" + b",".join(before + item + after for item, before, after in items) + b"]"
    single = [batch(b"[" + item + b"]")[0] for item, _, _ in items]
    assert batch(raw) == single
