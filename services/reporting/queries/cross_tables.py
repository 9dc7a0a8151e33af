"""Cross tables: valid combinations of dimensions, their measures, the order of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.figures.grouping_by_map import CARRIED, Breakdown
from services.reporting.figures.measures import AWARDS, COMMENDATIONS, REGISTRATIONS, Counting
from shared.errors import BrokenContract, FieldError, Problem, declare
from shared.events.bilingual import said
from shared.vocabulary import Dimension, Measure, TaxonomyKind
from shared.vocabulary.vietnamese import sort_key
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.figures.prefix_sums import Label
    from services.reporting.map_snapshots import MapSnapshot

By = tuple[Dimension, ...]


def _dimensions(counting: Counting) -> By:
    return (Dimension.UNIT, *(dimension for dimension, _ in counting.dimensions))


def _measures(counting: Counting) -> tuple[Measure, ...]:
    return tuple(measure for measure in Measure if measure in counting.figures)


REGISTRATION_DIMENSIONS = _dimensions(REGISTRATIONS)
AWARD_DIMENSIONS = _dimensions(AWARDS)
COMMENDATION_DIMENSIONS = _dimensions(COMMENDATIONS)
REGISTRATION_MEASURES = _measures(REGISTRATIONS)
AWARD_MEASURES = _measures(AWARDS)
_ORDERED_BY: Mapping[str, TaxonomyKind] = {
    **CARRIED,
    Dimension.AWARD_FORM: TaxonomyKind.AWARD_FORM,
}

MIXED_DIMENSIONS = declare(
    "mixed_dimensions",
    422,
    vi="Một bảng có chiều của đăng ký hoặc của khen thưởng, không lẫn cả hai: {by}.",
    en="A table has the dimensions of registrations or those of awards, not both: {by}.",
)


def read_by(stated: Iterable[str]) -> tuple[By, ...]:
    """Return the tables of `by`: each one or more dimensions, joined by commas."""
    return tuple(_read_table(each) for each in stated)


def _read_table(stated: str) -> By:
    names = [name.strip() for name in stated.split(",")]
    if not set(names) <= {str(dimension) for dimension in Dimension} or len({*names}) < len(names):
        raise parameter_error(
            "by",
            vi="gồm một hoặc nhiều chiều khác nhau, cách nhau bằng dấu phẩy",
            en="holds one or more different dimensions, joined by commas",
        )
    by = tuple(Dimension(name) for name in names)
    if not (_is_of(by, REGISTRATION_DIMENSIONS) or _is_of(by, AWARD_DIMENSIONS)):
        errors = (FieldError("/by", said("lẫn hai loại chiều", "dimensions of both kinds")),)
        raise BrokenContract(Problem(MIXED_DIMENSIONS, {"by": stated}, errors))
    return by


def _is_of(by: By, dimensions: tuple[Dimension, ...]) -> bool:
    return set(by) <= set(dimensions)


def measures_of(by: By) -> tuple[Measure, ...]:
    """Return the measures of a table, in the order of the contract."""
    if by == (Dimension.UNIT,):
        return tuple(Measure)
    if _is_of(by, REGISTRATION_DIMENSIONS):
        return REGISTRATION_MEASURES
    commended = (Measure.COMMENDED,) if _is_of(by, COMMENDATION_DIMENSIONS) else ()
    return (*AWARD_MEASURES, *commended)


def dated_rows_of(
    cubes: Cubes, view: Breakdown, by: By, position: int
) -> dict[Label, dict[str, int]]:
    """Return by label the figures of what had happened by the end of the view's `until`.

    Only figures whose day is kept are in it.
    """
    rows: dict[Label, dict[str, int]] = {}
    for cube in _cubes_of(cubes, measures_of(by)):
        for label, figures in cube.dated_figures(view, position, position).items():
            rows.setdefault(label, {}).update(figures)
    return rows


def rows_of(
    cubes: Cubes,
    view_of: Callable[[By], Breakdown],
    by: By,
    position: int,
    reached: int,
) -> dict[Label, dict[str, int]]:
    """Return the figures of a table by label; empty groups are left out."""
    wanted = measures_of(by)
    rows: dict[Label, dict[str, int]] = {}
    for cube in _cubes_of(cubes, wanted):
        for label, figures in cube.figures(view_of(by), position, reached):
            row = rows.setdefault(label, dict.fromkeys(wanted, 0))
            row.update((m, figures[m]) for m in wanted if m in figures)
    return {label: row for label, row in rows.items() if any(row.values())}


def _cubes_of(cubes: Cubes, measures: tuple[Measure, ...]) -> Iterator[Cube]:
    if Measure.REGISTERED in measures:
        yield cubes.registrations
    if Measure.AWARDS_GRANTED in measures:
        yield cubes.awards
    if Measure.COMMENDED in measures:
        yield cubes.commendations
    if Measure.INSPECTED_UNITS in measures:
        yield cubes.inspections


def table_as_json(
    by: By, rows: Mapping[Label, Mapping[str, int]], view: Breakdown, named_on: date
) -> dict[str, Any]:
    """Return the contract's table: `{"by", "rows"}`, rows in order, units with their names."""
    with view.snapshot.lock:
        names = _names(by, rows, view.snapshot, named_on)
        orders = [_order_of(each, view, names) for each in by]
        labels = sorted(rows, key=lambda label: [o(w) for o, w in zip(orders, label, strict=True)])
    return {
        "by": [str(each) for each in by],
        "rows": [_row(by, label, rows[label], names) for label in labels],
    }


def _names(
    by: By, labels: Iterable[Label], snapshot: MapSnapshot, named_on: date
) -> dict[str, str | None]:
    if Dimension.UNIT not in by:
        return {}
    place = by.index(Dimension.UNIT)
    units = {label[place] for label in labels} - {None}
    return {unit_id: snapshot.name(unit_id, named_on) for unit_id in units}


def _row(
    by: By, label: Label, figures: Mapping[str, int], names: Mapping[str, str | None]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for dimension, word in zip(by, label, strict=True):
        row[str(dimension)] = word
        if dimension is Dimension.UNIT:
            row["unit_name"] = names.get(word)
    row.update((str(measure), value) for measure, value in figures.items())
    return row


def _order_of(
    dimension: Dimension, view: Breakdown, names: Mapping[str, str | None]
) -> Callable[[Any], tuple[Any, ...]]:
    """Return the sort key of a dimension's values: null last, the scope itself before it."""
    if dimension is Dimension.UNIT:
        return lambda word: (
            (2,) if word is None else (1,) if word == view.scope else _by_name(word, names)
        )
    kind = _ORDERED_BY.get(dimension)
    taxonomy = view.table_taxonomy(kind) if kind else None
    entries = taxonomy.entries if taxonomy else {}

    def by_code(word: str | None) -> tuple[Any, ...]:
        if word is None:
            return (2,)
        entry = entries.get(word)
        order = entry.order if entry is not None and entry.order is not None else 10**9
        return (0, order, word)

    return by_code


def _by_name(word: str, names: Mapping[str, str | None]) -> tuple[Any, ...]:
    return (0, sort_key(names.get(word) or ""), word)
