"""The origin of a forwarded event: four attributes of the record, apart from the content."""

import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
import rfc8785

from shared.events.acceptance.receive import receive_binary
from shared.events.acceptance.validation import MAX_EVENT_BYTES
from shared.events.decoding import received_again
from shared.events.origin import place_in, with_origin, without_origin
from shared.vocabulary import Family
from tests.unit.events.sending import NOW_US, event, organization, pointers, refused, take

ORIGIN: dict[str, Any] = {
    "originchain": "ab" * 32,
    "originledger": "/publishers/hue-ledger",
    "originposition": 7,
    "origintime": "2022-02-01T03:04:05.000006Z",
}
SIGNED = {"signature": "0/1.x", "signkey": "k", "signsalt": "s"}
SENT = {
    "plain": {},
    "with optional attributes": {
        "datacontenttype": "application/json",
        "expectedversion": 3,
        "dataschema": "urn:x:1",
    },
    "with an id to escape": {"id": 'a"b\\,"id":"c'},
    "signed": SIGNED,
}


@pytest.mark.parametrize("case", SENT)
def test_without_its_origin_a_record_is_that_of_the_other_ledger(case: str) -> None:
    there = take(event(**SENT[case]))
    here = take(event(**SENT[case], **ORIGIN))
    assert here.body == rfc8785.dumps({**event(**SENT[case]), **ORIGIN})
    assert without_origin(here.body) == there.body
    assert without_origin(there.body) == there.body
    assert here.origin is not None
    assert here.origin == place_in(here.body)
    assert here.origin == (
        "/publishers/hue-ledger",
        7,
        bytes.fromhex("ab" * 32),
        1_643_684_645_000_006,
        sha256(there.body).digest(),
        None,
    )
    assert (here.content, here.key) == (there.content, there.key)
    assert here.expected_version is None, "it was judged there"
    again = received_again(here.body, here.time_us)
    assert (again.origin, again.expected_version) == (here.origin, None)
    sent_on = with_origin(there.body, *here.origin[:4])
    assert take(sent_on).body == here.body


def test_the_origin_comes_in_binary_mode_too() -> None:
    sent = event(**ORIGIN)
    headers = {name: quote(str(v), safe="/:+.") for name, v in sent.items() if name != "data"}
    data = json.dumps(sent["data"]).encode()
    found = receive_binary(headers, data, now_us=NOW_US, family=Family.REGISTRY)
    assert found.origin == take(sent).origin


@pytest.mark.parametrize("name", ORIGIN)
def test_all_four_are_stated_or_none(name: str) -> None:
    others = {each: value for each, value in ORIGIN.items() if each != name}
    assert len(pointers(refused(event(**others)))) >= 1
    assert pointers(refused(event(**others, **{name: None}))) != []
    assert take(event(**dict.fromkeys(ORIGIN))).origin is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("originchain", "AB" * 32),
        ("originchain", "ab" * 31),
        ("originchain", 7),
        ("originledger", "https://hue.example"),
        ("originledger", "/publishers/"),
        ("originledger", '/publishers/a"b'),
        ("originledger", "/publishers/a\n"),
        ("originposition", 0),
        ("originposition", -1),
        ("originposition", "7"),
        ("originposition", True),
        ("originposition", 2**31),
        ("originposition", 7.5),
        ("origintime", "2022-02-01T03:04:05Z"),
        ("origintime", "2022-02-01T03:04:05.000006+07:00"),
        ("origintime", "2022-02-30T03:04:05.000006Z"),
        ("origintime", "1969-12-31T23:59:59.000000Z"),
        ("origintime", "2016-12-31T23:59:60.000000Z"),
    ],
)
def test_a_wrong_attribute_is_named(name: str, value: object) -> None:
    assert pointers(refused(event(**{**ORIGIN, name: value}))) == [f"/{name}"]


def test_a_whole_number_written_otherwise_is_the_same_position() -> None:
    written = json.dumps(event(**ORIGIN)).replace('"originposition": 7', '"originposition": 7.0')
    assert take(written.encode()).body == take(event(**ORIGIN)).body


def test_the_largest_record_of_the_other_ledger_is_not_too_large_here() -> None:
    lines = ["x" * 7_000] * 9
    room = MAX_EVENT_BYTES - len(take(organization([*lines, ""])).body)
    largest = organization([*lines, "x" * room])
    assert take({**largest, **ORIGIN}).objection is None
    larger = organization([*lines, "x" * (room + 1)])
    assert take({**larger, **ORIGIN}).objection is not None


def test_what_looks_like_an_origin_in_the_data_is_none() -> None:
    inner = '","originchain":"' + "ab" * 32 + '","originledger":"/publishers/x","originposition":7'
    body = take(event({"title": inner})).body
    assert place_in(body) is None
    assert without_origin(body) == body
