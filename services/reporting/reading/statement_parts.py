"""The parts of a view's statement: its name of the unit, the present state, texts and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, and_, case, cast, func, literal, literal_column, or_, select

from services.reporting.reading.unit_days import UNIT_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, FromClause, Label, Select

    from shared.vocabulary import Flag

    Columns = Mapping[str, ColumnElement[Any]]


def with_unit_name(
    columns: Sequence[str],
    values: Columns,
    joined: Any,  # noqa: ANN401  a join
    of: FromClause,
) -> Select[Any]:
    """Return a select of columns, with the name that the unit of `of` had on the day of `of`."""
    unit = UNIT_DAYS.alias("u")
    joined = joined.outerjoin(
        unit, (unit.c.unit_id == of.c.unit_id) & named_on(unit, of.c.occurred_on)
    )
    stated = {**values, "unit_name": unit.c.name}
    labelled: list[Label[Any]] = [stated[name].label(name) for name in columns]
    return select(*labelled).select_from(joined)


def named_on(unit: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition for the row of a unit whose name holds on a day."""
    until = unit.c.named_to
    return and_(unit.c.named_from <= day, or_(until.is_(None), until > day))


def open_version(entity: FromClause, version: FromClause) -> ColumnElement[bool]:
    """Return the condition for the present state of an entity."""
    return and_(version.c.thing == entity.c.thing, version.c.to_position.is_(None))


def standing(statement: FromClause, version: FromClause) -> Any:  # noqa: ANN401  a join
    """Return the statements in force."""
    in_force = and_(version.c.statement == statement.c.position, version.c.to_position.is_(None))
    return statement.join(version, in_force)


def columns_of(table: FromClause, *left_out: str) -> dict[str, ColumnElement[Any]]:
    """Return the columns of a table by name."""
    return {column.name: column for column in table.c if column.name not in left_out}


def without(subject: ColumnElement[Any], beginning: str) -> ColumnElement[Any]:
    """Return a subject without its beginning: the id."""
    return func.substr(subject, len(beginning) + 1)


def flags_text(raised: Mapping[Flag, ColumnElement[bool]]) -> ColumnElement[Any]:
    """Return the flags that are raised, with spaces between."""
    text: ColumnElement[Any] = literal("")
    for flag, condition in raised.items():
        text = text.concat(case((condition, f"{flag.value} "), else_=""))
    return func.trim(text)


def from_thousandths(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the number of an amount in thousandths."""
    return cast(column, Double) / literal_column("1000.0")


def spread(columns: Sequence[str], **members: Sequence[str]) -> list[str]:
    """Return columns with each object replaced by its members."""
    return [each for column in columns for each in members.get(column, (column,))]
