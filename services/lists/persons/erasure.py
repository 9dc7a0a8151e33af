"""Erasing a person: the row and the key go, an event says so; a hold on a person prevents it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from services.lists.persons.tables import DIGESTS, HOLDS, PERSONS, REQUESTS, SEAL_KEYS
from services.lists.persons.vault import ERASED, PersonVault
from services.lists.uploads.events import SOURCE
from shared.clock import Clock, day_in_vietnam, rfc3339
from shared.errors import BrokenContract, Problem, declare
from shared.events.payloads.persons import PersonErased
from shared.vocabulary import ErasureGround

REFUSED = "held"
"""The outcome of a request to erase a person on hold."""
ANSWER_DAYS = 2
"""Working days within which a request is answered (Decree 356/2025; to be confirmed by lawyers)."""
_SATURDAY = 5
PERSON_UNKNOWN = declare(
    "list_person_unknown",
    404,
    vi="Hệ thống không có mã cá nhân này, hoặc đã xóa rồi.",
    en="This reference is not kept here, or was erased already.",
)
PERSON_HELD = declare(
    "list_person_held",
    409,
    vi="Chưa được xóa: cá nhân này phải được lưu giữ theo quy định ({ground}). Hãy trả lời người "
    "yêu cầu chậm nhất ngày {answer_by}.",
    en="Not erased: this person must be kept by law ({ground}). Answer the request by {answer_by}.",
)


class ErasureRequest(NamedTuple):
    """A request to erase a person: its ground, its day, and the document that decides it."""

    ground: ErasureGround
    requested_on: date
    document: Mapping[str, Any] | None = None


class Erasure(NamedTuple):
    """An erasure: the event that says so, and its position once it is published."""

    person_ref: str
    event: Mapping[str, Any]
    position: int | None = None


def answer_by(requested_on: date) -> date:
    """Return the last day for an answer; public holidays are not known here."""
    day, left = requested_on, ANSWER_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


@dataclass(frozen=True, slots=True)
class Erasures:
    """Holds persons and erases them; `source` is the publisher of the events."""

    vault: PersonVault
    clock: Clock
    source: str = SOURCE

    def hold(self, reference: str, ground: str, by: str) -> None:
        """Let a person not be erased, on a ground of the law; raises `PERSON_UNKNOWN`."""
        person = self.vault.kept([reference]).get(reference)
        if person is None:
            raise BrokenContract(Problem(PERSON_UNKNOWN))
        sealed = self.vault.seal(reference, person.wrapped_key, ground)
        values = {"held_us": self.clock(), "held_by": by, "sealed_ground": sealed}
        with self.vault.store.writing() as connection:
            connection.execute(delete(HOLDS).where(HOLDS.c.person_ref == reference))
            connection.execute(insert(HOLDS).values(person_ref=reference, **values))

    def release(self, reference: str) -> bool:
        """End the hold on a person; False if there was none."""
        with self.vault.store.writing() as connection:
            done = connection.execute(delete(HOLDS).where(HOLDS.c.person_ref == reference))
        return bool(done.rowcount)

    def erase(self, reference: str, request: ErasureRequest, by: str) -> Erasure:
        """Erase a person and return the event to publish; again, return the same event.

        Raises `PERSON_HELD` with the ground for a person on hold, which is recorded as well, and
        `PERSON_UNKNOWN`. Files of lists that name the person are deleted.
        """
        done = self.find(reference)
        if done is not None:
            return done
        person = self.vault.kept([reference]).get(reference)
        if person is None:
            raise BrokenContract(Problem(PERSON_UNKNOWN))
        with self.vault.store.writing() as connection:
            ground = self._hold_on(connection, reference, person.wrapped_key)
            event = self._event(reference, person.unit_id, request) if ground is None else None
            connection.execute(
                insert(REQUESTS).values(
                    person_ref=reference,
                    decided_us=self.clock(),
                    decided_by=by,
                    requested_on=request.requested_on.isoformat(),
                    outcome=REFUSED if event is None else ERASED,
                    event=orjson.dumps(event) if event else None,
                )
            )
            if event is not None:
                self._delete(connection, reference, person.unit_id)
        if event is None:
            last = answer_by(request.requested_on).isoformat()
            raise BrokenContract(Problem(PERSON_HELD, {"ground": ground, "answer_by": last}))
        self.vault.store.forget_deleted()
        return Erasure(reference, event)

    def find(self, reference: str) -> Erasure | None:
        """Return the erasure of a person, None if there was none."""
        return next((each for each in self._erasures() if each.person_ref == reference), None)

    def unpublished(self) -> list[Erasure]:
        """Return the erasures whose events have no position yet."""
        return [each for each in self._erasures() if each.position is None]

    def published(self, reference: str, position: int) -> None:
        """Keep the position of the event of an erasure."""
        of = update(REQUESTS).where(
            REQUESTS.c.person_ref == reference, REQUESTS.c.outcome == ERASED
        )
        with self.vault.store.writing() as connection:
            connection.execute(of.values(position=position))

    def _erasures(self) -> list[Erasure]:
        query = select(REQUESTS.c.person_ref, REQUESTS.c.event, REQUESTS.c.position)
        query = query.where(REQUESTS.c.outcome == ERASED).order_by(REQUESTS.c.decided_us)
        with self.vault.store.reading() as connection:
            rows = connection.execute(query).all()
        return [Erasure(person, orjson.loads(event), at) for person, event, at in rows]

    def _hold_on(self, connection: Connection, reference: str, wrapped_key: bytes) -> str | None:
        query = select(HOLDS.c.sealed_ground).where(HOLDS.c.person_ref == reference)
        sealed = connection.execute(query).scalar()
        return None if sealed is None else self.vault.open(reference, wrapped_key, bytes(sealed))

    def _event(self, reference: str, unit_id: str, request: ErasureRequest) -> dict[str, Any]:
        now_us = self.clock()
        data = {
            "occurred_on": day_in_vietnam(now_us).isoformat(),
            "unit_id": unit_id,
            "person_ref": reference,
            "ground": request.ground.value,
            "requested_on": request.requested_on.isoformat(),
            "document": request.document,
        }
        return {
            "specversion": "1.0",
            "id": f"erased-{reference}",
            "source": self.source,
            "type": f"dvk.{PersonErased.NAME}.v1",
            "subject": f"person/{reference}",
            "time": rfc3339(now_us),
            "data": {name: value for name, value in data.items() if value is not None},
        }

    def _delete(self, connection: Connection, reference: str, unit_id: str) -> None:
        digests = DIGESTS.c.person_ref == reference
        units = set(connection.execute(select(DIGESTS.c.unit_id).where(digests)).scalars())
        self.vault.store.forget_files_of(connection, reference, {unit_id, *units})
        for table in (SEAL_KEYS, PERSONS, DIGESTS):
            connection.execute(delete(table).where(table.c.person_ref == reference))
