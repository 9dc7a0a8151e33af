"""Tiles of the log's Merkle tree (c2sp.org/tlog-tiles): their addresses, and the tree over them.

A tile holds up to 256 neighbouring hashes of one level; a level is eight levels of the binary tree.
Each event is a leaf of 48 bytes: position, recorded time in microseconds (8 bytes each, big endian)
and the digest of its record. Its index in the tree is its position less one.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol

from shared.trust.merkle import HASH_BYTES, node_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 256
HEIGHT = 8
MOST_LEVEL = 7
"""The level of the root of 2^64 leaves; the address of a tile may state up to 63."""
MOST_KEPT = 1_024
"""Tiles kept in memory while proofs are made (20 MB)."""
ENTRIES = "entries"
ENTRY_BYTES = 48
entry = struct.Struct(">QQ32s").pack
"""Returns the leaf of an event, from its position, recorded time and digest."""
_PATH = re.compile(r"(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_MOST_GROUPS = 7


class Tile(NamedTuple):
    """An address: level (None for the entries themselves), number and width (1 to 256)."""

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return the address after `/tile/`."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        numbered = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{ENTRIES if self.level is None else self.level}/{numbered}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """Return the tile at an address, None if it is not the one form of an address."""
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        level, groups, last, width = found.groups()
        if len(groups) // 5 > _MOST_GROUPS:
            return None
        number = int(groups.replace("x", "").replace("/", "") + last)
        stated = None if level == ENTRIES else int(level)
        tile = cls(stated, number, int(width or WIDTH))
        return tile if tile.path == path and (width is None or tile.width < WIDTH) else None

    def is_in(self, size: int) -> bool:
        """Return whether a log of some size has the tile."""
        level = self.level or 0
        return level <= MOST_LEVEL and self.number * WIDTH + self.width <= size >> HEIGHT * level


class Tiles(Protocol):
    """A place that tiles are read from."""

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile, 32 bytes each."""
        ...


class TilesAtSize:
    """The tiles of a log at a size: each is read once, whole as it is at that size.

    Only these widths are sure to be served by every log. The first ones read are forgotten first.
    """

    def __init__(self, tiles: Tiles, size: int) -> None:
        self._tiles = tiles
        self._size = size
        self._read: dict[tuple[int, int], Sequence[bytes]] = {}
        self.over = lru_cache(MOST_KEPT)(self._over)
        """Returns `range_hash` of these tiles, remembered for the next proof."""

    def _over(self, start: int, end: int) -> bytes:
        return range_hash(self, start, end)

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        """Return the first hashes of a tile."""
        key = level, number
        if key not in self._read:
            if len(self._read) >= MOST_KEPT:
                del self._read[next(iter(self._read))]
            whole = min(WIDTH, (self._size >> HEIGHT * level) - number * WIDTH)
            self._read[key] = self._tiles.hashes(level, number, whole)
        return self._read[key][:width]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as they are served: each after its length, 2 bytes, big endian."""
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def split(tile: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


class GrowingTree:
    """The right edge of a tree: of each level the hashes of its last tile, which is not yet full.

    `added` collects what was added since `take` by level: index of the first, and the hashes.
    """

    def __init__(self, size: int = 0, edge: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self.edge = [list(level) for level in edge] or [[]]
        self._added: dict[int, tuple[int, list[bytes]]] = {}

    def append(self, entries: Sequence[bytes]) -> None:
        """Append the entries of events as leaves."""
        # As `leaf_hash` does; a call for each leaf would take a third longer.
        self._put(0, self.size, [sha256(b"\x00" + each).digest() for each in entries])
        self.size += len(entries)

    def _put(self, level: int, index: int, hashes: list[bytes]) -> None:
        if level == len(self.edge):
            self.edge.append([])
        self._added.setdefault(level, (index, []))[1].extend(hashes)
        edge = [*self.edge[level], *hashes]
        ends = range(WIDTH, len(edge) + 1, WIDTH)
        full = [_root_of_tile(edge[end - WIDTH : end]) for end in ends]
        self.edge[level] = edge[len(full) * WIDTH :]
        if full:
            self._put(level + 1, index >> HEIGHT, full)

    def take(self) -> list[tuple[int, int, list[bytes]]]:
        """Return level, index and hashes of what was added, in pieces of one tile each."""
        pieces = []
        for level, (index, hashes) in self._added.items():
            at = 0
            while at < len(hashes):
                length = WIDTH - (index + at) % WIDTH
                pieces.append((level, index + at, hashes[at : at + length]))
                at += length
        self._added = {}
        return pieces

    def root(self) -> bytes:
        """Return the root over all leaves."""
        right: bytes | None = None
        for level in self.edge:
            hashes = level if right is None else [*level, right]
            right = root_of(hashes) if hashes else None
        return right or root_of(())


def _root_of_tile(hashes: list[bytes]) -> bytes:
    """Return the root over 256 hashes, as `root_of` does, a third faster."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def range_hash(tiles: Tiles, start: int, end: int) -> bytes:
    """Return the root over the leaves from `start` up to `end`.

    `start` is a multiple of the smallest power of two that is not below their number.
    """
    length = end - start
    if length & (length - 1):
        middle = start + (1 << length.bit_length() - 1)
        return node_hash(range_hash(tiles, start, middle), range_hash(tiles, middle, end))
    level, rest = divmod(length.bit_length() - 1, HEIGHT)
    number, first = divmod(start >> HEIGHT * level, WIDTH)
    hashes = tiles.hashes(level, number, first + (1 << rest))
    return root_of(hashes[first : first + (1 << rest)])
