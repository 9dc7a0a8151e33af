"""Each page takes a map on which its unit lives, says which one, and offers the others."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from services.reporting.dashboard.page_parameters import default_map
from services.reporting.map_snapshots import Life
from shared.clock import day_in_vietnam, system_clock
from tests.support.asserted_figures import figure
from tests.support.cloudevents import received, unit
from tests.support.dashboard_pages import Paging, Shown
from tests.support.event_builders import closed, registered

REORGANIZED = {
    "reorganization_id": "n-1",
    "sources": ["bk", "tn"],
    "targets": [
        {
            "unit_id": "tn-new",
            "from": [{"unit_id": "bk", "share": "whole"}, {"unit_id": "tn", "share": "whole"}],
        }
    ],
    "opens": [
        {"unit_id": "tn-new", "name": "Thái Nguyên", "level": "province", "parent_id": "vn",
         "codes": [], "kind": "tỉnh"}
    ],
    "occurred_on": "2025-07-01",
}  # fmt: skip
DIVIDED = {
    "reorganization_id": "n-2",
    "sources": ["bk-1"],
    "targets": [
        {"unit_id": "bk-1a", "from": [{"unit_id": "bk-1", "share": "part"}]},
        {"unit_id": "bk-1b", "from": [{"unit_id": "bk-1", "share": "part"}]},
    ],
    "opens": [
        {"unit_id": each, "name": name, "level": "commune", "parent_id": "bk", "codes": []}
        for each, name in (("bk-1a", "Phường Một"), ("bk-1b", "Phường Hai"))
    ],
    "occurred_on": "2024-01-01",
}


TODAY = date(2026, 11, 1)


def funnel(page: Shown) -> str:
    """Return the number of registrations that a page of a year shows first."""
    return next(e.text for e in page.elements if e.tag == "dd")


@pytest.mark.parametrize(("first", "last", "made_of", "expected"), [
    (date(2004, 1, 1), None, (), "current"),
    (date(2025, 7, 1), None, ("a", "b"), "current"),
    (date(2026, 11, 1), None, ("a",), "current"),
    (date(2004, 1, 1), date(2026, 11, 1), (), "current"),
    (date(2004, 1, 1), date(2025, 6, 30), (), "recorded"),
    (date(2020, 1, 1), date(2025, 6, 30), ("a", "b"), "2025-06-30"),
    (date(2027, 1, 1), None, ("a",), "2027-01-01"),
    (date(2020, 1, 1), date(2019, 12, 31), ("a",), "recorded"),
])  # fmt: skip
def test_the_own_map_of_a_unit_is_one_on_which_it_lives(
    first: date, last: date | None, made_of: tuple[str, ...], expected: str
) -> None:
    assert default_map(Life(first, last, made_of, ()), TODAY) == expected
    assert default_map(None, TODAY) == "current"


def test_a_unit_of_today_shows_the_figures_of_those_it_was_made_of(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED))
    page = paging.get("/?unit=tn-new&year=2022")
    assert (page.heading, funnel(page)) == ("Tỉnh Thái Nguyên, năm 2022", "2")
    assert "Bản đồ: hiện hành" in page.text
    assert "Đơn vị này có từ ngày 01/07/2025; bản đồ đang dùng gộp vào đây" in page.text
    assert paging.get(page.link("Tỉnh Bắc Kạn")).heading == "Tỉnh Bắc Kạn, năm 2022"
    recorded = paging.get(page.link("Xem trên bản đồ như lúc ghi nhận"))
    assert (recorded.url, funnel(recorded)) == (
        "http://test/?unit=tn-new&year=2022&map=recorded", "0",
    )  # fmt: skip
    assert "số liệu trước ngày ấy đứng ở: Tỉnh Bắc Kạn, Tỉnh Thái Nguyên" in recorded.text
    assert funnel(paging.get(recorded.link("Tỉnh Bắc Kạn"))) == "2"
    back = paging.get(recorded.link("Xem trên bản đồ hiện hành"))
    assert (back.url, funnel(back)) == ("http://test/?unit=tn-new&year=2022", "2")
    assert "hợp thành" not in paging.get("/?unit=tn-new&year=2026").text


def test_figures_asserted_of_the_units_it_was_made_of_are_a_link_away(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED), figure())
    for path in ("/", "/pages/reconciliation"):
        page = paging.get(f"{path}?unit=tn-new&year=2022")
        assert "xem các đơn vị hợp thành: Tỉnh Bắc Kạn, Tỉnh Thái Nguyên." in page.text
        before = paging.get(page.link("Tỉnh Bắc Kạn"))
        assert len(before.rows("Số liệu đã công bố, bên cạnh sổ cái")) == 1


def test_a_unit_that_has_ended_shows_its_years_and_where_it_lies_today(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED))
    page = paging.get("/?unit=bk&year=2022")
    assert funnel(page) == "2"
    assert "Bản đồ: như lúc ghi nhận" in page.text
    assert "Đơn vị này không còn từ ngày 01/07/2025; nay thuộc: Tỉnh Thái Nguyên" in page.text
    assert "Xem trên bản đồ hiện hành" not in page.text
    later = paging.get("/?unit=bk&year=2026")
    assert funnel(paging.get(later.link("Tỉnh Thái Nguyên"))) == "0"
    assert "year=2026" in later.link("Tỉnh Thái Nguyên")


def test_a_unit_that_ended_without_a_successor_names_where_its_children_are(
    paging: Paging,
) -> None:
    paging.projecting.given(
        unit("bk-d", "bk", "district", name="Thành phố Bắc Kạn"),
        unit("bk-d1", "bk-d", "commune", name="Phường Một"),
        unit("bk-d2", "bk-d", "commune", name="Phường Hai"),
        closed("bk-d", "2025-07-01"),
    )
    page = paging.get("/?unit=bk-d&year=2025")
    assert "không còn từ ngày 01/07/2025; nay thuộc: Phường Một, Phường Hai." in page.text
    lost = paging.get("/?unit=bk-d&year=2025&map=current", status=404)
    assert "Không có đơn vị nào kế tục" in lost.text
    assert paging.get(lost.link("Phường Một")).heading == "Phường Một, năm 2025"


def test_a_unit_that_was_made_and_then_ended_shows_what_was_before_it(paging: Paging) -> None:
    paging.projecting.given(
        received("UnitsReorganized", DIVIDED),
        received("UnitsReorganized", {
            "reorganization_id": "n-3", "sources": ["bk-2"], "occurred_on": "2024-06-01",
            "targets": [{"unit_id": "bk-3", "from": [{"unit_id": "bk-2", "share": "whole"}]}],
            "opens": [{"unit_id": "bk-3", "name": "Phường Ba", "level": "commune",
                       "parent_id": "bk", "codes": []}],
        }),
        closed("bk-3", "2025-07-01"),
    )  # fmt: skip
    page = paging.get("/?unit=bk-3&year=2022")
    assert "Bản đồ: của ngày 30/06/2025" in page.text
    assert funnel(page) == "1"
    assert funnel(paging.get("/?unit=bk-3&year=2022&map=recorded")) == "0"


def test_a_unit_that_is_still_to_come_shows_what_was_before_it(paging: Paging) -> None:
    tomorrow = day_in_vietnam(system_clock()) + timedelta(days=1)
    paging.projecting.given(
        received("UnitsReorganized", {**REORGANIZED, "occurred_on": tomorrow.isoformat()})
    )
    page = paging.get("/?unit=tn-new&year=2022")
    assert f"Bản đồ: của ngày {tomorrow:%d/%m/%Y}" in page.text
    assert funnel(page) == "2"


def test_the_nation_stands_on_the_map_of_today_and_offers_the_recorded_one(
    paging: Paging,
) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED))
    page = paging.get("/?year=2022")
    assert [row[:2] for row in page.rows("Theo đơn vị hành chính")[:-1]] == [
        ["Tỉnh Thái Nguyên", "2"]
    ]
    recorded = paging.get(page.link("Xem trên bản đồ như lúc ghi nhận"))
    assert recorded.rows("Theo đơn vị hành chính")[0][:2] == ["Tỉnh Bắc Kạn", "2"]
    # A number, and what a program reads, are of the map that the page shows.
    for shown, map_ in ((page, "current"), (recorded, "recorded")):
        data = parse_qs(urlsplit(shown.link("Dữ liệu (JSON)")).query)
        assert data["map"] == [map_]
        number = paging.get(shown.link("2", path="/pages/explanation"))
        assert number.heading == "Đăng ký: 2"
        data = parse_qs(urlsplit(number.link("Dữ liệu (JSON)")).query)
        assert data["map"] == [map_]


def test_a_row_leads_to_the_page_of_its_unit_on_the_map_on_which_it_was_counted(
    paging: Paging,
) -> None:
    paging.projecting.given(
        registered("3", unit_id="bk-1"), received("UnitsReorganized", REORGANIZED)
    )
    # The wards live on under another province; the page of the ended one stands on `recorded`.
    page = paging.get("/?unit=bk&year=2022")
    ward = paging.get(page.link("Phường Đức Xuân"))
    assert "map=recorded" in ward.url
    assert funnel(ward) == "2"
    # What the search finds leads to a page that answers, whatever map was chosen.
    found = paging.get("/pages/units?q=tinh+bac+kan&map=current&year=2022")
    assert funnel(paging.get(found.link("Tỉnh Bắc Kạn"))) == "3"


def test_the_country_is_the_nation_under_one_name(paging: Paging) -> None:
    for address in ("/?unit=vn&year=2022", "/?year=2022"):
        page = paging.get(address)
        assert page.heading == "Cả nước, năm 2022"
        assert "unit=vn" not in "".join(href for href, _ in page.links)
    province = paging.get("/?unit=bk&year=2022")
    assert paging.get(province.link("Cả nước")).heading == "Cả nước, năm 2022"


def test_the_default_of_programs_stays_the_recorded_map(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED))
    answer = paging.answer("/summaries/units/tn-new?year=2022").json()
    assert (answer["map"], answer["measures"]["registered"]) == ("recorded", 0)


def test_the_form_of_a_page_leaves_the_map_to_the_page_until_one_is_chosen(
    paging: Paging,
) -> None:
    assert paging.get("/?unit=bk&year=2022&map=&map_day=").url == "http://test/?unit=bk&year=2022"
    assert "mặc định: hiện hành" in paging.get("/?unit=bk").text
    assert "map=recorded" in paging.get("/?unit=bk&map=recorded").url


def test_a_unit_that_the_map_lacks_leads_to_what_followed_and_preceded_it(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", REORGANIZED))
    ended = paging.get("/?unit=bk&map=2025-07-02&year=2022", status=404)
    assert "Tỉnh Bắc Kạn" in ended.text
    followed = paging.get(ended.link("Tỉnh Thái Nguyên"))
    assert followed.heading == "Tỉnh Thái Nguyên, năm 2022"
    assert "map=2025-07-02" in followed.url
    not_yet = paging.get("/?unit=tn-new&map=2024-01-01", status=404)
    assert paging.get(not_yet.link("Tỉnh Bắc Kạn")).heading == "Tỉnh Bắc Kạn, năm 2022"
    for page in ("Các năm", "Thay đổi", "Đối chiếu", "Số liệu năm"):
        assert "Tỉnh Bắc Kạn" in paging.get(ended.link(page)).heading
    assert "map=2025-07-02" in ended.link("English")
    own = paging.get(ended.link("Xem trên bản đồ có đơn vị này"))
    assert own.heading == "Tỉnh Bắc Kạn, năm 2022"


def test_what_is_not_allocated_is_said_with_its_number_and_explained(paging: Paging) -> None:
    paging.projecting.given(received("UnitsReorganized", DIVIDED))
    page = paging.get("/?unit=vn&map=2024-06-01")
    assert "chỉ đưa được về một đơn vị cấp trên chung" in page.text
    address = next(href for href, _ in page.links if "allocated=no" in href)
    assert paging.get(address).heading == "Đăng ký: 1"
    assert paging.projecting.summary("vn", map="2024-06-01")["quality"]["unallocated"] == 1
    rows = paging.get("/?unit=bk&map=2024-06-01").rows("Theo đơn vị hành chính")
    assert ["Chưa phân bổ", "1", "0", "0", "0"] in rows
    assert "allocated=no" not in paging.get("/?unit=vn&map=recorded").html


def test_a_map_before_july_2025_is_said_to_carry_later_years_upwards(paging: Paging) -> None:
    for path in ("/", "/pages/changes", "/pages/reconciliation", "/pages/years"):
        assert "có trước ngày 1/7/2025" in paging.get(f"{path}?year=2026&map=2024-01-01").text
    for chosen in ("year=2022&map=2024-01-01", "year=2026&map=2025-07-01", "year=2026"):
        assert "có trước ngày 1/7/2025" not in paging.get(f"/?{chosen}").text
