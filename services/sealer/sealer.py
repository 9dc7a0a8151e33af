"""Sealing: events become leaves of the Merkle tree, and its root is signed as a checkpoint.

The sealer has two memories, the checkpoints in the database and its own file. It signs only a log
that extends both: of the same chain, and with the same root at the size of each.
"""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import LedgerError, Problem, declare
from shared.eventlog.seal_store import SealedCheckpoint, TilesIncomplete
from shared.events.envelope import NO_CHAIN
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import ED25519, Note, VerifierKey, sign
from shared.trust.tiles import GrowingTree, range_hash

if TYPE_CHECKING:
    from shared.clock import Clock
    from shared.eventlog.seal_store import SealStore
    from shared.trust.keys import SecretKey
    from shared.trust.memory import CheckpointMemory

MOST = 20_000
"""Events of one checkpoint at most: a long log is sealed in several."""
SEAL_REFUSED = declare(
    "seal_refused",
    503,
    vi="Không niêm phong: sổ cái trái với điểm kiểm đã ký ở vị trí {position} ({reason}). Sổ đã "
    "bị sửa, bị cắt hoặc được phục hồi về bản cũ. Hãy giữ nguyên hiện trạng làm chứng và xem "
    "docs/operations.md, mục SealContradicted.",
    en="Not sealed: the log contradicts the checkpoint signed at position {position} ({reason}). "
    "It was changed, truncated or restored to an older state. Keep everything as evidence and see "
    "docs/operations.md, SealContradicted.",
)
_logger = logging.getLogger("dvk.sealer")


class _Reached(NamedTuple):
    """The state of the sealer after a checkpoint: it is lost, and read again, after any error."""

    tree: GrowingTree
    chain: bytes
    last: SealedCheckpoint | None
    kept: Checkpoint | None


class Sealer:
    """Seals the events that were appended since the last checkpoint; the worker calls `step`."""

    def __init__(
        self, store: SealStore, memory: CheckpointMemory, key: SecretKey, *, clock: Clock
    ) -> None:
        self._store = store
        self._memory = memory
        self._key = key
        self._clock = clock
        self.vkey = str(VerifierKey(store.origin, ED25519, key.public))
        self._reached: _Reached | None = None

    def step(self) -> int:
        """Sign a checkpoint if the log has grown; return the number of events it adds.

        Raises `LedgerError` (`seal_refused`) if the log contradicts what was signed before.
        """
        reached, self._reached = self._reached or self._recall(), None
        position, chain = self._store.head()
        size = reached.tree.size
        kept = reached.kept.size if reached.kept else 0
        if _is_truncated(position, max(size, kept)):
            raise _refused("truncated", max(size, kept))
        if position == size:
            if size and not _is_chained(chain, reached.chain):
                raise _refused("chain", size)
            self._reached = reached
            return 0
        # After a stop between the file and the database the file is ahead: first to its size.
        limit = min(MOST, kept - size) if kept > size else MOST
        self._reached = self._seal(reached, limit, (position, chain))
        return self._reached.tree.size - size if self._reached else 0

    def _seal(self, reached: _Reached, limit: int, head: tuple[int, bytes]) -> _Reached | None:
        """Seal up to `limit` further events; None if another sealer has signed meanwhile.

        `head` is the head of the log as it was before they were read.
        """
        tree, chain, last, kept = reached
        entries = self._store.entries(tree.size, limit)
        if not entries:
            return None
        for each in entries:
            chain = sha256(chain + each).digest()
        last_position = tree.size + len(entries)
        stored = head[1] if last_position == head[0] else self._store.chain_at(last_position)
        if stored is None or not _is_chained(chain, stored):
            raise _refused("chain", tree.size)
        tree.append(entries)
        new = Checkpoint(self._store.origin, tree.size, tree.root())
        if kept is None or kept.size < new.size:
            self._memory.keep(new.origin, str(new))
            kept = new
        elif kept.size == new.size and not _has_root(new.root, kept.root):
            raise _refused("root", new.size)
        sealed = self._signed(new, chain)
        if not self._store.add(last, sealed, tree.take()):
            return None
        return _Reached(tree, chain, sealed, kept)

    def _signed(self, checkpoint: Checkpoint, chain: bytes) -> SealedCheckpoint:
        text = str(checkpoint)
        note = str(Note(text, (sign(text, checkpoint.origin, self._key),)))
        return SealedCheckpoint(
            checkpoint.size, checkpoint.root, chain, self._clock(), self.vkey, note
        )

    def _recall(self) -> _Reached:
        """Return the state of the last checkpoint; raises if the two memories contradict."""
        last, written = self._store.last(), self._memory.last(self._store.origin)
        kept = None if written is None else Checkpoint.parse(written)
        if last is None:
            return _Reached(GrowingTree(), NO_CHAIN, None, kept)
        try:
            tree = self._store.tree(last.size)
            older = (
                range_hash(self._store, 0, kept.size)
                if kept and 0 < kept.size <= last.size
                else None
            )
        except TilesIncomplete as error:
            _logger.critical("%s", error)
            raise _refused("tiles", last.size) from error
        if not _has_root(tree.root(), last.root):
            raise _refused("root", last.size)
        if kept and older and not _has_root(older, kept.root):
            raise _refused("root", kept.size)
        if kept is None:
            _logger.warning("the sealer's file is missing: kept again from the database")
            kept = Checkpoint(self._store.origin, last.size, last.root)
            self._memory.keep(kept.origin, str(kept))
        there = self._store.chain_at(last.size)
        if there is not None and not _is_chained(there, last.chain):
            raise _refused("chain", last.size)
        return _Reached(tree, last.chain, last, kept)


def _is_truncated(position: int, sealed: int) -> bool:
    return position < sealed


def _is_chained(chain: bytes, sealed: bytes) -> bool:
    return chain == sealed


def _has_root(root: bytes, sealed: bytes) -> bool:
    return root == sealed


def _refused(reason: str, position: int) -> LedgerError:
    """Return the refusal; the reason is `truncated`, `chain`, `root` or `tiles`."""
    return LedgerError(Problem(SEAL_REFUSED, {"position": position, "reason": reason}))
