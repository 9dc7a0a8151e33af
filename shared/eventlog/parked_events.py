"""A service's tables next to the log, in SQL: parked events and refusals."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, tuple_, update

from shared.errors import LedgerError, Problem
from shared.eventlog.protocol import ParkedEvent, Reference, RefusedEvent
from shared.eventlog.tables import PARKED, REFUSED, WAITS
from shared.events.decoding import received_again
from shared.events.envelope import EventKey
from shared.vocabulary import Family

_logger = logging.getLogger(__name__)


class ParkedEventStore:
    """Reads and writes the tables of one family over one connection."""

    def __init__(self, connection: Connection, family: Family) -> None:
        self._connection = connection
        self._parked = PARKED[family]
        self._waits = WAITS[family]
        self._refused = REFUSED[family]

    def park(self, parked: Sequence[ParkedEvent]) -> None:
        """Store parked events one by one: their numbers give the order of arrival."""
        for item in parked:
            row = {
                "source": item.event.key.source,
                "event_id": item.event.key.id,
                "time_us": item.event.time_us,
                "since_us": item.since_us,
                "until_us": item.until_us,
                "waiting_for": json.dumps(item.waiting_for),
                "body": item.event.body,
            }
            number = self._connection.execute(
                self._parked.insert().returning(self._parked.c.number), row
            ).scalar_one()
            self._note(number, item.waiting_for)

    def wait_on(self, number: int, waiting_for: Sequence[Reference]) -> None:
        """Replace the references that a parked event waits for."""
        self._connection.execute(delete(self._waits).where(self._waits.c.number == number))
        self._connection.execute(
            update(self._parked)
            .where(self._parked.c.number == number)
            .values(waiting_for=json.dumps(list(waiting_for)))
        )
        self._note(number, waiting_for)

    def _note(self, number: int, waiting_for: Sequence[Reference]) -> None:
        self._connection.execute(
            self._waits.insert(),
            [{"kind": r.kind, "id": r.id, "number": number} for r in waiting_for],
        )

    def unpark(self, numbers: Iterable[int]) -> None:
        """Delete parked events that were released or refused."""
        deleted = list(numbers)
        for table in (self._waits, self._parked):
            self._connection.execute(delete(table).where(table.c.number.in_(deleted)))

    def count_parked(self, source: str | None = None) -> int:
        """Return the number of parked events, or of those of a source."""
        counted = select(func.count()).select_from(self._parked)
        if source is not None:
            counted = counted.where(self._parked.c.source == source)
        return self._connection.execute(counted).scalar_one()

    def parked_with(self, keys: Iterable[EventKey]) -> Mapping[EventKey, ParkedEvent]:
        """Return the parked events with these keys."""
        same = tuple_(self._parked.c.source, self._parked.c.event_id).in_(list(keys))
        return {item.event.key: item for item in self._waiting(same)}

    def parked_for(self, references: Iterable[Reference]) -> Sequence[ParkedEvent]:
        """Return events parked for any of these references, in order of arrival."""
        numbers = select(self._waits.c.number).where(
            tuple_(self._waits.c.kind, self._waits.c.id).in_(list(references))
        )
        return self._waiting(self._parked.c.number.in_(numbers))

    def parked_until(self, moment_us: int) -> Sequence[ParkedEvent]:
        """Return parked events that expire by a moment."""
        return self._waiting(self._parked.c.until_us <= moment_us)

    def list_parked(self, after: int, limit: int, source: str | None) -> Sequence[ParkedEvent]:
        """Return parked events after a number."""
        condition = self._parked.c.number > after
        if source is not None:
            condition &= self._parked.c.source == source
        return self._waiting(condition, limit)

    def _waiting(self, condition: Any, limit: int | None = None) -> list[ParkedEvent]:  # noqa: ANN401
        query = select(self._parked).where(condition).order_by(self._parked.c.number).limit(limit)
        rows = self._connection.execute(query).all()
        try:
            return [_parked_event(row) for row in rows]
        except (LedgerError, ValueError, KeyError):
            return list(_readable(rows))

    def refuse(self, refused: Sequence[RefusedEvent]) -> None:
        """Store refusals by rule."""
        rows = [
            {
                "source": item.key.source,
                "event_id": item.key.id,
                "type": item.type,
                "subject": item.subject,
                "problem": json.dumps(item.problem.stored(), ensure_ascii=False),
                "at_us": item.at_us,
                "origin_ledger": item.origin and item.origin[0],
                "origin_position": item.origin and item.origin[1],
            }
            for item in refused
        ]
        if rows:
            self._connection.execute(self._refused.insert(), rows)

    def forget_refused(self, before_us: int) -> None:
        """Delete refusals older than a moment."""
        self._connection.execute(delete(self._refused).where(self._refused.c.at_us < before_us))

    def list_refused(
        self, after: int, limit: int, source: str | None, ledger: str | None = None
    ) -> Sequence[RefusedEvent]:
        """Return refusals after a number; of a ledger only those of events that it forwarded."""
        query = select(self._refused).where(self._refused.c.number > after)
        if source is not None:
            query = query.where(self._refused.c.source == source)
        if ledger is not None:
            query = query.where(self._refused.c.origin_ledger == ledger)
        ordered = query.order_by(self._refused.c.number).limit(limit)
        return [_refused_event(row) for row in self._connection.execute(ordered)]

    def find_refused(self, key: EventKey) -> RefusedEvent | None:
        """Return the latest refusal of the event with this key, or None."""
        query = (
            select(self._refused)
            .where(self._refused.c.source == key.source, self._refused.c.event_id == key.id)
            .order_by(self._refused.c.number.desc())
            .limit(1)
        )
        row = self._connection.execute(query).first()
        return _refused_event(row) if row is not None else None


def _parked_event(row: Row[*tuple[Any, ...]]) -> ParkedEvent:
    return ParkedEvent(
        number=row.number,
        event=received_again(bytes(row.body), row.time_us),
        waiting_for=tuple(Reference(kind, name) for kind, name in json.loads(row.waiting_for)),
        since_us=row.since_us,
        until_us=row.until_us,
    )


def _readable(rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[ParkedEvent]:
    """Yield the events this release can read; those parked by another release stay for it."""
    for row in rows:
        try:
            yield _parked_event(row)
        except (LedgerError, ValueError, KeyError) as error:
            _logger.error("%s of %s is parked and cannot be read: %s", row[2], row[1], error)  # noqa: TRY400  one line


def _refused_event(row: Row[*tuple[Any, ...]]) -> RefusedEvent:
    return RefusedEvent(
        number=row.number,
        key=EventKey(row.source, row.event_id),
        type=row.type,
        subject=row.subject,
        problem=Problem.restored(json.loads(row.problem)),
        at_us=row.at_us,
        origin=(row.origin_ledger, row.origin_position) if row.origin_ledger else None,
    )
