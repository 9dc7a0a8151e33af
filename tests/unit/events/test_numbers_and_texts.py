"""Numbers are exact, texts are clean, keys stand once: whatever is not is named with its place."""

import json
import unicodedata

import pytest

from tests.unit.events.sending import event, organization, pointers, refused, take, written

NEAREST = 2**53


def recorded(sent: bytes) -> object:
    return json.loads(take(sent).body)["data"]["external_ids"]


def with_number(text: str) -> bytes:
    return written(organization("NUMBER")).replace(b'"NUMBER"', text.encode())


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.0", "1"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0.000", "0"),
        ("1e2", "100"),
        ("-12.5e1", "-125"),
        ("2.50", "2.5"),
        ("0.125", "0.125"),
        ("0.0010", "0.001"),
        ("123456789012.345", "123456789012.345"),
        ("-999999999999.999", "-999999999999.999"),
        (str(NEAREST), str(NEAREST)),
        (str(-NEAREST), str(-NEAREST)),
        ("9007199254740992.0", "9007199254740992"),
    ],
)
def test_a_number_is_kept_exactly_and_an_integral_one_is_an_integer(sent: str, kept: str) -> None:
    assert f'"external_ids":{kept},'.encode() in take(with_number(sent)).body


@pytest.mark.parametrize(
    "sent",
    [
        str(NEAREST + 1),
        str(-NEAREST - 1),
        "9007199254740993.0",
        "0.1234",
        "1e-4",
        "1234567890123.456",
        "0.30000000000000001",
        "1e400",
        "-1e999999999999999999999",
        "1e-999999999999999999999",
        "1" * 5_000,
        "0." + "1" * 5_000,
    ],
)
def test_a_number_that_would_not_sum_exactly_is_refused(sent: str) -> None:
    problem = refused(with_number(sent))
    assert (problem.rule.code, problem.rule.status) == ("invalid_value", 422)
    assert pointers(problem) == ["/data/external_ids"]


@pytest.mark.parametrize("sent", ["NaN", "Infinity", "-Infinity"])
def test_nan_and_infinity_are_not_json(sent: str) -> None:
    problem = refused(with_number(sent))
    assert (problem.rule.code, problem.rule.status) == ("not_json", 400)
    assert pointers(problem) == ["/data/external_ids"]


@pytest.mark.parametrize("number", ["2022.0", "2.022e3"])
def test_an_integer_field_takes_an_integral_number_however_it_is_written(number: str) -> None:
    raw = written(event()).replace(b'"plan_year": 2022', f'"plan_year": {number}'.encode())
    assert b'"plan_year":2022,' in take(raw).body


@pytest.mark.parametrize("ascii_only", [False, True])
def test_text_sent_decomposed_is_the_same_event(ascii_only: bool) -> None:
    composed = event({"title": "Hiến đất, Bắc Kạn"})
    decomposed = event({"title": unicodedata.normalize("NFD", "Hiến đất, Bắc Kạn")})
    assert composed != decomposed
    one = take(written(composed, ascii_only=ascii_only))
    other = take(written(decomposed, ascii_only=ascii_only))
    assert one == other
    assert "Hiến đất, Bắc Kạn" in other.body.decode()


def test_keys_are_normalised_too_and_sorted_by_utf16() -> None:
    body = take(organization({"e\u0301": 1, "\U0001f600": 2, "\ue000": 3, "a": 4})).body
    assert '"external_ids":{"a":4,"é":1,"\U0001f600":2,"\ue000":3}'.encode() in body


@pytest.mark.parametrize("beyond", ["\U0001f600", "\U00040000", "\U000fffff", "\U0010ffff"])
def test_a_key_beyond_the_basic_plane_stands_before_the_last_keys_of_it(beyond: str) -> None:
    body = take(organization({beyond: 1, "\uffee": 2, "a": 3})).body
    assert f'"external_ids":{{"a":3,"{beyond}":1,"\uffee":2}}'.encode() in body


@pytest.mark.parametrize("character", ["\x00", "\x08", "\r", "\x1b", "\x7f", "\x80", "\x9f"])
@pytest.mark.parametrize("field", ["note", "title", "objectives"])
def test_control_characters_are_refused_in_every_text(character: str, field: str) -> None:
    problem = refused(event({field: f"một{character}hai"}))
    assert problem.rule.status == 422
    assert pointers(problem) == [f"/data/{field}"]


@pytest.mark.parametrize("character", ["\n", "\t"])
def test_newline_and_tab_stand_in_long_texts_only(character: str) -> None:
    text = f"một{character}hai"
    assert take(event({"note": text, "objectives": [text]})).payload.note == text
    for field in ("title", "unit_id"):
        assert pointers(refused(event({field: text}))) == [f"/data/{field}"]


@pytest.mark.parametrize("key", ["a\nb", "a\tb", "a\x00", "\x7f", "\x85"])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_key_holds_a_control_character(key: str, ascii_only: bool) -> None:
    raw = written(organization({"deep": [{key: 1}]}), ascii_only=ascii_only)
    assert refused(raw).rule.code == "invalid_value"


@pytest.mark.parametrize(
    ("length", "fits"), [(8_000, True), (8_001, False)], ids=["the limit", "one more"]
)
def test_a_text_has_at_most_8000_characters(length: int, fits: bool) -> None:
    for sent in (event({"note": "ệ" * length}), organization({"free": ["x" * length]})):
        if fits:
            take(sent)
        else:
            assert refused(sent).rule.status == 422


def test_a_title_has_at_most_500_characters_counted_in_nfc() -> None:
    take(event({"title": unicodedata.normalize("NFD", "ệ" * 500)}))
    assert pointers(refused(event({"title": "ệ" * 501}))) == ["/data/title"]


@pytest.mark.parametrize("escape", [rb"\ud800", rb"\udc80", rb"a\udfff\ud800"])
def test_a_lone_surrogate_is_refused_wherever_it_stands(escape: bytes) -> None:
    value = written(organization("HERE")).replace(b"HERE", escape)
    assert pointers(refused(value)) == ["/data/external_ids"]
    key = written(organization({"HERE": 1})).replace(b"HERE", escape)
    assert refused(key).rule.code == "invalid_value"
    for attribute in ("id", "subject", "type"):
        raw = written(event(**{attribute: "HERE"})).replace(b"HERE", escape)
        assert pointers(refused(raw)) == [f"/{attribute}"]


def test_a_surrogate_pair_is_one_letter() -> None:
    raw = written(organization("HERE")).replace(b"HERE", rb"\ud83d\ude00")
    assert recorded(raw) == "\U0001f600"


TWICE = {
    "an attribute": (event, b'"id"', b'"id":"other","id"', "/id"),
    "the data": (event, b'"data"', b'"data":{},"data"', "/data"),
    "a field": (event, b'"title"', b'"title":"x","title"', "/data/title"),
    "a field, equal values": (
        event,
        b'"model_id"',
        b'"model_id":"m-1","model_id"',
        "/data/model_id",
    ),
    "a number": (event, b'"plan_year"', b'"plan_year":2022,"plan_year"', "/data/plan_year"),
    "an empty key": (lambda: organization([{"": 1}]), b'""', b'"":1,""', "/data/external_ids/0/"),
    "a free key": (lambda: organization({"a": 1}), b'"a"', b'"a":1,"a"', "/data/external_ids/a"),
    "a free key, escaped": (
        lambda: organization({"a": 1}),
        b'"a"',
        rb'"\u0061":1,"a"',
        "/data/external_ids/a",
    ),
    "a free key, in two forms": (
        lambda: organization({"é": 1}),
        '"é"'.encode(),
        '"e\u0301":1,"é"'.encode(),
        "/data/external_ids/é",
    ),
    "a deep key beside quotes": (
        lambda: organization({"a": [{"q": '""', "b": 1}]}),
        b'"b"',
        rb'"b":"\u0022\u0022","b"',
        "/data/external_ids/a/0/b",
    ),
}


@pytest.mark.parametrize("case", TWICE)
def test_a_key_that_stands_twice_is_refused(case: str) -> None:
    make, once, twice, place = TWICE[case]
    raw = written(make())
    assert raw.count(once) == 1
    take(raw)
    problem = refused(raw.replace(once, twice))
    assert (problem.rule.code, problem.rule.status) == ("duplicate_key", 422)
    assert pointers(problem) == [place]


def test_nesting_is_bounded_without_a_crash() -> None:
    def deep(levels: int) -> bytes:
        return written(organization("HERE")).replace(b'"HERE"', b"[" * levels + b"]" * levels)

    take(deep(63))  # the data is one level itself
    for levels in (64, 500, 1_000, 10_000, 30_000):
        assert refused(deep(levels)).rule.code == "too_deep"
    objects = written(organization("HERE")).replace(
        b'"HERE"', b'{"a":' * 9_000 + b"1" + b"}" * 9_000
    )
    assert refused(objects).rule.code == "too_deep"
    assert refused(b"[" * 10_000).rule.code == "not_json"
    assert refused(b"[" * 10_000 + b"]" * 10_000).rule.status == 422
