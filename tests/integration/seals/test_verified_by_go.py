"""Go's checksum database verifies our checkpoints, tiles and proofs, with libraries of its own."""

from base64 import b64encode
from pathlib import Path

from shared.trust.notes import Note
from shared.trust.proofs import InclusionProof, consistency, inclusion
from shared.trust.tiles import HEIGHT, WIDTH, Tile
from tests.support.sealed_log import SealedLog, asked_of_go

INDEXES = [0, 1, 255, 256, 511, 512, 699]


def written(log: SealedLog, size: int, folder: Path) -> str:
    """Write the tiles of a size as a web server would serve them, and return the folder."""
    for level in range(2):
        number, width = divmod(size >> HEIGHT * level, WIDTH)
        tiles = [Tile(level, each) for each in range(number)]
        for tile in [*tiles, *([Tile(level, number, width)] if width else [])]:
            file = folder / "tile" / tile.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"".join(log.store.hashes(*tile)))  # type: ignore[arg-type]
    return str(folder)


def test_go_verifies_a_growing_log_and_makes_the_same_proofs_of_its_tiles(
    sealed_log: SealedLog, tmp_path: Path
) -> None:
    older = [sealed_log.sealed(by) for by in (1, 2, 253, 44, 212)]
    last = sealed_log.sealed(188)
    assert last.size == 700
    note = Note.parse(last.note.encode())
    proofs = [
        InclusionProof(index, tuple(inclusion(sealed_log.store, index, 700)), note, b"{}")
        for index in INDEXES
    ]
    said = asked_of_go(
        vkey=last.vkey,
        root=written(sealed_log, 700, tmp_path / "served"),
        checkpoint=last.note.encode(),
        older=[each.note.encode() for each in older],
        proofs=[
            {"proof": str(proof).encode(), "leaf": sealed_log.leaf(proof.leaf_index + 1)}
            for proof in proofs
        ],
        indexes=INDEXES,
    )
    assert (said["checkpoint"], said["size"]) == ("right", 700)
    assert said["proofs"] == ["right"] * len(INDEXES)
    assert said["older"] == ["right"] * len(older)
    ours = [[b64encode(each).decode() for each in proof.path] for proof in proofs]
    assert said["inclusion"] == ours
    assert said["consistency"] == [
        [b64encode(each).decode() for each in consistency(sealed_log.store, old.size, 700)]
        for old in older
    ]
