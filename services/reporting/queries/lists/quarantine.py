"""What the read models have set aside, as GET /quarantine and GET /completeness tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from shared.database.columns import bytewise
from shared.readmodel import quarantine
from shared.readmodel.quarantine import QUARANTINE, Quarantined
from shared.web.publishing.quarantine_api import QuarantineItem, QuarantinePlace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.readmodel.store import Store


class WithheldEvents(NamedTuple):
    """How many events a read model holds back, and how many of subjects that were discarded."""

    held: int
    discarded: int


class QuarantineView:
    """The quarantines of the fills that answer; `keys` are those of each read model by name."""

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        self._store = store
        self._names = {key: name for name, key in keys.items()}

    def listed(self, after: QuarantinePlace, limit: int) -> Sequence[QuarantineItem]:
        """Return up to `limit` subjects after a place, the oldest first."""
        with self._store.reading() as connection:
            gone = quarantine.discarded(connection)
            rows = self._rows(connection, after.position, limit + len(self._names))
        found = []
        for row in rows:
            name = self._names[row.read_model]
            place = QuarantinePlace(row.position, name, row.subject)
            choice = gone.get((name, row.subject))
            decided = (choice.reason, choice.decided_us) if choice else None
            found.append(
                QuarantineItem(
                    place, row.event_type, row.reason, row.since_us, row.events_held, decided
                )
            )
        return [each for each in found if each.place > after][:limit]

    def held_back(self) -> Mapping[str, WithheldEvents]:
        """Return what each read model holds back, those that hold nothing left out."""
        with self._store.reading() as connection:
            gone = quarantine.discarded(connection)
            table = QUARANTINE.c
            query = select(table.read_model, table.subject, table.events_held)
            rows = connection.execute(query.where(table.read_model.in_(self._names))).all()
        found: dict[str, WithheldEvents] = {}
        for key, subject, events in rows:
            name = self._names[key]
            held, discarded = found.get(name, WithheldEvents(0, 0))
            if (name, subject) in gone:
                found[name] = WithheldEvents(held, discarded + events)
            else:
                found[name] = WithheldEvents(held + events, discarded)
        return found

    def _rows(self, connection: Connection, position: int, limit: int) -> list[Quarantined]:
        """Read from a position on: at one position each read model holds one subject at most."""
        table = QUARANTINE.c
        query = (
            select(QUARANTINE)
            .where(table.read_model.in_(self._names), table.position >= position)
            .order_by(table.position, bytewise(connection, table.read_model))
            .limit(limit)
        )
        return [Quarantined(*row) for row in connection.execute(query)]
