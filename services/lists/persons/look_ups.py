"""Look-ups of names: each has a reader and a reason, and is recorded before it is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import insert, select

from services.lists.persons.tables import LOOK_UPS
from services.lists.persons.vault import REFERENCE, KeptPerson, PersonVault, erased_of
from shared.clock import Clock
from shared.errors import BrokenContract, Problem, declare

SHORTEST_REASON, LONGEST_REASON = 8, 500
"""Characters."""
REASON_MISSING = declare(
    "list_look_up_reason",
    422,
    vi="Hãy ghi lý do tra cứu, từ {shortest} đến {longest} ký tự: lý do được lưu lại.",
    en="State the reason of the look-up in {shortest} to {longest} characters: it is recorded.",
)
NOT_A_REFERENCE = declare(
    "list_look_up_reference",
    422,
    vi="Đây không phải mã cá nhân (p- và 26 ký tự).",
    en="This is no reference to a person (p- and 26 characters).",
)


class LookUpOutcome(StrEnum):
    """The answer to a look-up; the words are in `web/texts.py`."""

    SHOWN = "shown"
    UNNAMED = "unnamed"
    """The person is known, and no list has the name."""
    ERASED = "erased"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """The reader may not read names of that unit."""


class LookUp(NamedTuple):
    """A look-up as recorded; `reason` is None once its person has been erased."""

    looked_us: int
    reader: str
    person_ref: str
    unit_id: str
    outcome: LookUpOutcome
    reason: str | None


class FoundName(NamedTuple):
    """The answer to a look-up: the name if it may be shown."""

    outcome: LookUpOutcome
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LookUps:
    """Answers look-ups and lists them."""

    vault: PersonVault
    clock: Clock

    def name(
        self, reference: str, reader: str, reason: str, may_read: Callable[[str], bool]
    ) -> FoundName:
        """Record a look-up and return the name, if the reader may read names of the unit.

        `may_read` is asked with the id of the unit whose list named the person. Raises
        `BrokenContract` for what is no reference, and for a reason that is missing.
        """
        stated = " ".join(reason.split())
        if not SHORTEST_REASON <= len(stated) <= LONGEST_REASON:
            limits = {"shortest": SHORTEST_REASON, "longest": LONGEST_REASON}
            raise BrokenContract(Problem(REASON_MISSING, limits))
        if not REFERENCE.fullmatch(reference):
            raise BrokenContract(Problem(NOT_A_REFERENCE))
        person = self.vault.kept([reference]).get(reference)
        found = self._found(reference, person, may_read)
        self._record(reference, person, reader, (found.outcome, stated))
        return found

    def latest(self, limit: int, reference: str | None = None) -> list[LookUp]:
        """Return the latest look-ups, of one person or of all, the newest first."""
        query = select(
            LOOK_UPS.c.looked_us,
            LOOK_UPS.c.reader,
            LOOK_UPS.c.person_ref,
            LOOK_UPS.c.unit_id,
            LOOK_UPS.c.outcome,
            LOOK_UPS.c.sealed_reason,
        ).order_by(LOOK_UPS.c.looked_us.desc(), LOOK_UPS.c.look_up_id)
        if reference is not None:
            query = query.where(LOOK_UPS.c.person_ref == reference)
        with self.vault.store.reading() as connection:
            rows = connection.execute(query.limit(limit)).all()
        kept = self.vault.kept({row.person_ref for row in rows})
        return [
            LookUp(*row[:4], LookUpOutcome(row.outcome), self._reason(row, kept)) for row in rows
        ]

    def _found(
        self, reference: str, person: KeptPerson | None, may_read: Callable[[str], bool]
    ) -> FoundName:
        if person is None:
            with self.vault.store.reading() as connection:
                erased = reference in erased_of(connection)
            return FoundName(LookUpOutcome.ERASED if erased else LookUpOutcome.UNKNOWN)
        if not may_read(person.unit_id):
            return FoundName(LookUpOutcome.REFUSED)
        name = self.vault.name_of(person)
        return FoundName(LookUpOutcome.UNNAMED if name is None else LookUpOutcome.SHOWN, name)

    def _record(
        self,
        reference: str,
        person: KeptPerson | None,
        reader: str,
        answered: tuple[LookUpOutcome, str],
    ) -> None:
        outcome, reason = answered
        sealed = (
            self.vault.key.seal(reason.encode(), _place(reference))
            if person is None
            else self.vault.seal(reference, person.wrapped_key, reason)
        )
        values = {
            "look_up_id": str(uuid4()),
            "looked_us": self.clock(),
            "reader": reader,
            "person_ref": reference,
            "unit_id": person.unit_id if person else "",
            "outcome": outcome.value,
            "sealed_reason": sealed,
        }
        with self.vault.store.writing() as connection:
            connection.execute(insert(LOOK_UPS).values(values))

    def _reason(
        self,
        row: Any,  # noqa: ANN401  a row of the query
        kept: dict[str, KeptPerson],
    ) -> str | None:
        if not row.unit_id:  # of a person who was not kept
            return self.vault.key.open(bytes(row.sealed_reason), _place(row.person_ref)).decode()
        person = kept.get(row.person_ref)
        if person is None:
            return None
        return self.vault.open(row.person_ref, person.wrapped_key, bytes(row.sealed_reason))


def _place(reference: str) -> str:
    return f"look-up/{reference}"
