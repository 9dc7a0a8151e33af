"""The lines between this ledger and others: what it received, and how far it is forwarded."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.client.forwarding_state import read_forwarding
from shared.errors import Problem, Unavailable, declare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.client.forwarding_state import Forwarded, Refusal
    from shared.clock import Clock
    from shared.eventlog.protocol import EventLog, OriginHead

SHOWN_REFUSALS = 200
FORWARDING_UNREADABLE = declare(
    "forwarding_unreadable",
    503,
    vi="Chưa đọc được tình trạng chuyển sổ: lệnh dvk forward bị ngắt khi đang ghi. Hãy chạy lại "
    "lệnh đó, rồi mở lại trang này.",
    en="The state of the forwarding cannot be read: dvk forward was cut off while it wrote. Start "
    "it again, then open this page again.",
)


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
        """Return how far this ledger is forwarded and the newest events refused there.

        Raises `Unavailable` while the file cannot be read.
        """
        try:
            with read_forwarding(self.file) as kept:
                state = None if kept is None else kept.get()
                return (
                    None
                    if kept is None or state is None
                    else (state, kept.refusals(SHOWN_REFUSALS))
                )
        except sqlite3.OperationalError as error:
            raise Unavailable(Problem(FORWARDING_UNREADABLE), 2) from error
