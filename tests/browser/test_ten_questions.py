"""Ten questions of an officer, each answered within three clicks from the first page."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.following import follow
from tests.e2e.dvk_command import Up, dvk, until_complete

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
MOST = 3


@pytest.fixture(scope="module", autouse=True)
def two_years(ledger: Up, awarded: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Add generated registrations of the sample's year and the one before, and an award."""
    file = tmp_path_factory.mktemp("two") / "years.jsonl"
    made = dvk("generate", "--registrations", "300", "--years", "2021-2022", "--seed", "7",
               "--out", str(file), env=ledger.env)  # fmt: skip
    assert made.returncode == 0, made.stdout
    assert dvk("publish", str(file), env=ledger.env).returncode == 0
    until_complete(ledger)


@dataclass
class Officer:
    """A reader who begins at the first page; every click and every sent form counts."""

    page: Page
    clicks: int = field(default=0)

    def click(self, what: Locator) -> None:
        follow(what)
        self.clicks += 1

    def link(self, words: str) -> None:
        self.click(self.page.get_by_role("link", name=words, exact=True).first)

    def find(self, words: str) -> None:
        self.page.get_by_role("searchbox").first.fill(words)
        self.click(self.page.get_by_role("button", name="Tìm", exact=True).first)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def heads(self, table: Locator) -> list[str]:
        return [each.strip() for each in table.locator("thead th").all_inner_texts()]


@pytest.fixture
def officer(page: Page) -> Iterator[Officer]:
    page.goto("/?year=2022")
    reader = Officer(page)
    yield reader
    assert 0 < reader.clicks <= MOST


def test_a_model_is_found_by_half_its_name_without_accents(officer: Officer) -> None:
    officer.find("mo hinh tai dung so 150 theo tong so cong")
    officer.click(officer.page.locator(".found a").first)
    assert officer.heading.startswith("Mô hình tái dựng số 150")


def test_the_models_of_an_owner_are_found_by_its_name(officer: Officer) -> None:
    officer.find("dang bo xuat hoa")
    officer.link("Đảng bộ phường Xuất Hóa")
    assert officer.heading == "Đảng bộ phường Xuất Hóa"
    assert "Mô hình đăng ký (28)" in officer.page.locator("main").inner_text()


def test_who_received_an_award_is_a_list(officer: Officer) -> None:
    officer.link("Danh sách")
    officer.link("Khen thưởng")
    table = officer.page.locator("main table").first
    assert "Tập thể" in table.inner_text()
    assert table.locator("tbody tr").count() >= 1


def test_provinces_are_ranked(officer: Officer) -> None:
    compared = officer.page.locator("main a[href*='compare=registered']").first
    officer.click(compared)
    table = officer.page.locator("section#units table").first
    assert "Thứ hạng" in officer.heads(table)
    officer.click(table.locator("thead a", has_text="Thứ hạng"))
    ranks = officer.page.locator("section#units table tbody tr").first.inner_text()
    assert "1" in ranks.split()


def test_the_map_leads_to_a_province(officer: Officer) -> None:
    officer.click(officer.page.locator("a[aria-label^='Thái Nguyên']").first)
    assert officer.heading.startswith("Tỉnh Thái Nguyên")


def test_what_needs_action_is_named_with_its_rows(officer: Officer) -> None:
    officer.link("Việc cần làm")
    officer.link("Quyết định không có số")
    assert officer.page.locator("main table tbody tr").count() >= 1


def test_a_figure_that_differs_from_a_report_is_explained(officer: Officer) -> None:
    officer.link("Đối chiếu")
    officer.click(officer.page.locator("main table tbody a.figure").first)
    assert officer.page.url.split("?")[0].endswith("/pages/explanation")
    assert officer.page.locator(".things > li").count() >= 1


def test_silent_units_are_named(officer: Officer) -> None:
    officer.page.locator("summary", has_text="Đơn vị chưa có đăng ký").click()
    officer.clicks += 1
    assert officer.page.locator("details[open] a").count() >= 1


def test_a_year_is_set_beside_the_year_before(officer: Officer) -> None:
    officer.click(officer.page.locator("main a[href*='compare=registered']").first)
    heads = officer.heads(officer.page.locator("section#units table").first)
    assert {"Năm 2022", "Năm 2021", "Chênh lệch"} <= set(heads)


def test_the_rate_of_recognition_is_in_the_table_of_units(officer: Officer) -> None:
    officer.click(officer.page.locator("main a[href*='compare=recognized']").first)
    heads = officer.heads(officer.page.locator("section#units table").first)
    assert {"Công nhận / đăng ký", "Công nhận / đủ điều kiện"} <= set(heads)
