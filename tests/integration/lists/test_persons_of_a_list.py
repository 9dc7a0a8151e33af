"""Individuals of lists: their references in the ledger, their names on the desk's page only."""

import logging
import re
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer

from services.console.commands import list_actions
from services.console.output.texts import Terminal
from services.lists.app import worker_of
from services.lists.uploads.list_form import ListForm
from services.lists.uploads.upload import Upload
from shared.clock import MICROSECONDS, system_clock
from shared.errors import LedgerError
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.ledger_transport import ADDRESSES, client_of
from tests.support.small_desk import SmallDesk, small_desk
from tests.support.small_ledger import SmallLedger, small_ledger

NAME = "Khà Văn Thửn"
REGISTRATIONS = ("STT", "Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Cá nhân đăng ký", "Lĩnh vực",
                 "Khối", "Xã, phường", "Hình thức")  # fmt: skip
AWARDS = ("STT", "Tập thể", "Đối tượng", "Họ và tên", "Xã, phường", "Hình thức", "Cơ quan tặng")


def workbook(headings: Sequence[str], *rows: Sequence[object]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(headings)
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def registration(title: str, kind: str = "Cá nhân", name: str | None = NAME) -> Sequence[object]:
    return (1, title, "Chi bộ thôn 2", kind, name, "Kinh tế", "khoi-1", "Bình Văn x-1", "Mới")


AWARD = (
    1,
    "Chi bộ thôn 2",
    "Cá nhân",
    f"Đồng chí {NAME}",
    "Bình Văn x-1",
    "giấy khen",
    "Đảng ủy xã",
)


@pytest.fixture(scope="module")
def ledger_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def desk_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def ledger(ledger_home: Path) -> Iterator[SmallLedger]:
    with small_ledger(ledger_home) as running:
        yield running


@pytest.fixture(scope="module")
def desk(ledger: SmallLedger, desk_home: Path) -> Iterator[SmallDesk]:
    with small_desk(ledger, desk_home) as running:
        yield running


def sent(desk: SmallDesk, content: bytes, **fields: str) -> tuple[str, str]:
    """Check and send a list; return the address of its upload and its page."""
    page = desk.uploaded(content, **fields)
    checked = desk.settled(page)
    assert "<td>cần sửa</td>" not in checked, checked
    address = str(page.url).partition("?")[0]
    return address, desk.settled(desk.ask("POST", f"{address}/send?lang=vi"))


def events(ledger: SmallLedger, after: int) -> list[Any]:
    asked = {"after": after, "limit": 1000}
    return list(ledger.ask(Family.REGISTRY, "GET", "/events", params=asked).json())


def references(page: str) -> list[str]:
    return re.findall(r"<code>(p-[a-z2-7]{26})</code>", page)


def test_one_person_has_one_reference_in_all_lists_and_no_list_publishes_the_name(
    ledger: SmallLedger,
    desk: SmallDesk,
    ledger_home: Path,
    desk_home: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    head = ledger.head()
    content = workbook(REGISTRATIONS, registration("Vườn mẫu"), registration("Cổng hoa", "Tập thể"))
    address, page = sent(desk, content)
    (reference,) = references(page)
    assert f": {NAME} <code>{reference}</code>" in page
    owners = [each["data"].get("owner_person_ref") for each in events(ledger, head)[-2:]]
    assert sorted(owners, key=str) == sorted([reference, None], key=str)

    awards = workbook(AWARDS, AWARD)
    _, page = sent(desk, awards, kind="awards")
    assert references(page) == [reference]
    assert events(ledger, ledger.head() - 1)[0]["data"]["recipient"]["person_ref"] == reference

    copy = desk.ask("GET", f"{address}/annotated.xlsx").content
    sheet = openpyxl.load_workbook(BytesIO(copy)).worksheets[0]
    assert sheet.cell(1, 13).value == "Mã cá nhân"
    assert [sheet.cell(row, 13).value for row in (2, 3)] == [reference, None]
    assert "đã có" in desk.settled(desk.uploaded(copy))

    kept = [desk.ask("GET", where).text for where in ("/lists/", "/metrics")]
    texts = [caplog.text, *kept, *(str(each) for each in events(ledger, 0))]
    assert not [text for text in texts if NAME in text or "Thửn" in text]
    files = [
        file for home in (ledger_home, desk_home) for file in home.rglob("*") if file.is_file()
    ]
    assert desk_home / "lists.db" in files
    assert not [file for file in files if "Thửn".encode() in file.read_bytes()]
    # A workbook is packed, so its names could not be seen in it: no workbook is there in clear.
    assert not [file for file in desk_home.iterdir() if b"PK\x03\x04" in file.read_bytes()]


def test_the_name_behind_a_reference_is_not_shown_to_a_list_that_has_the_reference_only(
    desk: SmallDesk,
) -> None:
    _, page = sent(desk, workbook(REGISTRATIONS, registration("Ao cá")))
    (reference,) = references(page)
    headings = (*REGISTRATIONS, "Mã cá nhân")
    row = (*registration("Hàng rào", name=None), reference)
    other = desk.settled(desk.uploaded(workbook(headings, row)))
    assert references(other) == [reference]
    assert NAME not in other


def test_a_second_person_of_the_same_name_is_asked_about_on_the_page(desk: SmallDesk) -> None:
    rows = [(*registration(title, name="Lù Thị Mỷ"),) for title in ("Nhà văn hóa", "Đường cờ")]
    content = workbook(REGISTRATIONS, *rows)
    page = desk.uploaded(content)
    asked = desk.settled(page)
    assert "E3: Dòng 2 của danh sách cũng ghi họ tên này, cùng tập thể." in asked
    address = str(page.url).partition("?")[0]
    answer = {"list_person_same_name:E3": "no"}
    answered = desk.settled(desk.ask("POST", f"{address}/answers?lang=vi", data=answer))
    assert len(set(references(answered))) == 2
    again = desk.settled(desk.uploaded(content))
    assert references(again) == references(answered)


def test_the_desk_says_whether_uploads_make_progress(
    ledger: SmallLedger, tmp_path: Path, desk: SmallDesk
) -> None:
    checks = desk.ask("GET", "/readyz").json()["checks"]
    assert checks["uploads"] == {"ok": True, "required": False}
    with client_of(ledger) as client:
        now = [system_clock()]
        worker = worker_of(
            Settings.from_environment({"DVK_HOME": str(tmp_path)}),
            client,
            ADDRESSES,
            lambda: now[0],
        )
        worker.store.add(Upload("u-1", "awards", "x-1", "Xã", 2022, "a.xlsx", "", 0), b"")
        worker.require_progress()
        now[0] += 16 * 60 * MICROSECONDS
        with pytest.raises(LedgerError, match="no progress for 15 minutes: 1"):
            worker.require_progress()
        worker.store.close()


def test_the_command_prints_no_name(
    ledger: SmallLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(list_actions, "client_for", lambda *_: client_of(ledger))
    monkeypatch.setattr(list_actions, "addresses_at", lambda *_: ADDRESSES)
    rows = [registration("Bờ kè"), registration("Bãi đá"), registration(f"Vườn của {NAME}")]
    file = tmp_path / "danh-sach.xlsx"
    file.write_bytes(workbook(REGISTRATIONS, *rows))
    console = Terminal(file=StringIO(), width=200)
    with pytest.raises(typer.Exit):
        list_actions.run_list(
            file, ListForm("registrations", "t-1", "2022"), [], "", console, sending=False
        )
    printed = console.file.getvalue()
    assert "[list_person_same_name:E3]" in printed
    assert "[list_person_in_title:B4]" in printed
    assert "Thửn" not in printed
