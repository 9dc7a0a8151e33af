"""A list of registrations is checked and sent over the doors of a real ledger, again and again."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import httpx
import pytest

from services.lists.desk.checked_rows import CheckedRow
from services.lists.desk.checking import ListCheck, batches, send
from services.lists.desk.matching_rows import words_of
from services.lists.kinds.catalog import KINDS
from services.lists.kinds.kind import ListScope
from services.lists.ledger.reader import LedgerReader
from shared.client.delivery import Delivery
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_ledger import SmallLedger, small_ledger

SCOPE = ListScope("t-1", 2022)


@pytest.fixture
def ledger(tmp_path: Any) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path) as running:
        yield running


@pytest.fixture
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
        KINDS[kind], words, reader, Delivery(client, ADDRESSES), person_ref=lambda key: f"p-{key}"
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
        send(batch, Delivery(client, ADDRESSES))
    return states(rows)


def test_a_list_is_checked_sent_and_sent_again(ledger: SmallLedger, client: httpx.Client) -> None:
    rows = [row("Đường hoa"), row("Nhà sạch"), row("Đường hoa"), row("Sai", field="x y z")]
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
    renamed = [row("Đường hoa thôn 2", registration_id=first.identity)]
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
