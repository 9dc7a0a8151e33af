"""The lines between this ledger and others: what it received, and how far it is forwarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.client.forwarding_state import read_forwarding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.client.forwarding_state import Forwarded, Refusal
    from shared.clock import Clock
    from shared.eventlog.protocol import EventLog, OriginHead

SHOWN_REFUSALS = 200


@dataclass(frozen=True, slots=True)
class Lines:
    """Reads the log's origins, and the file that `dvk forward` writes."""

    log: EventLog
    file: Path
    clock: Clock

    def received(self) -> Sequence[OriginHead]:
        """Return the ledgers that forward to this one, by name."""
        return self.log.list_origins()

    def forwarded(self) -> tuple[Forwarded, Sequence[Refusal]] | None:
        """Return how far this ledger is forwarded and the newest events refused there."""
        with read_forwarding(self.file) as kept:
            state = None if kept is None else kept.get()
            if kept is None or state is None:
                return None
            return state, kept.refusals(SHOWN_REFUSALS)
