"""The ledgers that forward to this one: whether any of them is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.console.doctor.finding import Bilingual, Finding, look, well
from services.console.output.texts import number, number_en
from shared.eventlog.origin_store import OriginStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from shared.eventlog.protocol import OriginHead


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
