"""A list comes again: what it no longer has is named, what it has otherwise is asked about."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

HEADINGS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
            "Hình thức", "Mục tiêu")  # fmt: skip


def workbook(titles: Sequence[str], field: str = "Kinh tế", owner: str = "Chi bộ 1") -> bytes:
    """Return a list of one registration for each title; 'title|aims' states its aims too."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH ĐĂNG KÝ NĂM 2022"])
    sheet.append(HEADINGS)
    for number, each in enumerate(titles, start=1):
        title, _, aims = each.partition("|")
        cells = (number, title, owner, "Tập thể", field, "khoi-1", "Bình Văn x-1", "Mới", aims)
        sheet.append(cells)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallLedger]:
    with small_ledger(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture
def desk(ledger: SmallLedger, tmp_path: Path) -> Iterator[SmallDesk]:
    with small_desk(ledger, tmp_path) as running:
        yield running


class Uploaded:
    """An upload on its page: `send` and `answer` go on with it."""

    def __init__(self, desk: SmallDesk, content: bytes, name: str = "lan-2.xlsx") -> None:
        self._desk = desk
        page = desk.uploaded(content, name)
        self.address = str(page.url).partition("?")[0]
        self.page = desk.settled(page)

    def go_on(self, what: str, **answers: str) -> "Uploaded":
        answer = self._desk.ask("POST", f"{self.address}/{what}?lang=vi", data=answers)
        self.page = self._desk.settled(answer)
        return self

    def states(self) -> list[str]:
        return re.findall(r'<tr[^>]*><th scope="row" class="n">\d+</th><td>(.*?)</td>', self.page)

    def ids(self) -> list[str]:
        _, headings, *rows = self.copy().worksheets[0].iter_rows(values_only=True)
        place = headings.index("Mã đăng ký")
        return [str(row[place] or "") for row in rows]

    def keys(self) -> list[str]:
        return list(dict.fromkeys(re.findall(r'type="radio" name="(.*?)"', self.page)))

    def gone(self) -> list[str]:
        return re.findall(r"<li>(.*?) \(r[0-9a-f]+\): tệp (.*?) nộp", self.page)

    def copy(self) -> openpyxl.Workbook:
        answer = self._desk.ask("GET", f"{self.address}/annotated.xlsx")
        return openpyxl.load_workbook(BytesIO(answer.content))


def test_rows_that_a_list_no_longer_has_are_named_with_the_earlier_file_and_never_withdrawn(
    ledger: SmallLedger, desk: SmallDesk
) -> None:
    first = Uploaded(desk, workbook(["Trồng cây", "Ao cá", "Thắp sáng"]), "lan-1.xlsx").go_on(
        "send"
    )
    assert first.gone() == []
    head = ledger.head()
    again = Uploaded(desk, workbook(["Trồng cây", "Nước sạch"]))
    assert again.gone() == [("Ao cá", "lan-1.xlsx"), ("Thắp sáng", "lan-1.xlsx")]
    assert "Có trong lần nộp trước, không có trong tệp này (2)" in again.page
    counts = [[cell.value for cell in row] for row in again.copy()["Kết quả"].iter_rows()]
    assert ["Có trong lần nộp trước, không có trong tệp này", "2"] in counts
    assert [row[1] for row in counts if str(row[1]).startswith("Ao cá (r")]
    again.go_on("send")
    assert ledger.head() == head + 1  # the new row, and nothing is withdrawn
    english = desk.ask("GET", f"{again.address}?lang=en").text
    assert "In an earlier upload, and not in this file (2)" in english


def test_a_row_to_be_mended_has_not_vanished(desk: SmallDesk) -> None:
    Uploaded(desk, workbook(["Hàng rào xanh", "Bếp ăn"]), "lan-1.xlsx").go_on("send")
    wrong = Uploaded(desk, workbook(["Hàng rào xanh", "Bếp ăn"], field="không có"))
    assert wrong.states() == ["cần sửa", "cần sửa"]
    assert wrong.gone() == []


def test_what_was_withdrawn_or_belongs_to_another_list_has_not_vanished(
    ledger: SmallLedger, desk: SmallDesk
) -> None:
    first = Uploaded(desk, workbook(["Cổng chào", "Vườn mẫu"]), "lan-1.xlsx").go_on("send")
    data = {"registration_id": first.ids()[0], "reason": "Không triển khai"}
    ledger.publish([cloudevent("RegistrationWithdrawn", data)])
    page = desk.uploaded(workbook(["Khác hẳn"]), "nam-khac.xlsx", year="2021")
    assert "Có trong lần nộp trước" not in desk.settled(page)
    assert Uploaded(desk, workbook(["Khác hẳn"])).gone() == [("Vườn mẫu", "lan-1.xlsx")]


def test_a_near_title_of_the_same_owner_is_asked_about_and_the_answer_decides(
    ledger: SmallLedger, desk: SmallDesk
) -> None:
    titles = ["Tuyến đường hoa thôn Nà Pái", "Tuyến đường hoa thôn Nà Rào"]
    first = Uploaded(desk, workbook(titles), "lan-1.xlsx").go_on("send")
    head = ledger.head()
    renamed = workbook(["Tuyến đường hoa thôn Nà Pài mới", titles[1]])
    again = Uploaded(desk, renamed)
    assert again.states() == ["hỏi", "đã có"]
    assert again.gone() == []
    assert f"“{titles[0]}” ({first.ids()[0]})" in again.page
    (key,) = again.keys()
    assert again.go_on("answers", **{key: "yes"}).states() == ["sẽ sửa", "đã có"]
    assert again.ids() == first.ids()
    assert again.keys() == []
    assert again.go_on("send").states() == ["đã sửa", "đã có"]
    (event,) = ledger.ask(
        Family.REGISTRY, "GET", "/events", params={"after": head, "limit": 9}
    ).json()
    assert event["data"]["changes"] == {"title": "Tuyến đường hoa thôn Nà Pài mới"}


def test_a_near_title_that_is_another_model_is_new(desk: SmallDesk) -> None:
    first = Uploaded(desk, workbook(["Camera an ninh tổ 1"], owner="Chi bộ 5")).go_on("send")
    other = workbook(["Camera an ninh tổ 2"], owner="Chi bộ 5")
    again = Uploaded(desk, other)
    (key,) = again.keys()
    assert again.go_on("answers", **{key: "no"}).states() == ["sẽ nhận"]
    assert set(again.ids()).isdisjoint(first.ids())
    both = ["Camera an ninh tổ 1", "Camera an ninh tổ 2"]
    with_its_own_row = Uploaded(desk, workbook(both, owner="Chi bộ 5"))
    assert with_its_own_row.states() == ["đã có", "sẽ nhận"]
    of_another_owner = Uploaded(desk, workbook(["Camera an ninh tổ 3"], owner="Chi bộ 6"))
    assert of_another_owner.states() == ["sẽ nhận"]


def test_many_near_titles_are_answered_at_once(desk: SmallDesk) -> None:
    first = [f"Nhóm hộ tự quản số {number}" for number in (1, 2)]
    Uploaded(desk, workbook(first, owner="Chi bộ 8")).go_on("send")
    again = Uploaded(desk, workbook([f"{each}0" for each in first], owner="Chi bộ 8"))
    of_all, *of_rows = again.keys()
    assert (of_all, len(of_rows)) == ("all_new:B", 2)
    answered = again.go_on("answers", **{of_all: "yes", of_rows[0]: "yes"})
    assert answered.states() == ["sẽ sửa", "sẽ nhận"]


def test_an_equal_row_is_sent_when_it_is_said_to_be_another_model(
    ledger: SmallLedger, desk: SmallDesk
) -> None:
    titles = ["Sân chơi|xóm trên", "Sân chơi|xóm dưới", "Sân chơi|xóm giữa"]
    first = Uploaded(desk, workbook(titles))
    assert sorted(first.states()) == ["sẽ nhận", "trùng", "trùng"]
    yes, no = first.keys()
    first.go_on("answers", **{yes: "yes", no: "no"})
    assert sorted(first.states()) == ["sẽ nhận", "sẽ nhận", "trùng"]
    assert first.keys() == []
    again = Uploaded(desk, workbook(titles))
    again.go_on("answers", **dict.fromkeys(again.keys(), "yes"))
    assert again.states() == ["sẽ nhận"] * 3
    again.go_on("send")
    ids = dict(zip(titles, again.ids(), strict=True))
    head = ledger.head()
    for order in (titles[::-1], [titles[1], titles[0], titles[2]]):
        shuffled = Uploaded(desk, workbook(order))
        assert shuffled.states() == ["đã có"] * 3  # and it is not asked again
        assert dict(zip(order, shuffled.ids(), strict=True)) == ids
    assert ledger.head() == head
