"""The comparison of two generations of deltas: delta by delta, resolved, and by their sums."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from shared.readmodel.comparable_rows import ComparableRows, LabelledBy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

    from services.reporting.figures.delta_tables import TallyTables
    from services.reporting.figures.measures import Counting

_BILLION = 1_000_000_000


def tally_contents(tables: TallyTables, named: LabelledBy) -> tuple[ComparableRows, ...]:
    """Return the deltas and the years with any, with interned numbers resolved."""
    return (
        ComparableRows(
            "deltas",
            tables.deltas,
            "thing",
            began="position",
            things={"thing": named},
            words={"unit": tables.units, "dims": tables.dims, "org": tables.orgs},
            left_out=frozenset({"thing", "ordinal"}),
        ),
        ComparableRows(
            "years", tables.years, "plan_year", said="year/", left_out=frozenset({"id"})
        ),
    )


def tally_sums(
    connection: Connection, tables: TallyTables, counting: Counting, until: int
) -> Mapping[str, int]:
    """Return each figure that is a bit, by `<year>/<figure>`, as of a position."""
    deltas = tables.deltas.c
    changed = deltas.plan_year, deltas.before, deltas.after
    query = select(*changed, func.count()).where(deltas.position <= until).group_by(*changed)
    sums: Counter[str] = Counter()
    for year, before, after, count in connection.execute(query):
        for bit, figure in enumerate(counting.bits):
            change = ((after or 0) >> bit & 1) - ((before or 0) >> bit & 1)
            if change:
                sums[f"{year}/{figure}"] += change * count
    return sums


def value_sums(connection: Connection, tables: TallyTables, until: int) -> Mapping[str, int]:
    """Return the exact sum of the values by `<year>/<nature>/<metric>`, in thousandths.

    It is computed in two parts, as the whole could exceed the database's integers.
    """
    deltas, words = tables.deltas.c, tables.dims.c
    named = deltas.plan_year, words.nature, words.metric
    parts = [
        func.sum(part)
        for value in (deltas.after, deltas.before)
        for part in (_whole(value), func.coalesce(value, 0) - _whole(value) * _BILLION)
    ]
    query = (
        select(*named, *parts)
        .where(deltas.dims == words.id, deltas.position <= until)
        .group_by(*named)
    )
    return {
        f"{year}/{nature}/{metric}": int((new - old) * _BILLION + (more - less))
        for year, nature, metric, new, more, old, less in connection.execute(query)
    }


def _whole(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(value, 0) // _BILLION
