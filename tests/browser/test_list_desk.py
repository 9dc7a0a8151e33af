"""The list desk in a browser: a year goes in through its pages, by mouse and by keyboard alone."""

import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import FileChooser, Page, expect

from services.console.datasets.sample.published import city_figures
from tests.browser.conftest import Window
from tests.browser.following import follow
from tests.browser.list_desk import WORKING_MS, settled, upload
from tests.browser.looking import NARROW, WIDE, looking, violations
from tests.e2e.dvk_command import Up, free_ports, until_complete, up_with
from tests.support.city_workbooks import (
    ASKED,
    FAULTY,
    HEADINGS_AT,
    recognitions,
    registrations,
    registrations_with_faults,
    reviews,
    what_comes_before,
)
from tests.support.office_workbooks import simple_list

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
CITY = "/?unit=gso-2004-058&year=2022&lang=vi"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A ledger with all of the sample but what the three workbooks say."""
    home = tmp_path_factory.mktemp("desk") / "home"
    with up_with(what_comes_before(), home, free_ports()) as running:
        yield running


LISTS = {
    "registrations": (registrations, 191),
    "reviews": (reviews, 160),
    "recognitions": (recognitions, 129),
}
"""The workbooks of the city's year, with the rows of each."""


@pytest.fixture(scope="module")
def given_back(window: Window, ledger: Up) -> Mapping[str, tuple[str, bytes]]:
    """Send the three workbooks; return the page of each and the copy with results."""
    page, found = window.page, {}
    for kind, (made, rows) in LISTS.items():
        upload(page, ledger.desk, made().content(), kind)
        settled(page, f"Đã kiểm tra: {rows} dòng. Chưa ghi gì vào sổ cái.")
        follow(page.get_by_role("button", name=f"Gửi cả danh sách ({rows} dòng)"))
        settled(page, f"Đã gửi: {rows} dòng")
        with page.expect_download() as download:
            page.get_by_role("link", name="Tải tệp kèm kết quả").click()
        copy = Path(download.value.path()).read_bytes()
        found[kind] = (page.url.partition("?")[0], copy)
    return found


@pytest.mark.parametrize("kind", LISTS)
def test_every_row_of_a_list_is_given_back_as_accepted(
    given_back: Mapping[str, tuple[str, bytes]], kind: str
) -> None:
    _, copy = given_back[kind]
    sheet = openpyxl.load_workbook(BytesIO(copy)).worksheets[0]
    result = [cell.value for cell in sheet[HEADINGS_AT]].index("Kết quả") + 1
    first, (_, rows) = HEADINGS_AT + 1, LISTS[kind]
    given = [sheet.cell(at, result).value for at in range(first, first + rows)]
    assert given == ["đã nhận"] * rows


def test_the_dashboard_then_shows_the_published_figures(
    page: Page, ledger: Up, given_back: Mapping[str, tuple[str, bytes]]
) -> None:
    until_complete(ledger)
    page.goto(CITY)
    follow(page.locator("a.more:has-text('Số liệu đã công bố')"))
    rows = [
        row.locator("th, td").all_inner_texts()
        for row in page.locator("table.asserted tbody tr").all()
    ]
    assert sorted(row[6] for row in rows) == sorted(str(each.value) for each in city_figures())
    assert [row for row in rows if row[5] != row[6] or row[8] != "Khớp"] == []
    assert len(rows) == 40


def test_a_list_is_sent_by_the_keyboard_alone(page: Page, ledger: Up, tmp_path: Path) -> None:
    headings = ("Tên mô hình", "Đơn vị đăng ký", "Chủ thể", "Lĩnh vực", "Khối", "Xã, phường",
                "Hình thức")  # fmt: skip
    row = ("Bếp ăn sẻ chia", "Chi bộ tổ 9", "Tập thể", "Đời sống văn hóa ở khu dân cư", "Khối xã, phường",
           "Phường Đức Xuân", "Đăng ký mới")  # fmt: skip
    file = tmp_path / "một dòng.xlsx"
    file.write_bytes(simple_list(headings, row).content())
    chosen: list[FileChooser] = []

    def choose(chooser: FileChooser) -> None:
        chosen.append(chooser)

    page.once("filechooser", choose)  # before the key: the browser must know of it
    page.goto(f"{ledger.desk}/lists/?lang=vi")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Đến nội dung"
    page.keyboard.press("Enter")
    tab_to(page, "#kind")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.type("Thành phố Bắc Kạn")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2022")
    tab_to(page, "#file")
    page.keyboard.press("Enter")
    for _ in range(100):
        if chosen:
            break
        page.wait_for_timeout(50)
    chosen[0].set_files(file)
    tab_to(page, "#first_year")
    page.keyboard.press("Space")
    press(page, "form[method=post] button", "Enter")
    settled(page, "Đã kiểm tra: 1 dòng")
    press(page, "form[method=post] button", "Space")
    settled(page, "Đã gửi: 1 dòng")


def tab_to(page: Page, element: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator(f"{element}:focus").count():
            return
    pytest.fail(f"{element} is not reached by Tab")


def press(page: Page, element: str, key: str) -> None:
    """Press a key on an element that is reached by Tab, and wait for the page that follows."""
    tab_to(page, element)
    with page.expect_navigation():
        page.keyboard.press(key)


@pytest.fixture(scope="module")
def addresses(
    window: Window, ledger: Up, given_back: Mapping[str, tuple[str, bytes]]
) -> Mapping[str, str]:
    """Upload a list with faults and a file that is none; return the pages of the desk."""
    page = window.page
    upload(page, ledger.desk, registrations_with_faults().content())
    settled(page, "Đã kiểm tra")
    faults = page.url.partition("?")[0]
    upload(page, ledger.desk, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    settled(page, "Chưa đọc được")
    return {
        "home": f"{ledger.desk}/lists/",
        "faults": faults,
        "checked": f"{faults}?after=170",  # with few rows of many: axe looks at each
        "faulty rows": f"{faults}?state=faulty",
        "sent": f"{given_back['recognitions'][0]}?after=120",
        "unreadable": page.url.partition("?")[0],
        "wrong": f"{ledger.desk}/lists/template.xlsx?kind=plans&unit=X&year=2022",
        "unknown": f"{ledger.desk}/lists/uploads/none",
        "problem": f"{ledger.desk}/no/such/page",
    }


PAGES = ("home", "checked", "faulty rows", "sent", "unreadable", "wrong", "unknown", "problem")


@pytest.mark.parametrize(("name", "look"), [
    *((name, NARROW) for name in PAGES),
    ("checked", WIDE),
    *(pytest.param(name, WIDE, marks=pytest.mark.thorough) for name in PAGES if name != "checked"),
])  # fmt: skip
def test_a_page_has_no_barrier_and_fits_a_phone(
    measured: Page, addresses: Mapping[str, str], name: str, look: tuple[str, str, int]
) -> None:
    language, scheme, width = look
    address = addresses[name]
    with looking(measured, width, scheme) as page:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        assert page.locator("html").get_attribute("lang") == language
        assert_seen_whole(page, width)


def assert_seen_whole(page: Page, width: int) -> None:
    assert violations(page) == []
    assert page.locator("script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    frames = page.locator(".scroll:has(.rows)")
    assert frames.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth + 1)") == []


@contextmanager
def stopped(ledger: Up, service: str) -> Iterator[None]:
    """Stop a service between two instructions, and let it go on."""
    process = ledger.children()[service]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def test_the_page_of_a_running_check_reloads_and_can_be_kept_still(
    measured: Page, ledger: Up
) -> None:
    with looking(measured, 400) as page:
        with stopped(ledger, "registry"):
            upload(page, ledger.desk, registrations().content())
            expect(page.get_by_role("status")).to_contain_text("Đang kiểm tra: ")
            follow(page.get_by_role("link", name="Dừng tự tải lại"))
            for _, scheme, width in (NARROW, WIDE):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                assert_seen_whole(page, width)
            follow(page.get_by_role("link", name="Tải lại trang"))
        expect(page.get_by_role("status")).to_contain_text("Đã kiểm tra", timeout=WORKING_MS)


def test_rows_to_mend_are_named_on_top_with_links_to_them(
    page: Page, addresses: Mapping[str, str]
) -> None:
    page.goto(f"{addresses['faults']}?lang=vi")
    on_top = page.get_by_role("alert")
    assert on_top.locator("h2").inner_text() == f"{len(FAULTY)} dòng cần sửa"
    links = on_top.get_by_role("listitem").get_by_role("link")
    assert links.all_inner_texts() == [f"Dòng {at}" for at in FAULTY]
    for at in FAULTY:
        links.get_by_text(f"Dòng {at}", exact=True).click()
        expect(page.locator("tr:target")).to_have_attribute("id", f"row-{at}")
        expect(page.locator("tr:target")).to_contain_text(re.compile(f"[A-H]{at}: "))


def test_a_question_of_a_column_is_answered_once_and_the_list_is_checked_again(
    page: Page, addresses: Mapping[str, str]
) -> None:
    page.goto(f"{addresses['faults']}?lang=vi")
    assert page.get_by_role("link", name=f"hỏi: {len(ASKED)}").count() == 1
    asked = page.get_by_role("group").filter(has_text=f"cả {len(ASKED)} ô như vậy ở cột I")
    asked.get_by_label("Có", exact=True).check()
    follow(page.get_by_role("button", name="Trả lời rồi kiểm tra lại"))
    settled(page, "Đã kiểm tra")
    assert page.get_by_role("link", name=f"hỏi: {len(ASKED)}").count() == 0
