"""Workbooks as offices make them: titles above, joined heads, sub-headings, totals, signatures."""

import io
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from openpyxl import Workbook
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Font
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

from services.lists.reading.columns import ColumnSpec, TableSpec, ValueKind

REGISTRATIONS = TableSpec(
    "L1",
    "Danh sách đăng ký",
    "the list of registrations",
    (
        ColumnSpec(
            "title", ("Tên mô hình", "Tên mô hình, điển hình"), required=True, is_title=True
        ),
        ColumnSpec("owner", ("Tập thể đăng ký", "Đơn vị thực hiện", "Tên tập thể"), required=True),
        ColumnSpec("person", ("Họ và tên",), is_person=True),
        ColumnSpec("field", ("Lĩnh vực",), required=True, fills_down=True),
        ColumnSpec("block", ("Khối",), from_subheadings=True, fills_down=True),
        ColumnSpec("unit", ("Xã, phường, đặc khu", "Xã, phường", "Đơn vị"), fills_down=True),
        ColumnSpec("starts", ("Ngày bắt đầu",), value=ValueKind.DAY),
        ColumnSpec("reviewed", ("Ngày đánh giá",), value=ValueKind.DAY),
        ColumnSpec("kept", ("Duy trì",), value=ValueKind.YES_NO, group="Trong đó"),
        ColumnSpec("new", ("Mới",), value=ValueKind.YES_NO, group="Trong đó"),
        ColumnSpec("money", ("Kinh phí", "Nguồn lực"), value=ValueKind.NUMBER, takes_unit=True),
        ColumnSpec("households", ("Số hộ",), value=ValueKind.NUMBER),
        ColumnSpec("content", ("Nội dung",), many_lines=True),
    ),
)
RECOGNITIONS = TableSpec(
    "L3",
    "Danh sách công nhận",
    "the list of recognitions",
    (
        ColumnSpec("title", ("Tên mô hình",), required=True),
        ColumnSpec("tier", ("Mức công nhận", "Mức"), required=True),
        ColumnSpec("decision", ("Số, ngày quyết định",), required=True, value=ValueKind.DOCUMENT),
        ColumnSpec("issuer", ("Cơ quan ban hành",), required=True),
    ),
)


@dataclass(frozen=True, slots=True)
class TypedCell:
    """A value with the font in which it was typed, and the format in which it is shown."""

    value: object
    font: str = "Times New Roman"
    shown_as: str = ""


@dataclass(slots=True)
class OfficeWorkbook:
    """A workbook under making; rows count from 1."""

    stamp: str = ""
    is_1904: bool = False
    book: Workbook = field(default_factory=Workbook)

    @property
    def sheet(self) -> Worksheet:
        """The first sheet."""
        return self.book.worksheets[0]

    def put(self, row: int, column: int, value: object) -> None:
        """Write one cell."""
        typed = value if isinstance(value, TypedCell) else TypedCell(value)
        cell = self.sheet.cell(row, column)
        if typed.value is not None:
            cell.value = typed.value  # type: ignore[assignment]
        cell.font = Font(name=typed.font)
        if typed.shown_as:
            cell.number_format = typed.shown_as

    def line(self, row: int, *values: object) -> None:
        """Write the cells of a row from column A."""
        for column, value in enumerate(values, 1):
            self.put(row, column, value)

    def content(self) -> bytes:
        """Return the file."""
        if self.is_1904:
            self.book.epoch = MAC_EPOCH
        if self.stamp:
            self.book.custom_doc_props.append(StringProperty(name="dvk_template", value=self.stamp))
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def simple_list(headings: tuple[str, ...], *rows: tuple[object, ...]) -> OfficeWorkbook:
    """Make a list with its headings in row 1."""
    made = OfficeWorkbook()
    made.line(1, *headings)
    for number, values in enumerate(rows, 2):
        made.line(number, *values)
    return made


def list_of_a_commune() -> OfficeWorkbook:
    """Make the list of a commune: two rows of headings, blocks, joined units, a total."""
    made = OfficeWorkbook()
    made.book.create_sheet("Ghi chú").append(["Tên mô hình"])
    sheet = made.sheet
    sheet.title = "Đăng ký 2022"
    made.put(1, 1, "UBND XÃ MƯỜNG HUM")
    made.put(3, 1, "DANH SÁCH ĐĂNG KÝ MÔ HÌNH DÂN VẬN KHÉO NĂM 2022")
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A3:L3")
    heads = (
        "STT", "Tên mô hình (*)", "Tập thể\nđăng ký", "LĨNH VỰC", "Xã, phường:", "Thời gian", None,
        "Trong đó", None, "Kinh phí", "Nội dung", "Ghi chú",
    )  # fmt: skip
    made.line(6, *heads)
    made.line(7, None, None, None, None, None, "Ngày bắt đầu", "Ngày đánh giá", "Duy trì", "Mới")
    for column in "ABCDEJKL":
        sheet.merge_cells(f"{column}6:{column}7")
    sheet.merge_cells("F6:G6")
    sheet.merge_cells("H6:I6")
    made.line(8, *(f"({number})" for number in range(1, 13)))
    made.line(9, "I. Khối hành chính")
    sheet.merge_cells("A9:L9")
    made.line(10, 1, "Cổng rào xanh", "Chi bộ thôn 1", "Kinh tế", "Mường Hum", date(2022, 3, 15),
              "ngày 30 tháng 11 năm 2022", "x", None, "1.250 nghìn đồng", "Trồng hoa\nDọn ngõ", "a")  # fmt: skip
    made.line(
        11, 2, "Chợ sạch", "Hội phụ nữ xã", None, None, "20/4/2022", "12/2022", None, "x", 350
    )
    made.line(12, 3, "Đường sáng", "Đoàn xã", "Văn hóa", None, "2022", None, None, "có", "2,5")
    sheet.merge_cells("D10:D11")
    sheet.merge_cells("E10:E12")
    sheet.merge_cells("J11:J12")
    made.line(14, "II", "Khối Đảng, đoàn thể")
    made.line(
        15, 4, "Nhà sạch", "Chi bộ thôn 2", "Xã hội", "Mường Hum", None, None, "không", "x", None
    )
    made.line(16, "Tổng cộng", None, None, None, None, None, None, 1, 3, "=SUM(J10:J15)")
    made.line(18, "Nơi nhận:", None, None, None, None, None, None, None, "NGƯỜI LẬP BIỂU")
    made.line(19, "- Như trên;")
    made.line(20, "- Lưu VP.")
    return made


def changed_texts(change: Callable[[str], str]) -> OfficeWorkbook:
    """Make the list of a commune with every text changed."""
    made = list_of_a_commune()
    for row in made.sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and not cell.value.startswith("="):
                cell.value = change(cell.value)
    return made


def decomposed(text: str) -> str:
    """Return a text as a Mac writes it."""
    return unicodedata.normalize("NFD", text)


def with_invisible(text: str) -> str:
    """Return a text as it comes from a web page."""
    return "\ufeff" + text.replace(" ", "\u00a0\u200b") + "\u200b"


MACRO_PART: Mapping[str, bytes] = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0macro"}
LINK_PARTS: Mapping[str, bytes] = {
    "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
    "xl/connections.xml": b"<connections/>",
    "xl/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0",
}
