"""The CloudEvents envelope: what a publisher must say, may say, and may not."""

import json
from datetime import UTC, timedelta
from hashlib import sha256

import pytest
import rfc8785

from shared.clock import to_microseconds
from shared.errors import BrokenContract
from shared.events.acceptance.receive import MAX_SENT_BYTES, receive, receive_binary
from shared.events.envelope import EventKey
from shared.vocabulary import Family
from tests.unit.events.sending import (
    NOW,
    NOW_US,
    event,
    pointers,
    refused,
    take,
    written,
)


def test_the_record_is_the_event_as_sent_in_canonical_form() -> None:
    sent = event(datacontenttype="application/json", expectedversion=0, dataschema="urn:x:1")
    received = take(json.dumps(sent, indent=3).encode())
    assert received.body == rfc8785.dumps(sent)
    assert received.digest == sha256(rfc8785.dumps(sent)).digest()
    assert received.key == EventKey("/publishers/tinh-mau", sent["id"])
    assert (received.type, received.subject) == (sent["type"], sent["subject"])
    assert received.time_us == NOW_US - 60_000_000
    assert received.expected_version == 0


def test_the_content_is_type_subject_and_data_and_nothing_else() -> None:
    sent = event()
    content = {name: sent[name] for name in ("type", "subject", "data")}
    assert take(sent).content == sha256(rfc8785.dumps(content)).digest()
    same = event(id="another", time="2022-03-01T01:00:00Z", expectedversion=3)
    assert take(same).content == take(sent).content
    assert take(event({"title": "Khác"})).content != take(sent).content


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_a_required_attribute_is_missed_whether_absent_or_null(name: str) -> None:
    absent = event()
    del absent[name]
    assert pointers(refused(absent)) == [f"/{name}"]
    assert pointers(refused(event(**{name: None}))) == [f"/{name}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("id", ""),
        ("id", "x" * 65),
        ("id", "a b"),
        ("id", "mã"),
        ("id", "a\n"),
        ("id", 7),
        ("id", True),
        ("source", "tinh-mau"),
        ("source", "/publishers/"),
        ("source", "/publishers/a/b"),
        ("source", "/publishers/" + "x" * 65),
        ("source", "/publishers/tỉnh"),
        ("source", ["/publishers/a"]),
        ("type", 1),
        ("type", ""),
        ("type", "dvk Model"),
        ("subject", ""),
        ("subject", "registration"),
        ("subject", "registration/r-1\n"),
        ("subject", {"registration": "r-1"}),
        ("time", "2022-03-01"),
        ("time", "2022-03-01T08:59:00"),
        ("time", "2022-03-01T08:59+07:00"),
        ("time", "2022-02-29T08:59:00Z"),
        ("time", "2022-03-01T24:00:00Z"),
        ("time", "2022-03-01T08:59:61Z"),
        ("time", "2022-03-01T08:59:60Z"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", "2022-03-01T08:59:00+0700"),
        ("time", 1646099940),
        ("datacontenttype", "text/plain"),
        ("datacontenttype", "application/json; charset=latin-1"),
        ("dataschema", "no scheme"),
        ("dataschema", "urn:có dấu"),
        ("expectedversion", -1),
        ("expectedversion", 1.5),
        ("expectedversion", "1"),
        ("expectedversion", True),
        ("expectedversion", 2**31),
        ("sequence", "1"),
        ("recordedtime", "2022-03-01T08:59:00Z"),
        ("chain", "00"),
        ("data_base64", "e30="),
        ("traceparent", "00-1"),
        ("Data", {}),
        ("mở/rộng~", 1),
    ],
)
def test_an_attribute_that_is_not_of_the_contract_is_named(name: str, value: object) -> None:
    problem = refused(event(**{name: value}))
    assert (problem.rule.code, problem.rule.status) == ("invalid_envelope", 422)
    assert pointers(problem) == [f"/{name.replace('~', '~0').replace('/', '~1')}"]


def test_all_wrong_attributes_are_named_at_once() -> None:
    sent = event(id="", time="yesterday", extra=1)
    del sent["source"]
    assert pointers(refused(sent)) == ["/source", "/id", "/time", "/extra"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "~!\"#\\'{}"),
        ("id", "x" * 64),
        ("source", "/publishers/" + "x" * 64),
        ("time", "2022-03-01t01:59:00z"),
        ("time", "2022-03-01T01:59:00.123456789-00:00"),
        ("time", "2016-12-31T23:59:60Z"),
        ("time", "2017-01-01T06:59:60+07:00"),
        ("time", "1969-12-31T23:59:59.5Z"),
        ("datacontenttype", "application/json"),
        ("datacontenttype", "application/json; charset=utf-8"),
        ("dataschema", "https://example.org/schema.json#/a?b=(c)"),
        ("expectedversion", 0),
        ("expectedversion", 2**31 - 1),
    ],
)
def test_an_attribute_is_recorded_as_it_was_sent(name: str, value: object) -> None:
    sent = event(**{name: value})
    assert take(sent).body == rfc8785.dumps(sent)
    if isinstance(value, str):
        assert take(written(sent, ascii_only=True)).body == rfc8785.dumps(sent)


@pytest.mark.parametrize(
    "name", ["expectedversion", "datacontenttype", "dataschema", "sequence", "traceparent"]
)
def test_an_attribute_that_is_null_counts_as_not_sent(name: str) -> None:
    assert take(event(**{name: None})) == take(event())


def test_a_leap_second_is_the_second_after_the_minute() -> None:
    time_us = take(event(time="2016-12-31T23:59:60.25Z")).time_us
    assert time_us == take(event(time="2017-01-01T00:00:00.25Z")).time_us


@pytest.mark.parametrize(("ahead", "accepted"), [(300, True), (301, False)])
def test_time_is_at_most_five_minutes_ahead_of_the_service(ahead: int, accepted: bool) -> None:
    sent = event(time=(NOW + timedelta(seconds=ahead)).astimezone(UTC).isoformat())
    if accepted:
        assert take(sent).time_us == to_microseconds(NOW) + ahead * 1_000_000
    else:
        problem = refused(sent)
        assert (problem.rule.code, problem.rule.status) == ("time_ahead", 422)


@pytest.mark.parametrize("stated", ["dvk.ModelRegistered.v2", "dvk.modelregistered.v1", "other"])
def test_an_unknown_type_is_refused(stated: str) -> None:
    problem = refused(event(type=stated))
    assert (problem.rule.code, problem.rule.status) == ("unknown_type", 422)


def test_another_services_type_is_refused_with_the_name_of_the_right_one() -> None:
    problem = refused(event(), Family.EVALUATION)
    assert (problem.rule.code, problem.rule.status) == ("wrong_service", 422)
    assert problem.params["service"] == "registry"
    assert "registry" in problem.rule.words("vi", problem.params)


@pytest.mark.parametrize("family", Family)
def test_every_service_takes_retractions_whatever_stream_they_belong_to(family: Family) -> None:
    sent = event(
        type="dvk.EventRetracted.v1",
        subject="outcome/out-1",
        data={
            "occurred_on": "2022-02-15",
            "reason": "Nhập trùng",
            "retracts": {"source": "/publishers/tinh-mau", "id": "e-1"},
        },
    )
    assert take(sent, family).subject == "outcome/out-1"


@pytest.mark.parametrize("subject", ["registration/r-2", "model/m-1", "registration/R-1"])
def test_a_subject_that_disagrees_with_the_data_is_refused(subject: str) -> None:
    problem = refused(event(subject=subject))
    assert (problem.rule.code, problem.rule.status) == ("subject_mismatch", 422)
    assert problem.params == {"stated": subject, "expected": "registration/r-1"}


@pytest.mark.parametrize(
    "raw", [b"", b"   ", b"{", b'{"id":}', b"{}x", b"\xef\xbb\xbf" * 2 + b"{}", b"'a'"]
)
def test_what_is_not_json_is_400(raw: bytes) -> None:
    problem = refused(raw)
    assert (problem.rule.code, problem.rule.status) == ("not_json", 400)


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
def test_what_is_not_utf8_is_not_json(raw: bytes) -> None:
    assert refused(written(event()).replace(b"Hi", raw)).rule.code == "not_json"


@pytest.mark.parametrize("raw", [b"[]", b"null", b"1", b'"text"', b"[{}]", b"NaN"])
def test_json_that_is_no_object_is_no_event(raw: bytes) -> None:
    problem = refused(raw)
    assert (problem.rule.code, problem.rule.status) == ("invalid_envelope", 422)


@pytest.mark.parametrize("data", [[], "text", 1, True, [1]])
def test_data_is_an_object(data: object) -> None:
    problem = refused(event(data=data))
    assert (problem.rule.code, pointers(problem)) == ("invalid_data", ["/data"])


def binary(sent: dict[str, object], **attributes: str) -> tuple[dict[str, str], bytes]:
    headers = {name: str(value) for name, value in sent.items() if name != "data"}
    return {**headers, **attributes}, written(sent["data"])


def test_binary_mode_records_the_same_event_as_structured_mode() -> None:
    sent = event(expectedversion=2, datacontenttype="application/json")
    attributes, data = binary(sent)
    assert attributes["expectedversion"] == "2"
    received = receive_binary(attributes, data, now_us=NOW_US, family=Family.REGISTRY)
    assert received == take(sent)
    assert received.expected_version == 2


@pytest.mark.parametrize("stated", ["", "-1", "1.0", "+1", " 1", "٣", "1" * 11, "null"])
def test_the_expected_version_of_binary_mode_is_decimal_text(stated: str) -> None:
    attributes, data = binary(event(), expectedversion=stated)
    with pytest.raises(BrokenContract) as caught:
        receive_binary(attributes, data, now_us=NOW_US, family=Family.REGISTRY)
    assert pointers(caught.value.problem) == ["/expectedversion"]


@pytest.mark.parametrize(
    ("attributes", "data", "code"),
    [
        ({"data": "{}"}, None, "invalid_envelope"),
        ({"sequence": "1"}, None, "invalid_envelope"),
        ({}, b"{", "not_json"),
        ({}, b'{"a":1,"a":1}', "duplicate_key"),
        ({}, b"[" * 9_000 + b"]" * 9_000, "too_deep"),
        ({}, b'{"a":"' + b"x" * MAX_SENT_BYTES + b'"}', "too_large"),
        ({}, b"null", "invalid_envelope"),
        ({}, b"NaN", "not_json"),
        ({}, b"[]", "invalid_data"),
    ],
)
def test_binary_mode_refuses_what_structured_mode_does(
    attributes: dict[str, str], data: bytes | None, code: str
) -> None:
    headers, body = binary(event(), **attributes)
    with pytest.raises(BrokenContract) as caught:
        receive_binary(headers, data or body, now_us=NOW_US, family=Family.REGISTRY)
    assert caught.value.problem.rule.code == code


def test_a_problem_is_written_in_both_languages_and_is_always_utf8() -> None:
    raw = written(event({"bịa\ud800": 1}))
    with pytest.raises(BrokenContract) as caught:
        receive(raw.replace(b"\xed\xa0\x80", rb"\ud800"), now_us=NOW_US, family=Family.REGISTRY)
    for language in ("vi", "en"):
        document = caught.value.problem.as_json(language)
        json.dumps(document, ensure_ascii=False).encode()
        assert document["title"]
