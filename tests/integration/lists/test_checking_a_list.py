"""A list of registrations is checked and sent over the doors of a real ledger, again and again."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.lists.kinds.catalog import KINDS
from services.lists.kinds.kind import ListScope
from services.lists.ledger.reader import LedgerReader
from services.lists.persons.list_persons import ListPersons
from services.lists.persons.vault import PersonVault
from services.lists.reading.days import ReadDay
from services.lists.reading.numbers import Amount
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.checking import ListCheck, batches, send, settle
from services.lists.uploads.matching_rows import words_of
from shared.client.delivery import Delivery
from tests.support.cloudevents import cloudevent
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_desk import vault_in
from tests.support.small_ledger import SmallLedger, small_ledger

SCOPE = ListScope("t-1", 2022)
REFERENCE = "p-abcdefghijklmnopqrstuvwx23"
VAULTS: list[PersonVault] = []


@pytest.fixture(scope="module", autouse=True)
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with vault_in(tmp_path_factory.mktemp("vault")) as made:
        VAULTS.append(made)
        yield


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def client(ledger: SmallLedger) -> Iterator[httpx.Client]:
    with client_of(ledger) as client:
        yield client


def row(title: str, **values: Any) -> dict[str, Any]:
    return {
        "title": title,
        "owner": "Đảng ủy xã",
        "owner_kind": "Tập thể",
        "field": "kinh tế",
        "block": "b-1",
        "unit": "xã Bình Văn x-1",
        "registration_kind": "Mới",
        **values,
    }


def checked(
    client: httpx.Client, rows: Sequence[dict[str, Any]], kind: str = "registrations"
) -> list[CheckedRow]:
    reader = LedgerReader(client, ADDRESSES)
    words = words_of(KINDS[kind], SCOPE, reader, date(2026, 11, 29))
    check = ListCheck(
        KINDS[kind],
        words,
        reader,
        Delivery(client, ADDRESSES),
        ListPersons(VAULTS[-1], SCOPE.unit_id, words.organizations, {}),
    )
    stated = [
        (number, values, {key: f"{key}{number}" for key in values}, ())
        for number, values in enumerate(rows, start=6)
    ]
    return check.check(stated)


def states(rows: Sequence[CheckedRow]) -> list[str]:
    return [each.state.value for each in rows]


def sent(client: httpx.Client, rows: Sequence[CheckedRow]) -> list[str]:
    for batch in batches([each for each in rows if each.state in {"new", "changed"}]):
        send(batch, Delivery(client, ADDRESSES), {})
    return states(rows)


def test_a_list_is_checked_sent_and_sent_again(ledger: SmallLedger, client: httpx.Client) -> None:
    rows = [row("Hàng cây"), row("Nhà sạch"), row("Hàng cây"), row("Sai", field="x y z")]
    head = ledger.head()
    first = checked(client, rows)
    assert states(first) == ["new", "new", "repeated", "faulty"], [r.remarks for r in first]
    assert ledger.head() == head
    assert sent(client, first)[:2] == ["new", "new"]
    assert ledger.head() == head + 2
    assert states(checked(client, rows)) == ["known", "known", "repeated", "faulty"]
    assert ledger.head() == head + 2


def test_a_corrected_row_becomes_one_amendment_of_what_changed(
    ledger: SmallLedger, client: httpx.Client
) -> None:
    (first,) = checked(client, [row("Đường hoa", objectives="100 hộ")])
    sent(client, [first])
    for objectives in ("120 hộ", "100 hộ", "120 hộ"):
        corrected = [row("Đường hoa", objectives=objectives)]
        rows = checked(client, corrected)
        assert states(rows) == ["changed"], rows[0].remarks
        assert sent(client, rows) == ["changed"]
        assert states(checked(client, corrected)) == ["known"]
        (event,) = client.get(
            "http://registry/events", params={"after": ledger.head() - 1, "limit": 1}
        ).json()
        assert event["type"] == "dvk.ModelAmended.v1"
        assert event["data"]["changes"] == {"objectives": objectives}


def test_a_corrected_title_stays_the_same_registration_by_its_id(
    ledger: SmallLedger, client: httpx.Client
) -> None:
    (first,) = checked(client, [row("Đường hoa")])
    sent(client, [first])
    renamed = [row("Tuyến phố thôn 2", registration_id=first.identity)]
    assert sent(client, checked(client, renamed)) == ["changed"]
    assert states(checked(client, renamed)) == ["known"]


def test_a_list_in_another_order_in_two_parts_and_otherwise_written_is_the_same(
    ledger: SmallLedger, client: httpx.Client
) -> None:
    rows = [row(f"Mô hình {number}", owner=f"Chi bộ {number}") for number in range(6)]
    assert sent(client, checked(client, rows)) == ["new"] * 6
    head = ledger.head()
    other = [{**each, "title": each["title"].upper(), "unit": "BÌNH VĂN X-1"} for each in rows]
    assert set(states(checked(client, rows[::-1]))) == {"known"}
    assert set(states(checked(client, rows[:3]) + checked(client, rows[3:]))) == {"known"}
    assert set(states(checked(client, other))) == {"changed"}, checked(client, other)[0].remarks
    assert ledger.head() == head


DECISION = {"decision_number": "15/QĐ-BDV", "decision_day": ReadDay(date(2022, 12, 5))}
LISTS: dict[str, list[tuple[dict[str, Any], list[str]]]] = {
    "reviews": [
        (
            {"title": "Mô hình số 2", "unit": "x-1", "eligible": True, "total": Decimal("92.5"),
             "classification": "Tốt", "minutes_number": "01/BB",
             "minutes_day": ReadDay(date(2022, 11, 20)), "committee": "Hội đồng xã"},
            ["OrganizationDefined", "ReviewSessionHeld", "EligibilityAssessed", "ModelEvaluated"],
        ),
        ({"registration_id": "r-3", "eligible": False, "reasons": "Trùng"}, ["EligibilityAssessed"]),
    ],
    "recognitions": [
        (
            {"registration_id": "r-2", "tier": "công nhận", "level": "cơ sở",
             "issuer": "Đảng ủy xã", **DECISION},
            ["ModelRecognized"],
        ),
        ({"registration_id": "r-3", "tier": "Không công nhận", "reason": "Chưa đạt"},
         ["RecognitionDeclined"]),
    ],
    "awards": [
        (
            {"recipient": "Đảng ủy xã", "recipient_kind": "tập thể", "award_form": "giấy khen",
             "registration_id": "r-2", "grantor": "UBND xã Một",
             "presented_on": ReadDay(date(2022, 12, 20)), **DECISION},
            ["OrganizationDefined", "AwardGranted", "AwardPresented"],
        ),
        ({"recipient": "Đảng ủy xã", "recipient_kind": "cá nhân", "award_form": "bằng khen",
          "grantor": "Đảng ủy xã", "person": REFERENCE}, ["AwardProposed"]),
    ],
    "outcomes": [
        ({"registration_id": "r-2", "metric": "ngày công", "value": (Amount(Decimal(1250)),),
          "qualifier": "hơn"}, ["OutcomeReported"]),
        ({"unit": "x-1", "value": (Amount(Decimal("12.5"), "m2"), Amount(Decimal(3), "ngày công"))},
         ["OutcomeReported", "OutcomeReported"]),
    ],
    "plans": [
        ({"organization": "Đảng ủy xã", "unit": "x-1", "number": "05-KH/ĐU",
          "signed_on": ReadDay(date(2022, 1, 15)), "registered": Decimal(12)}, ["PlanIssued"]),
    ],
    "inspections": [
        ({"unit": "x-1", "scopes": "Dân vận khéo và quy chế dân chủ", "document_number": "1/KH",
          "document_day": ReadDay(date(2022, 3, 1)), "conducted_on": ReadDay(date(2022, 5, 2)),
          "findings": "Đạt"}, ["InspectionPlanned", "InspectionConducted"]),
    ],
    "figures": [
        ({"metric": "Đăng ký", "unit": "x-1", "value": Decimal(6), "source": "Báo cáo năm 2022"},
         ["FigureAsserted"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTS)
def test_each_kind_of_list_becomes_its_events_and_the_same_list_none(
    ledger: SmallLedger, client: httpx.Client, kind: str
) -> None:
    rows = [values for values, _ in LISTS[kind]]
    found = checked(client, rows, kind)
    assert states(found) == ["new"] * len(rows), [each.remarks for each in found]
    assert [[e.name for e in each.events] for each in found] == [names for _, names in LISTS[kind]]
    head = ledger.head()
    assert set(sent(client, found)) == {"new"}
    stored = client.get("http://registry/events", params={"after": head, "limit": 1000}).json()
    expected = [f"dvk.{name}.v1" for _, names in LISTS[kind] for name in names]
    assert sorted(event["type"] for event in stored) == sorted(expected)
    assert set(states(checked(client, rows, kind))) == {"known"}
    assert ledger.head() == head + len(expected)


def test_a_registration_that_the_ledger_does_not_know_is_named_with_what_it_may_be(
    client: httpx.Client,
) -> None:
    (row_,) = checked(client, [{"title": "Mô hình số 55", "eligible": True}], "reviews")
    assert row_.state == "faulty"
    (remark,) = row_.remarks
    assert (remark.code, remark.cell) == ("not_matched", "title6")
    assert "Mô hình số 5 (r-5)" in remark.suggestions


def test_a_row_of_which_the_ledger_knows_one_event_is_not_taken_for_sent(
    ledger: SmallLedger, client: httpx.Client
) -> None:
    brought = row("Ao cá", owner="Chi hội Nông dân 9")
    (first,) = checked(client, [brought])
    send([CheckedRow(6, RowState.NEW, first.events[:1])], Delivery(client, ADDRESSES), {})
    settle(first, [{"status": "duplicate", "position": 9}, {"status": "accepted"}])
    assert (first.state, first.positions) == ("new", [])


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("inspections", {"unit": "x-1", "scopes": "Dân vận khéo"}),
        ("reviews", {"eligible": True}),
        ("awards", {"recipient_kind": "tập thể", "award_form": "giấy khen", "grantor": "x"}),
    ],
)
def test_a_row_that_says_too_little_is_faulty_and_never_taken_for_known(
    client: httpx.Client, kind: str, values: dict[str, Any]
) -> None:
    (found,) = checked(client, [values], kind)
    assert (found.state, [each.code for each in found.remarks]) == ("faulty", ["columns_empty"])


def test_what_the_ledger_has_against_a_row_is_kept_in_both_languages(
    ledger: SmallLedger, client: httpx.Client
) -> None:
    (tried,) = checked(client, [row("Lớp học xóa mù", registration_kind="Duy trì")])
    assert tried.state == "refused"
    (remark,) = tried.remarks
    assert remark.code == "no_earlier_registration"
    assert remark.vi.startswith("Đăng ký duy trì mô hình")
    assert "is registered as maintained for 2022" in remark.en

    named = {"registration_id": "r-5", "tier": "công nhận", "level": "cơ sở", **DECISION}
    (decided,) = checked(client, [{**named, "issuer": "Đảng ủy xã"}], "recognitions")
    ledger.publish(
        [cloudevent("RegistrationWithdrawn", {"registration_id": "r-5", "reason": "Thôi"})]
    )
    assert sent(client, [decided]) == ["refused"]
    (remark,) = decided.remarks
    assert remark.vi.startswith("Đăng ký r-5 đã được rút")
    assert remark.en.startswith("Registration r-5 was withdrawn")


def test_places_that_a_problem_names_are_in_one_language_each(client: httpx.Client) -> None:
    (long,) = checked(client, [row("Đường hoa " * 60)])
    (remark,) = long.remarks
    assert remark.code == "invalid_data"
    assert " · " not in remark.vi + remark.en
    assert remark.vi != remark.en
