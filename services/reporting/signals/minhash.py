"""Pairs of sets of words with a high Jaccard likeness, found by MinHash and banding."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

HASHES, BAND = 48, 3
"""The number of hashes of a signature, and how many of them form one of the 16 bands."""
_CHUNK = 20_000
_RANDOM = np.random.default_rng(20_220_803)
_FACTORS = _RANDOM.integers(0, 2**63, HASHES, np.uint64) * np.uint64(2) + np.uint64(1)
_TERMS = _RANDOM.integers(0, 2**63, HASHES, np.uint64)
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

Words = frozenset[str]


class Likenesses(NamedTuple):
    """Pairs of indices with their likeness, and large groups of indices that look alike."""

    pairs: list[tuple[int, int, float]]
    groups: list[list[int]]


def alike(sets: Sequence[Words], least: float, largest: int) -> Likenesses:
    """Return the pairs of different sets with at least this likeness, in order.

    More than `largest` sets that share a band are one group, without pairs among them. Every set
    must have a word.
    """
    signatures = _signatures(sets)
    links = _Links(len(sets))
    candidates: set[tuple[int, int]] = set()
    for band in range(0, HASHES, BAND):
        keys = (signatures[:, band : band + BAND].astype(np.uint64) * _MIX).sum(axis=1)
        for members in _buckets(keys):
            if len(members) > largest:
                links.join(members)
            else:
                candidates.update(_pairs(members))
    grouped = {each for group in links.groups() for each in group}
    found = []
    for first, second in sorted(candidates):
        if first in grouped and second in grouped and links.same(first, second):
            continue
        one, other = sets[first], sets[second]
        likeness = len(one & other) / len(one | other)
        if likeness >= least:
            found.append((first, second, likeness))
    return Likenesses(found, links.groups())


def _signatures(sets: Sequence[Words]) -> NDArray[np.uint32]:
    """Return the signature of each set: the least hash of its words, for each hash."""
    words = {word: number for number, word in enumerate({w for each in sets for w in each})}
    sums = np.fromiter((crc32(word.encode()) for word in words), np.uint64, len(words))
    table = ((sums[:, None] * _FACTORS + _TERMS) >> np.uint64(32)).astype(np.uint32)
    signatures = np.zeros((len(sets), HASHES), np.uint32)
    for begin in range(0, len(sets), _CHUNK):
        some = sets[begin : begin + _CHUNK]
        lengths = np.fromiter(map(len, some), np.int64, len(some))
        flat = np.fromiter((words[w] for each in some for w in each), np.int64, lengths.sum())
        starts = np.cumsum(lengths) - lengths
        signatures[begin : begin + len(some)] = np.minimum.reduceat(table[flat], starts)
    return signatures


def _buckets(keys: NDArray[np.uint64]) -> Iterator[list[int]]:
    """Yield the indices that share a key with another."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    edges = np.flatnonzero(sorted_keys[1:] != sorted_keys[:-1]) + 1
    bounds = np.concatenate(([0], edges, [len(keys)]))
    for place in np.flatnonzero(np.diff(bounds) > 1).tolist():
        yield order[bounds[place] : bounds[place + 1]].tolist()


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, first in enumerate(members):
        for second in members[place + 1 :]:
            yield (first, second) if first < second else (second, first)


class _Links:
    """Groups of indices, joined as buckets show them."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))
        self._joined: set[int] = set()

    def join(self, members: Iterable[int]) -> None:
        """Join the groups of these indices."""
        first, *others = members
        self._joined.update((first, *others))
        root = self._root(first)
        for each in others:
            self._parents[self._root(each)] = root

    def same(self, first: int, second: int) -> bool:
        """Say whether two indices are in one group."""
        return self._root(first) == self._root(second)

    def groups(self) -> list[list[int]]:
        """Return the groups, each in order."""
        found: dict[int, list[int]] = {}
        for each in sorted(self._joined):
            found.setdefault(self._root(each), []).append(each)
        return list(found.values())

    def _root(self, index: int) -> int:
        parents = self._parents
        while parents[index] != index:
            parents[index] = index = parents[parents[index]]
        return index
