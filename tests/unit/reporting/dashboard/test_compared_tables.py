"""Tables that compare years, sort by their heads and turn to a level, on pages and in files."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from shared.clock import HANOI
from tests.support.cloudevents import country, unit
from tests.support.dashboard_pages import Paging, Shown
from tests.support.downloaded_tables import table
from tests.support.event_builders import published, recognized, registered
from tests.support.figures_of_events import Projecting

MINUS = "\N{MINUS SIGN}"
MAP = "map=2024-06-01"
UNITS = "Theo đơn vị hành chính"
# Registrations of 2021 and 2022 by commune; bk-2 was opened in March 2022.
BY_COMMUNE = {"bk-1": (10, 9), "bk-2": (0, 3), "tn-1": (4, 3)}
RECOGNIZED = 6
"""Of bk-1 in 2022."""


def _registrations() -> Iterator[object]:
    for unit_id, counts in BY_COMMUNE.items():
        for year, count in zip((2021, 2022), counts, strict=True):
            for number in range(count):
                stated = {"plan_year": year, "occurred_on": f"{year}-05-01"}
                yield registered(f"{unit_id}-{year}-{number}", unit_id=unit_id, **stated)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over two provinces with two years of registrations; it is June 2024."""
    today = int(datetime(2024, 6, 1, tzinfo=HANOI).timestamp() * 1_000_000)
    url = f"sqlite:///{tmp_path_factory.mktemp('compared') / Path('reporting.db')}"
    started = Projecting(url, run=100, clock=lambda: today)
    opened = {"occurred_on": "2022-03-01"}
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        unit("tn", name="Thái Nguyên", kind="tỉnh"),
        unit("bk-1", "bk", "commune", name="Phường Đức Xuân", kind="phường"),
        unit("bk-2", "bk", "commune", name="Phường Sông Cầu", kind="phường", **opened),
        unit("tn-1", "tn", "commune", name="Xã Đại Từ", kind="xã"),
        registered("tn-itself", unit_id="tn", plan_year=2023, occurred_on="2023-05-01"),
        registered("now", unit_id="bk-1", plan_year=2024, occurred_on="2024-05-01"),
        *_registrations(),  # type: ignore[arg-type]
        *(recognized(f"bk-1-2022-{number}") for number in range(RECOGNIZED)),
    )
    yield Paging(started)
    started.store.close()


def headings(page: Shown) -> list[str]:
    """Return the headings of the table of units."""
    named = next(
        i for i, e in enumerate(page.elements) if e.tag == "caption" and e.text.startswith(UNITS)
    )
    start = next(i for i, e in enumerate(page.elements) if e.tag == "thead" and i > named)
    return [e.text for e in page.elements[start:] if e.tag == "th"][: len(page.rows(UNITS)[0])]


def test_a_compared_table_says_what_is_computed_by_hand(counted: Paging) -> None:
    page = counted.get(f"/?year=2022&compare=registered&{MAP}")
    assert headings(page) == [
        "Đơn vị", "Năm 2022", "Năm 2021", "Chênh lệch", "Tăng, giảm", "Tỷ trọng",
        "Công nhận / đăng ký", "Công nhận / đủ điều kiện", "Thứ hạng",
    ]  # fmt: skip
    assert page.rows(UNITS) == [
        ["Tỉnh Bắc Kạn", "12", "10", "+2", "+20,0%", "80,0%", "50,0%", "—", "1"],
        ["Tỉnh Thái Nguyên", "3", "4", f"{MINUS}1", "n < 10", "20,0%", "0/3", "—", "2"],
        ["Tổng", "15", "14", "+1", "+7,1%", "100,0%", "40,0%", "—", ""],
    ]
    assert "mẫu số dưới 10 thì không tính phần trăm" in page.text


def test_a_cross_table_compares_each_of_its_rows(counted: Paging) -> None:
    page = counted.get(f"/?year=2022&compare=registered&{MAP}")
    row, total = page.rows("Khối")
    assert row[1:6] == ["15", "14", "+1", "+7,1%", "100,0%"]
    assert total[1:4] == ["15", "14", "+1"]
    # Neither tiers nor classifications have rates: a registration gets both by its result.
    assert len(page.rows("Mức công nhận")[0]) == len(row) - 2


def test_without_a_year_before_nothing_is_compared_with_it(counted: Paging) -> None:
    page = counted.get(f"/?year=2021&compare=registered&{MAP}")
    assert "Sổ cái chưa có số liệu năm 2020" in page.text
    assert not {"Chênh lệch", "Năm 2020"} & set(headings(page))


def test_a_unit_opened_meanwhile_is_not_compared_on_the_map_as_recorded(counted: Paging) -> None:
    page = counted.get("/?unit=bk&year=2022&compare=registered&map=recorded")
    rows = {row[0]: row[1:4] for row in page.rows(UNITS)}
    assert rows["Phường Đức Xuân"] == ["9", "10", f"{MINUS}1"]
    assert rows["Phường Sông Cầu"] == ["3", "—", "—"]
    alone = counted.get("/?unit=bk-2&year=2022&compare=registered&map=recorded")
    assert "không tồn tại trọn hai năm 2021 và 2022" in alone.text


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("-difference", ["Tỉnh Bắc Kạn", "Tỉnh Thái Nguyên"]),
        ("difference", ["Tỉnh Thái Nguyên", "Tỉnh Bắc Kạn"]),
        ("percent", ["Tỉnh Bắc Kạn", "Tỉnh Thái Nguyên"]),  # one without a value goes last
        ("-name", ["Tỉnh Thái Nguyên", "Tỉnh Bắc Kạn"]),
        ("rank", ["Tỉnh Bắc Kạn", "Tỉnh Thái Nguyên"]),
    ],
)
def test_a_head_sorts_the_table(counted: Paging, sort: str, order: list[str]) -> None:
    page = counted.get(f"/?year=2022&compare=registered&sort={sort}&{MAP}")
    assert [row[0] for row in page.rows(UNITS)][:2] == order
    sorted_ = [e.attributes["aria-sort"] for e in page.elements if "aria-sort" in e.attributes]
    assert sorted_[0] == ("descending" if sort.startswith("-") else "ascending")


def test_a_sorted_head_turns_the_order_and_keeps_the_choices(counted: Paging) -> None:
    page = counted.get(f"/?year=2022&sort=-registered&{MAP}")
    stated = parse_qs(urlsplit(page.link("Đăng ký ▼")).query)
    assert stated == {"year": ["2022"], "map": ["2024-06-01"], "sort": ["registered"]}
    assert urlsplit(page.link("Đăng ký ▼")).fragment == "table-unit"


def test_a_table_by_unit_turns_to_the_communes_of_the_nation(counted: Paging) -> None:
    page = counted.get(f"/pages/table?year=2022&level=commune&{MAP}")
    assert [row[:2] for row in page.rows(UNITS)] == [
        ["Phường Đức Xuân, Tỉnh Bắc Kạn", "9"],
        ["Phường Sông Cầu, Tỉnh Bắc Kạn", "3"],
        ["Xã Đại Từ, Tỉnh Thái Nguyên", "3"],
        ["Tổng", "15"],
    ]
    for href, text in page.links:
        if href.startswith("/pages/explanation"):
            behind = counted.get(href)
            things = [e for e in behind.elements if e.attributes.get("class") == "thing"]
            assert len(things) == int(text), href


def test_the_level_of_provinces_is_that_of_the_nations_own_rows(counted: Paging) -> None:
    turned, own = (
        counted.get(f"/pages/table?year=2022&{MAP}{level}").rows(UNITS)
        for level in ("&level=province", "")
    )
    assert [row[:2] for row in turned] == [row[:2] for row in own]
    assert [row[0] for row in own] == ["Tỉnh Bắc Kạn", "Tỉnh Thái Nguyên", "Tổng"]


def test_what_is_recorded_above_the_level_has_a_row_of_its_own(counted: Paging) -> None:
    page = counted.get(f"/pages/table?year=2023&level=commune&{MAP}")
    assert page.rows(UNITS)[0][:2] == ["Tỉnh Thái Nguyên (ghi ở cấp này)", "1"]
    behind = counted.get(page.link("1", path="/pages/explanation"))
    assert behind.heading == "Đăng ký: 1"


def test_a_level_that_the_map_lacks_is_said(counted: Paging) -> None:
    page = counted.get(f"/pages/table?year=2022&level=district&{MAP}")
    assert "không có đơn vị cấp này" in page.text


def test_the_levels_of_an_earlier_position_are_summed_again(
    counted: Paging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.figures.prefix_sums.BLOCK", 2)
    fifth = 6 + 2 + 5  # six units and two registrations of other years come first
    sums = []
    for position in ("", f"&known_at={fifth}", ""):
        page = counted.get(f"/pages/table?year=2021&level=commune&unit=bk&{MAP}{position}")
        sums.append(page.rows(UNITS)[0][1])
    assert sums == ["10", "5", "10"]


def test_the_workbook_of_a_compared_table_has_the_columns_of_the_page(counted: Paging) -> None:
    page = counted.get(f"/?year=2022&compare=registered&sort=-difference&{MAP}")
    answer = counted.answer(page.link("Tải Excel (xlsx)"))
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    start = next(i for i, row in enumerate(rows) if "Chênh lệch" in row)
    head, *body = [row for row in rows[start:] if any(cell is not None for cell in row)]
    assert [each for each in head if each] == [
        "Đơn vị (mã)",
        *(each.removesuffix(" ▼") for each in headings(page)),
    ]
    assert body[0][:6] == ["bk", "Tỉnh Bắc Kạn", 12, 10, 2, 20]
    assert body[0][6:10] == [80, 50, None, 1]
    assert body[1][:6] == ["tn", "Tỉnh Thái Nguyên", 3, 4, -1, None]
    notes = " ".join(str(cell) for row in body for cell in row if isinstance(cell, str))
    assert "mẫu số dưới 10" in notes
    csv = table(counted, page.link("Tải bảng này (CSV)"))
    assert [row["Chênh lệch"] for row in csv] == ["2", "-1"]
    assert [row["Tăng, giảm"] for row in csv] == ["20,0", ""]
    assert counted.answer(page.link("Tải Word (docx)")).status_code == 200


@pytest.mark.parametrize("address", [
    "/?compare=happiness", "/?sort=colour", "/?level=village", "/pages/table?by=field,award_form",
    "/pages/table?by=colour", "/pages/table?start=x", "/pages/table?format=pdf",
])  # fmt: skip
def test_a_choice_that_does_not_exist_is_refused(counted: Paging, address: str) -> None:
    counted.get(address, status=422)


def test_a_page_of_few_registrations_leaves_out_what_is_not_there(counted: Paging) -> None:
    page = counted.get(f"/?unit=bk-2&year=2022&{MAP}")
    assert "Chưa có: khen thưởng, kết quả đo được, số liệu đã công bố." in page.text
    headed = [e.text for e in page.elements if e.tag == "h2"]
    assert headed == ["Từ đăng ký đến khen thưởng", "Các mô hình đã đăng ký"]
    assert not any(e.attributes.get("class") == "contents" for e in page.elements)


def test_contents_lead_to_every_section_of_a_long_page(counted: Paging) -> None:
    page = counted.get(f"/?year=2022&{MAP}")
    ids = {e.attributes["id"] for e in page.elements if e.tag == "section" and "id" in e.attributes}
    linked = {href.removeprefix("#") for href, _ in page.links if href.startswith("#")}
    assert ids <= linked
    assert date(2024, 6, 1).isoformat() in page.url


def test_the_year_before_is_in_the_codes_of_this_year(tmp_path: Path) -> None:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}")
    national = {"code": "economy", "name": "Kinh tế", "crosswalk": {"bk": "k1"}}
    own = {"code": "k1", "name": "Làm kinh tế giỏi"}
    started.given(
        country(),
        unit("bk", name="Bắc Kạn", kind="tỉnh"),
        published("field", national, jurisdiction_unit_id="vn"),
        published("field", own, jurisdiction_unit_id="bk", valid_from="2022-01-01"),
        *(
            registered(f"o{n}", unit_id="bk", plan_year=2021, occurred_on="2021-05-01")
            for n in range(4)
        ),
        registered("new", unit_id="bk", field_code="k1", occurred_on="2022-05-01"),
    )
    page = Paging(started).get(f"/pages/table?by=field&unit=bk&year=2022&compare=registered&{MAP}")
    assert page.rows("Lĩnh vực")[0][:4] == ["Làm kinh tế giỏi", "1", "4", f"{MINUS}3"]
    started.store.close()
