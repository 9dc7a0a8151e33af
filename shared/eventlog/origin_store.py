"""The ledgers that forward to this one, in SQL: their heads, and the chain at each position.

None of it can be derived from the log: duplicates, refused and parked events leave no record there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from shared.errors import Problem
from shared.eventlog.protocol import OriginChains, OriginHead
from shared.eventlog.tables import ORIGIN_CHAINS, ORIGINS
from shared.events.envelope import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import Connection, Row

_BYTES = len(NO_CHAIN)
_SHARED = (
    select(func.coalesce(func.min(ORIGIN_CHAINS.c.first) - 1, 0))
    .where(ORIGIN_CHAINS.c.ledger == ORIGINS.c.ledger)
    .scalar_subquery()
    .label("shared")
)
_HEADS = select(ORIGINS, _SHARED)


class OriginStore:
    """Reads and writes these tables over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_origins(self) -> Sequence[OriginHead]:
        """Return the ledgers, by name."""
        rows = self._connection.execute(_HEADS.order_by(ORIGINS.c.ledger))
        return [_head(row) for row in rows]

    def origin(self, ledger: str) -> OriginHead | None:
        """Return the head of a ledger, None if nothing came from it."""
        query = _HEADS.where(ORIGINS.c.ledger == ledger)
        row = self._connection.execute(query).first()
        return None if row is None else _head(row)

    def origin_chains(self, ledger: str, position: int) -> OriginChains | None:
        """Return chains at a position of a ledger and its neighbours; None where there are none."""
        first = ORIGIN_CHAINS.c.first
        query = (
            select(first, ORIGIN_CHAINS.c.chains)
            .where(ORIGIN_CHAINS.c.ledger == ledger, first <= position)
            .order_by(first.desc())
            .limit(1)
        )
        row = self._connection.execute(query).first()
        if row is None or position >= row.first + len(row.chains) // _BYTES:
            return None
        chains = bytes(row.chains)
        return OriginChains(
            row.first,
            tuple(chains[at : at + _BYTES] for at in range(0, len(chains), _BYTES)),
        )

    def move_origin(self, head: OriginHead, chains: OriginChains | None) -> None:
        """Store the head of a ledger, and the chains of the positions new to this log."""
        problem = head.problem
        row = {
            **{column.name: getattr(head, column.name) for column in ORIGINS.c},
            "problem": None if problem is None else json.dumps(problem.stored()),
        }
        same = ORIGINS.c.ledger == head.ledger
        if not self._connection.execute(ORIGINS.update().where(same).values(row)).rowcount:
            self._connection.execute(ORIGINS.insert(), row)
        if chains is not None:
            new = {"first": chains.first, "chains": b"".join(chains.chains)}
            self._connection.execute(ORIGIN_CHAINS.insert(), {"ledger": head.ledger, **new})


def _head(row: Row[*tuple[Any, ...]]) -> OriginHead:
    found = OriginHead(**{**row._mapping, "chain": bytes(row.chain), "problem": None})  # noqa: SLF001
    return replace(
        found, problem=Problem.restored(json.loads(row.problem)) if row.problem else None
    )
