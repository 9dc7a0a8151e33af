"""The few functions that SQLite and PostgreSQL write differently, and the text of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, cast, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Subquery


class SqlFunctions:
    """Functions of one dialect."""

    def __init__(self, dialect: str) -> None:
        self._on_postgres = dialect == "postgresql"

    def compiled(self, statement: Select[Any]) -> str:
        """Return the text of a statement, with its values in it."""
        made: Any = postgresql.dialect if self._on_postgres else sqlite.dialect
        compiled = statement.compile(dialect=made(), compile_kwargs={"literal_binds": True})
        return str(compiled).replace("%%", "%")

    def split(self, column: ColumnElement[Any]) -> Any:  # noqa: ANN401  a table function
        """Return the words of a text as rows of one column, `value`."""
        if self._on_postgres:
            words: Any = func.unnest(func.string_to_array(column, literal(" ")))
        else:
            listed = func.replace(column, literal(" "), literal('","'))
            words = func.json_each(literal('["').concat(listed).concat(literal('"]')))
        return (
            words.table_valued("value").render_derived()
            if self._on_postgres
            else (words.table_valued("value"))
        )

    def joined(
        self, pairs: Subquery, of: str, of_whom: str, whom: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        """Return one column of the pairs whose other column is a value: sorted, as one text."""
        each = select(pairs.c[of].label("value")).where(pairs.c[of_whom] == whom).distinct()
        words = each.order_by(pairs.c[of]).correlate_except(pairs).subquery(f"{of}_words")
        join = func.string_agg if self._on_postgres else func.group_concat
        text = join(words.c.value, literal(" "))
        return func.coalesce(select(text).correlate_except(words).scalar_subquery(), literal(""))

    def member(self, column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        """Return a member of a JSON object as text."""
        if self._on_postgres:
            return cast(column, JSON).op("->>")(literal(name))
        return func.json_extract(column, literal(f"$.{name}"))
