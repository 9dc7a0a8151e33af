"""Tiles and proofs over them: held against trees that are hashed whole, as RFC 6962 defines them."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest

from shared.trust.merkle import leaf_hash, root_from
from shared.trust.notes import Note, NoteError, sign
from shared.trust.proofs import InclusionProof, consistency, inclusion, is_consistent
from shared.trust.tiles import GrowingTree, Tile, entry
from tests.unit.trust.test_notes import KEY, TEXT

MOST = 70_000
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 4_096, 65_535, 65_536, 65_537, MOST)
LEAVES = [entry(number, number * 7, bytes([number % 251]) * 32) for number in range(1, MOST + 1)]


class Stored:
    """Tiles in memory, put together of the pieces that a growing tree has added."""

    def __init__(self) -> None:
        self.levels: dict[int, list[bytes]] = {}
        self.roots: dict[int, bytes] = {}
        self.tree = GrowingTree()

    def grow(self, to: int) -> None:
        self.tree.append(LEAVES[self.tree.size : to])
        for level, first, hashes in self.tree.take():
            stored = self.levels.setdefault(level, [])
            assert len(stored) == first
            assert first // 256 == (first + len(hashes) - 1) // 256, "a piece is of one tile"
            stored.extend(hashes)
        self.roots[to] = self.tree.root()

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        found = self.levels[level][number * 256 : number * 256 + width]
        assert len(found) == width
        return found


@pytest.fixture(scope="module")
def stored() -> Stored:
    tiles = Stored()
    for size in SIZES:
        tiles.grow(size)
    return tiles


def mth(leaves: Sequence[bytes]) -> bytes:
    """Return the root by the definition of RFC 6962, 2.1."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    at = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + mth(leaves[:at]) + mth(leaves[at:])).digest()


@pytest.mark.parametrize("size", [each for each in SIZES if each < 5_000 or each == MOST])
def test_the_root_of_a_growing_tree_is_that_of_the_definition(stored: Stored, size: int) -> None:
    assert stored.roots[size] == mth(LEAVES[:size])


def test_an_entry_is_position_time_and_digest_in_48_bytes() -> None:
    expected = bytes.fromhex("0000000000000001" "0005c0a1b2c3d4e5") + b"d" * 32  # fmt: skip
    assert entry(1, 0x5C0A1B2C3D4E5, b"d" * 32) == expected


def test_every_inclusion_proof_leads_to_the_root_and_to_no_other_place(stored: Stored) -> None:
    places = [(size, i) for size in SIZES for i in {0, size // 2, size - 1, size * 3 // 4}]
    for size, index in places:
        path = inclusion(stored, index, size)
        leaf = leaf_hash(LEAVES[index])
        assert root_from(leaf, index, size, path) == stored.roots[size]
        for other in (index - 1, index + 1, size - 1):
            if other != index and size > 1:
                assert root_from(leaf, other, size, path) != stored.roots[size]
        # The path alone does not bind the size; the root of another size is another.
        for another in (each for each in SIZES if each not in {size, 1}):
            assert root_from(leaf, index, another, path) != stored.roots[another]
        if path:  # an inner node is no leaf, and one's own leaf no sibling
            assert root_from(path[0], index, size, path) != stored.roots[size]


def test_every_size_extends_every_smaller_one_and_a_changed_proof_shows_nothing(
    stored: Stored,
) -> None:
    random = Random(1)
    for size in SIZES:
        for old in (each for each in SIZES if each <= size):
            proof = consistency(stored, old, size)
            before, after = (old, stored.roots[old]), (size, stored.roots[size])
            assert is_consistent(before, after, proof), (old, size)
            other = bytes(32)
            assert not is_consistent((old, other), after, proof)
            assert not is_consistent(before, (size, other), proof)
            assert not is_consistent(before, after, [*proof, other])
            if proof:
                assert not is_consistent(before, after, proof[:-1])
                assert not is_consistent(before, after, proof[1:])
                at = random.randrange(len(proof))
                assert not is_consistent(before, after, [*proof[:at], other, *proof[at + 1 :]])


def test_nothing_extends_a_longer_tree_and_everything_extends_nothing(stored: Stored) -> None:
    for old, size in pairwise(SIZES):
        proof = consistency(stored, old, size)
        assert not is_consistent((size, stored.roots[size]), (old, stored.roots[old]), proof)
    assert is_consistent((0, bytes(32)), (7, stored.roots[7]), [])
    assert not is_consistent((0, bytes(32)), (7, stored.roots[7]), [bytes(32)])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 999, 1), "0/999.p/1"),
        (Tile(1, 1_000), "1/x001/000"),
        (Tile(0, 1_234_067), "0/x001/x234/067"),  # the example of c2sp.org/tlog-tiles
        (Tile(None, 5, 255), "entries/005.p/255"),
        (Tile(63, 0), "63/000"),
    ],
)
def test_a_tile_has_one_address(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "..", "../0/000", "0/../000", "0", "0/", "0/0", "0/00", "0/0000", "00/000", "01/000",
        "100/000", "-1/000", "0/x000/000", "0/x001/1", "0/001/000", "0/x001", "0/X001/000",
        "0/000.p", "0/000.p/", "0/000.p/0", "0/000.p/01", "0/000.p/256", "0/000.p/1/", "0/000/",
        "0//000", "0/000?", "0/000\n", "0/\u0660\u0660\u0660", "entries/x000/000", "Entries/000",
        "data/000", "8/0/000", f"0/{'x999/' * 9}999",
    ],
)  # fmt: skip
def test_what_is_not_the_one_form_of_an_address_is_no_tile(path: str) -> None:
    assert Tile.parse(path) is None


@pytest.mark.parametrize(
    ("tile", "size", "there"),
    [
        (Tile(0, 0, 1), 1, True),
        (Tile(0, 0, 2), 1, False),
        (Tile(0, 0), 255, False),
        (Tile(0, 0), 256, True),
        (Tile(1, 0, 1), 255, False),
        (Tile(1, 0, 1), 256, True),
        (Tile(0, 273, 112), 70_000, True),  # the example of c2sp.org/tlog-tiles
        (Tile(0, 273, 113), 70_000, False),
        (Tile(1, 1, 17), 70_000, True),
        (Tile(2, 0, 1), 70_000, True),
        (Tile(2, 0, 2), 70_000, False),
        (Tile(None, 273, 112), 70_000, True),
        (Tile(63, 0, 1), 1 << 62, False),
    ],
)
def test_a_tile_is_served_as_soon_as_a_checkpoint_covers_it(
    tile: Tile, size: int, there: bool
) -> None:
    assert tile.is_in(size) is there


PROOF = InclusionProof(3, (bytes(32), b"a" * 32), Note(TEXT, (sign(TEXT, "n", KEY),)), b"{}")


def test_a_proof_is_written_as_it_was_read() -> None:
    for proof in (PROOF, PROOF._replace(extra=None), PROOF._replace(path=())):
        assert InclusionProof.parse(str(proof).encode()) == proof


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3", "index"),
        ("index 3\n", ""),
        ("extra e30=", "extra e30"),
        ("extra e30=", "Extra e30="),
        ("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=", "YWFh"),
        ("\n\nexample.com", "\nexample.com"),
        ("\n\n", "\n\n\n"),
    ],
)
def test_what_is_not_a_proof_is_refused(before: str, after: str) -> None:
    written = str(PROOF)
    assert before in written
    with pytest.raises(NoteError):
        InclusionProof.parse(written.replace(before, after, 1).encode()).checkpoint  # noqa: B018


def test_a_proof_of_more_than_63_hashes_is_refused() -> None:
    longest = PROOF._replace(path=(bytes(32),) * 63)
    assert InclusionProof.parse(str(longest).encode()) == longest
    with pytest.raises(NoteError):
        InclusionProof.parse(str(PROOF._replace(path=(bytes(32),) * 64)).encode())
