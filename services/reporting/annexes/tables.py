"""The tables of annexes A, B and C in the layout of their form; years are never added up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from services.reporting.annexes.figures import cell, narrowed_by
from services.reporting.queries.facade import Filters
from shared.vocabulary import DEFAULT_PROGRAMME, Measure
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.vietnamese import sort_key
from shared.web.answers.csv_tables import Style
from shared.web.answers.pagination import LARGEST_LIMIT, Page
from shared.web.files.office_table import (
    CellValue,
    HeadCell,
    OfficeTable,
    RowRole,
    TableColumn,
    TableRow,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from services.reporting.annexes.figures import AnnexQuery, YearFigures
    from services.reporting.annexes.forms import AnnexForm
    from services.reporting.queries.facade import ListName

_TOTAL = "Tổng cộng"
_STYLE = Style("vi", worded=True)
NEVER_SUMMED = (
    "Số của từng năm đứng riêng, không cộng qua các năm: mô hình duy trì được đăng ký lại mỗi năm, "
    "nên cộng các lượt đăng ký không ra số mô hình."
)
UNEQUAL = (
    "Năm {year} mới có số liệu đến hết ngày {day}, chưa trọn năm: không so sánh với năm trọn vẹn."
)


def annex_tables(form: AnnexForm, query: AnnexQuery, day: date) -> list[OfficeTable]:
    """Return the tables of an annex; several years get a table side by side before them."""
    specs = form.layout["tables"]
    match specs[0]["rows"]:
        case ["registration"]:
            return [_models_table(specs[0], query)]
        case ["award_form", "grantor"]:
            return [_figures_table(specs[0], query, _award_rows)]
        case _:
            tables = [_figures_table(spec, query, _summary_rows) for spec in specs]
    if len(query.years) > 1:
        tables.insert(0, _years_table(query, day))
    return tables


def unfinished(query: AnnexQuery, day: date) -> int | None:
    """Return the requested year that had not ended on the day of knowledge, if there is one."""
    return next((year for year in query.years if year >= day.year), None)


def _years_table(query: AnnexQuery, day: date) -> OfficeTable:
    """Return the measures of each year in a column of its own, without a sum."""
    open_year = unfinished(query, day)
    heads = [HeadCell("STT"), HeadCell("Chỉ tiêu")]
    notes = [NEVER_SUMMED]
    for year in query.years:
        until = f" (đến {day:%d/%m/%Y})" if year == open_year else ""
        heads.append(HeadCell(f"{year}{until}"))
    if open_year is not None:
        notes.append(UNEQUAL.format(year=open_year, day=written(day, "vi")))
    figures = [query.year(year) for year in query.years]
    rows = [
        TableRow([number, CODE_WORDS["measure"][measure][0], *(f.count(measure) for f in figures)])
        for number, measure in enumerate(map(str, Measure), start=1)
    ]
    widths = [6, 40, *(14 for _ in query.years)]
    columns = [
        TableColumn(head.text, width, centred=not number)
        for number, (head, width) in enumerate(zip(heads, widths, strict=True))
    ]
    return OfficeTable(columns, rows, "Các năm cạnh nhau", "Các năm", [heads], notes)


def _figures_table(
    spec: Mapping[str, Any],
    query: AnnexQuery,
    rows_of: Callable[[Mapping[str, Any], YearFigures], Iterator[TableRow]],
) -> OfficeTable:
    rows: list[TableRow] = []
    notes: list[str] = []
    several = len(query.years) > 1
    for year in query.years:
        figures = query.year(year)
        if several:
            empty = [None] * (len(spec["columns"]) - 2)
            rows.append(TableRow([None, f"Năm {year}", *empty], RowRole.GROUP))
        rows += rows_of(spec, figures)
        total = f"Cộng năm {year}" if several else _TOTAL
        rows.append(_row(spec, figures, None, total, (), role=RowRole.TOTAL))
        notes += _notes(spec, figures, f"Năm {year}: " if several else "")
    return OfficeTable(
        [
            TableColumn("", each["width"], centred="is" in each and each["is"] == "number")
            for each in spec["columns"]
        ],
        rows,
        spec.get("title", ""),
        spec["sheet"],
        [[HeadCell(**each) for each in row] for row in spec["heads"]],
        notes,
    )


def _notes(spec: Mapping[str, Any], figures: YearFigures, before: str) -> Iterator[str]:
    for note in spec.get("notes", ()):
        count = figures.count(note["measure"], cell(**note["where"]))
        if count:
            yield before + note["text"].format(count=written(count, "vi"))


def _row(
    spec: Mapping[str, Any],
    figures: YearFigures,
    number: int | str | None,
    label: str,
    narrowed: Sequence[tuple[str, str | None]],
    *,
    role: RowRole = RowRole.BODY,
) -> TableRow:
    beside = {"number": number, "label": label}
    values: list[CellValue] = [
        beside[each["is"]]
        if "is" in each
        else figures.count(each["measure"], narrowed_by(each, narrowed))
        for each in spec["columns"]
    ]
    return TableRow(values, role)


def _counted(row: TableRow) -> bool:
    return any(value for value in row.cells[2:])


def _summary_rows(spec: Mapping[str, Any], figures: YearFigures) -> Iterator[TableRow]:
    """Yield a row for each value of the first dimension, below it those of the second."""
    first, *further = spec["rows"]
    role = RowRole.GROUP if further else RowRole.BODY
    number = 0
    for code in figures.codes(first):
        stt = _roman(number + 1) if further else number + 1
        label = figures.label(first, code)
        row = _row(spec, figures, stt, label, [(first, code)], role=role)
        if not _counted(row):
            continue
        number += 1
        yield row
        if further:
            yield from _rows_below(spec, figures, (first, code))


def _rows_below(
    spec: Mapping[str, Any], figures: YearFigures, above: tuple[str, str | None]
) -> Iterator[TableRow]:
    """Yield the units of a block; a block recorded only at the scope itself has none."""
    first, second = spec["rows"]
    codes = [
        row[second]
        for row in figures.rows(*dict(cell(**{first: None, second: None})))
        if row[first] == above[1]
    ]
    if set(codes) <= {figures.scope}:
        return
    number = 0
    for code in codes:
        label = figures.label(second, code)
        row = _row(spec, figures, number + 1, label, [above, (second, code)])
        if _counted(row):
            number += 1
            yield row


def _award_rows(spec: Mapping[str, Any], figures: YearFigures) -> Iterator[TableRow]:
    """Yield a row for each form of award from the summary, below it its grantors from the list."""
    number = 0
    for form in figures.codes("award_form"):
        label = figures.label("award_form", form)
        head = _row(
            spec, figures, _roman(number + 1), label, [("award_form", form)], role=RowRole.GROUP
        )
        if not _counted(head):
            continue
        number += 1
        yield head
        query = figures.query
        filters = Filters(
            query.unit_id, figures.year, DEFAULT_PROGRAMME, query.map, {"award_form": form}
        )
        granted: dict[str, Counter[tuple[str, str]]] = {}
        for award in _every(query, "awards", filters):
            if not award["revoked"]:
                grantor = award.get("grantor_org_id_label") or "Chưa rõ cơ quan tặng"
                counts = granted.setdefault(grantor, Counter())
                counts["awards_granted", ""] += 1
                counts["awards_granted", award["recipient_kind"] or ""] += 1
                counts["awards_presented", ""] += bool(award["presented"])
        for place, grantor in enumerate(sorted(granted, key=sort_key), start=1):
            counts = granted[grantor]
            yield TableRow(
                [
                    place,
                    grantor,
                    *(
                        counts[each["measure"], each.get("where", {}).get("recipient_kind", "")]
                        for each in spec["columns"][2:]
                    ),
                ]
            )


def _models_table(spec: Mapping[str, Any], query: AnnexQuery) -> OfficeTable:
    """Return the list of recognised models, by year, unit and title."""
    several = len(query.years) > 1
    columns = [each for each in spec["columns"] if several or each["is"] != "plan_year"]
    found = [row for year in query.years for row in _recognized(query, query.year(year))]
    found.sort(key=lambda row: (row["plan_year"], sort_key(row["unit"]), sort_key(row["title"])))
    rows = [
        TableRow([number if each["is"] == "number" else row[each["is"]] for each in columns])
        for number, row in enumerate(found, start=1)
    ]
    return OfficeTable(
        [
            TableColumn(
                each["text"],
                each["width"],
                grouped=each["is"] != "plan_year",
                centred=each["is"] in {"number", "plan_year"},
                code=each["is"] == "registration_id",
            )
            for each in columns
        ],
        rows,
        sheet=spec["sheet"],
        heads=[[HeadCell(each["text"]) for each in columns]],
        notes=() if rows else ("Chưa có mô hình nào được công nhận.",),
    )


def _recognized(query: AnnexQuery, figures: YearFigures) -> Iterator[dict[str, Any]]:
    for tier in figures.codes("tier"):
        if tier is None:
            continue
        filters = Filters(query.unit_id, figures.year, DEFAULT_PROGRAMME, query.map, {"tier": tier})
        for row in _every(query, "registrations", filters):
            organization = row.get("owner_org_id_label")
            owner = organization or row["owner_kind_label"]
            if organization and row["owner_kind"] != "collective":
                owner = f"{row['owner_kind_label']}, {organization}"
            yield {
                "plan_year": row["plan_year"],
                "title": row["title"],
                "owner": owner,
                "unit": row["unit_name"],
                "field": row["field_code_label"],
                "registration_kind": row["registration_kind_label"],
                "tier": row["tier_label"],
                "decision": _decision(row),
                "registration_id": row["registration_id"],
            }


def _decision(row: Mapping[str, Any]) -> str | None:
    day = row["recognized_on"]
    said = [
        f"Số {row['decision_number']}" if row["decision_number"] else "",
        f"ngày {day[8:]}/{day[5:7]}/{day[:4]}" if day else "",
    ]
    return ", ".join(each for each in said if each) or None


def _every(query: AnnexQuery, name: ListName, filters: Filters) -> Iterator[Mapping[str, Any]]:
    """Yield all rows of a list with their labels, read page by page at one position."""
    page: Page | None = Page(LARGEST_LIMIT)
    while page is not None:
        listed = query.reads.listed(name, filters, query.as_of, page)
        yield from _worded(query.reads.labelled(listed.items, query.as_of, _STYLE))
        page = None if listed.after is None else Page(LARGEST_LIMIT, listed.after)


def _worded(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        words = {
            f"{name}_label": CODE_WORDS[name][row[name]][0]
            for name in ("owner_kind", "registration_kind")
            if row.get(name) is not None
        }
        blank = dict.fromkeys(("field_code_label", "tier_label"))
        yield {**blank, **words, **row}


def _roman(number: int) -> str:
    parts = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, letters in parts:
        while number >= value:
            text, number = text + letters, number - value
    return text
