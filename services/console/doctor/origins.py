"""Forwarding: the ledgers that forward to this one, and the forwarding of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.console.doctor.finding import Bilingual, Finding, broken, look, well
from services.console.output.texts import number, number_en
from shared.appending.origins.problems import STOPPING
from shared.client.forwarding_state import FORWARDING_FILE, read_forwarding
from shared.clock import DAY_US
from shared.eventlog.origin_store import OriginStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import OriginHead
    from shared.settings import Settings

_RUNBOOK = "docs/operations.md#forward-to-the-nation"
_NOT_THERE = Bilingual(
    "Sự kiện mới của sổ này chưa đến được sổ cấp trên.",
    "New events of this ledger do not reach the other one.",
)


def check_origins(connection: Connection) -> Iterator[Finding]:
    """Report the ledgers that are stopped by a gap or a fork; nothing where none forwards."""
    heads = OriginStore(connection).list_origins()
    stopped = [head for head in heads if head.problem is not None]
    yield from (_stopped(head) for head in stopped)
    if heads and not stopped:
        yield _all_come(heads)


def _stopped(head: OriginHead) -> Finding:
    assert head.problem is not None  # noqa: S101  it is stopped
    problem = head.problem
    return look(
        "origins",
        Bilingual(
            problem.rule.words("vi", problem.params), problem.rule.words("en", problem.params)
        ),
        Bilingual(
            "Từ đó sự kiện của sổ này không đến được đây; các sổ khác không bị ảnh hưởng.",
            "Nothing more of this ledger arrives here; the others are not affected.",
        ),
        Bilingual("Làm theo:", "Follow:"),
        "docs/publishing.md#forwarding",
    )


def _all_come(heads: Sequence[OriginHead]) -> Finding:
    behind = sum(head.head - head.position for head in heads)
    return well(
        "origins",
        f"{number(len(heads))} sổ chuyển về đây, còn {number(behind)} sự kiện chưa đến",
        f"{number_en(len(heads))} ledgers forward to this one, {number_en(behind)} events to come",
    )


def check_forwarding(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Report how far this ledger is forwarded; nothing if it never was."""
    with read_forwarding(settings.home / FORWARDING_FILE) as kept:
        state = None if kept is None else kept.get()
    if state is None:
        return
    if state.stop is not None:
        make = broken if state.stop.code in STOPPING else look
        yield make("forwarding", Bilingual(state.stop.vi, state.stop.en), _NOT_THERE, _RUNBOOK)
        return
    days = (clock() - state.answered_us) // DAY_US
    if days:
        found = Bilingual(
            f"{number(days)} ngày chưa được sổ cấp trên trả lời",
            f"the other ledger has not answered for {number_en(days)} days",
        )
        yield look("forwarding", found, _NOT_THERE, "dvk forward status", _RUNBOOK)
        return
    yield well(
        "forwarding",
        f"đã chuyển đến vị trí {number(state.position)}",
        f"forwarded up to position {number_en(state.position)}",
    )
