"""Merkle trees are those of RFC 6962: the vectors are Certificate Transparency's own."""

from hashlib import sha256

import pytest

from shared.trust.merkle import leaf_hash, levels_of, path_in, path_length, root_from, root_of

ENTRIES = [
    bytes.fromhex(each)
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
"""The inputs of certificate-transparency's reference tests (cpp/merkletree/merkle_tree_test.cc)."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_that_of_the_reference_tests(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([]) == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 66))
def test_each_path_leads_to_the_root_and_no_other_leaf_does(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    levels, root = levels_of(leaves), _split_root(leaves)
    for index, leaf in enumerate(leaves):
        path = path_in(levels, index)
        assert len(path) == path_length(index, size)
        assert root_from(leaf, index, size, path) == root
        assert root_from(leaf_hash(b"other"), index, size, path) != root
        assert root_from(leaf, index, size, [*path, leaf]) is None
        if path:
            assert root_from(leaf, index, size, path[:-1]) is None
            assert root_from(leaf, index, size, [*path[:-1], leaf_hash(b"other")]) != root


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (7, 3)])
def test_an_index_outside_the_tree_leads_nowhere(index: int, size: int) -> None:
    assert root_from(LEAVES[0], index, size, []) is None


def _split_root(leaves: list[bytes]) -> bytes:
    """Return the root as the RFC defines it: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    at = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + _split_root(leaves[:at]) + _split_root(leaves[at:])).digest()
