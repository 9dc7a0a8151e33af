"""The pages behind the numbers, clicked through in a browser: a year closed, and then changed."""

import re
import unicodedata
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.addresses import CITY, PAGES
from tests.browser.following import follow
from tests.browser.looking import NARROW, WIDE, looking, violations, wider
from tests.e2e.dvk_command import FIRST_EVENTS, Up
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent
from tests.support.dashboard_pages import Shown
from tests.support.http_clients import STRUCTURED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module", autouse=True)
def closed(ledger: Up, request: pytest.FixtureRequest) -> None:
    """Close 2022 of Bắc Kạn city as the sample states it; then one registration is withdrawn."""
    summary = ASKING.get(f"{ledger.url}/summaries/units/gso-2004-058?year=2022", timeout=60).json()
    stated = {
        "unit_id": "gso-2004-058",
        "plan_year": 2022,
        "position": summary["known_at"]["position"],
        "digest": summary["digest"],
        "occurred_on": "2023-01-31",
    }
    _publish(f"{ledger.url}/events", cloudevent("PeriodClosed", stated))
    listed = ASKING.get(f"{ledger.url}/registrations?unit_id=gso-2004-058&year=2022&limit=1000")
    title = next(each for each in listed.json()["items"] if each["tier"] is None)
    told = {"registration_id": title["registration_id"], "reason": "đăng ký nhầm"}
    registry = f"http://127.0.0.1:{ledger.port + 1}/events"
    request.getfixturevalue("awarded")  # after the closing
    withdrawn = cloudevent("RegistrationWithdrawn", {**told, "occurred_on": "2023-02-15"})
    position = _publish(registry, withdrawn)
    ASKING.get(f"{ledger.url}/summaries/national?year=2022&known_at={position}").raise_for_status()


def _publish(address: str, event: object) -> int:
    answer = ASKING.post(address, json=event, headers=STRUCTURED, timeout=60)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["position"])


def funnel(page: Page) -> list[str]:
    """Return the numbers of the funnel."""
    drawn = page.locator("svg.funnel").first.locator(".number").all_text_contents()
    return drawn or page.locator(".one-screen .aside dd").all_text_contents()


def rows(page: Page, caption: str) -> list[list[str]]:
    """Return the texts of the rows of the table that is called so."""
    table = page.locator("table").filter(has=page.locator("caption", has_text=caption)).first
    return [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]


def test_another_day_of_knowledge_shows_what_was_known_then(page: Page) -> None:
    page.goto("/?year=2022")
    assert funnel(page)[:3] == ["190", "159", "129"]
    page.get_by_label("Số liệu đã ghi sổ đến hết ngày").fill("2020-01-01")
    follow(page.get_by_role("button", name="Xem"))
    assert page.url.endswith("/?year=2022&known_at=2020-01-01")
    assert funnel(page) == ["0"] * 5
    follow(page.get_by_role("link", name="Về hiện nay"))
    assert funnel(page)[:3] == ["190", "159", "129"]
    page.goto(f"{CITY}&known_at={FIRST_EVENTS}")
    assert funnel(page)[:3] == ["191", "160", "129"]


def test_a_number_clicked_shows_exactly_so_many_things(page: Page) -> None:
    page.goto(CITY)
    follow(page.locator("svg.funnel a").filter(has_text="129"))
    assert page.locator("h1").inner_text() == "Được công nhận: 129"
    things = 0
    while True:
        things += page.locator("ol.things > li").count()
        following = page.get_by_role("link", name="Trang sau")
        if not following.count():
            break
        follow(following)
    assert things == 129


def test_a_cell_leads_to_a_model_and_its_history(page: Page) -> None:
    page.goto(CITY)
    row = page.locator("tr", has=page.get_by_role("link", name="Phường Đức Xuân")).first
    number = row.locator("td a").nth(2)
    assert number.inner_text() == "16"
    follow(number)
    assert page.locator("ol.things > li").count() == 16
    follow(page.locator("ol.things a").first)
    page.locator("summary", has_text="Lịch sử mô hình").click()
    told = [row[1] for row in rows(page, "Lịch sử mô hình")]
    assert told == ["Đăng ký mô hình", "Xét điều kiện bình xét", "Công nhận"]


def test_a_closed_year_is_marked_and_leads_to_what_changed(page: Page) -> None:
    page.goto(CITY)
    position = f"{FIRST_EVENTS:,}".replace(",", ".")
    said = page.locator("main").inner_text()
    assert "Khóa sổ ngày" in said
    assert f"(vị trí {position})" in said
    assert "2022 (đã khóa sổ)" in page.get_by_label("Năm").first.inner_text()
    minus = "\N{MINUS SIGN}1"
    assert rows(page, "Đã thay đổi từ khi khóa sổ")[0] == ["Đăng ký", "191", "190", minus]
    follow(page.get_by_role("link", name="Xem thay đổi số liệu từ khi khóa sổ"))
    changed = [row for row in rows(page, "Thay đổi số liệu") if row[3] != "0"]
    assert changed[0][0] == "Đăng ký"
    events = rows(page, "Sự kiện làm thay đổi: Đăng ký")
    ((_, happened, _, delta),) = events
    assert (happened.splitlines()[0], delta) == ("Rút đăng ký", minus)
    assert "Lý do: đăng ký nhầm" in happened


def test_the_reconciliation_counts_its_results_and_can_be_narrowed(page: Page) -> None:
    page.goto(f"/pages/reconciliation?unit=gso-2004-058&year=2022&known_at={FIRST_EVENTS}")
    chosen = page.get_by_role("navigation", name="Kết quả đối chiếu")
    assert chosen.get_by_role("link").all_inner_texts() == [
        "Tất cả: 40", "Khớp: 40", "Lệch: 0", "Không đối chiếu được: 0",
    ]  # fmt: skip
    page.goto("/pages/reconciliation?unit=gso-2004-058&year=2022")
    differing = page.get_by_role("link", name=re.compile(r"^Lệch: [1-9]"))
    count = int(differing.inner_text().rpartition(" ")[2])
    follow(differing)
    shown = rows(page, "Số liệu đã công bố")
    assert len(shown) == count
    assert {row[8] for row in shown} == {"Lệch"}


def test_a_map_before_july_2025_says_what_it_cannot_tell(page: Page) -> None:
    page.goto("/?year=2022")
    page.get_by_label("hoặc bản đồ của ngày").fill("2025-06-30")
    follow(page.get_by_role("button", name="Xem"))
    assert page.url.endswith("map=2025-06-30")
    assert "có trước ngày 1/7/2025" not in page.locator("main").inner_text()
    page.goto("/?year=2026&map=2025-06-30")
    assert "có trước ngày 1/7/2025" in page.locator("main").inner_text()
    lost = page.goto(f"{CITY}&map=current")
    assert lost is not None
    assert lost.status == 404
    assert "Không có đơn vị nào kế tục" in page.locator("main").inner_text()


def test_a_unit_is_found_by_its_name_without_accents(page: Page) -> None:
    page.goto("/")
    follow(page.get_by_role("link", name="Tìm đơn vị"))
    page.get_by_role("searchbox", name="Tìm đơn vị theo tên").fill("thanh pho bac kan")
    follow(page.locator("main").get_by_role("button", name="Tìm"))
    follow(page.get_by_role("link", name="Thành phố Bắc Kạn"))
    assert page.locator("h1").inner_text().startswith("Thành phố Bắc Kạn")


@pytest.fixture
def reader() -> Iterator[Callable[[str], Shown]]:
    """Give a reader that keeps its cookies, without a browser: only links and words are read."""

    def read(address: str) -> Shown:
        answer = ASKING.get(address, follow_redirects=True, timeout=60)
        return Shown(answer.raise_for_status().text, address)

    yield read
    ASKING.cookies.clear()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_both_languages_in_nfc(
    ledger: Up, reader: Callable[[str], Shown], path: str
) -> None:
    shown = reader(f"{ledger.url}{path}")
    assert unicodedata.is_normalized("NFC", shown.html)
    assert shown.language == "vi"
    english = reader(f"{ledger.url}{shown.link('English')}")
    assert english.language == "en"
    assert english.title != shown.title  # the heading of a card is a name, and the same in both
    again = reader(f"{ledger.url}{english.link('Tiếng Việt')}")
    assert (again.language, again.title) == ("vi", shown.title)


MODEL = "/pages/model?model=bk-058-model-001"


def _in(language: str, path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize(("path", "look"), [
    *((path, NARROW) for path in (
        *PAGES, "/docs", "/no/such/page",
        "/?unit=nowhere", "/?year=19", "/?year=2031", f"{CITY}&map=current",
    )),
    (CITY, WIDE),
    *(
        pytest.param(path, WIDE, marks=pytest.mark.thorough)
        for path in (PAGES[2], PAGES[-2], MODEL, "/docs", "/no/such/page")
    ),
])  # fmt: skip
def test_axe_finds_nothing_and_no_page_scrolls_sideways(
    measured: Page, path: str, look: tuple[str, str, int]
) -> None:
    language, scheme, width = look
    with looking(measured, width, scheme) as page:
        page.goto(_in(language, path))
        assert page.locator("html").get_attribute("lang") == language
        assert violations(page) == []
        assert wider(page, width) == []


@pytest.mark.parametrize(("service", "language", "scheme"), [
    (1, "vi", "light"),
    (2, "en", "dark"),
    pytest.param(1, "en", "dark", marks=pytest.mark.slow),
    pytest.param(2, "vi", "light", marks=pytest.mark.slow),
])  # fmt: skip
def test_axe_finds_nothing_at_the_other_services(
    measured: Page, ledger: Up, service: int, language: str, scheme: str
) -> None:
    """Each service in one look; the looks the other way round are slow, since pages are shared."""
    with looking(measured, 400, scheme) as page:
        for path in ("/docs", "/no/such/page"):
            page.goto(_in(language, f"http://127.0.0.1:{ledger.port + service}{path}"))
            assert violations(page) == []


YEARS_OF_THE_NATION = "/pages/years"


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("path", [YEARS_OF_THE_NATION, CITY, "/pages/units?q=bac+kan"])
def test_nothing_is_cut_off_and_no_column_is_as_narrow_as_a_letter(
    measured: Page, path: str, width: int
) -> None:
    with looking(measured, width) as page:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = "each => each.scrollWidth > each.clientWidth + 1"
        assert page.locator("td, th, h1, h2, p").evaluate_all(f"a => a.filter({cut})") == []
        words = page.locator(":is(td, th):not(.n)").filter(has_text=re.compile(r"\S{4}"))
        assert words.evaluate_all("all => all.filter(each => each.clientWidth < 56)") == []
        if width == 1280:  # on a phone tables scroll in their frames
            assert page.locator(".scroll").evaluate_all(f"a => a.filter({cut})") == []


@pytest.mark.parametrize("path", [YEARS_OF_THE_NATION, CITY])
def test_a_wide_table_keeps_its_head_and_its_first_column_on_a_phone(
    measured: Page, path: str
) -> None:
    with looking(measured, 400) as page:
        page.goto(path)
        table = page.locator(".scroll:has(table.asserted)").last
        table.scroll_into_view_if_needed()
        table.evaluate("each => each.scrollTo(300, 500)")
        frame = table.bounding_box()
        head = table.locator("thead th").last.bounding_box()
        first = table.locator("tbody tr").last.locator("th").bounding_box()
        assert frame
        assert head
        assert first
        assert abs(head["y"] - frame["y"]) < 2
        assert abs(first["x"] - frame["x"]) < 2
        assert frame["height"] <= 800 * 0.85 + 1


def test_on_paper_feet_stand_once_and_headings_with_their_tables(measured: Page) -> None:
    with looking(measured, 1280) as page:
        page.goto(CITY)
        page.emulate_media(media="print")
        foot = page.locator("tfoot").first
        for element in ("h2", "h3", "thead"):
            kept = page.locator(element).first.evaluate("each => getComputedStyle(each).breakAfter")
            assert kept == "avoid"
        assert foot.evaluate("each => getComputedStyle(each).display") == "table-row-group"
        assert not page.locator("form.choices").first.is_visible()
        assert page.locator(".scroll").first.evaluate("e => getComputedStyle(e).overflowX") == (
            "visible"
        )
