"""The dashboard as an officer sees it: in a browser, without scripts, in two languages."""

import unicodedata

import pytest
from playwright.sync_api import Page

from tests.browser.following import follow
from tests.e2e.dvk_command import FIRST_EVENTS
from tests.support.national_map import province_rows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
CITY = "/?unit=gso-2004-058&year=2022"

# The six cities that were provinces of their own before 1 July 2025 (Huế since 1 January 2025).
CITIES = {"Hà Nội", "Hải Phòng", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ", "Huế"}

# Published in the account of Bắc Kạn city of 2022: registered, eligible, recognised by ward.
WARDS = {
    "Phường Xuất Hóa": "19", "Phường Đức Xuân": "16", "Phường Nguyễn Thị Minh Khai": "14",
    "Xã Nông Thượng": "12", "Phường Sông Cầu": "8", "Xã Dương Quang": "7",
    "Phường Huyền Tụng": "4", "Phường Phùng Chí Kiên": "4",
}  # fmt: skip


def cells(page: Page, heading: str) -> list[list[str]]:
    """Return the texts of the first table under a heading, row by row."""
    rows = page.locator(f"section:has(h2:text-is('{heading}')) table").first.locator("tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def test_the_funnel_of_the_year_says_its_numbers(page: Page) -> None:
    page.goto(CITY)
    assert page.locator("h1").inner_text() == "Thành phố Bắc Kạn, năm 2022"
    numbers = page.locator("section:has(h2:text-is('Từ đăng ký đến khen thưởng')) svg .number")
    assert numbers.all_text_contents() == ["191", "160", "129", "0", "0"]
    labels = page.locator("svg.funnel .label").all_text_contents()
    assert labels[:3] == ["Đăng ký", "Đủ điều kiện bình xét", "Được công nhận"]


def test_every_ward_shows_what_was_published_of_it(page: Page) -> None:
    page.goto(CITY)
    shown = {row[0]: row[3] for row in cells(page, "Theo đơn vị hành chính")}
    assert {ward: shown[ward] for ward in WARDS} == WARDS
    footer = page.locator("tfoot tr").first.locator("th, td").all_inner_texts()
    assert footer[1:4] == ["191", "160", "129"]


def test_units_are_listed_in_vietnamese_order(page: Page) -> None:
    page.goto(CITY)
    wards = [row[0] for row in cells(page, "Theo đơn vị hành chính")][:6]
    assert wards == [
        "Phường Đức Xuân", "Phường Huyền Tụng", "Phường Nguyễn Thị Minh Khai",
        "Phường Phùng Chí Kiên", "Phường Sông Cầu", "Phường Xuất Hóa",
    ]  # fmt: skip


def test_the_way_down_from_the_nation_to_a_ward_is_links(page: Page) -> None:
    page.goto("/?year=2022&map=recorded")
    for step in ("Tỉnh Bắc Kạn", "Thành phố Bắc Kạn", "Phường Xuất Hóa"):
        follow(page.locator("table").get_by_role("link", name=step, exact=True).first)
        assert page.locator("h1").inner_text() == f"{step}, năm 2022"
    crumbs = page.get_by_role("navigation", name="Đơn vị").get_by_role("link")
    assert crumbs.all_inner_texts() == ["Cả nước", "Tỉnh Bắc Kạn", "Thành phố Bắc Kạn"]


def test_every_published_figure_of_the_city_stands_beside_an_equal_one(page: Page) -> None:
    page.goto(CITY)
    follow(page.get_by_role("link", name="Xem cả bảng (40 dòng)"))
    rows = page.locator("table").first.locator("tbody tr")
    figures = [row.locator("th, td").all_inner_texts() for row in rows.all()]
    figures = [[*row[:4], *row[5:]] for row in figures]  # without the length of the period
    assert len(figures) == 40
    assert [row for row in figures if row[4] != row[5] or row[7] != "Khớp"] == []


def test_figures_of_other_times_keep_their_qualifier_and_are_not_compared(page: Page) -> None:
    page.goto("/?unit=gso-2004-24&year=2022")
    page.locator("summary", has_text="Số liệu công bố của các thời gian khác").click()
    others = cells(page, "Số liệu đã công bố, bên cạnh sổ cái")
    assert [row[5] for row in others] == ["hơn 5.000", "hơn 200.000", "khoảng 10.000"]
    assert all(row[6:8] == ["—", "—"] and "Không đối chiếu được" in row[8] for row in others)


def test_reconstructed_models_are_marked_as_such(page: Page) -> None:
    page.goto(CITY)
    assert "tái dựng từ số tổng đã công bố" in page.locator(".notice").first.inner_text()
    assert "Mô hình tái dựng" in page.locator("main").inner_text()


def test_the_switch_turns_the_page_to_english_and_keeps_the_choice(page: Page) -> None:
    page.goto(CITY)
    follow(page.get_by_role("link", name="English"))
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").inner_text() == "Thành phố Bắc Kạn, year 2022"
    assert "From registration to award" in page.locator("main").inner_text()
    follow(page.get_by_role("link", name="Phường Xuất Hóa").first)
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_province_without_registrations_is_named_as_silent(page: Page) -> None:
    page.goto("/?year=2022&map=recorded")
    page.locator(".silent summary").click()
    silent = ": ".join(page.locator(f".silent {each}").inner_text() for each in ("summary", "p"))
    kind = {True: "Thành phố", False: "Tỉnh"}
    others = {f"{kind[row['old_name'] in CITIES]} {row['old_name']}" for row in province_rows()} - {
        "Tỉnh Bắc Kạn"
    }
    head, _, named = silent.partition(": ")
    assert head == "Đơn vị chưa có đăng ký (62)"
    assert set(named.split(", ")) == others
    # In the order of the tables: by the name itself, whatever stands before it.
    assert named.split(", ")[:5] == [
        "Tỉnh An Giang", "Tỉnh Bà Rịa–Vũng Tàu", "Tỉnh Bạc Liêu", "Tỉnh Bắc Giang", "Tỉnh Bắc Ninh",
    ]  # fmt: skip


def test_the_nation_of_a_year_before_the_new_map_stands_on_that_of_today(page: Page) -> None:
    page.goto("/?year=2022")
    assert [row[:2] for row in cells(page, "Theo đơn vị hành chính")] == [
        ["Tỉnh Thái Nguyên", "191"]
    ]
    assert "Đơn vị chưa có đăng ký (33)" in page.locator("main").inner_text()
    page.locator("table").get_by_role("link", name="Tỉnh Thái Nguyên").first.click()
    assert page.locator("h1").inner_text() == "Tỉnh Thái Nguyên, năm 2022"
    assert "hợp thành: Tỉnh Bắc Kạn, Tỉnh Thái Nguyên" in page.locator("main").inner_text()


def test_the_page_says_as_of_when_it_stands(page: Page) -> None:
    page.goto(CITY)
    footer = page.locator("footer").inner_text()
    position = f"{FIRST_EVENTS:,}".replace(",", ".")
    assert f"Số liệu tính đến vị trí {position}" in footer
    assert "Mọi sự kiện đã lưu đều đã vào số liệu." in footer
    assert "sha256:" in footer


def test_an_unknown_unit_is_said_to_be_unknown(page: Page) -> None:
    answer = page.goto("/?unit=nowhere")
    assert answer is not None
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "Không tìm thấy đơn vị này"


def test_the_text_is_vietnamese_in_nfc(page: Page) -> None:
    page.goto(CITY)
    text = page.content()
    assert unicodedata.is_normalized("NFC", text)
    assert "�" not in text


def test_on_a_narrow_screen_only_tables_scroll_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 380, "height": 800})
    page.goto(CITY)
    body = page.locator("body").bounding_box()
    assert body is not None
    assert body["width"] <= 380
    for section in page.locator("h2, .notice, svg.drawing").all():
        box = section.bounding_box()
        assert box is None or box["x"] + box["width"] <= 380


def test_the_documentation_of_the_interface_needs_no_other_host(page: Page) -> None:
    answer = page.goto("/docs")
    assert answer is not None
    assert answer.ok
    assert "/summaries/national" in page.locator("body").inner_text()
