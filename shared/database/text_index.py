"""Full-text indexes of the databases themselves: FTS5 on SQLite, `tsvector` on PostgreSQL.

A table declares its index in `Table.info`; `create` makes it next to the table. The words of a row
are stored folded, separated by spaces, and the databases only look them up. Rows are
changed by `replace` only, and never deleted: a contentless FTS5 index needs the old words for that.

On SQLite `add` puts new rows into the index: the fold after it has written them, a rebuild when it
moves them in. The file in which a rebuild fills its tables has no index, as no search reads it. (A
trigger of the table would do that by itself, but each of its rows ends a part of an FTS5 index: it
was five times as slow.) The index also holds, for each row, the place of the row as a word of its
own; PostgreSQL has a second index for that. There new words go through the list of pending entries,
which a search reads too: without it a run of the fold took ten times as long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Text, cast, column, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from shared.database.columns import among

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection, Select, Table

WORDS = Text().with_variant(TSVECTOR(), "postgresql")
"""The type of a column of folded words."""
_DECLARED = "text_index"
_NONE: Mapping[str, Collection[str]] = {}
_OWN = re.compile(r".+_fts(_\w+)?")


class TextIndex(NamedTuple):
    """The columns of an index: the key of a row, an integer; its words; its place, an id."""

    key: str
    words: str
    place: str


def declared(index: TextIndex) -> dict[str, TextIndex]:
    """Return the `info` of a table with an index."""
    return {_DECLARED: index}


def is_indexed(indexed: Table) -> bool:
    """Return whether a table declares an index."""
    return _DECLARED in indexed.info


def is_part_of_index(name: str) -> bool:
    """Return whether a table of SQLite is an index, or a part of one."""
    return bool(_OWN.fullmatch(name))


def create(connection: Connection, indexed: Table) -> None:
    """Create the index that a new table declares, if it declares one."""
    index = indexed.info.get(_DECLARED)
    if index is None:
        return
    name = indexed.name
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"CREATE INDEX {name}_fts ON {name} USING gin ({index.words})")
        connection.exec_driver_sql(f"CREATE INDEX {name}_place ON {name} ({index.place})")
        return
    connection.exec_driver_sql(
        f"CREATE VIRTUAL TABLE {name}_fts USING fts5(words, content='', columnsize=0, "
        "detail=none, prefix='2 3', tokenize=\"ascii tokenchars '_'\")"
    )


def add(connection: Connection, indexed: Table, after: int) -> None:
    """Index the rows with a key after one, if the table declares an index and this file has it."""
    index = indexed.info.get(_DECLARED)
    if index is None or connection.dialect.name != "sqlite":
        return
    name = indexed.name
    if _is_there(connection, name):
        connection.exec_driver_sql(
            f"INSERT INTO main.{name}_fts(rowid, words) "  # noqa: S608  our own names
            f"SELECT {index.key}, {index.words} || ' _' || hex({index.place}) FROM main.{name} "
            f"WHERE {index.key} > ? ORDER BY {index.key}",
            (after,),
        )


def replace(
    connection: Connection, indexed: Table, number: int, values: Mapping[str, object]
) -> None:
    """Change a row with a key, and what the index has of it."""
    index: TextIndex = indexed.info[_DECLARED]
    key = indexed.c[index.key]
    has_index = connection.dialect.name == "sqlite" and _is_there(connection, indexed.name)
    if has_index:
        _put_again(connection, indexed.name, index, number, "delete")
    connection.execute(indexed.update().where(key == number).values(dict(values)))
    if has_index:
        _put_again(connection, indexed.name, index, number, None)


def _put_again(
    connection: Connection, name: str, index: TextIndex, number: int, how: str | None
) -> None:
    command, given = (f"{name}_fts, ", "?, ") if how else ("", "")
    connection.exec_driver_sql(
        f"INSERT INTO main.{name}_fts({command}rowid, words) "  # noqa: S608  our own names
        f"SELECT {given}{index.key}, {index.words} || ' _' || hex({index.place}) FROM main.{name} "
        f"WHERE {index.key} = ?",
        (how, number) if how else (number,),
    )


def _is_there(connection: Connection, name: str) -> bool:
    there = "SELECT 1 FROM main.sqlite_master WHERE name = ?"
    return connection.exec_driver_sql(there, (f"{name}_fts",)).first() is not None


def drop(connection: Connection, name: str) -> None:
    """Drop the index of a table that is dropped."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}_fts")


def matching(
    connection: Connection,
    indexed: Table,
    whole: Collection[str],
    begun: str | None,
    *,
    places: Collection[str] | None,
    last: int,
    instead: Mapping[str, Collection[str]] = _NONE,
    scanned: bool = False,
) -> Select[Any]:
    """Return the query for the keys (`key`, up to `last`) of rows with all words, and one begun.

    With `places` only of the rows at these; `instead` has for a word others that count in its
    place. A query that is `scanned` reads rows without the index of words on PostgreSQL: it looks
    up all rows with a frequent word even for a few of them. The words are folded and have no space
    or quote.
    """
    index: TextIndex = indexed.info[_DECLARED]
    if connection.dialect.name == "sqlite":
        name = f"{indexed.name}_fts"
        wanted = [_any(f'"{word}"', "OR", '"', instead.get(word)) for word in whole]
        wanted += [_any(f'"{begun}" *', "OR", '"', instead.get(begun))] if begun else []
        if places is not None:
            at = " OR ".join(f'"_{place.encode().hex()}"' for place in places)
            wanted.append(f"({at})")
        searched = table(name, column("rowid"))
        matched = literal_column(name).op("MATCH")(" AND ".join(wanted))
        return select(searched.c.rowid.label("key")).where(matched, searched.c.rowid <= last)
    wanted = [_any(f"'{word}'", "|", "'", instead.get(word)) for word in whole]
    wanted += [_any(f"'{begun}':*", "|", "'", instead.get(begun))] if begun else []
    sought = cast(" & ".join(wanted), TSQUERY)
    found = indexed.c[index.words]
    has: ColumnElement[Any] = found.op("@@")(sought)
    if scanned:
        has = func.ts_match_vq(found, sought)  # the same, which no index answers
    key = indexed.c[index.key]
    query = select(key.label("key")).where(has, key <= last)
    if places is not None:
        query = query.where(among(connection, indexed.c[index.place], places))
    return query


def _any(word: str, sign: str, quote: str, others: Collection[str] | None) -> str:
    """Return the condition for a word, or for any of some others."""
    if not others:
        return word
    return f"({f' {sign} '.join([word, *(f'{quote}{each}{quote}' for each in others)])})"
