"""A title is one line on which something is visible; so is whatever else must say something."""

import copy
import json
import re
import unicodedata
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.acceptance.visible_text import UNSEEN
from shared.events.catalogue import CATALOGUE
from shared.events.decoding import payload_of
from shared.events.recorded import from_feed
from shared.events.schemas.__main__ import ROOT
from shared.events.schemas.json_schema import event_schema
from shared.vocabulary import Family
from tests.unit.events.sending import event, organization, take

# By hand from Unicode: what is drawn as nothing though it counts as a letter or a symbol.
FILLERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}
NOTHING = {
    "spaces": "   ",
    "a space without break": "\xa0",
    "spaces of all kinds": "\u2003\u2009\u202f\u3000\u1680\u205f",
    "zero width space": "\u200b",
    "word joiner": "\u2060",
    "a byte-order mark": "\ufeff",
    "soft hyphens": "\xad\xad",
    "joiners": "\u200c\u200d",
    "directions": "\u200e\u202e\u2066",
    "a mark alone": "\u0301",
    "marks and spaces": " \u0323\u0302 ",
    "a variation selector": "\ufe0f",
    "a grapheme joiner": "\u034f",
    "a Thai vowel sign alone": "\u0e31",
    "a Hangul filler": "\u3164",
    "other Hangul fillers": "\u115f\u1160\uffa0",
    "blank Braille": "\u2800",
    "tags": "\U000e0041\U000e0042",
    "private use": "\ue000\U000f0000",
    "musical formats": "\U0001d173",
}
TWO_LINES = {
    "line separator": "một\u2028hai",
    "paragraph separator": "một\u2029hai",
    "next line": "một\u0085hai",
    "newline": "một\nhai",
    "carriage return": "một\rhai",
    "vertical tab": "một\x0bhai",
    "form feed": "một\x0chai",
    "tab": "một\thai",
    "a line separator at the end": "một\u2028",
}
SOMETHING = [
    "x",
    "85-KH/TU",
    " Cư M’gar ",
    "Ấp 3\u200b",
    "?",
    "—",
    "\U0001f33e",
    "\u200b\u200bHiến đất",
    "e\u0323\u0302",
    "กั",
    "한글",
    "\U00010940",
]
GOLDEN = (ROOT / "tests/golden/events.jsonl").read_bytes().splitlines()
RECORDS = {e.type: json.loads(e.body) for e in map(from_feed, GOLDEN)}
SCHEMAS = {
    name: jsonschema.Draft202012Validator(event_schema(CATALOGUE[name])["$defs"]["Title"])
    for name in ["dvk.ModelRegistered.v1"]
}


def objection(sent: dict[str, Any], family: Family = Family.REGISTRY) -> str | None:
    problem = take(sent, family).objection
    return problem and problem.rule.code


@pytest.mark.parametrize("text", [*NOTHING.values(), *TWO_LINES.values()], ids=ascii)
def test_a_title_without_anything_to_see_or_of_two_lines_is_refused(text: str) -> None:
    sent = event({"title": text})
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        with pytest.raises(Exception, match="invalid_"):
            take(sent)
        return
    problem = take(sent).objection
    assert problem is not None
    assert (problem.rule.code, problem.rule.status) == ("invalid_data", 422)
    (error,) = problem.errors
    assert error.pointer == "/data/title"
    assert "một dòng có chữ nhìn thấy được" in error.detail
    assert "a visible character" in error.detail


@pytest.mark.parametrize("text", SOMETHING)
def test_whatever_shows_on_one_line_is_a_title(text: str) -> None:
    received = take(event({"title": text}))
    assert received.objection is None
    assert received.payload.title == unicodedata.normalize("NFC", text)  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", NOTHING.values(), ids=ascii)
def test_a_reason_says_something(text: str) -> None:
    data = {"occurred_on": "2022-02-15", "registration_id": "r-1", "reason": text}
    sent = event(type="dvk.RegistrationWithdrawn.v1", data=data)
    assert objection(sent) == "invalid_data"
    for reason in (f"{text}Nhập nhầm", f"{text}\n\tNhập\u2028nhầm{text}"):
        sent["data"]["reason"] = reason
        assert objection(sent) is None


@pytest.mark.parametrize(
    "sent",
    [
        organization(None, name="\u200b"),
        organization(None, kind="   "),
        organization(None, legal_basis=[{"kind": "\u2060"}]),
        organization(None, legal_basis=[{"kind": "kế hoạch", "number": "\u2028"}]),
        organization(None, origin={"kind": "import", "ref": "\xa0"}),
        event({"forces": [{"role": "\ufeff"}]}),
        event({"outputs": [{"metric": "m", "unit": "\u2029"}]}),
        event({"outputs": [{"metric": "m", "target": "  "}]}),
    ],
)
def test_every_title_and_name_of_the_contract_is_held_to_it(sent: dict[str, Any]) -> None:
    assert objection(sent) == "invalid_data"


def test_optional_long_texts_may_be_empty_and_may_be_blank() -> None:
    assert objection(event({"note": "", "situation": " \n", "linked_tasks": ["\u200b"]})) is None


def test_the_list_of_what_does_not_show_is_that_of_the_categories() -> None:
    """For every character that this Python's Unicode knows."""
    unseen = re.compile(f"[{UNSEEN}]")
    wrong = [
        letter
        for letter in map(chr, range(0x110000))
        if (category := unicodedata.category(letter)) not in {"Cn", "Cs"}
        and bool(unseen.match(letter)) != (category[0] in "ZCM" or letter in FILLERS)
    ]
    assert wrong == []


letters = st.one_of(
    st.sampled_from([*"".join([*NOTHING.values(), *SOMETHING, "\u2028\u2029"])]),
    st.characters(exclude_categories=("Cs", "Cc", "Cn")),
)


@given(st.text(letters, min_size=1, max_size=4))
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
def test_door_schema_and_categories_agree_on_titles(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    lines = any(unicodedata.category(letter) in {"Zl", "Zp"} for letter in text)
    shows = any(
        unicodedata.category(letter)[0] not in "ZCM" and letter not in FILLERS for letter in text
    )
    passes = take(event({"title": text})).objection is None
    assert passes == (shows and not lines)
    assert SCHEMAS["dvk.ModelRegistered.v1"].is_valid(text) == passes


RECORDED_TITLES = [
    ("OrganizationDefined", "name"),
    ("OrganizationDefined", "kind"),
    ("UnitOpened", "name"),
    ("UnitRenamed", "name"),
    ("ModelRegistered", "title"),
    ("RegistrationWithdrawn", "reason"),
    ("ModelAmended", "reason"),
    ("AwardGranted", "award_name"),
    ("AwardGranted", "decision/kind"),
    ("ModelRecognized", "decision/number"),
    ("ReviewSessionHeld", "minutes/title"),
    ("ExemplarCommended", "occasion"),
    ("FigureAsserted", "metric"),
    ("FigureAsserted", "source/title"),
    ("PlanIssued", "legal_basis/0/kind"),
    ("PeriodReopened", "reason"),
]


@pytest.mark.parametrize("text", ["một\u2028hai", "   ", "\u200b", "\u0301", "\u3164"], ids=ascii)
@pytest.mark.parametrize(("name", "place"), RECORDED_TITLES)
def test_what_an_earlier_release_has_recorded_is_read(name: str, place: str, text: str) -> None:
    record = copy.deepcopy(RECORDS[f"dvk.{name}.v1"])
    record["data"].setdefault("legal_basis", [{"kind": "kế hoạch"}])
    *path, last = place.split("/")
    part = record["data"]
    for step in path:
        part = part[int(step) if step.isdecimal() else step]
    part[last] = text
    payload = payload_of(record["type"], json.dumps(record, ensure_ascii=False).encode())
    assert json.dumps(text) in json.dumps(payload.model_dump(mode="json"))
