"""Merkle trees of RFC 6962 (section 2.1) over SHA-256: roots, inclusion paths, their verification.

Hashes are 32 bytes. Leaves and nodes are hashed with different first bytes, so none passes for the
other.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of leaves; of none it is the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    return levels_of(leaves)[-1][0]


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return all levels of the tree over at least one leaf, from the leaves up to the root.

    A node without a neighbour is moved up as it is: that gives the same root as splitting at the
    largest power of two.
    """
    levels = [list(leaves)]
    while len(level := levels[-1]) > 1:
        above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        levels.append(above if len(level) % 2 == 0 else [*above, level[-1]])
    return levels


def path_in(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the inclusion path of a leaf, from its sibling up."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index //= 2
    return path


def path_length(index: int, size: int) -> int:
    """Return how many hashes the inclusion path of a leaf has."""
    length, last = 0, size - 1
    while last:
        length += index % 2 == 1 or index < last
        index, last = index // 2, last // 2
    return length


def root_from(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion path leads to, None for a path of the wrong length.

    By RFC 9162, 2.1.3.2. `index` is from 0 and below `size`.
    """
    if not 0 <= index < size or len(path) != path_length(index, size):
        return None
    hashed, last = leaf, size - 1
    siblings = iter(path)
    while last:
        if index % 2:
            hashed = node_hash(next(siblings), hashed)
        elif index < last:
            hashed = node_hash(hashed, next(siblings))
        index, last = index // 2, last // 2
    return hashed
