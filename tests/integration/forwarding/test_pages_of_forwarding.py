"""The nation sees how far each province is; a province sees what the nation refused, and why."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.client.forwarding_state import FORWARDING_FILE
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.dashboard_pages import Shown
from tests.support.small_ledger import OPENED, SmallLedger, small_ledger
from tests.support.two_ledgers import NAME, forwarded, log_of

DAY_US = 86_400_000_000
Homes = tuple[SmallLedger, SmallLedger, Path]


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Give a province and a nation, which has opened a unit of that name before."""
    home = tmp_path_factory.mktemp("ledgers")
    data = {"unit_id": "t-1", "name": "X", "level": "province", "parent_id": "vn", "codes": []}
    opened = [{**COUNTRY, "occurred_on": OPENED}, {**data, "occurred_on": OPENED}]
    with (
        small_ledger(home / "province") as province,
        small_ledger(home / "nation", [cloudevent("UnitOpened", each) for each in opened]) as other,
    ):
        forwarded(province, other, home / "province" / FORWARDING_FILE)
        forwarded(province, other, home / "2.db", f"{NAME}-2")
        forwarded(province, other, home / "3.db", f"{NAME}-3")
        yield province, other, home


def page(ledger: SmallLedger, address: str) -> Shown:
    answer = ledger.ask(Family.REPORTING, "GET", address)
    assert answer.status_code == 200, answer.text
    return Shown(answer.text, address)


def test_the_nation_sees_each_province_those_that_need_a_look_first(ledgers: Homes) -> None:
    province, nation, home = ledgers
    problem = '{"code": "origin_forked", "params": {"ledger": "/publishers/x", "position": 7}}'
    with closing(sqlite3.connect(home / "nation" / "log.db")) as log, log:
        log.execute(
            "UPDATE log_origins SET received_us = received_us - ? WHERE ledger = ?",
            (3 * DAY_US, NAME),
        )
        log.execute(
            "UPDATE log_origins SET problem = ?, problem_us = received_us, position = 4"
            " WHERE ledger = ?",
            (problem, f"{NAME}-3"),
        )
    shown = page(nation, "/pages/provinces")
    rows = shown.rows("Các tỉnh")
    assert [row[:2] for row in rows] == [
        ["thai-nguyen-3", "Bị dừng"],
        ["thai-nguyen", "Im lặng"],
        ["thai-nguyen-2", "Đủ"],
    ]
    head = province.head()
    assert [row[2:4] for row in rows] == [["4", str(head - 4)], *([[str(head), "0"]] * 2)]
    assert "2 trong 3 sổ cần được xem" in shown.text
    assert "có lịch sử khác ở vị trí 7" in shown.text
    assert "thai-nguyen: 3 ngày chưa liên lạc" in shown.text
    english = page(nation, "/pages/provinces?lang=en")
    assert "has another history at position 7" in english.text
    assert page(province, "/pages/provinces").text.count("Chưa có sổ nào chuyển sự kiện về đây.")


def test_the_province_sees_what_was_refused_in_the_language_of_the_reader(ledgers: Homes) -> None:
    province, nation, _ = ledgers
    place = next(int(e["sequence"]) for e in log_of(province) if e["subject"] == "unit/t-1")
    shown = page(province, "/pages/forwarding")
    refused = next(row for row in shown.rows("Sổ cấp trên không ghi") if row[0] == str(place))
    assert refused[1:3] == ["Thành lập đơn vị hành chính", "unit/t-1"]
    assert refused[3].startswith("Đơn vị t-1 đã được lập từ ngày")
    english = page(province, "/pages/forwarding?lang=en").rows("Not recorded there")
    assert next(row for row in english if row[0] == str(place))[3].startswith("Unit t-1 ")
    counted = dict(row[:2] for row in shown.rows("Kết quả ở sổ cấp trên"))
    assert counted["Bị từ chối"] == str(len(english))
    assert "Sổ này chưa được chuyển đi đâu" in page(nation, "/pages/forwarding").text


def test_a_state_that_cannot_be_read_is_said(ledgers: Homes) -> None:
    """As where the page may only read the file, and `dvk forward` was killed while it wrote."""
    _, nation, home = ledgers
    file = home / "nation" / FORWARDING_FILE
    file.touch()
    try:
        answer = nation.ask(Family.REPORTING, "GET", "/pages/forwarding")
    finally:
        file.unlink()
    assert answer.status_code == 503
    assert "dvk forward bị ngắt" in answer.text
