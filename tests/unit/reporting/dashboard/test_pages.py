"""events.md, HTTP, `GET /`: choices in the address, every number a link, and what pages say."""

import unicodedata
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from services.reporting.dashboard import page_parameters, routes
from services.reporting.dashboard.layout import NAVIGATION
from tests.support.asserted_figures import YEAR_2022, figure, years
from tests.support.cloudevents import received
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import granted, recognized, registered, withdrawn

PAGES = (
    "/",
    "/pages/years",
    "/pages/signals",
    "/pages/reconciliation",
    "/pages/changes",
    "/pages/units?q=bac",
    "/pages/annexes",
    "/pages/list",
    "/pages/exchange",
)
"""A page with links for each entry of the navigation."""
LINKED = {
    page_parameters.EXPLANATION_PAGE: "every number",
    page_parameters.MODEL_PAGE: "every model of an explanation",
    page_parameters.HELP_PAGE: "the head of every page",
    **{f"/pages/{foot}": "" for foot in ("integrity", "trust", "provinces", "forwarding")},
    page_parameters.FIND_PAGE: "the box on every page",
    page_parameters.AWARD_PAGE: "every award of a list",
    page_parameters.ORGANIZATION_PAGE: "every organisation of a list",
    page_parameters.RESULTS_PAGE: "the models of a unit's year",
    page_parameters.TABLE_PAGE: "every table that is cut, and every level",
}  # outside the navigation, and the links that lead to each
BROWSER_TESTS = Path(__file__).parents[3] / "browser"


def test_every_page_is_in_the_navigation_or_linked_and_is_tested() -> None:
    pages = {page.path for page in routes.PAGES}
    navigation = {path for path, _ in NAVIGATION}
    assert pages - navigation == set(LINKED), "add the page to NAVIGATION, or here to LINKED"
    assert {urlsplit(page).path for page in PAGES} == navigation, "add the page here to PAGES"


@pytest.mark.parametrize("path", [page.path for page in routes.PAGES])
def test_every_page_is_opened_in_a_browser(path: str) -> None:
    texts = [file.read_text("utf-8") for file in BROWSER_TESTS.glob("*.py")]
    opened = (f'"{path}"', f'"{path}?')
    assert any(each in text for text in texts for each in opened), "add it to tests/browser"


def close(paging: Paging, unit_id: str = "bk") -> int:
    """Close the year 2022 of a unit as it stands; return the position of its figures."""
    summary = paging.projecting.summary(unit_id)
    position: int = summary["known_at"]["position"]
    stated = {
        "unit_id": unit_id,
        "plan_year": 2022,
        "position": position,
        "digest": summary["digest"],
        "occurred_on": "2023-01-15",
    }
    paging.projecting.given(received("PeriodClosed", stated))
    return position


def number(shown: str) -> int:
    """Return a figure as it is written in Vietnamese."""
    return int(shown.replace(".", ""))


def test_every_link_on_every_page_leads_to_an_answer(paging: Paging) -> None:
    paging.projecting.given(recognized("1"), granted("1"), figure(), figure(2, value=3))
    close(paging)
    paging.projecting.given(registered("3", unit_id="bk-1"))
    seen = paging.crawl(*PAGES, "/?unit=bk&map=current", "/?lang=en&known_at=8")
    assert {address: status for address, status in seen.items() if status != 200} == {}
    assert len(seen) >= 400


def test_every_number_of_the_year_is_explained_by_as_many_things(paging: Paging) -> None:
    paging.projecting.given(recognized("1"), granted("1"), withdrawn("2"))
    page = paging.get("/?unit=vn")
    explained = [(href, text) for href, text in page.links if href.startswith("/pages/explanation")]
    assert len(explained) > 20
    for href, text in explained:
        behind = paging.get(href)
        things = [e for e in behind.elements if e.attributes.get("class") == "thing"]
        assert (len(things), behind.heading.rpartition(": ")[2]) == (number(text), text), href


def test_an_explanation_names_things_events_and_decisions(paging: Paging) -> None:
    paging.projecting.given(recognized("1"))
    page = paging.get("/pages/explanation?measure=recognized&unit=bk&row=bk-1")
    assert page.heading == "Được công nhận: 1"
    assert "Đơn vị Phường Đức Xuân" in page.text
    assert "Đăng ký mô hình, 01/03/2022" in page.text
    assert "Công nhận, 01/12/2022" in page.text
    assert "Căn cứ: Quyết định số 01-QĐ/TU ngày 01/12/2022" in page.text
    model = paging.get(page.link("Mô hình số 1"))
    assert model.heading == "Mô hình số 1"
    assert [row[1] for row in model.rows("Lịch sử mô hình")] == ["Đăng ký mô hình", "Công nhận"]


@pytest.mark.parametrize("path", [*PAGES, "/pages/explanation?measure=registered"])
def test_every_link_keeps_the_choices_unless_it_changes_them(paging: Paging, path: str) -> None:
    chosen = {"unit": "bk", "year": "2022", "known_at": "8", "map": "current", "lang": "en"}
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    page = paging.get(f"{path}{'&' if '?' in path else '?'}{query}")
    kept = {name: value for name, value in chosen.items() if name != "unit"}
    changed = {
        "Tiếng Việt": "lang", "Back to now": "known_at", "See it on the map as recorded": "map",
    }  # fmt: skip
    to_pages = [link for link in page.links if link[0].startswith(("/?", "/pages"))]
    assert len(to_pages) > 6
    for href, text in to_pages:
        stated = {k: v[0] for k, v in parse_qs(urlsplit(href).query).items()}
        if changed.get(text) in kept:
            assert stated.pop(changed[text], None) in {None, "recorded"}
            stated[changed[text]] = kept[changed[text]]
        assert stated.items() >= kept.items(), (href, text)


def test_the_day_of_knowledge_shows_the_older_figure_on_every_page(paging: Paging) -> None:
    paging.projecting.given(registered("3", unit_id="bk-1"))
    assert "Đăng ký: 3" in paging.get("/?unit=bk").text.replace("Đăng ký 3", "Đăng ký: 3")
    assert paging.get("/pages/explanation?measure=registered&unit=bk").heading == "Đăng ký: 3"
    older = paging.get("/pages/explanation?measure=registered&unit=bk&known_at=8")
    assert older.heading == "Đăng ký: 2"
    assert "Đang xem số liệu đã ghi sổ đến vị trí 8, không phải hiện nay." in older.text
    assert paging.get("/pages/years?unit=bk&known_at=8").rows("So sánh các năm")[0][1] == "2"


def test_a_form_that_was_sent_leads_to_a_tidy_address(paging: Paging) -> None:
    sent = "/?lang=en&unit=bk&year=2022&known_at=&map=current&map_day=2024-05-01"
    assert paging.get(sent).url == "http://test/?lang=en&unit=bk&year=2022&map=2024-05-01"


@pytest.mark.parametrize(("address", "status", "says"), [
    ("/?year=19", 422, "phải là một năm"),
    pytest.param(f"/?year={'9' * 5_000}", 422, "phải là một năm", id="a year of 5,000 digits"),
    ("/?known_at=yesterday", 422, "phải là vị trí, ngày"),
    ("/?known_at=999", 422, "chưa có vị trí 999"),
    ("/?map=somewhere", 422, "Bản đồ hành chính: phải là bản đồ hiện hành"),
    ("/?unit=n%20o", 422, "không phải mã đơn vị"),
    ("/?unit=nowhere", 404, "chưa biết đơn vị hành chính nowhere"),
    ("/?colour=red", 422, "colour"),
    ("/pages/explanation?measure=happiness", 422, "không phải một chỉ tiêu"),
    ("/pages/explanation?measure=inspected_units&field=x", 422, "không phân tổ theo: lĩnh vực"),
    ("/pages/explanation?measure=registered&cursor=x", 422, "Con trỏ"),
    ("/pages/model", 422, "phải nêu mã mô hình"),
    ("/pages/model?model=m-9", 404, "chưa có mô hình m-9"),
    ("/pages/reconciliation?result=maybe", 422, "phải là khớp, lệch"),
    ("/pages/changes?since=8&known_at=3", 422, "đứng sau thời điểm"),
])  # fmt: skip
def test_what_cannot_be_shown_is_said_in_words(
    paging: Paging, address: str, status: int, says: str
) -> None:
    page = paging.get(address, status=status)
    assert says in page.text
    assert "{" not in page.text


def test_a_closed_year_is_marked_and_what_changed_since_is_shown(paging: Paging) -> None:
    at = close(paging)
    page = paging.get("/?unit=bk")
    assert f"(vị trí {at})" in page.text
    assert "vẫn giữ nguyên" in page.text
    assert page.link("2022 đã khóa sổ")
    paging.projecting.given(registered("3", unit_id="bk-1"))
    changed = paging.get("/?unit=bk")
    assert changed.rows("Đã thay đổi từ khi khóa sổ") == [["Đăng ký", "2", "3", "+1"]]
    since = paging.get(changed.link("Xem thay đổi số liệu từ khi khóa sổ"))
    assert since.rows("Thay đổi số liệu")[0] == ["Đăng ký", "2", "3", "+1"]
    ((position, happened, thing, delta),) = since.rows("Sự kiện làm thay đổi: Đăng ký")
    assert (position, thing, delta) == ("10", "Mô hình số 3", "+1")
    assert happened.startswith("Đăng ký mô hình Ghi vào sổ: ")
    side = paging.get("/pages/years?unit=bk").rows("So sánh các năm")
    assert side[0] == ["Đăng ký", "3 khi khóa sổ: 2"]
    reopened = {"unit_id": "bk", "plan_year": 2022, "reason": "sót", "occurred_on": "2023-02-01"}
    paging.projecting.given(received("PeriodReopened", reopened))
    for path in ("/", "/pages/years"):
        assert "khóa sổ" not in paging.get(f"{path}?unit=bk").text


def test_changes_between_two_days_add_up_to_the_difference(paging: Paging) -> None:
    paging.projecting.given(registered("3", unit_id="bk-1"), withdrawn("2"), recognized("1"))
    page = paging.get("/pages/changes?unit=bk&since=8")
    assert [row for row in page.rows("Thay đổi số liệu") if row[3] != "0"] == [
        ["Được công nhận", "0", "1", "+1"],
        ["Rút đăng ký", "0", "1", "+1"],
        ["Tổ chức có mô hình được công nhận", "0", "0", "0"],
    ][:2]
    # Registered went up and down again: nothing is left of it, and yet both events are told.
    deltas = [row[3] for row in page.rows("Sự kiện làm thay đổi: Đăng ký")]
    assert deltas == ["+1", "\N{MINUS SIGN}1"]
    one = paging.get("/pages/changes?unit=bk&since=8&measure=recognized")
    assert one.rows("Thay đổi số liệu") == [["Được công nhận", "0", "1", "+1"]]


def test_the_reconciliation_says_result_reason_and_difference(paging: Paging) -> None:
    paging.projecting.given(
        figure(),
        figure(2, value=5, qualifier="more_than"),
        figure(3, metric="smiles"),
        figure(4, value=1_000, qualifier="approx", period=years(2018, 2020)),
    )
    page = paging.get("/pages/reconciliation?unit=bk&years=all")
    shown = [[*row[3:]] for row in page.rows("Số liệu đã công bố, bên cạnh sổ cái")]
    assert shown == [
        ["2022", "1 năm", "2", "2", "0", "Khớp"],
        ["2022", "1 năm", "hơn 5", "2", "\N{MINUS SIGN}3", "Lệch"],
        ["2022", "1 năm", "2", "—", "—",
         "Không đối chiếu được: sổ cái không đếm chỉ tiêu này"],
        ["2018–2020", "3 năm", "khoảng 1.000", "—", "—",
         "Không đối chiếu được: sổ cái chưa có sự kiện nào của nơi và thời gian này"],
    ]  # fmt: skip
    assert "không bao giờ được cộng" in page.text
    assert page.link("Khớp: 1")
    differs = paging.get(page.link("Lệch: 1"))
    assert len(differs.rows("Số liệu đã công bố, bên cạnh sổ cái")) == 1
    of_year = paging.get("/pages/reconciliation?unit=bk&year=2022")
    assert of_year.link("Tất cả: 3")


def test_a_line_joins_only_years_that_follow_each_other_and_no_other_period(paging: Paging) -> None:
    paging.projecting.given(
        registered("5", unit_id="bk-1", plan_year=2021),
        figure(1, period=YEAR_2022),
        figure(2, value=900, period=years(2018, 2020)),
    )
    page = paging.get("/pages/years?unit=bk")
    table = page.rows("So sánh các năm")
    assert table[0] == ["Đăng ký", "1", "2"]
    beside = page.rows("Số liệu đã công bố, bên cạnh sổ cái")
    assert [row[3:6] for row in beside] == [["2018–2020", "3 năm", "900"]]
    joined = [e for e in page.elements if e.attributes.get("class", "").startswith("joined")]
    assert len(joined) == 1  # registered: 2021 to 2022; the other measures have no figure
    paging.projecting.given(registered("9", unit_id="bk-1", plan_year=2019))
    page = paging.get("/pages/years?unit=bk")
    points = [e for e in page.elements if e.tag == "circle"]
    joined = [e for e in page.elements if e.attributes.get("class", "").startswith("joined")]
    assert (len(points), len(joined)) == (3, 1)


def test_a_share_is_told_only_of_what_is_part_of_the_whole(paging: Paging) -> None:
    paging.projecting.given(recognized("1"))
    table = paging.get("/pages/years?unit=bk").rows("So sánh các năm")
    assert ["Được công nhận / đăng ký", "1/2"] in table  # of fewer than 10 no per cent
    assert ["Khen thưởng đã trao / khen thưởng đã tặng", "—"] in table


def test_units_are_found_by_names_without_accents_and_by_former_ones(paging: Paging) -> None:
    renamed = {"unit_id": "bk-1", "name": "Phường Mới", "occurred_on": "2024-01-01"}
    paging.projecting.given(received("UnitRenamed", renamed))
    page = paging.get("/pages/units?q=duc+xuan&year=2022&map=recorded")
    assert page.rows("Tìm đơn vị")[0][0] == "Phường Đức Xuân"
    current = paging.get("/pages/units?q=duc+xuan&year=2022")
    assert current.rows("Tìm đơn vị")[0][0] == "Phường Mới (tên từng mang: Phường Đức Xuân)"
    assert paging.get("/pages/units?q=TINH+bac+kan").rows("Tìm đơn vị")[0][0] == "Tỉnh Bắc Kạn"
    for q in ("Ðức Xuân", "ɖức\u00a0xuân", "DUC\u2011XUAN"):
        found = paging.get(f"/pages/units?q={q}&map=2023-01-01").rows("Tìm đơn vị")
        assert found[0][0] == "Phường Đức Xuân"
    assert paging.get("/pages/units?q=zzz").text.count("Tìm thấy 0 đơn vị") == 1


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_pages_have_words_for_everything_and_are_nfc(paging: Paging, lang: str) -> None:
    paging.projecting.given(recognized("1"), granted("1"), figure())
    for path in (*PAGES, "/pages/changes?since=1", "/pages/model?model=m-1"):
        page = paging.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert unicodedata.is_normalized("NFC", page.html)
        assert "counts_" not in page.text
        assert "reason_" not in page.text
        assert next(e for e in page.elements if e.tag == "html").attributes["lang"] == lang


def test_every_table_has_a_caption_and_every_column_a_heading(paging: Paging) -> None:
    paging.projecting.given(recognized("1"), granted("1"), figure())
    for path in (*PAGES, "/pages/changes?since=1", "/pages/model?model=m-1"):
        tags = [e.tag for e in paging.get(path).elements]
        assert tags.count("caption") == tags.count("table")
        assert tags.count("h1") == 1


def test_a_page_without_a_choice_or_an_answer_leads_on(paging: Paging) -> None:
    paging.projecting.given(recognized("1", "exemplary"), figure())
    changed = paging.get("/pages/changes?unit=bk&year=2022")
    assert paging.get(changed.link("Từ đầu năm nay")).rows("Thay đổi số liệu")
    below = paging.get("/pages/units?year=2022")
    assert paging.get(below.link("Tỉnh Bắc Kạn")).heading == "Tỉnh Bắc Kạn, năm 2022"
    nothing = paging.get("/pages/exchange?unit=tn&year=2022")
    assert paging.get(nothing.link("Cả nước")).rows is not None
    unpublished = paging.get("/pages/reconciliation?unit=bk&year=2021")
    there = unpublished.link("Xem số liệu đã công bố của mọi thời gian")
    assert "Báo cáo tổng kết" in paging.get(there).html
