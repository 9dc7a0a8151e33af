"""All lookups that a group needs under the append lock, in one statement.

Each query would cost a round trip while others wait for the lock. Values are passed as one array or
one JSON text, so that one statement and one plan serve any number of them; they come first in every
join, so that the log is read by its indexes and never scanned.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from shared.database.postgres.arrays import array
from shared.database.postgres.engine import raw_cursor
from shared.eventlog.protocol import LookupRequest, LookupResult, StoredEvent
from shared.eventlog.tables import PARKED, event_of, type_column
from shared.events.decoding import content_of
from shared.events.envelope import EventKey
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family

_TYPE = f"coalesce({', '.join(f'e.{type_column(family)}' for family in Family)})"
_EVENT = (
    f"e.position, e.source, e.event_id, {_TYPE}, "
    "e.subject, e.recorded_us, e.digest, e.chain, e.body, e.linked"
)
_NO_EVENT = "NULL, NULL, NULL, NULL, {subject}, NULL, NULL, NULL, NULL, NULL"


class _Syntax(NamedTuple):
    """SQL of one database for values and for lists: of keys (columns source, id) and of names."""

    mark: str
    keys: str
    names: str
    join: str
    given_keys: Callable[[Sequence[EventKey]], Mapping[str, object]]
    given_names: Callable[[list[str]], object]


_POSTGRES = _Syntax(
    mark="%({0})s",
    keys="unnest(%(sources)s::text[], %(ids)s::text[]) AS k(source, id)",
    names="unnest(%({0})s::text[]) AS k(name)",
    join="JOIN",
    given_keys=lambda keys: {
        "sources": array("text", [key.source for key in keys]),
        "ids": array("text", [key.id for key in keys]),
    },
    given_names=lambda names: array("text", names),
)
_SQLITE = _Syntax(
    mark=":{0}",
    keys="(SELECT json_extract(value, '$[0]') AS source, json_extract(value, '$[1]') AS id "
    "FROM json_each(:keys)) AS k",
    names="(SELECT value AS name FROM json_each(:{0})) AS k",
    join="CROSS JOIN",  # in SQLite this fixes the join order
    given_keys=lambda keys: {"keys": json.dumps(keys)},
    given_names=json.dumps,
)


class AppendLookup:
    """The lookups of a family's appender, in the SQL of one database."""

    def __init__(self, dialect_name: str, family: Family) -> None:
        self._syntax = syntax = _SQLITE if dialect_name == "sqlite" else _POSTGRES
        by_key = f"FROM {syntax.keys} {syntax.join} log_events e"
        by_key += " ON e.source = k.source AND e.event_id = k.id"
        self._known = f"SELECT {_EVENT} {by_key}"
        self._look = _look(syntax, by_key, PARKED[family].name)

    def known(
        self, connection: Connection, keys: Iterable[EventKey]
    ) -> Mapping[EventKey, StoredEvent]:
        """Return the recorded events with these keys."""
        given = self._syntax.given_keys(list(dict.fromkeys(keys)))
        rows = _asked(connection, self._known, given)
        return {event.key: _known(event) for event in map(event_of, rows)}

    def look(self, connection: Connection, wanted: LookupRequest) -> LookupResult:
        """Answer all questions of a group."""
        syntax = self._syntax
        streams = list(wanted.streams)
        parameters = {
            "after": wanted.after,
            "last": wanted.after + wanted.most,
            **syntax.given_keys(wanted.keys),
            # Streams that are read whole are left out: their version is the number of their events.
            "subjects": syntax.given_names(list(wanted.subjects - set(streams))),
            "streams": syntax.given_names(streams),
            # Only models have events of other subjects linked to them (RecordedEvent.linked).
            "models": syntax.given_names([s for s in streams if s.startswith("model/")]),
        }
        return _answered(_asked(connection, self._look, parameters), wanted)


def _asked(
    connection: Connection, statement: str, parameters: Mapping[str, object]
) -> Sequence[Any]:
    """Return the rows of a statement, executed by the connection's driver."""
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(statement, parameters).all()
    with raw_cursor(connection, statement) as driver:
        return driver.execute(statement, parameters).fetchall()  # type: ignore[no-any-return]


@cache
def looking_of(dialect_name: str, family: Family) -> AppendLookup:
    """Return the lookups of a family on SQLite or PostgreSQL."""
    return AppendLookup(dialect_name, family)


def _look(syntax: _Syntax, by_key: str, parked: str) -> str:
    """Return a query whose rows start with the lookup they answer, and a version."""

    def named(name: str, column: str) -> str:
        listed = syntax.names.format(name)
        return f"FROM {listed} {syntax.join} log_events e ON e.{column} = k.name"

    latest = "SELECT max(v.stream_version) FROM log_events v WHERE v.subject = k.name"
    subject = _NO_EVENT.format(subject="k.name")
    nothing = _NO_EVENT.format(subject="NULL")
    after, last = syntax.mark.format("after"), syntax.mark.format("last")
    return f"""
        SELECT 'after', CAST(NULL AS INTEGER), {_EVENT} FROM log_events e
            WHERE e.position > {after} AND e.position <= {last}
        UNION ALL SELECT 'known', NULL, {_EVENT} {by_key}
        UNION ALL SELECT 'version', ({latest}), {subject} FROM {syntax.names.format("subjects")}
        UNION ALL SELECT 'stream', NULL, {_EVENT} {named("streams", "subject")}
        UNION ALL SELECT 'stream', NULL, {_EVENT} {named("models", "linked")}
        UNION ALL SELECT 'parked', NULL, {nothing} WHERE EXISTS (SELECT 1 FROM {parked})
    """  # noqa: S608  names of this file


def _answered(rows: Sequence[Any], wanted: LookupRequest) -> LookupResult:
    after: list[RecordedEvent] = []
    known: dict[EventKey, StoredEvent] = {}
    versions = dict.fromkeys(wanted.subjects, 0)
    streams: dict[int, RecordedEvent] = {}
    any_parked = False
    for lookup, version, *columns in rows:
        match lookup:
            case "after":
                after.append(event_of(columns))
            case "known":
                found = event_of(columns)
                known[found.key] = _known(found)
            case "version":
                versions[columns[4]] = version or 0
            case "stream":
                streams[columns[0]] = event_of(columns)
            case _:
                any_parked = True
    after.sort(key=lambda each: each.position)
    in_order = [streams[position] for position in sorted(streams)]
    read_whole = wanted.subjects & set(wanted.streams)
    for event in in_order:
        if event.subject in read_whole:
            versions[event.subject] += 1
    return LookupResult(after, known, versions, in_order, any_parked)


def _known(event: RecordedEvent) -> StoredEvent:
    return StoredEvent(event.position, event.chain, content_of(event.body))
