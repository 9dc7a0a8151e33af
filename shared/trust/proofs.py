"""Proofs over tiles (RFC 6962, 2.1): inclusion, consistency, ranges; c2sp.org/tlog-proof files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.trust.checkpoints import Checkpoint, number
from shared.trust.merkle import HASH_BYTES, node_hash, root_from
from shared.trust.notes import Note, NoteError, from_base64, to_base64
from shared.trust.tiles import TilesAtSize, range_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.trust.tiles import Tiles

MOST_HASHES = 63
_HEADING = "c2sp.org/tlog-proof@v1"


def inclusion(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """Return the inclusion path of a leaf in the tree of a size, from its sibling up."""
    return _path(TilesAtSize(tiles, size), index, 0, size)


def _path(tiles: Tiles, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = _middle(start, end)
    if index < middle:
        return [*_path(tiles, index, start, middle), range_hash(tiles, middle, end)]
    return [*_path(tiles, index, middle, end), range_hash(tiles, start, middle)]


def consistency(tiles: Tiles, old: int, size: int) -> list[bytes]:
    """Return the proof that the tree of a size extends that of an older one (0 < old <= size)."""
    at_size = TilesAtSize(tiles, size)
    return [] if old == size else _subproof(at_size, old, 0, size, whole=True)


def _subproof(tiles: Tiles, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [range_hash(tiles, start, end)]
    middle = _middle(start, end)
    if old <= middle:
        below = _subproof(tiles, old, start, middle, whole=whole)
        return [*below, range_hash(tiles, middle, end)]
    below = _subproof(tiles, old, middle, end, whole=False)
    return [*below, range_hash(tiles, start, middle)]


def _middle(start: int, end: int) -> int:
    """Return where a range is divided: after the largest power of two below its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def is_consistent(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Return whether a proof shows that a tree (size and root) extends an older one.

    By RFC 9162, 2.1.4.2. Any tree extends that of no leaves, by an empty proof.
    """
    (size, root), (new_size, new_root) = old, new
    if not 0 < size < new_size:
        return not proof and (size == 0 or old == new)
    hashes = list(proof) if size & (size - 1) else [root, *proof]
    if not hashes:
        return False
    node, last = size - 1, new_size - 1
    while node % 2:
        node, last = node // 2, last // 2
    older = newer = hashes[0]
    for each in hashes[1:]:
        if not last:
            return False
        if node % 2 or node == last:
            older, newer = node_hash(each, older), node_hash(each, newer)
            while node and not node % 2:
                node, last = node // 2, last // 2
        else:
            newer = node_hash(newer, each)
        node, last = node // 2, last // 2
    return not last and older == root and newer == new_root


class InclusionProof(NamedTuple):
    """A file that proves an entry offline: its index, path, signed checkpoint, and further data.

    Nothing vouches for `extra`.
    """

    leaf_index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes | None = None

    def __str__(self) -> str:
        """Return the proof as it is written."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        lines = [_HEADING, *extra, f"index {self.leaf_index}", *map(to_base64, self.path)]
        return "\n".join(lines) + f"\n\n{self.note}"

    @classmethod
    def parse(cls, written: bytes) -> InclusionProof:
        """Return a proof; raises `NoteError`. Nothing of it is verified."""
        try:
            head, between, note = written.decode().partition("\n\n")
        except UnicodeDecodeError:
            raise NoteError("a proof that is not UTF-8") from None
        heading, *lines = head.split("\n")
        if heading != _HEADING or not between:
            raise NoteError(f"a proof begins with {_HEADING}, and has a checkpoint")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise NoteError("a proof without index")
        index = number(lines[0].removeprefix("index "))
        return cls(index, hashes_of(lines[1:]), Note.parse(note.encode()), extra)

    @property
    def checkpoint(self) -> Checkpoint:
        """Return the checkpoint, whose signatures are not verified."""
        return Checkpoint.parse(self.note.text)

    def includes(self, leaf: bytes) -> bool:
        """Return whether the path leads from the hash of a leaf to the root of the checkpoint."""
        _, size, root = self.checkpoint
        return root_from(leaf, self.leaf_index, size, self.path) == root


def hashes_of(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Return the hashes of a proof's lines; raises `NoteError` for more than 63."""
    if len(lines) > MOST_HASHES:
        raise NoteError(f"a proof of more than {MOST_HASHES} hashes")
    hashes = tuple(map(from_base64, lines))
    if any(len(each) != HASH_BYTES for each in hashes):
        raise NoteError("a hash of a proof has 32 bytes")
    return hashes


class LeafRun:
    """Neighbouring leaves, hashed as they come; keeps the largest whole subtrees of them.

    `start` and `end` are indexes, the end exclusive.
    """

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self._trees: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Append the hash of the next leaf."""
        self._append(1, leaf)

    def extend(self, following: LeafRun) -> None:
        """Append the leaves that begin at the end of these."""
        assert following.start == self.end  # noqa: S101  neighbours
        for size, hashed in following._trees:
            self._append(size, hashed)

    def _append(self, size: int, hashed: bytes) -> None:
        first = self.end
        self.end += size
        while self._trees and self._trees[-1][0] == size and first // size % 2:
            hashed = node_hash(self._trees.pop()[1], hashed)
            first, size = first - size, size * 2
        self._trees.append((size, hashed))

    def root(self, size: int, left: Sequence[bytes], right: Sequence[bytes]) -> bytes | None:
        """Return the root that these leaves lead to in the tree of a size; None for a wrong proof.

        `left` and `right` are as `boundaries` returns them.
        """
        if not self.start < self.end <= size:
            return None
        rest = _Rest(self.start, self.end, list(left[::-1]), self._trees[::-1], list(right[::-1]))
        try:
            root = rest.hash_of(0, size)
        except IndexError:
            return None
        return None if rest.left or rest.trees or rest.right else root


class _Rest(NamedTuple):
    """The hashes of a range proof that are still to be used, the next one last."""

    start: int
    end: int
    left: list[bytes]
    trees: list[tuple[int, bytes]]
    right: list[bytes]

    def hash_of(self, first: int, last: int) -> bytes:
        if last <= self.start:
            return self.left.pop()
        if self.end <= first:
            return self.right.pop()
        length = last - first
        if self.start <= first and last <= self.end and not length & (length - 1):
            return self.trees.pop()[1]
        middle = _middle(first, last)
        left = self.hash_of(first, middle)
        return node_hash(left, self.hash_of(middle, last))


def boundaries(
    tiles: TilesAtSize, start: int, end: int, size: int
) -> tuple[list[bytes], list[bytes]]:
    """Return what binds the leaves from `start` up to `end` to the root of the tree of a size.

    These are the hashes of the largest subtrees before them and behind them, in their order.
    `tiles` are of that size.
    """
    around = list(_around(start, end, 0, size))
    hashes = [(first, tiles.over(first, last)) for first, last in around]
    left = [each for first, each in hashes if first < start]
    return left, [each for first, each in hashes if first >= end]


def _around(start: int, end: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the largest subtrees of a node that have no leaf from `start` up to `end`."""
    if last <= start or end <= first:
        yield first, last
    elif not start <= first <= last <= end:
        middle = _middle(first, last)
        yield from _around(start, end, first, middle)
        yield from _around(start, end, middle, last)
