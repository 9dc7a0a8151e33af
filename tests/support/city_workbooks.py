"""The lists of Bắc Kạn city for 2022, typed into workbooks as an office types them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from openpyxl.styles import Alignment, Border, Font, Side

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.sample import sample_events
from services.console.datasets.sample.reconstruction import SampleRegistration, reconstructed
from services.console.datasets.sample.reference_data import _BLOCKS, _FIELDS
from tests.support.office_workbooks import OfficeWorkbook

UNIT, YEAR = "Thành phố Bắc Kạn", 2022
HEADINGS_AT = 4
"""The row of the headings, counted from 1; the first row of the list follows."""
IN_WORKBOOKS = {"ModelRegistered", "EligibilityAssessed", "ReviewSessionHeld", "ModelRecognized"}
"""Events of the sample that the workbooks say instead."""

_KINDS = {"new": "Đăng ký mới", "maintained": "Duy trì"}
_OWNERS = {"collective": "Tập thể", "individual": "Cá nhân"}
_LINE = Side(style="thin")
_PLACES = ("Tổ 1", "Tổ 2", "Tổ 3", "Tổ 5", "Tổ 7", "Tổ 9", "Tổ 11", "Tổ 12", "Tổ 14", "Tổ 16")
_DEEDS = (
    "Tuyến phố văn minh, xanh, sạch, đẹp",
    "Vận động nhân dân hiến đất mở rộng đường ngõ",
    "Một cửa thân thiện, trả kết quả trước hẹn",
    "Thắp sáng ngõ xóm bằng đèn năng lượng mặt trời",
    "Cổng trường an toàn giao thông",
    "Nuôi heo đất giúp hộ nghèo làm nhà",
    "Phân loại rác tại nguồn, đổi rác lấy cây xanh",
)


def what_comes_before() -> Iterator[Event]:
    """Return units, taxonomies, organisations, inspections and published figures of the sample."""
    return (event for event in sample_events() if event["type"].split(".")[1] not in IN_WORKBOOKS)


def registrations() -> OfficeWorkbook:
    """Make the list of 191 registrations."""
    headings = (*_IDENTIFY, "Chủ thể", "Lĩnh vực", "Khối", "Hình thức")
    return _list(
        "DANH SÁCH ĐĂNG KÝ MÔ HÌNH “DÂN VẬN KHÉO”",
        headings,
        [
            (*_identified(one), _OWNERS[one.owner_kind], _FIELDS[one.field], _BLOCKS[one.block],
             _KINDS[one.registration_kind])
            for one in reconstructed()
        ],
    )  # fmt: skip


def reviews() -> OfficeWorkbook:
    """Make the list of the 160 models found eligible."""
    found = [(*_identified(one), "Có") for one in reconstructed() if one.eligible]
    title = "KẾT QUẢ XÉT ĐIỀU KIỆN BÌNH XÉT"
    return _list(title, (*_IDENTIFY, "Đủ điều kiện"), found)


def recognitions() -> OfficeWorkbook:
    """Make the list of the 129 recognised models."""
    decided = ("Được công nhận", "Huyện", "15/QĐ-BCĐ", "05/12/2022", "Ban Chỉ đạo thành phố")
    found = [(*_identified(one), *decided) for one in reconstructed() if one.recognized]
    headings = (*_IDENTIFY, "Mức", "Cấp", "Số quyết định", "Ngày ký", "Cơ quan ban hành")
    return _list("DANH SÁCH MÔ HÌNH ĐƯỢC CÔNG NHẬN", headings, found)


FAULTY = (7, 12, 23, 31, 58, 77, 140)
"""Rows of `registrations_with_faults` with a cell to be mended."""
ASKED = (33, 34)
"""Its rows whose days have a year of two digits."""
REPEATED = (90, 91)
"""Its rows that say the same as row 89."""


def registrations_with_faults() -> OfficeWorkbook:
    """Make the list of registrations as it comes first: with cells to be mended and questions."""
    made = registrations()
    made.put(7, 6, "Xây dựng nông thôn mới đô thị văn minh")
    made.put(12, 4, "Phường Đức Xuân 2")
    made.sheet.cell(23, 2).value = None
    made.put(31, 7, "Khối khác")
    made.put(58, 6, "Cải cách hành chánh")
    made.put(77, 5, "Nhóm hộ")
    made.put(140, 8, "Đăng ký lại")
    made.put(HEADINGS_AT, 9, "Ngày bắt đầu")
    for at, day in ((33, "05/03/22"), (34, "12/04/22")):
        made.put(at, 9, day)
    for at in REPEATED:
        made.line(at, at - HEADINGS_AT, *(made.sheet.cell(89, n).value for n in range(2, 9)))
    return made


_IDENTIFY = ("Tên mô hình", "Đơn vị đăng ký", "Xã, phường")


def _identified(one: SampleRegistration) -> tuple[str, str, str]:
    """Return title, owner and unit of a registration."""
    names = _names()
    number = one.number - 1
    place = f"{_PLACES[number // len(_DEEDS) % len(_PLACES)]}"
    title = f"{_DEEDS[number % len(_DEEDS)]} – {place}, mô hình số {one.number}"
    return title, names.get(one.owner_org_id, f"Chi bộ cơ quan số {one.number}"), names[one.unit_id]


@cache
def _names() -> Mapping[str, str]:
    """Return the names of units and organisations by their ids."""
    named: dict[str, str] = {}
    for event in what_comes_before():
        data: Mapping[str, Any] = event["data"]
        key = data.get("org_id") if "OrganizationDefined" in event["type"] else None
        key = data.get("unit_id") if "UnitOpened" in event["type"] else key
        if key:
            named[key] = data["name"]
    return named


def _list(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> OfficeWorkbook:
    """Make a workbook: office and title above, a head, numbered rows, a total, a signature."""
    made = OfficeWorkbook()
    sheet = made.sheet
    width = len(headings) + 1
    made.put(1, 1, "BAN CHỈ ĐẠO THÀNH PHỐ BẮC KẠN")
    made.put(2, 1, f"{title} NĂM {YEAR}")
    made.line(HEADINGS_AT, "STT", *headings)
    for at, values in enumerate(rows, HEADINGS_AT + 1):
        made.line(at, at - HEADINGS_AT, *values)
    last = HEADINGS_AT + len(rows) + 1
    made.line(last, "", "Tổng cộng", len(rows))
    made.put(last + 2, width, "NGƯỜI LẬP BIỂU")
    for row in sheet.iter_rows(HEADINGS_AT, last):
        for cell in row:
            cell.border = Border(_LINE, _LINE, _LINE, _LINE)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for at in (1, 2, HEADINGS_AT):
        for cell in sheet[at]:
            cell.font = Font(name="Times New Roman", bold=True, size=13 if at == 2 else 12)
    sheet.column_dimensions["A"].width = 6
    for column in "BCDEFGHIJ"[: width - 1]:
        sheet.column_dimensions[column].width = {"B": 40, "C": 28}.get(column, 18)
    return made
