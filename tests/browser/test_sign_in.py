"""An officer signs in in a browser without scripts, from the link of the operator to the sign-out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.following import follow
from tests.browser.looking import NARROW, WIDE, looking, violations
from tests.e2e.dvk_command import Up, dvk, free_ports, up

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PASSWORD = "một câu dài để nhớ 2026"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("people") / "home"
    with up(home, free_ports(), DVK_SAMPLE="0", DVK_REQUIRE_SIGN_IN="1") as running:
        yield running


def link_of(ledger: Up, *command: str) -> str:
    """Run a command of `dvk account`; return the link that it prints."""
    done = dvk("account", *command, env=ledger.env)
    assert done.returncode == 0, done.stdout
    (found,) = re.findall(r"http://\S+/sign-in/link\?link=\S+", done.stdout)
    return str(found)


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.get_by_label(name.replace("_", " "), exact=True).fill(value)


def test_from_the_link_of_the_operator_to_the_sign_out(page: Page, ledger: Up) -> None:
    link = link_of(ledger, "add", "lan")
    page.goto(link)
    fill(page, Mật_khẩu=PASSWORD, Nhập_lại_mật_khẩu=PASSWORD)
    follow(page.get_by_role("button", name="Lưu và đăng nhập"))
    expect(page.get_by_text("Đang đăng nhập: lan")).to_be_visible()
    follow(page.get_by_role("link", name="Bảng tổng hợp"))
    tops = "[...new Set([...document.querySelectorAll('nav.pages a')].map(a => a.offsetTop))]"
    page.set_viewport_size({"width": 1280, "height": 900})
    assert len(page.evaluate(tops)) == 1, "the pages are named in one row"
    follow(page.get_by_role("link", name="Phiên làm việc"))
    follow(page.get_by_role("button", name="Đăng xuất", exact=True))
    expect(page.get_by_role("heading", name="Đăng nhập", level=1)).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("alert")).to_contain_text("đã dùng hoặc đã hết hạn")


def test_what_is_not_public_leads_to_the_sign_in_and_back(page: Page, ledger: Up) -> None:
    link = link_of(ledger, "add", "minh")
    page.goto(link)
    fill(page, Mật_khẩu=PASSWORD, Nhập_lại_mật_khẩu=PASSWORD)
    follow(page.get_by_role("button", name="Lưu và đăng nhập"))
    page.context.clear_cookies()
    page.goto(f"{ledger.url}/pages/signals?lang=vi")
    expect(page.get_by_role("heading", name="Đăng nhập", level=1)).to_be_visible()
    fill(page, Tên_đăng_nhập="minh", Mật_khẩu="sai mật khẩu này")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("không đúng")
    fill(page, Mật_khẩu=PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Vai trò của anh/chị không bao gồm")).to_be_visible()
    assert page.url == f"{ledger.url}/pages/signals?lang=vi"
    page.goto(f"{ledger.desk}/lists/")
    expect(page.get_by_text("Vai trò của anh/chị không bao gồm")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [NARROW, pytest.param(*WIDE, marks=pytest.mark.thorough)]
)
def test_the_pages_of_the_sign_in_are_accessible_and_fit(
    measured: Page, ledger: Up, language: str, scheme: str, width: int
) -> None:
    link = link_of(ledger, "add", f"look-{width}")
    with looking(measured, width, scheme) as page:
        for address in ("/sign-in", link.removeprefix(ledger.url), "/sign-in/link?link=x"):
            page.goto(f"{ledger.url}{address}{'&' if '?' in address else '?'}lang={language}")
            _is_good(page)
        page.goto(f"{ledger.url}{link.removeprefix(ledger.url)}&lang={language}")
        for box in page.locator("input[type=password]").all():
            box.fill("ngắn ngắn ngắn")
        page.locator("input[type=password]").last.fill("khác hẳn")
        page.locator("main form button").click()
        expect(page.get_by_role("alert")).to_be_visible()
        _is_good(page)
        for box in page.locator("input[type=password]").all():
            box.fill(PASSWORD)
        page.locator("main form button").click()
        page.goto(f"{ledger.url}/signed-in?lang={language}")
        expect(page.locator("h1")).to_have_text(
            "Phiên làm việc" if language == "vi" else "Your session"
        )
        _is_good(page)


def _is_good(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("script").count() == 0
