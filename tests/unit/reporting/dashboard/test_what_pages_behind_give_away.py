"""Every table of the other pages can be kept as a file, whole, and it says what the table says."""

from collections.abc import Sequence

import pytest

from tests.support.dashboard_pages import Paging, Shown
from tests.support.downloaded_tables import (
    COMMUNES,
    IN_TABLES,
    LANGUAGES,
    amount,
    amounts,
    bare,
    download,
    page,
    table,
)

ASSERTED = {
    "vi": ("Đơn vị", "Chỉ tiêu", "Số công bố", "Số trong sổ cái", "Chênh lệch"),
    "en": ("Unit", "Metric", "Published", "In the log", "Difference"),
}


@LANGUAGES
@pytest.mark.parametrize(
    ("path", "link", "every_time"),
    [
        (
            "/?year=2022",
            (
                "Tải mọi số liệu đã công bố của phạm vi này (CSV)",
                "Download every figure published of this scope (CSV)",
            ),
            True,
        ),
        ("/pages/reconciliation?year=2022", ("Tải CSV", "Download CSV"), True),
        ("/pages/reconciliation?year=2022&years=all", ("Tải CSV", "Download CSV"), True),
        ("/pages/reconciliation?year=2020", ("Tải CSV", "Download CSV"), False),
    ],
)
def test_what_was_asserted(
    kept: Paging, lang: str, path: str, link: tuple[str, str], every_time: bool
) -> None:
    shown = page(kept, path, lang)
    rows = table(kept, download(shown, lang, *link))
    headings = ASSERTED[lang]
    in_file = [
        [row[headings[0]], row[headings[1]], *amounts([row[h] for h in headings[2:]], lang)]
        for row in rows
    ]
    caption = (
        "Số liệu đã công bố, bên cạnh sổ cái"
        if lang == "vi"
        else "Published figures beside the log"
    )
    on_page = _all_tables(shown, caption)
    assert sorted(map(repr, in_file)) == sorted(
        map(repr, (_claim(cells, lang) for cells in on_page))
    )
    assert len(in_file) == (5 if every_time else 1)


def _all_tables(shown: Shown, caption: str) -> list[list[str]]:
    """Return the rows of every table of this caption."""
    rows: list[list[str]] = []
    rest = Shown(shown.html, shown.url)
    while any(e.tag == "caption" and e.text == caption for e in rest.elements):
        rows += rest.rows(caption)
        start = next(
            i for i, e in enumerate(rest.elements) if e.tag == "caption" and e.text == caption
        )
        rest.__dict__["elements"] = rest.elements[start + 1 :]
    return rows


def _claim(cells: Sequence[str], lang: str) -> list[str | float | None]:
    """Return unit, metric, and the three numbers; a table may also say how long the period is."""
    published_, log, difference = cells[-4:-1]
    return [cells[0], bare(cells[1]), *amounts([published_, log, difference], lang)]


@LANGUAGES
@pytest.mark.parametrize("measure", ["registered", "recognized", "withdrawn", "awards_granted"])
def test_what_a_figure_counts(kept: Paging, lang: str, measure: str) -> None:
    shown = page(kept, f"/pages/explanation?year=2022&unit=bk&measure={measure}", lang)
    rows = table(kept, download(shown, lang, "Tải CSV", "Download CSV"))
    subject, code = (
        ("Đối tượng", "Đối tượng (mã)") if lang == "vi" else ("Subject", "Subject (code)")
    )
    figure_ = amount(shown.heading.rpartition(": ")[2], lang)
    assert len({row[code] for row in rows}) == figure_
    things = [e.text for e in shown.elements if e.attributes.get("class") == "thing"]
    called = dict.fromkeys((row[subject].removeprefix("'"), row[code]) for row in rows)
    for text, (title, id_) in zip(things, called, strict=False):
        assert text == title or text.startswith(f"{title} ("), text
        assert text == title or id_.partition("/")[2] in text
    answer = kept.answer(download(shown, lang, "Dữ liệu (JSON)", "JSON"))
    assert len(answer.json()["items"]) == answer.json()["figure"] == figure_
    assert answer.json()["next"] is None


@LANGUAGES
def test_what_changed_a_figure(kept: Paging, lang: str) -> None:
    shown = page(kept, "/pages/changes?year=2022&unit=bk&since=70", lang)
    vi, en = "Tải bảng này (CSV)", "Download this table (CSV)"
    rows = table(kept, download(shown, lang, vi, en))
    measure, before, after, difference = (
        ("Chỉ tiêu", "Trước", "Sau", "Chênh lệch")
        if lang == "vi"
        else ("Measure", "Before", "After", "Difference")
    )
    caption = next(e.text for e in shown.elements if e.tag == "caption")
    assert [
        [row[measure], *amounts([row[before], row[after], row[difference]], lang)] for row in rows
    ] == [[cells[0], *amounts(cells[1:], lang)] for cells in shown.rows(caption)]
    changes = table(
        kept, download(shown, lang, "Tải CSV", "Download CSV", part="measure=registered")
    )
    delta = "Thay đổi" if lang == "vi" else "Change"
    moved = sum(amount(row[delta], lang) or 0 for row in changes)
    assert len(changes) > 100
    assert moved == amount(rows[0][difference], lang)


def test_what_changed_a_cell_is_not_what_changed_the_whole(kept: Paging) -> None:
    shown = kept.get(
        "/pages/changes?year=2022&unit=bk&since=70&measure=registered&owner_kind=household"
    )
    rows = table(kept, shown.link("Tải CSV"))
    in_table = shown.rows(next(e.text for e in shown.elements if e.tag == "caption"))
    assert sum(int(row["Thay đổi"]) for row in rows) == amount(in_table[0][3], "vi")
    assert 0 < len(rows) < 50


@LANGUAGES
def test_the_years_side_by_side(kept: Paging, lang: str) -> None:
    shown = page(kept, "/pages/years?unit=bk", lang)
    vi, en = "Tải bảng này (CSV)", "Download this table (CSV)"
    rows = table(kept, download(shown, lang, vi, en))
    assert [row["Năm" if lang == "vi" else "Year"] for row in rows] == ["2022"]
    caption = next(e.text for e in shown.elements if e.tag == "caption")
    on_page = {cells[0]: cells[1:] for cells in shown.rows(caption)}
    for measure in (*IN_TABLES[lang], "Khen thưởng đã tặng" if lang == "vi" else "Awards granted"):
        in_file = [amount(row[measure], lang) for row in rows]
        assert amounts(on_page[measure], lang) == in_file


@LANGUAGES
def test_the_units_that_were_found(kept: Paging, lang: str) -> None:
    shown = page(kept, "/pages/units?q=binh", lang)
    rows = table(kept, download(shown, lang, "Tải CSV", "Download CSV"))
    assert len(rows) == COMMUNES
    on_page = shown.rows("Tìm đơn vị" if lang == "vi" else "Find a unit")
    assert len(on_page) == 50
    unit_, level, inside = ("Đơn vị", "Cấp", "Thuộc") if lang == "vi" else ("Unit", "Level", "In")
    in_file = [[row[unit_], row[level], row[inside]] for row in rows]
    assert in_file[:50] == [cells[:3] for cells in on_page]


@LANGUAGES
def test_the_history_of_a_model(kept: Paging, lang: str) -> None:
    shown = page(kept, "/pages/model?model=m-1", lang)
    rows = table(kept, download(shown, lang, "Tải CSV", "Download CSV"))
    happened = "Việc" if lang == "vi" else "What happened"
    on_page = shown.rows("Lịch sử mô hình" if lang == "vi" else "History of the model")
    assert [row[happened] for row in rows] == [cells[1] for cells in on_page]
    assert len(rows) == 3


@pytest.mark.parametrize(
    "path",
    [
        "/?year=2022&unit=bk",
        "/pages/explanation?year=2022&unit=bk&measure=registered",
        "/pages/reconciliation?year=2022",
        "/pages/changes?year=2022&since=70",
        "/pages/units?q=binh",
        "/pages/model?model=m-1",
    ],
)
def test_a_page_says_how_a_spreadsheet_leaves_ids_alone(kept: Paging, path: str) -> None:
    assert "chọn kiểu Văn bản cho cột mã" in kept.get(path).text
    assert "choose Text for the columns of ids" in page(kept, path, "en").text
