"""Every role that any officer was given, ended ones too, followed through the log."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from shared.eventlog.protocol import Head
from shared.events.payloads.officers import RoleEnded, RoleGranted
from shared.events.recorded import RecordedEvent
from shared.vocabulary import OfficerRole

_OFFICERS = "officer/"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role in a unit and all below it; `valid_to` is the first day without it."""

    role: OfficerRole
    unit_id: str
    valid_from: date
    valid_to: date | None

    def is_valid(self, day: date) -> bool:
        """Return whether the role is held on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """A role of an officer: its grant and its end, each with the position and time (microseconds).

    A grant of the same role in the same unit ends the one before it.
    """

    officer_ref: str
    held: HeldRole
    granted_at: int
    granted_us: int
    ended_at: int | None = None
    ended_us: int | None = None
    reason: str | None = None

    def is_held(self, day: date) -> bool:
        """Return whether the officer has the role on a day, as known now."""
        return self.ended_at is None and self.held.is_valid(day)


class FollowedLog(Protocol):
    """The part of the log that is followed."""

    def head(self) -> Head:
        """Return the head of the log."""
        ...

    def under(self, *prefixes: str, after: int = 0) -> Sequence[RecordedEvent]:
        """Return the events after a position whose subject begins with one of the prefixes."""
        ...


class RoleRecords:
    """The records up to the head of the log; each read goes on where the last one ended."""

    def __init__(self, log: FollowedLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._reached = 0
        self._records: list[RoleRecord] = []
        self._open: dict[tuple[str, str, str], int] = {}

    def all(self) -> list[RoleRecord]:
        """Return every record, in the order of the grants."""
        with self._lock:
            head = self._log.head().position
            if head > self._reached:
                self._fold(self._log.under(_OFFICERS, after=self._reached))
                self._reached = max(head, self._reached)
            return list(self._records)

    def _fold(self, events: Iterable[RecordedEvent]) -> None:
        for event in events:
            payload = event.payload
            if isinstance(payload, RoleGranted | RoleEnded):
                key = (payload.officer_ref, payload.role, payload.unit_id)
                number = self._open.pop(key, None)
                if number is not None:
                    self._records[number] = replace(
                        self._records[number],
                        ended_at=event.position,
                        ended_us=event.recorded_us,
                        reason=payload.reason if isinstance(payload, RoleEnded) else None,
                    )
                if isinstance(payload, RoleGranted):
                    self._open[key] = len(self._records)
                    self._records.append(_record(payload, event))
            self._reached = event.position


def _record(granted: RoleGranted, event: RecordedEvent) -> RoleRecord:
    role = HeldRole(granted.role, granted.unit_id, granted.valid_from, granted.valid_to)
    return RoleRecord(granted.officer_ref, role, event.position, event.recorded_us)
