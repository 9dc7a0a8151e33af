"""Every list is a page: filtered by its dimensions, sorted by any column, turned, taken away."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from services.reporting.dashboard.lists import page as list_page
from services.reporting.dashboard.lists.declarations import LISTS
from services.reporting.queries.sorting import title_order
from shared.vocabulary import Measure
from tests.support.dashboard_pages import Paging, Shown
from tests.support.event_builders import amended, registered
from tests.support.figures_of_events import Projecting
from tests.support.listed_year import IN_ORDER, listed_year

HEADS = {"title": "Tên mô hình", "unit": "Đơn vị", "day": "Ngày phát sinh"}
SMALL, INDEX = 30_000, 0
WAYS = [(SMALL, 20_000), (INDEX, 20_000), (INDEX, 0)]
"""All titles sorted in memory, the index walked from its ends, the whole index read."""
WITHDRAWN = "Đất lành"
ABSENT = {"—", "cn-7"}
"""The texts of cells that have no value to sort by: a person has no name here."""


@pytest.fixture(scope="module")
def paging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paging]:
    """Give the pages of a small year with a little of everything."""
    url = f"sqlite:///{tmp_path_factory.mktemp('lists') / Path('reporting.db')}"
    started = Projecting(url, run=40)
    started.given(*listed_year())
    yield Paging(started)
    started.store.close()


def shown_rows(page: Shown) -> list[list[str]]:
    """Return the rows of the list of a page."""
    caption = next(e.text for e in page.elements if e.tag == "caption")
    return page.rows(caption)


def file_rows(paging: Paging, address: str) -> list[dict[str, str]]:
    answer = paging.answer(address)
    assert answer.status_code == 200, answer.text
    text = io.StringIO(answer.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text))


def count(page: Shown) -> int:
    """Return the number of rows that a page says the whole list has."""
    if "Không có dòng nào" in page.text:
        return 0
    return int(page.text.partition("trong tổng số ")[2].split()[0])


@pytest.mark.parametrize("way", WAYS)
def test_titles_are_in_the_order_of_a_vietnamese_dictionary(
    paging: Paging, way: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_order, "SORTED_IN_MEMORY", way[0])
    monkeypatch.setattr(title_order, "WALKED", way[1])
    monkeypatch.setattr(title_order, "_SMALLEST_CHUNK", 3)
    unit = "&unit=vn&year=2022"  # another address than the other tests, whose order is kept
    for sort, order in (("title", IN_ORDER), ("-title", IN_ORDER[::-1])):
        rows = shown_rows(paging.get(f"/pages/list?sort={sort}{unit}&measure=registered"))
        assert [row[0] for row in rows] == [each for each in order if each != WITHDRAWN]


@pytest.mark.parametrize("way", WAYS)
def test_a_title_sorts_as_it_was_known_at_a_position(
    tmp_path: Path, way: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_order, "SORTED_IN_MEMORY", way[0])
    monkeypatch.setattr(title_order, "WALKED", way[1])
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}")
    started.given(*listed_year()[:6], *(registered(n, title=n.upper()) for n in "abc"))
    before = started.reads.as_of().position
    started.given(amended("a", title="Ở cuối"))
    paging = Paging(started)
    now = shown_rows(paging.get("/pages/list?sort=title&year=2022"))
    then = shown_rows(paging.get(f"/pages/list?sort=title&year=2022&known_at={before}"))
    assert [row[0] for row in now] == ["B", "C", "Ở cuối"]
    assert [row[0] for row in then] == ["A", "B", "C"]
    monkeypatch.setattr(list_page, "SHOWN_ITEMS", 1)  # the first page is walked from the other end
    assert shown_rows(paging.get("/pages/list?sort=title&year=2022"))[0][0] == "B"
    started.store.close()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_sorted_by_each_of_its_columns_both_ways(paging: Paging, name: str) -> None:
    address = f"/pages/list?list={name}&years=all"
    first = paging.get(address)
    everything = sorted(map(tuple, shown_rows(first)))
    heads = [
        e.attributes["href"]
        for e in first.elements
        if e.attributes.get("title", "").startswith("Sắp xếp theo")
    ]
    assert len(heads) == len(LISTS[name].columns)
    for place, (href, column) in enumerate(zip(heads, LISTS[name].columns, strict=True)):
        once = paging.get(href)
        sorted_head = next(e for e in once.elements if "aria-sort" in e.attributes)
        assert sorted_head.text.startswith(LISTS[name].table.heading(column.name, "vi"))
        again = paging.get(
            next(
                e.attributes["href"]
                for e in once.elements
                if e.tag == "a"
                and e.attributes.get("title")
                == f"Sắp xếp theo {LISTS[name].table.heading(column.name, 'vi')}"
            )
        )
        one, other = ([row[place] for row in shown_rows(page)] for page in (once, again))
        assert sorted(map(tuple, shown_rows(once))) == everything
        stated = [each for each in one if each not in ABSENT]
        assert [each for each in other if each not in ABSENT] == stated[::-1]
        for texts in (one, other):  # what has no value is last, whichever way
            assert not ABSENT & set(texts[: len(stated)])
        if column.name.endswith("_on"):
            days = ["-".join(reversed(each.split("/"))) for each in stated]
            assert days in (sorted(days), sorted(days, reverse=True))


def test_decisions_sort_by_the_value_of_their_numbers(paging: Paging) -> None:
    rows = shown_rows(paging.get("/pages/list?list=plans&year=2022&sort=document_number"))
    assert [row[2] for row in rows] == ["2-KH/ĐU", "10-KH/HND"]


@pytest.mark.parametrize(
    "dimension", ["field", "block", "owner_kind", "registration_kind", "level", "tier"]
)
@pytest.mark.parametrize("unit", [None, "bk"])
def test_a_filtered_list_is_as_long_as_the_summary_says(
    paging: Paging, dimension: str, unit: str | None
) -> None:
    rows = paging.projecting.rows(dimension, unit, map="current")
    assert sum(row[Measure.REGISTERED] for row in rows) == (9 if unit else 13)
    scope = f"&unit={unit}" if unit else ""
    for row in rows:
        code = row[dimension] or ""
        for measure in ("registered", "eligible", "recognized", "exemplary", "withdrawn"):
            page = paging.get(f"/pages/list?year=2022{scope}&{dimension}={code}&measure={measure}")
            assert count(page) == row[measure], (dimension, code, measure)


def test_awards_are_filtered_by_form_and_figure_as_the_summary_counts_them(paging: Paging) -> None:
    for row in paging.projecting.rows("award_form,recipient_kind"):
        cell = f"award_form={row['award_form']}&recipient_kind={row['recipient_kind']}"
        for measure in ("awards_granted", "awards_presented", "awards_revoked"):
            page = paging.get(f"/pages/list?list=awards&year=2022&{cell}&measure={measure}")
            assert count(page) == row[measure]


def test_statements_are_filtered_by_what_they_state(paging: Paging) -> None:
    page = paging.get("/pages/list?list=inspections&year=2022")
    assert count(page) == 2
    options = [e.text for e in page.elements if e.tag == "option"]
    assert {"Tốt", "Đã tiến hành"} <= set(options)
    assert count(paging.get("/pages/list?list=inspections&year=2022&rating=Tốt")) == 1
    outcomes = "/pages/list?list=outcomes&year=2022&metric="
    assert [count(paging.get(outcomes + each)) for each in ("workdays", "land_donated_m2")] == [
        1,
        1,
    ]


def test_the_years_are_one_or_all(paging: Paging) -> None:
    assert count(paging.get("/pages/list?year=2021")) == 1
    assert count(paging.get("/pages/list?year=2022")) == 14
    assert count(paging.get("/pages/list?years=all")) == 15
    assert count(paging.get("/pages/list?list=organizations&year=2021")) == 4


def test_the_models_of_an_organization_are_a_filter(paging: Paging) -> None:
    page = paging.get("/pages/list?years=all&organization=o-2")
    assert page.heading.startswith("Mô hình đăng ký: Chi bộ thôn Nà Pò")
    assert count(page) == 6


def test_a_file_has_exactly_the_rows_of_the_page_in_their_order(paging: Paging) -> None:
    page = paging.get("/pages/list?year=2022&field=culture&sort=-title&measure=registered")
    titles = [row[0] for row in shown_rows(page)]
    kept = file_rows(paging, page.link("Tải CSV"))
    assert [row[HEADS["title"]] for row in kept] == titles
    workbook = openpyxl.load_workbook(
        io.BytesIO(paging.answer(page.link("Tải Excel (xlsx)")).content)
    )
    cells = [str(cell.value) for row in workbook.worksheets[0].iter_rows() for cell in row]
    assert [cell for cell in cells if cell in IN_ORDER] == titles
    assert paging.answer(page.link("Tải Word (docx)")).status_code == 200


def test_pages_follow_one_another_at_one_position(tmp_path: Path) -> None:
    started = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}", run=100)
    started.given(
        *listed_year()[:6], *(registered(f"{n}", title=f"Mô hình {n}") for n in range(120))
    )
    paging = Paging(started)
    page = paging.get("/pages/list?sort=title&year=2022")
    titles = [row[0] for row in shown_rows(page)]
    started.given(registered("new", title="A, trước tất cả"))
    while "Trang sau" in page.text:
        page = paging.get(page.link("Trang sau"))
        titles += [row[0] for row in shown_rows(page)]
    assert titles == [f"Mô hình {n}" for n in range(120)]
    assert paging.get("/pages/list?sort=title&year=2022&page=3").text.count("Trang 3/3") == 1
    started.store.close()


def test_the_address_holds_the_filters_and_the_order(paging: Paging) -> None:
    stated = "year=2022&unit=bk&field=economy&measure=registered"
    page = paging.get(f"/pages/list?{stated}")
    for href, text in page.links:
        query = {name: each[0] for name, each in parse_qs(urlsplit(href).query).items()}
        if urlsplit(href).path == "/pages/list" and "sort" in query:
            assert query.items() >= dict(each.split("=") for each in stated.split("&")).items()
            assert text
    chosen = [e.text for e in page.elements if e.tag == "option" and "selected" in e.attributes]
    assert {"Kinh tế", "Đăng ký"} <= set(chosen)
    sent = paging.get("/pages/list?list=registrations&field=*&tier=&years=*&year=2022")
    assert sent.url == "http://test/pages/list?list=registrations&tier=&year=2022"


@pytest.mark.parametrize(("query", "says"), [
    ("list=nothing", "không có danh sách này"),
    ("sort=happiness", "không phải một cột"),
    ("measure=inspected_units", "không đếm chỉ tiêu đó"),
    ("page=0", "phải là số trang"),
    ("page=99", "chỉ có 1 trang"),
    ("at=now", "phải là một vị trí"),
    ("format=pdf", "phải là xlsx, docx hoặc csv"),
])  # fmt: skip
def test_what_no_list_has_is_said_in_words(paging: Paging, query: str, says: str) -> None:
    assert says in paging.get(f"/pages/list?year=2022&{query}", status=422).text


def test_no_link_leads_to_data_for_programs_unless_it_says_so(paging: Paging) -> None:
    seen: set[str] = set()
    waiting = ["/?year=2022", "/pages/changes?since=1", "/pages/exchange", "/pages/annexes",
               *(f"/pages/list?list={name}" for name in LISTS)]  # fmt: skip
    while waiting and len(seen) < 150:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        answer = paging.answer(address)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for href, text in Shown(answer.text, address).links:
            if href.startswith(("/?", "/pages/")) and "format=" not in href:
                waiting.append(href)
            elif href.startswith("/") and href not in seen:
                seen.add(href)
                is_json = paging.answer(href).headers["content-type"].startswith("application/json")
                assert is_json == ("JSON" in text), (address, href, text)
    assert len(seen) >= 150
