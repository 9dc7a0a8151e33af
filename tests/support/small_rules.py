"""Rules for tests of what stands around the rules: a unit needs its parent, and opens once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.appending.decider import Accept, Decision, QuarantinedStream
from shared.appending.outcomes import Parked, Refused
from shared.errors import Problem, Rule
from shared.eventlog.protocol import Reference
from shared.events.payloads.units import UnitOpened
from shared.trust.authority import Authority
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from shared.eventlog.protocol import Reader
    from shared.events.envelope import ReceivedEvent
    from shared.events.recorded import RecordedEvent

TWICE = Rule("test_opened_twice", 409, vi="{unit_id} đã được mở.", en="{unit_id} is open already.")


class FewRules:
    """Accepts everything but a unit that is open already; parks one whose parent is unknown."""

    family = Family.REGISTRY

    def __init__(self) -> None:
        self._open: set[str] = set()
        self.authority = Authority()

    def start(self, log: Reader) -> None:
        """Fold the whole log."""
        self._open.clear()
        self.fold(log.read(0, 100_000))

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Remember which units are open."""
        for event in events:
            if isinstance(event.payload, UnitOpened):
                self._open.add(event.payload.unit_id)

    def take_back(self, events: Sequence[RecordedEvent]) -> bool:
        """Start again."""
        return not events

    def missing(self, events: Sequence[ReceivedEvent]) -> Collection[str]:
        """Everything is in memory."""
        return ()

    def take(self, log: Reader, streams: Collection[str], events: Sequence[RecordedEvent]) -> None:
        """Everything is in memory."""

    def load(self, log: Reader, subjects: Iterable[str]) -> None:
        """Everything is in memory."""

    def streams(self, event: ReceivedEvent) -> Iterable[str]:
        """Ask for nothing."""
        return ()

    def decide(self, event: ReceivedEvent, recorded_us: int) -> Decision:
        """Decide by the two rules."""
        opened = event.payload
        if not isinstance(opened, UnitOpened):
            return Accept()
        if opened.unit_id in self._open:
            return Refused(Problem(TWICE, {"unit_id": opened.unit_id}))
        if opened.parent_id is not None and opened.parent_id not in self._open:
            return Parked((Reference("unit", opened.parent_id),))
        return Accept()

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Name the unit, which exists from its opening on."""
        if isinstance(event.payload, UnitOpened):
            yield Reference("unit", event.payload.unit_id)

    def held(self) -> Sequence[QuarantinedStream]:
        """Nothing is ever set aside."""
        return ()
