"""Drawings: the tile map against the shipped map, steps and links; charts as files of SVG and PNG."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from services.reporting.dashboard.drawing.bars import Bar, bars, ranked, share
from services.reporting.dashboard.drawing.lines import YearPoint, lines
from services.reporting.dashboard.drawing.picture import png
from services.reporting.dashboard.drawing.svg import Drawing
from services.reporting.dashboard.drawing.tiles import (
    TileFigure,
    TileWords,
    layout,
    step_of,
    tiles,
)
from tests.support.cloudevents import country, unit
from tests.support.dashboard_pages import Paging
from tests.support.event_builders import registered
from tests.support.figures_of_events import Projecting
from tests.support.national_map import LATER_PROVINCES, PROVINCES, commune_rows, province_rows

SVG = "{http://www.w3.org/2000/svg}"
LEGEND = TileWords("sáu bậc", "chưa có số liệu", "đặc khu")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_the_layout_has_every_province_of_the_shipped_map_once() -> None:
    former: dict[str, set[str]] = {}
    for row in province_rows():
        former.setdefault(row["new_code"], set()).add(f"gso-2004-{row['old_code']}")
    cells = layout().provinces
    assert len(cells) == LATER_PROVINCES
    assert {cell.unit.rpartition("-")[2]: set(cell.former) for cell in cells} == former
    assert sum(len(cell.former) for cell in cells) == PROVINCES
    places = [(cell.row, cell.column) for cell in (*cells, *layout().islands)]
    assert len(set(places)) == len(places)


def test_every_tile_has_the_name_of_its_province() -> None:
    names = {row["new_code"]: row["new_name"] for row in province_rows()}
    shown = {cell.unit.rpartition("-")[2]: cell.name for cell in layout().provinces}
    assert {code: name for code, name in names.items() if shown[code] != name} == {
        "79": "Hồ Chí Minh"
    }
    assert shown["79"] == "TP HCM"


def test_hoang_sa_and_truong_sa_are_in_their_provinces_and_on_every_map() -> None:
    zones = {
        f"gso-2025-{row['new_commune_code']}": (row["new_commune"], row["new_province"])
        for row in commune_rows()
        if row["new_commune"] in {"Đặc khu Hoàng Sa", "Đặc khu Trường Sa"}
    }
    drawn = {each.unit: (f"Đặc khu {each.name}", each.province) for each in layout().islands}
    assert drawn == zones
    for units in (["gso-2004-12"], ["gso-2004-30", "gso-2004-31"]):
        svg = tiles("provinces", "x", {each: TileFigure(each, "1", 1) for each in units}, LEGEND)
        assert {"Hoàng Sa", "Trường"} <= set(texts(svg))
        assert str(svg.body).count('class="islands"') == 3  # two tiles and the legend


def test_six_steps_hold_equally_many_and_equal_figures_share_one() -> None:
    steps = step_of(list(range(12)))
    assert [steps[value] for value in range(12)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert step_of([5, 5, 5, 9]) == {5: 0, 9: 4}


def test_a_tile_is_split_among_the_former_provinces_and_hatched_without_data() -> None:
    three = {"gso-2004-17": "Hòa Bình", "gso-2004-25": "Phú Thọ", "gso-2004-26": "Vĩnh Phúc"}
    figures = {each: TileFigure(name, "7", 7) for each, name in three.items()}
    figures["gso-2004-04"] = TileFigure("Cao Bằng", "—", None)
    svg = str(tiles("provinces", "x", figures, LEGEND).body)
    assert svg.count('class="tile q0"') == 3 + 1  # and the legend
    assert svg.count('class="tile no-data"') == 1 + 1
    assert svg.count('class="tile not-on-map"') == 32


def _parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  made by our own code


def texts(drawing: Drawing) -> list[str]:
    root = _parsed(drawing.as_file("", []))
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def _drawings() -> Iterator[Drawing]:
    both = [Bar("một", "2", 2), Bar("hai", "1", 1)]
    yield bars("funnel", "Phễu <1>", [Bar("một", "2", 2, href="/a?b=1&c=2")])
    yield share("share", "Tỷ trọng", both)
    yield ranked("units", "Thứ hạng", both, "còn nữa")
    yield lines("years", "Các năm", [YearPoint(2021, "2021", "3", 3, joined=False)])
    yield tiles("provinces", "Tỉnh", {"gso-2004-12": TileFigure("Lai Châu", "3", 3, "/x")}, LEGEND)


@pytest.mark.parametrize("drawing", list(_drawings()), ids=lambda each: each.name)
def test_a_drawing_says_what_it_shows_and_needs_no_style(drawing: Drawing) -> None:
    page = _parsed(str(drawing.on_page()))
    linked = next(page.iter("a"), None) is not None
    assert page.attrib["role"] == ("group" if linked else "img")
    said = {each.attrib.get("id"): each.text for each in page if each.tag in {"title", "desc"}}
    assert page.attrib["aria-labelledby"].split() == list(said)
    assert all(said.values())
    file = _parsed(drawing.as_file("Cả nước", ["Nguồn"]))
    assert file.attrib["role"] == "img"
    for element in (*page.iter(), *file.iter()):
        assert "style" not in element.attrib
        assert not element.tag.endswith("style")
    # In the file no style sheet gives a colour, so every shape and word has its own.
    shapes = [e for e in file.iter() if e.tag in {f"{SVG}text", f"{SVG}rect", f"{SVG}circle"}]
    assert all("fill" in each.attrib for each in shapes)


def test_every_vietnamese_letter_is_drawn_by_the_shipped_font() -> None:
    vowels, others = "aăâeêioôơuưy", "bcdđghklmnpqrstvx0123456789.,%–—−+/()“”"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = {unicodedata.normalize("NFC", v + tone) for v in vowels for tone in tones}
    letters |= {each.upper() for each in letters} | set(others) | set(others.upper())

    def drawn(letter: str) -> bytes:
        return png(
            '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="30" '
            f'font-family="Be Vietnam Pro"><text x="2" y="24" font-size="20">{letter}</text></svg>'
        )

    pictures = {letter: drawn(letter) for letter in sorted(letters)}
    assert drawn("\ue000") not in pictures.values()
    assert drawn("") not in pictures.values()
    assert len(set(pictures.values())) == len(letters)


@pytest.fixture(scope="module")
def provinces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give pages over two provinces of the shipped map, one of them without registrations."""
    url = f"sqlite:///{tmp_path_factory.mktemp('drawn') / Path('reporting.db')}"
    started = Projecting(url, run=100)
    started.given(
        country(),
        *(unit(f"gso-2004-{code}", name=name, kind="tỉnh")
          for code, name in (("12", "Lai Châu"), ("14", "Sơn La"), ("11", "Điện Biên"),
                             ("20", "Lạng Sơn"))),
        *(registered(f"{code}-{number}", unit_id=f"gso-2004-{code}")
          for code, count in (("12", 3), ("14", 2), ("20", 1)) for number in range(count)),
        registered("2023", plan_year=2023, unit_id="gso-2004-12", occurred_on="2023-05-01"),
    )  # fmt: skip
    yield Paging(started)
    started.store.close()


def test_every_tile_leads_to_its_province_and_the_table_is_beside_it(provinces: Paging) -> None:
    page = provinces.get("/?year=2022")
    named = {e.attributes["aria-label"]: e.attributes["href"]
             for e in page.elements if e.tag == "a" and "aria-label" in e.attributes}  # fmt: skip
    assert named["Sơn La: 2"] == "/?unit=gso-2004-14&year=2022"
    assert named["Điện Biên: —"] == "/?unit=gso-2004-11&year=2022"
    assert [row[:2] for row in page.rows("Theo đơn vị hành chính")][:2] == [
        ["Tỉnh Lai Châu", "3"], ["Tỉnh Lạng Sơn", "1"]
    ]  # fmt: skip


def test_every_chart_of_the_pages_is_a_file(provinces: Paging) -> None:
    links = [
        href
        for path in ("/?year=2022&compare=registered", "/pages/years", "/pages/table?year=2022")
        for href, _ in provinces.get(path).links
        if href.startswith("/charts/")
    ]
    kinds = {href.partition("?")[0].removeprefix("/charts/") for href in links}
    named = ("funnel", "provinces", "units", "years-registered")
    assert kinds == {f"{each}.{form}" for each in named for form in ("svg", "png")}
    for href in links:
        answer = provinces.answer(href)
        assert answer.status_code == 200, href
        assert answer.headers["content-disposition"].startswith("attachment; ")
        if ".png" in href:
            assert answer.headers["content-type"] == "image/png"
            assert answer.content.startswith(PNG_SIGNATURE)
        else:
            assert answer.headers["content-type"] == "image/svg+xml"
            file = _parsed(answer.text)
            assert not list(file.iter(f"{SVG}a"))
            assert "Nguồn: Sổ cái" in " ".join(each.text or "" for each in file.iter(f"{SVG}text"))


@pytest.mark.parametrize("address", [
    "/charts/happiness.svg", "/charts/funnel.gif", "/charts/provinces.svg?unit=gso-2004-12",
    "/charts/units.png?unit=gso-2004-12",
])  # fmt: skip
def test_a_chart_that_does_not_exist_is_said(provinces: Paging, address: str) -> None:
    page = provinces.get(address, status=404)
    assert "Không có biểu đồ" in page.text
