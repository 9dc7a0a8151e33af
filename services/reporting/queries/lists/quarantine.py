"""The quarantine of the read models, for GET /quarantine and GET /completeness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from shared.database.columns import bytewise
from shared.readmodel import quarantine
from shared.readmodel.quarantine import QUARANTINE, Quarantined
from shared.web.publishing.quarantine_api import QuarantineItem, QuarantinePlace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.eventlog.protocol import Reader
    from shared.readmodel.checkpoints import ReadModelCheckpoint
    from shared.readmodel.store import Store


class WithheldEvents(NamedTuple):
    """The number of events a read model holds back, and of those in discarded subjects."""

    held: int
    discarded: int


class QuarantineView:
    """The quarantines of the active generations; `keys` maps read models to their keys."""

    def __init__(self, store: Store, keys: Mapping[str, str]) -> None:
        self._store = store
        self._names = {key: name for name, key in keys.items()}

    def listed(self, after: QuarantinePlace, limit: int) -> Sequence[QuarantineItem]:
        """Return up to `limit` subjects after a place, the oldest first."""
        with self._store.reading() as connection:
            decisions = quarantine.discarded(connection)
            rows = self._rows(connection, after.position, limit + len(self._names))
        found = []
        for row in rows:
            name = self._names[row.read_model]
            place = QuarantinePlace(row.position, name, row.subject)
            choice = decisions.get((name, row.subject))
            decided = (choice.reason, choice.decided_us) if choice else None
            found.append(
                QuarantineItem(
                    place, row.event_type, row.reason, row.since_us, row.events_held, decided
                )
            )
        return [each for each in found if each.place > after][:limit]

    def held_back(self) -> Mapping[str, WithheldEvents]:
        """Return the events held back by each read model that has any."""
        with self._store.reading() as connection:
            decisions = quarantine.discarded(connection)
            table = QUARANTINE.c
            query = select(table.read_model, table.subject, table.events_held)
            rows = connection.execute(query.where(table.read_model.in_(self._names))).all()
        found: dict[str, WithheldEvents] = {}
        for key, subject, events in rows:
            name = self._names[key]
            held, discarded = found.get(name, WithheldEvents(0, 0))
            if (name, subject) in decisions:
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


def completeness(
    log: Reader,
    checkpoints: Mapping[str, ReadModelCheckpoint],
    held_back: Mapping[str, WithheldEvents],
) -> dict[str, Any]:
    """Return the contract's answer.

    `events_handled` counts every event that a read model has folded or skipped; those of a subject
    in quarantine are not counted. Positions are contiguous, so the head is the number of events in
    the log. The checkpoints were read before the head: a read model is never ahead.
    Only a read model with quarantined subjects has `events_held` and `events_discarded`; it is
    never equal, not even when an operator has discarded its subjects.
    """
    head = log.head().position
    return {
        "log": {"head": head, "events": head},
        "read_models": [
            {
                "name": name,
                "position": checkpoint.position,
                "events_handled": checkpoint.events_handled,
                "equal": checkpoint.position == head and checkpoint.events_handled == head,
                **_said(held_back.get(name)),
            }
            for name, checkpoint in checkpoints.items()
        ],
    }


def _said(held_back: WithheldEvents | None) -> dict[str, int]:
    if held_back is None:
        return {}
    return {"events_held": held_back.held, "events_discarded": held_back.discarded}
