"""Notices of what a workbook brings along and is left aside: each is named, none is opened."""

import re
from collections.abc import Iterable

from services.lists.workbook.grid import WorkbookNotice

_MACROS = WorkbookNotice(
    "workbook_has_macros",
    vi="Tệp có macro. Macro không được mở cũng không được chạy; chỉ nội dung các ô được đọc.",
    en="The file has macros. They are neither opened nor run; only the cells are read.",
)
_LINKS = WorkbookNotice(
    "workbook_has_links",
    vi="Tệp có liên kết đến tệp khác. Liên kết không được mở; ô lấy giá trị từ tệp khác được đọc "
    "theo giá trị lưu lần cuối.",
    en="The file has links to other files. They are not followed; a cell that takes its value "
    "from another file is read as it was last saved.",
)
_CONNECTIONS = WorkbookNotice(
    "workbook_has_connections",
    vi="Tệp có kết nối dữ liệu ra bên ngoài. Kết nối không được mở.",
    en="The file has connections to outside data. They are not opened.",
)
_EMBEDDED = WorkbookNotice(
    "workbook_has_embedded_files",
    vi="Tệp có đối tượng nhúng (tệp Word, hình, điều khiển…). Các đối tượng này không được mở.",
    en="The file has embedded objects (documents, controls …). They are not opened.",
)
_BY_NAME = (
    (re.compile(r"^xl/(?:vbaProject\.bin|macrosheets/)", re.IGNORECASE), _MACROS),
    (re.compile(r"^xl/externalLinks/", re.IGNORECASE), _LINKS),
    (re.compile(r"^xl/(?:connections\.xml|queryTables/)", re.IGNORECASE), _CONNECTIONS),
    (re.compile(r"^xl/(?:embeddings|activeX|ctrlProps)/", re.IGNORECASE), _EMBEDDED),
)


def notices_of(parts: Iterable[str]) -> tuple[WorkbookNotice, ...]:
    """Return what the names of the parts of an archive give to say, each once."""
    names = list(parts)
    return tuple(notice for name, notice in _BY_NAME if any(name.match(part) for part in names))


def hidden_sheets(names: list[str]) -> WorkbookNotice:
    """Return the notice that sheets which are not visible were not read."""
    listed = ", ".join(names)
    return WorkbookNotice(
        "workbook_has_hidden_sheets",
        vi=f"Các trang bị ẩn không được đọc: {listed}. Nếu danh sách nằm ở đó, hãy bỏ ẩn trang.",
        en=f"Hidden sheets are not read: {listed}. If the list is there, unhide the sheet.",
    )


def hidden_rows(sheet: str, count: int) -> WorkbookNotice:
    """Return the notice that rows which a filter hides were read like the others."""
    return WorkbookNotice(
        "workbook_has_hidden_rows",
        vi=f"Trang {sheet} có {count} dòng đang bị ẩn hoặc lọc; các dòng này vẫn được đọc.",
        en=f"The sheet {sheet} has {count} hidden or filtered rows; they are read as well.",
    )
