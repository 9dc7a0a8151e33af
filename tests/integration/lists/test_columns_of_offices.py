"""Offices put a number and its day, or several results, into one cell."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from shared.vocabulary import Family
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

DECISION = "Số, ngày quyết định"
LISTS: dict[str, tuple[list[tuple[str, ...]], list[dict[str, Any]]]] = {
    "outcomes": (
        [("STT", "Xã, phường", "Số lượng"), ("1", "Bình Văn x-1", "1.250 m2; 320 ngày công")],
        [
            {"unit_id": "x-1", "metric": "land_donated_m2", "value": 1250},
            {"unit_id": "x-1", "metric": "workdays", "value": 320},
        ],
    ),
    "recognitions": (
        [
            ("STT", "Mã đăng ký", "Mức", "Cấp", DECISION, "Cơ quan ban hành"),
            ("1", "r-2", "Công nhận", "cơ sở", "15/QĐ-UBND ngày 05/6/2022", "Đảng ủy xã"),
        ],
        [
            {
                "occurred_on": "2022-06-05",
                "decision": {
                    "kind": "quyết định",
                    "number": "15/QĐ-UBND",
                    "signed_on": "2022-06-05",
                    "issuer_org_id": "o-1",
                },
            }
        ],
    ),
    "awards": (
        [
            ("STT", "Tập thể", "Đối tượng", "Hình thức", DECISION, "Cơ quan tặng"),
            ("1", "Đảng ủy xã", "Tập thể", "Giấy khen", "16/QĐ-UBND", "Đảng ủy xã"),
        ],
        [
            {
                "award_form": "giay_khen",
                "decision": {
                    "kind": "quyết định",
                    "number": "16/QĐ-UBND",
                    "issuer_org_id": "o-1",
                },
            }
        ],
    ),
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ledger: SmallLedger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDesk]:
    with small_desk(ledger, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.mark.parametrize("kind", LISTS)
def test_one_cell_gives_what_two_columns_or_two_rows_would(
    ledger: SmallLedger, desk: SmallDesk, kind: str
) -> None:
    rows, expected = LISTS[kind]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    head = ledger.head()
    page = desk.uploaded(file.getvalue(), kind=kind)
    desk.settled(page)
    address = str(page.url).partition("?")[0]
    sent = desk.settled(desk.ask("POST", f"{address}/send?lang=vi"))
    events = ledger.ask(
        Family.REGISTRY, "GET", "/events", params={"after": head, "limit": 9}
    ).json()
    found = [
        {name: event["data"].get(name) for name in each}
        for event, each in zip(events, expected, strict=True)
    ]
    assert found == expected, sent


@pytest.mark.parametrize("kind", ["recognitions", "awards", "reviews"])
def test_a_template_has_number_and_day_apart(desk: SmallDesk, kind: str) -> None:
    asked = {"kind": kind, "unit": "t-1", "year": "2022"}
    answer = desk.ask("GET", "/lists/template.xlsx", params=asked)
    sheet = openpyxl.load_workbook(BytesIO(answer.content))["Danh sách"]
    headings = {str(cell.value) for cell in sheet[5]}
    assert not {each for each in headings if each.startswith("Số, ngày")}
    assert {each for each in headings if each.startswith("Số ")}
