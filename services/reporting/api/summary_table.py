"""A summary as a file: a row for each cell of one cross table, or one row of the scope itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.api.file_names import named
from services.reporting.api.provenance import origin
from services.reporting.queries.cross_tables import measures_of
from services.reporting.queries.scope import naming_day
from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.events.bilingual import said as in_both
from shared.vocabulary import Dimension, Measure
from shared.vocabulary.code_words import AT_SCOPE, CODE_WORDS, NOT_SET, NOTHING
from shared.web.answers.csv_tables import ListTable, in_words, label_of, said
from shared.web.answers.list_answers import Answering
from shared.web.answers.pagination import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.reporting.queries.as_of import AsOf
    from services.reporting.queries.cross_tables import By
    from services.reporting.queries.facade import Queries, SummaryQuery
    from shared.errors import Language
    from shared.web.answers.csv_tables import Row, Style

MOST_TABLES = 1
ONE_TABLE = declare(
    "one_table_in_csv",
    422,
    vi="Một tệp CSV, xlsx hoặc docx chứa một bảng: hãy ghi by một lần, hoặc không ghi.",
    en="A file of CSV, xlsx or docx holds one table: state by once, or not at all.",
)
_SCOPE = ListTable(
    ("unit_id", "unit_name", "year", "programme", "map", *map(str, Measure)),
    frozenset({"unit_id"}),
    headings=CODE_WORDS["measure"],
)


def summary_table(
    reads: Queries, query: SummaryQuery, as_of: AsOf, *, known_at: str | None
) -> Answering:
    """Return a summary in the form for CSV; more than one table is 422 `one_table_in_csv`."""
    if len(query.by) > MOST_TABLES:
        errors = (FieldError("/by", in_both("ghi nhiều lần", "stands several times")),)
        raise BrokenContract(Problem(ONE_TABLE, {}, errors))
    by: By = query.by[0] if query.by else ()

    def read(_: object) -> Listed:
        summary = reads.summary(query, as_of)
        if by:
            return Listed(summary["tables"][0]["rows"], None)
        scope = summary["scope"] or {"unit_id": None, "name": None}
        about = {"unit_id": scope["unit_id"], "unit_name": scope["name"]}
        stated = {each: summary[each] for each in ("year", "programme", "map")}
        return Listed([{**about, **stated, **summary["measures"]}], None)

    def rows(items: Sequence[Row], style: Style) -> Iterable[Row]:
        labels = _Labels(reads, query, as_of, style)
        return [{**each, **dict(labels.of(each, by or ("unit_id",)))} for each in items]

    def name(language: Language) -> Iterable[str | None]:
        dimensions = [in_words(str(each), language).lower() for each in by]
        joined = "-".join(["theo" if language == "vi" else "by", *dimensions]) if by else None
        yield from named(
            reads,
            ("tổng hợp", "summary"),
            as_of,
            known_at=known_at,
            unit_id=query.unit_id,
            year=query.plan_year,
            map_=query.map,
            also=[joined],
        )(language)

    dimensions = [
        " × ".join(in_words(str(each), language).lower() for each in by)
        for language in ("vi", "en")
    ]
    about = origin(
        reads,
        ("Tổng hợp theo " + dimensions[0], "Summary by " + dimensions[1])
        if by
        else ("Tổng hợp", "Summary"),
        as_of,
        known_at=known_at,
        unit_id=query.unit_id,
        years=(query.plan_year,),
        map_=query.map,
    )
    return Answering(read, _table(by) if by else _SCOPE, name, rows, about)


def _table(by: By) -> ListTable:
    columns: list[str] = []
    for dimension in by:
        columns += ["unit", "unit_name"] if dimension is Dimension.UNIT else [str(dimension)]
    measures = [str(measure) for measure in measures_of(by)]
    headings = CODE_WORDS["measure"]
    return ListTable((*columns, *measures), frozenset(map(str, by)), headings=headings)


class _Labels:
    """The labels of a table's rows, the same as on its page."""

    def __init__(self, reads: Queries, query: SummaryQuery, as_of: AsOf, style: Style) -> None:
        self._reads = reads
        self._query = query
        self._as_of = as_of
        self._style = style
        self._day = naming_day(query.map, query.plan_year)
        self._scope = reads.scope(query, as_of)
        self._names: dict[str, dict[str, str]] = {}

    def of(self, row: Row, by: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the labels of a row by their columns."""
        for dimension in by:
            if dimension not in {"unit", "unit_id"}:
                yield label_of(dimension), self._called(dimension, row[dimension])
            elif self._style.worded:
                yield "unit_name", self._unit(row[dimension], itself=dimension == "unit_id")

    def _unit(self, unit_id: str | None, *, itself: bool) -> str | None:
        if unit_id is None:
            return None if itself else self._word(NOTHING["unit"])
        if unit_id == self._scope and not itself:
            return self._word(AT_SCOPE)
        called = self._reads.called([(unit_id, self._day)], self._as_of)
        return called[unit_id, self._day]

    def _called(self, dimension: str, code: str | None) -> str | None:
        if code is None:
            return self._word(NOTHING.get(dimension, NOT_SET))
        if dimension not in self._names:
            key = (Dimension(dimension), self._scope, self._query.plan_year, self._as_of)
            self._names[dimension] = self._reads.names(*key)
        return self._names[dimension].get(code) or said(dimension, code, self._style.language)

    def _word(self, both: tuple[str, str]) -> str:
        return both[0 if self._style.language == "vi" else 1]
