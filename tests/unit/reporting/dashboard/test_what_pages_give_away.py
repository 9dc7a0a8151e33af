"""Every table of the page of a year can be kept as a file, whole, and it says what the table says."""

import json

import pytest

from tests.support.dashboard_pages import Paging
from tests.support.downloaded_tables import (
    IN_TABLES,
    LANGUAGES,
    REGISTERED,
    amount,
    amounts,
    bare,
    download,
    page,
    table,
)


@LANGUAGES
def test_the_registrations_of_a_year(kept: Paging, lang: str) -> None:
    shown = page(kept, "/?year=2022&unit=bk", lang)
    rows = table(kept, download(shown, lang, "Tải CSV", "Download CSV"))
    assert len(rows) == REGISTERED
    id_, title, unit_, field = (
        ("Mã đăng ký", "Tên mô hình", "Đơn vị", "Lĩnh vực")
        if lang == "vi"
        else ("Registration id", "Title", "Unit", "Field")
    )
    kind, owner = (
        ("Hình thức đăng ký", "Chủ thể") if lang == "vi" else ("Kind of registration", "Owner")
    )
    assert {row[id_] for row in rows} == {f"r-{n}" for n in range(1, REGISTERED + 1)}
    caption = "Các mô hình đã đăng ký" if lang == "vi" else "Registered models"
    on_page = shown.rows(caption)
    assert len(on_page) == 10
    for cells, row in zip(on_page, rows, strict=False):
        in_file = [row[title].removeprefix("'"), row[unit_], row[field].removeprefix("'")]
        assert cells[:5] == [*in_file, row[kind], row[owner]]


def test_all_registrations_as_json(kept: Paging) -> None:
    shown = kept.get("/?year=2022&unit=bk")
    answer = kept.answer(shown.link("Dữ liệu (JSON)"))
    items = json.loads(answer.content)
    assert (len(items["items"]), items["next"]) == (REGISTERED, None)
    assert 'filename="dang-ky_tinh-bac-kan_' in answer.headers["content-disposition"]


@LANGUAGES
def test_the_table_by_unit(kept: Paging, lang: str) -> None:
    shown = page(kept, "/pages/table?by=unit&year=2022&unit=bk", lang)
    vi, en = "Tải bảng này (CSV)", "Download this table (CSV)"
    rows = table(kept, download(shown, lang, vi, en, part="by=unit&"))
    *on_page, total = shown.rows(
        "Theo đơn vị hành chính" if lang == "vi" else "By administrative unit"
    )
    unit_ = "Đơn vị" if lang == "vi" else "Unit"
    in_file = [[row[unit_], *amounts([row[m] for m in IN_TABLES[lang]], lang)] for row in rows]
    assert in_file == [[cells[0], *amounts(cells[1:5], lang)] for cells in on_page]
    assert len(in_file) > 50
    assert [sum(row[i] for row in in_file) for i in range(1, 5)] == amounts(total[1:5], lang)


@LANGUAGES
@pytest.mark.parametrize(
    ("by", "caption"),
    [
        (
            "field,registration_kind",
            ("Lĩnh vực × Hình thức đăng ký", "Field × Kind of registration"),
        ),
        (
            "owner_kind,registration_kind",
            ("Chủ thể × Hình thức đăng ký", "Owner × Kind of registration"),
        ),
        ("block", ("Khối", "Block")),
        ("tier", ("Mức công nhận", "Tier")),
    ],
)
def test_the_cross_tables(kept: Paging, lang: str, by: str, caption: tuple[str, str]) -> None:
    shown = page(kept, "/?year=2022&unit=bk", lang)
    vi, en = "Tải bảng này (CSV)", "Download this table (CSV)"
    part = f"by={by.replace(',', '%2C')}&"
    rows = table(kept, download(shown, lang, vi, en, part=part))
    called = caption[0 if lang == "vi" else 1]
    labels = called.split(" × ")
    on_page = shown.rows(called)
    assert [
        [
            *(row[each].removeprefix("'") for each in labels),
            *amounts([row[m] for m in IN_TABLES[lang]], lang),
        ]
        for row in rows
        if any(amount(row[m], lang) for m in IN_TABLES[lang])
    ] == [
        [*map(bare, cells[: len(labels)]), *amounts(cells[len(labels) :], lang)]
        for cells in on_page
    ]


@LANGUAGES
def test_the_awards(kept: Paging, lang: str) -> None:
    shown = page(kept, "/?year=2022&unit=bk", lang)
    vi, en = "Tải bảng này (CSV)", "Download this table (CSV)"
    rows = table(kept, download(shown, lang, vi, en, part="by=award_form"))
    on_page = shown.rows("Khen thưởng" if lang == "vi" else "Awards")
    measures = (
        ("Khen thưởng đã tặng", "Khen thưởng đã trao", "Khen thưởng bị thu hồi")
        if lang == "vi"
        else ("Awards granted", "Awards presented", "Awards revoked")
    )
    labels = (
        ("Hình thức khen thưởng", "Đối tượng được khen thưởng")
        if lang == "vi"
        else ("Form of award", "Recipient")
    )
    assert [
        [*(row[each] for each in labels), *amounts([row[m] for m in measures], lang)]
        for row in rows
    ] == [[*cells[:2], *amounts(cells[2:], lang)] for cells in on_page]
    assert len(rows) == 2


@LANGUAGES
def test_the_outcomes_add_up_to_those_of_the_page(kept: Paging, lang: str) -> None:
    shown = page(kept, "/?year=2022&unit=bk", lang)
    vi, en = "Tải từng kết quả được báo cáo (CSV)", "Download each outcome (CSV)"
    rows = table(kept, download(shown, lang, vi, en))
    metric, value, counted = (
        ("Chỉ tiêu", "Giá trị", "Có trong tổng")
        if lang == "vi"
        else ("Metric", "Value", "In the sums")
    )
    assert {row[counted] for row in rows} == {"có" if lang == "vi" else "yes"}
    sums: dict[str, float] = {}
    for row in rows:
        sums[row[metric]] = sums.get(row[metric], 0) + (amount(row[value], lang) or 0)
    on_page = shown.rows("Kết quả đo được" if lang == "vi" else "Measured outcomes")
    assert sums == {cells[0]: amount(cells[2], lang) for cells in on_page}
    assert sorted(sums.values()) == [7, 1_000_013.734]
