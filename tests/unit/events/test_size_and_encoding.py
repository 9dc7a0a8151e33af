"""How long an event may be, however it is spelled, and in which encoding."""

import json
import re
import unicodedata

import pytest

from shared.errors import BrokenContract
from shared.events.acceptance.receive import (
    MAX_BATCH_BYTES,
    MAX_EVENT_BYTES,
    MAX_SENT_BYTES,
    Invalid,
    receive_batch,
    receive_binary,
)
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.unit.events.sending import NOW_US, event, organization, refused, take, written

MARK = b"\xef\xbb\xbf"


def test_an_event_has_at_most_64_kib_in_its_canonical_form() -> None:
    whole = take(organization(["x" * 7_000] * 9 + [""]))
    room = MAX_EVENT_BYTES - len(whole.body)
    fits = take(organization(["x" * 7_000] * 9 + ["x" * room]))
    assert (len(fits.body), fits.objection) == (65_536, None)
    larger = take(organization(["x" * 7_000] * 9 + ["x" * (room + 1)])).objection
    assert larger is not None
    assert (larger.rule.code, larger.rule.status) == ("too_large", 413)
    assert larger.as_json("en")["detail"] == (
        "The event is larger than 65536 bytes (ở dạng chuẩn RFC 8785, sau NFC · in its canonical "
        "form, RFC 8785 after NFC)."
    )


@pytest.mark.parametrize("text", ["x", "Hiến đất làm đường ", "ệ", "\U0001f600"])
def test_however_an_event_is_spelled_it_has_the_same_size(text: str) -> None:
    whole = organization([text * (60_000 // (9 * len(text.encode())))] * 9)
    decomposed = json.loads(unicodedata.normalize("NFD", json.dumps(whole, ensure_ascii=False)))
    escaped = re.sub(
        r'"([^"\\]*)"',
        lambda found: '"' + "".join(f"\\u{ord(unit):04x}" for unit in utf16(found[1])) + '"',
        json.dumps(whole, ensure_ascii=False),
    )
    plain = take(whole)
    assert len(plain.body) > 55_000
    assert take(written(whole, ascii_only=True)) == plain
    assert take(decomposed) == plain
    assert take(json.dumps(whole, indent=64).encode()) == plain
    assert len(escaped) <= 6 * 65_536
    assert take(escaped.encode()) == plain


def utf16(text: str) -> list[str]:
    units = text.encode("utf-16-be")
    return [chr(int.from_bytes(units[at : at + 2])) for at in range(0, len(units), 2)]


def test_an_event_of_a_batch_is_held_to_the_same_sizes() -> None:
    raw = written(event())
    fits = raw[:-1] + b" " * (MAX_SENT_BYTES - len(raw)) + b"}"
    wide = written(organization(["x" * 7_000] * 10))
    found = batch(b"[" + b" , ".join([fits, fits[:-1] + b" }", wide]) + b"]")
    assert found[0] == take(event())
    assert isinstance(found[1], Invalid)
    assert isinstance(found[2], ReceivedEvent)
    assert [found[1].problem.rule.code, found[2].objection] == ["too_large", take(wide).objection]
    assert len(batch(b"[" + raw + b" " * (MAX_BATCH_BYTES - len(raw) - 2) + b"]")) == 1


def test_an_event_has_at_most_six_times_that_as_it_is_sent() -> None:
    raw = written(event())
    take(raw + b" " * (MAX_SENT_BYTES - len(raw)))
    problem = refused(raw + b" " * (MAX_SENT_BYTES + 1 - len(raw)))
    assert (problem.rule.code, problem.rule.status) == ("too_large", 413)
    assert "393216 bytes (như đã gửi · as it was sent)" in str(problem.as_json("en")["detail"])


def test_a_byte_order_mark_before_an_event_costs_nothing() -> None:
    sent = event()
    assert take(MARK + written(sent)) == take(sent)
    (in_a_batch,) = batch(MARK + written([sent]))
    assert in_a_batch == take(sent)
    headers = {name: str(value) for name, value in sent.items() if name != "data"}
    data = MARK + written(sent["data"])
    assert receive_binary(headers, data, now_us=NOW_US, family=Family.REGISTRY) == take(sent)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize(
    ("codec", "mark", "name"),
    [
        ("utf-16-le", b"\xff\xfe", "UTF-16 LE"),
        ("utf-16-be", b"\xfe\xff", "UTF-16 BE"),
        ("utf-32-le", b"\xff\xfe\x00\x00", "UTF-32 LE"),
        ("utf-32-be", b"\x00\x00\xfe\xff", "UTF-32 BE"),
    ],
)
@pytest.mark.parametrize("text", ['{"id": "Hiến đất"}', "[]", "7"])
def test_another_encoding_is_refused_by_its_name(
    text: str, codec: str, mark: bytes, name: str, marked: bool
) -> None:
    raw = mark * marked + text.encode(codec)
    problem = refused(raw)
    assert (problem.rule.code, problem.rule.status) == ("not_json", 400)
    with pytest.raises(BrokenContract) as whole:
        batch(raw)
    assert whole.value.problem == problem
    assert (
        f"là {name}: hãy lưu lại dưới dạng UTF-8 · {name}: save it" in problem.as_json()["detail"]
    )


@pytest.mark.parametrize("codec", ["windows-1258", "windows-1252", "latin-1", "cp437"])
def test_a_code_page_is_refused_and_the_place_is_named(codec: str) -> None:
    raw = b"\n" + written(event({"title": "WW"})).replace(b"WW", b"WW" + "à".encode(codec))
    detail = str(refused(raw).as_json()["detail"])
    assert f"line 2, byte {raw.index(b'WW') + 2}: không phải UTF-8" in detail
    assert "windows-1258: hãy lưu lại dưới dạng UTF-8 · not UTF-8" in detail
    (alone,) = batch(b"[" + raw + b"]")
    assert isinstance(alone, Invalid)
    assert "windows-1258" in str(alone.problem.as_json()["detail"])


def batch(raw: bytes) -> list[ReceivedEvent | Invalid]:
    return receive_batch(raw, now_us=NOW_US, family=Family.REGISTRY)
