"""Ten questions of an officer, each answered within three clicks from the first page."""

from collections.abc import Iterator
from csv import DictReader
from io import StringIO

import pytest
from playwright.sync_api import Page

from tests.browser.looking import looking, violations
from tests.browser.officer import Officer, asking
from tests.e2e.dvk_command import Up, dvk, until_complete
from tests.support.asking import ASKING

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module", autouse=True)
def two_years(ledger: Up, awarded: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Add generated registrations of the sample's year and the one before, and an award."""
    file = tmp_path_factory.mktemp("two") / "years.jsonl"
    made = dvk("generate", "--registrations", "300", "--years", "2021-2022", "--seed", "7",
               "--out", str(file), env=ledger.env)  # fmt: skip
    assert made.returncode == 0, made.stdout
    assert dvk("publish", str(file), env=ledger.env).returncode == 0
    until_complete(ledger)


@pytest.fixture
def officer(page: Page) -> Iterator[Officer]:
    with asking(page, 2022) as reader:
        yield reader


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
    table = officer.units
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
    officer.open("Đơn vị chưa có đăng ký")
    assert officer.page.locator("details[open] a").count() >= 1


def test_a_year_is_set_beside_the_year_before(officer: Officer) -> None:
    officer.click(officer.page.locator("main a[href*='compare=registered']").first)
    heads = officer.heads(officer.units)
    assert {"Năm 2022", "Năm 2021", "Chênh lệch"} <= set(heads)


def test_the_rate_of_recognition_is_in_the_table_of_units(officer: Officer) -> None:
    officer.click(officer.page.locator("main a[href*='compare=recognized']").first)
    heads = officer.heads(officer.units)
    assert {"Công nhận / đăng ký", "Công nhận / đủ điều kiện"} <= set(heads)


def test_a_commune_of_one_or_two_registrations_is_one_screen(measured: Page, ledger: Up) -> None:
    asked = "by=unit&level=commune&year=2022&sort=registered&format=csv"
    csv = ASKING.get(f"{ledger.url}/pages/table?{asked}", timeout=30).content.decode("utf-8-sig")
    rows = DictReader(StringIO(csv, newline=""))
    unit = next(row["Đơn vị (mã)"] for row in rows if row["Đăng ký"] in {"1", "2"})
    for language, scheme, width in (
        ("vi", "light", 1280),
        ("en", "light", 1280),
        ("vi", "dark", 400),
    ):
        with looking(measured, width, scheme) as page:
            page.goto(f"/?unit={unit}&year=2022&lang={language}")
            size = page.evaluate(
                "[document.documentElement.scrollWidth, document.body.scrollHeight]"
            )
            assert size[0] <= width
            assert size[1] <= 800 or width < 1280
            assert violations(page) == []
