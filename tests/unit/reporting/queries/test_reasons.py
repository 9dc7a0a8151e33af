"""events.md: a correction has a reason, a decision is a document; both stand where the change does.

Expected texts are those that the events state, word for word.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from services.reporting.queries.explaining.reasons import as_row
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.web.answers.csv_tables import Style
from tests.support.cloudevents import received, unit
from tests.support.event_builders import (
    amended,
    closed,
    discontinued,
    for_registrations,
    granted,
    of_award,
    proposed,
    recognized,
    registered,
    retracted,
    revoked,
    withdrawn,
)
from tests.support.figures_of_events import Projecting
from tests.support.unit_events import opening, reorganized

RULING = {
    "kind": "quyết định",
    "number": "112/QĐ-UBND",
    "signed_on": "2022-12-05",
    "issuer_org_id": "o-9",
}
RESOLUTION = {"kind": "nghị quyết", "number": "202/2025/QH15", "signed_on": "2022-12-01"}
BASIS = {"legal_basis": [RESOLUTION]}
NAMED_RULING = {**RULING, "issuer_name": "UBND tỉnh Bắc Kạn"}

PLAIN = Style("vi", worded=False)


class Case(NamedTuple):
    """What was there before, what changes a figure then, and what it says of itself."""

    before: tuple[ReceivedEvent, ...]
    change: ReceivedEvent
    measure: str
    reason: str | None
    documents: list[dict[str, Any]]
    filters: Mapping[str, Any] = {"unit_id": "bk"}


GRANT = granted("1", unit_id="bk-1", decision=RULING)
CLOSED = unit("bk-9", "bk", "commune", name="Xã Cũ")
CASES = {
    "ModelRegistered": Case(
        (), registered("1", unit_id="bk-1", **BASIS), "registered", None, [RESOLUTION]
    ),
    "ModelAmended": Case(
        (registered("1", unit_id="tn-1"),),
        received(
            "ModelAmended",
            {
                "registration_id": "r-1",
                "reason": "ghi nhầm đơn vị",
                "changes": {"unit_id": "bk-1"},
                "occurred_on": "2022-04-01",
                **BASIS,
            },
        ),
        "registered",
        "ghi nhầm đơn vị",
        [RESOLUTION],
    ),
    "RegistrationWithdrawn": Case(
        (registered("1", unit_id="bk-1"),), withdrawn("1", **BASIS), "withdrawn", "rút",
        [RESOLUTION],
    ),
    "ModelRecognized": Case(
        (registered("1", unit_id="bk-1"),),
        recognized("1", decision=RULING, **BASIS),
        "recognized",
        None,
        [NAMED_RULING, RESOLUTION],
    ),
    "RecognitionRevoked": Case(
        (registered("1", unit_id="bk-1"), recognized("1")),
        revoked("1", decision=RULING),
        "recognized",
        "hủy",
        [NAMED_RULING],
    ),
    "ModelDiscontinued": Case(
        (registered("1", unit_id="bk-1"),), discontinued("1", occurred_on="2022-11-01"),
        "discontinued", "dừng", [],
    ),
    "EventRetracted": Case(
        (registered("1", unit_id="bk-1"), END := discontinued("1", occurred_on="2022-01-05")),
        retracted(END),
        "discontinued",
        "nhập nhầm",
        [],
    ),
    "AwardGranted": Case((), GRANT, "awards_granted", None, [NAMED_RULING]),
    "AwardAmended": Case(
        (granted("1", unit_id="tn-1"),),
        of_award("AwardAmended", reason="sai đơn vị", changes={"unit_id": "bk-1"}, **BASIS),
        "awards_granted",
        "sai đơn vị",
        [RESOLUTION],
    ),
    "AwardRevoked": Case(
        (GRANT,),
        of_award("AwardRevoked", reason="khai man", decision=RULING),
        "awards_revoked",
        "khai man",
        [NAMED_RULING],
    ),
    "UnitClosed": Case(
        (CLOSED, registered("1", unit_id="bk-9")),
        closed("bk-9", "2022-06-01"),
        "registered",
        "kết thúc",
        [],
        {"unit_id": "bk", "map": "2022-12-31", "unit": "bk-9"},
    ),
    "UnitsReorganized": Case(
        (CLOSED, registered("1", unit_id="bk-9")),
        reorganized(
            "re-1",
            "2022-06-01",
            {"bk-new": ["bk-9", "bk-1"]},
            opens=[opening("bk-new", "bk") | {"name": "Phường Mới"}],
            **BASIS,
        ),
        "registered",
        None,
        [RESOLUTION],
        {"unit_id": "bk", "map": "2022-12-31", "unit": "bk-9"},
    ),
}  # fmt: skip


def _defined(projecting: Projecting) -> Projecting:
    issuer = {"org_id": "o-9", "name": "UBND tỉnh Bắc Kạn", "kind": "ubnd", "unit_id": "bk"}
    defined = received("OrganizationDefined", {**issuer, "occurred_on": "2020-01-01"})
    return projecting.given(defined)


def _changes(projecting: Projecting, measure: str, since: int, **filters: Any) -> Any:
    reads = projecting.reads
    as_of = reads.as_of()
    asked = projecting.filters(year=2022, **filters)
    return reads.differ(asked, measure, reads.before(str(since), as_of), as_of).items


@pytest.mark.parametrize("name", CASES)
def test_a_change_says_why_and_by_which_document(projecting: Projecting, name: str) -> None:
    case = CASES[name]
    since = _defined(projecting).given(*case.before).reads.as_of().position
    projecting.given(case.change)
    (item,) = _changes(projecting, case.measure, since, **case.filters)
    assert item["type"] == f"dvk.{name}.v1"
    assert item["reason"] == case.reason
    assert item["documents"] == case.documents
    assert item["recordedtime"] == projecting.reads.as_of().as_json()["time"]


def test_every_event_with_a_reason_or_a_document_that_changes_a_figure_has_its_case() -> None:
    """Of all others no figure follows: they stand in histories and lists."""
    silent = {"AwardDeclined", "RecognitionDeclined", "ReviewSessionHeld", "PlanIssued"}
    silent |= {"InspectionPlanned", "PeriodClosed", "PeriodReopened"}
    silent |= {"PublisherAuthorized", "GrantEnded"}
    silent |= {"RoleGranted", "RoleEnded", "PersonErased", "EventRedacted"}
    told = {
        name.split(".")[1]
        for name, kind in CATALOGUE.items()
        if {"reason", "decision", "document", "minutes"} & set(kind.payload.model_fields)
    }
    assert told - silent <= set(CASES)


def test_a_correction_says_each_field_before_and_after(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1", title="Sai tên", field_code="culture"),
        amended("1", title="Gần đúng", situation="chưa có"),
        amended("1", title="Đúng", unit_id="bk-2", situation=None),
    )
    events = projecting.reads.history("m-1", projecting.reads.as_of()).items
    assert [each["changes"] for each in events] == [
        [],
        [
            {"field": "situation", "before": None, "after": "chưa có"},
            {"field": "title", "before": "Sai tên", "after": "Gần đúng"},
        ],
        [
            {"field": "situation", "before": "chưa có", "after": None},
            {"field": "title", "before": "Gần đúng", "after": "Đúng"},
            {"field": "unit_id", "before": "bk-1", "after": "bk-2"},
        ],
    ]
    assert [each["reason"] for each in events] == [None, "sửa", "sửa"]


def test_a_correction_of_an_award_says_each_field_before_and_after(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        proposed("1", award_form="bang_khen"),
        granted("1", basis=for_registrations("1"), decision=RULING),
        of_award("AwardAmended", reason="sai số", changes={"decision": RESOLUTION}),
    )
    (last,) = projecting.reads.history("m-1", projecting.reads.as_of()).items[-1:]
    assert last["changes"] == [{"field": "decision", "before": RULING, "after": RESOLUTION}]
    assert last["documents"] == []


def test_a_retraction_says_what_it_takes_back(projecting: Projecting) -> None:
    end = discontinued("1", occurred_on="2022-01-05")
    projecting.given(registered("1", unit_id="bk-1"), end, retracted(end))
    *_, told = projecting.reads.history("m-1", projecting.reads.as_of()).items
    assert told["reason"] == "nhập nhầm"
    assert told["retracts"] == {
        "position": 8,
        "type": "dvk.ModelDiscontinued.v1",
        "source": end.key.source,
        "id": end.key.id,
    }


def test_what_declines_stands_in_the_history_with_its_reason(projecting: Projecting) -> None:
    declined = {"registration_id": "r-1", "reason": "chưa đủ hồ sơ", "decision": RULING}
    projecting.given(
        registered("1", unit_id="bk-1"),
        received("RecognitionDeclined", {**declined, "occurred_on": "2022-12-20"}),
    )
    *_, told = projecting.reads.history("m-1", projecting.reads.as_of()).items
    assert (told["reason"], told["documents"][0]["number"]) == ("chưa đủ hồ sơ", "112/QĐ-UBND")


def test_explained_things_and_changes_say_it_alike(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="tn-1"), amended("1", unit_id="bk-1"))
    (item,) = _changes(projecting, "registered", 7, unit_id="bk")
    asked = projecting.filters(unit_id="bk", year=2022)
    (thing,) = projecting.reads.explain(asked, "registered", projecting.reads.as_of()).items
    told = {"recordedtime", "reason", "documents", "changes", "retracts"}
    assert {k: item[k] for k in told} == {k: thing["events"][-1][k] for k in told}


@pytest.mark.parametrize("name", ["AwardGranted", "UnitClosed", "UnitsReorganized", "ModelAmended"])
def test_a_change_is_called_by_what_it_is_about(projecting: Projecting, name: str) -> None:
    case = CASES[name]
    since = projecting.given(*case.before).reads.as_of().position
    projecting.given(case.change)
    (item,) = _changes(projecting, case.measure, since, **case.filters)
    assert (
        item["title"]
        == {
            "AwardGranted": "giay_khen",  # it has a form and no name
            "UnitClosed": "Xã Cũ",
            "UnitsReorganized": "Xã Cũ, Phường Đức Xuân → Phường Mới",
            "ModelAmended": "Mô hình số 1",
        }[name]
    )


def test_a_spreadsheet_has_the_first_document_in_columns_and_the_changes_as_a_text() -> None:
    item = {
        "documents": [NAMED_RULING, RESOLUTION],
        "changes": [
            {"field": "title", "before": "A", "after": "B"},
            {"field": "area", "before": None, "after": 1.5},
        ],
    }
    row = as_row(item, Style("vi", worded=False))
    assert row["document_number"] == "112/QĐ-UBND"
    assert row["document_issuer_name"] == "UBND tỉnh Bắc Kạn"
    assert row["changes"] == "title: A → B; area:  → 1.5"
    assert "document_number" not in as_row({"documents": [], "changes": []}, PLAIN)
