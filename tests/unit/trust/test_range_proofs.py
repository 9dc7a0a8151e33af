"""Neighbouring leaves lead to the root of their tree by what is left and right of them, or not."""

from collections.abc import Sequence
from itertools import combinations

import pytest

from shared.trust.merkle import leaf_hash
from shared.trust.proofs import LeafRun, boundaries, inclusion
from shared.trust.tiles import TilesAtSize
from tests.unit.trust.test_tiles_and_proofs import LEAVES, SIZES, Stored, mth

SMALL = range(1, 18)


@pytest.fixture(scope="module")
def stored() -> Stored:
    tiles = Stored()
    for size in sorted({*SMALL, *SIZES[:-3]}):
        tiles.grow(size)
    return tiles


def run_of(start: int, end: int, leaves: Sequence[bytes] = LEAVES) -> LeafRun:
    run = LeafRun(start)
    for leaf in leaves[start:end]:
        run.append(leaf_hash(leaf))
    return run


@pytest.mark.parametrize("size", SMALL)
def test_every_run_of_a_small_tree_leads_to_the_root_of_the_definition(
    stored: Stored, size: int
) -> None:
    for start, end in combinations(range(size + 1), 2):
        left, right = boundaries(TilesAtSize(stored, size), start, end, size)
        assert run_of(start, end).root(size, left, right) == mth(LEAVES[:size]), (start, end)


def test_neighbouring_runs_joined_are_the_run_of_all_their_leaves(stored: Stored) -> None:
    for start, middle, end in combinations(range(18), 3):
        left, right = boundaries(TilesAtSize(stored, 17), start, end, 17)
        joined = run_of(start, middle)
        joined.extend(run_of(middle, end))
        assert joined.root(17, left, right) == mth(LEAVES[:17]), (start, middle, end)


def test_runs_of_large_trees_lead_to_their_root(stored: Stored) -> None:
    for size in (257, 511, 4_096):
        for start, end in ((0, size), (1, size), (size - 1, size), (255, 257), (100, 200)):
            left, right = boundaries(TilesAtSize(stored, size), start, end, size)
            assert run_of(start, end).root(size, left, right) == mth(LEAVES[:size])
            assert len(left) + len(right) <= 2 * size.bit_length()


def test_the_proof_of_one_leaf_has_the_hashes_of_its_inclusion_path(stored: Stored) -> None:
    for index in (0, 5, 16):
        left, right = boundaries(TilesAtSize(stored, 17), index, index + 1, 17)
        assert sorted([*left, *right]) == sorted(inclusion(stored, index, 17))


def test_no_other_run_and_no_other_hashes_lead_to_the_root(stored: Stored) -> None:
    root, tiles = mth(LEAVES[:17]), TilesAtSize(stored, 17)
    for start, end in combinations(range(18), 2):
        left, right = boundaries(tiles, start, end, 17)
        run = run_of(start, end)
        changed = [bytes([each[0] ^ 1]) + each[1:] for each in (*left, *right)]
        wrong = [
            ([*left, root], right),
            (left, [*right, root]),
            *([(left[1:], right), (changed[: len(left)], right)] if left else []),
            *([(left, right[1:]), (left, changed[len(left) :])] if right else []),
            *([(left[::-1], right)] if len(left) > 1 else []),
            *([(left[:-1], [left[-1], *right])] if left else []),
        ]
        assert all(run.root(17, *each) != root for each in wrong), (start, end)
        # The hashes alone do not bind the size; a tree that ends within the run is none of theirs.
        assert run.root(end - 1, left, right) is None
        # One leaf less, one more, or the neighbours in other places.
        for of in (run_of(start, end - 1), run_of(start, end + 1), run_of(start + 1, end)):
            assert of.root(17, left, right) != root
        moved = LeafRun(start)
        for leaf in LEAVES[start + 1 : end + 1]:
            moved.append(leaf_hash(leaf))
        assert moved.root(17, left, right) != root
