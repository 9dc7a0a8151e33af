"""The year of a city, typed into three workbooks as an office would, gives its published figures.

191 registrations, 160 eligibilities and 129 recognitions of Bắc Kạn city 2022; the expected figures
are those of the account (`published.py`), never those of the ledger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from services.console.client.published_comparison import rows_of
from services.console.datasets.sample.published import PublishedFigure, city_figures
from services.console.datasets.sample.reconstruction import (
    CITY,
    SampleRegistration,
    reconstructed,
    ward_organization,
)
from services.console.datasets.sample.reference_data import (
    _BLOCKS,
    _FIELDS,
    taxonomy_events,
    unit_events,
)
from shared.vocabulary import Family
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

KINDS = {"new": "Đăng ký mới", "maintained": "Duy trì"}
OWNERS = {"collective": "Tập thể", "individual": "Cá nhân"}
WHERE = {"unit": "Thành phố Bắc Kạn", "year": "2022", "first_year": "1"}


@dataclass(frozen=True)
class City:
    """The ledger and the desk of the city, and its registrations with names for their units."""

    ledger: SmallLedger
    desk: SmallDesk
    registrations: tuple[SampleRegistration, ...]
    names: dict[str, str]

    def title(self, one: SampleRegistration) -> str:
        return f"Mô hình dân vận khéo thứ {one.number}"

    def owner(self, one: SampleRegistration) -> str:
        if one.owner_org_id == ward_organization(one.unit_id):
            return f"Đảng bộ {self.names[one.unit_id]}"
        return f"Chi bộ cơ quan {one.owner_org_id or one.number}"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    units = list(unit_events())
    names = {event["data"]["unit_id"]: event["data"]["name"] for event in units}
    home = tmp_path_factory.mktemp("city")
    history = [*units, *taxonomy_events()]
    with small_ledger(home / "ledger", history) as ledger, small_desk(ledger, home) as desk:
        yield City(ledger, desk, reconstructed(), names)


def workbook(headings: list[str], rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["BAN CHỈ ĐẠO THÀNH PHỐ BẮC KẠN"])
    sheet.append([])
    sheet.append(headings)
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    sheet.append(["", "Tổng cộng", len(rows)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def sent(city: City, kind: str, content: bytes) -> str:
    """Send a workbook through the pages, and return the last one."""
    page = city.desk.uploaded(content, kind=kind, **WHERE)
    checked = city.desk.settled(page)
    assert "Đã kiểm tra" in checked, checked
    address = str(page.url).partition("?")[0]
    return city.desk.settled(city.desk.ask("POST", f"{address}/send?lang=vi"))


def summary(city: City, unit_id: str, by: tuple[str, ...]) -> dict[str, Any]:
    query = [("year", "2022"), ("map", "recorded"), ("known_at", str(city.ledger.head()))]
    query += [("by", ",".join(by))] if by else []
    answer = city.ledger.ask(Family.REPORTING, "GET", f"/summaries/units/{unit_id}", params=query)
    found: dict[str, Any] = answer.json()
    return found


def counted(city: City, figure: PublishedFigure) -> int | None:
    by = tuple(sorted(figure.dimensions))
    found = summary(city, figure.place.unit_id, by)
    if not by:
        return int(found["measures"][figure.metric])
    rows = [
        row
        for row in rows_of(found, by)
        if all(row[name] == value for name, value in figure.dimensions.items())
    ]
    return sum(int(row[figure.metric]) for row in rows)


def test_three_workbooks_give_the_figures_of_the_account(city: City) -> None:
    registrations = workbook(
        ["STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
         "Hình thức"],
        [
            [city.title(one), city.owner(one), OWNERS[one.owner_kind], _FIELDS[one.field],
             _BLOCKS[one.block], city.names[one.unit_id], KINDS[one.registration_kind]]
            for one in city.registrations
        ],
    )  # fmt: skip
    assert len(city.registrations) == 191
    assert "đã nhận" in sent(city, "registrations", registrations)
    identify = ["Tên mô hình", "Đơn vị đăng ký", "Xã, phường"]
    eligible = [one for one in city.registrations if one.eligible]
    recognized = [one for one in city.registrations if one.recognized]
    assert (len(eligible), len(recognized)) == (160, 129)
    reviews = workbook(
        ["STT", *identify, "Đủ điều kiện"],
        [[city.title(one), city.owner(one), city.names[one.unit_id], "Có"] for one in eligible],
    )
    sent(city, "reviews", reviews)
    recognitions = workbook(
        ["STT", *identify, "Mức", "Cấp", "Số quyết định", "Ngày ký", "Cơ quan ban hành"],
        [
            [city.title(one), city.owner(one), city.names[one.unit_id], "Được công nhận", "Huyện",
             "15/QĐ-BCĐ", "05/12/2022", "Ban Chỉ đạo thành phố"]
            for one in recognized
        ],
    )  # fmt: skip
    sent(city, "recognitions", recognitions)
    wrong = {
        (figure.figure_id, figure.value): counted(city, figure)
        for figure in city_figures()
        if counted(city, figure) != figure.value and figure.metric != "inspected_units"
    }
    assert wrong == {}
    assert summary(city, CITY, ())["measures"]["registered"] == 191
