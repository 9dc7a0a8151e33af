"""The replaced records among events, and whether the redactions among them state these."""

from collections.abc import Sequence

from shared.events.payloads.redaction import EventRedacted
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import REDACTED_TYPES, is_right, original_digest


class ReplacedRecords:
    """Takes events in the order of the log, each redacted one with the digest that it states."""

    def __init__(self) -> None:
        self._replaced: list[RecordedEvent] = []
        self._redactions: list[EventRedacted] = []

    def take(self, event: RecordedEvent) -> None:
        """Note an event whose record was replaced, or a redaction."""
        if original_digest(event.body) is not None:
            self._replaced.append(event)
        elif event.type in REDACTED_TYPES and isinstance(event.payload, EventRedacted):
            self._redactions.append(event.payload)

    def judged(self) -> tuple[list[int], Sequence[int]]:
        """Return the positions of the records that a redaction states, and of the others."""
        stated, others = list[int](), list[int]()
        for event in self._replaced:
            right = is_right(event.body, event.position, event.digest, self._redactions)
            (stated if right else others).append(event.position)
        return stated, others
