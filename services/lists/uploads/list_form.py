"""The statement of which list a file is, and what may be wrong with it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from services.lists.kinds.catalog import KINDS
from services.lists.matching.units import ListUnit
from services.lists.uploads.upload import Upload
from services.lists.uploads.worker import DeskWorker
from shared.clock import day_in_vietnam
from shared.errors import BrokenContract, Problem, declare

MAX_FILE_BYTES = 25 * 1024 * 1024
FILE_TOO_LARGE = declare(
    "list_file_too_large",
    413,
    vi="Tệp lớn hơn {megabytes} MB. Hãy xóa ảnh và trang tính thừa, hoặc chia danh sách làm nhiều "
    "tệp.",
    en="The file is larger than {megabytes} MB. Remove pictures and other sheets, or split the "
    "list into several files.",
)
FILE_MISSING = declare(
    "list_file_missing",
    422,
    vi="Chưa chọn tệp. Hãy chọn tệp Excel (.xlsx) của danh sách.",
    en="No file was chosen. Choose the workbook (.xlsx) of the list.",
)
UNIT_UNKNOWN = declare(
    "list_form_unit",
    422,
    vi="Không có đơn vị “{unit}” trên bản đồ của năm {year}. Ghi đúng tên như trong quyết định "
    "thành lập, hoặc mã đơn vị.",
    en="There is no unit “{unit}” on the map of {year}. Write its name as decreed, or its id.",
)
YEAR_UNREADABLE = declare(
    "list_form_year",
    422,
    vi="Năm “{year}” không đọc được; ghi bốn chữ số, ví dụ 2026.",
    en="The year “{year}” cannot be read; write four digits, such as 2026.",
)
DAY_UNREADABLE = declare(
    "list_form_day",
    422,
    vi="Ngày “{day}” không đọc được; ghi ngày/tháng/năm, ví dụ 05/03/2026.",
    en="The day “{day}” cannot be read; write day/month/year, such as 05/03/2026.",
)
KIND_UNKNOWN = declare(
    "list_form_kind",
    422,
    vi="Không có loại danh sách “{kind}”.",
    en="There is no kind of list “{kind}”.",
)


@dataclass(frozen=True, slots=True)
class ListForm:
    """The statement of a reader which list a file is, as text."""

    kind: str = "registrations"
    unit: str = ""
    year: str = ""
    list_day: str = ""
    first_year: bool = False


class UnitAmbiguous(BrokenContract):
    """A unit's name means several, or none but others like it."""

    def __init__(self, problem: Problem, choices: Sequence[ListUnit]) -> None:
        super().__init__(problem)
        self.choices = choices


def scope_of(form: ListForm, worker: DeskWorker) -> tuple[ListUnit, int, date | None]:
    """Return unit, year and day that a form states; raises what is wrong with it."""
    if form.kind not in KINDS:
        raise BrokenContract(Problem(KIND_UNKNOWN, {"kind": form.kind}))
    if not (form.year.isdecimal() and 1900 <= int(form.year) <= 2999):
        raise BrokenContract(Problem(YEAR_UNREADABLE, {"year": form.year}))
    day = _day(form.list_day)
    year = int(form.year)
    today = day_in_vietnam(worker.clock())
    for map_day in dict.fromkeys((day or min(date(year, 12, 31), today), date(year, 1, 1))):
        match = worker.ledger.units_on(map_day).find(form.unit, "vn")
        if match.found is not None:
            return match.found, year, day
        if match.suggestions:
            break
    problem = Problem(UNIT_UNKNOWN, {"unit": form.unit, "year": form.year})
    raise UnitAmbiguous(problem, match.suggestions)


def accepted(
    form: ListForm,
    name: str,
    content: bytes,
    worker: DeskWorker,
    require_entry: Callable[[str], None] = lambda _unit_id: None,
) -> Upload:
    """Keep a file with what was filled in; raises what is wrong with either.

    `require_entry` raises if the sender may not send lists of the unit.
    """
    if not content:
        raise BrokenContract(Problem(FILE_MISSING))
    if len(content) > MAX_FILE_BYTES:
        raise BrokenContract(Problem(FILE_TOO_LARGE, {"megabytes": MAX_FILE_BYTES >> 20}))
    unit, year, day = scope_of(form, worker)
    require_entry(unit.unit_id)
    upload = Upload(
        upload_id=secrets.token_urlsafe(12),
        kind=form.kind,
        unit_id=unit.unit_id,
        unit_name=unit.name,
        plan_year=year,
        file_name=name.rpartition("/")[2].rpartition("\\")[2][-200:] or "danh-sach.xlsx",
        digest=sha256(content).hexdigest(),
        received_us=worker.clock(),
        list_day=day,
        is_first_year=form.first_year,
    )
    worker.store.add(upload, content)
    return upload


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day, month, year = (int(part) for part in text.replace("-", "/").split("/"))
        return date(year, month, day)
    except ValueError:
        raise BrokenContract(Problem(DAY_UNREADABLE, {"day": text})) from None
