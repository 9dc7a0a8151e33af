"""A proof that is not right is refused by ours, by Go's and by Sigstore's verifier alike."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from shared.trust.checkpoints import Checkpoint
from shared.trust.merkle import leaf_hash
from shared.trust.notes import Note, sign
from shared.trust.proofs import InclusionProof, inclusion
from tests.support.sealed_log import KEY, ORIGIN, SealedLog, asked_of_go
from tests.support.served_seals import VKEY

SCRIPT = Path(__file__).parents[2] / "support/node_verify_inclusion.cjs"
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300)


class Case(NamedTuple):
    """A proof with the leaf that it is said to be of, and the rule that it keeps or breaks."""

    rule: str
    proof: InclusionProof
    leaf: bytes


def _cases(log: SealedLog) -> Iterator[Case]:
    notes = {
        size: Note.parse(log.sealed(size - log.log.head().position).note.encode()) for size in SIZES
    }
    for size, note in notes.items():
        for index in {0, size // 2, size - 1}:
            path = tuple(inclusion(log.store, index, size))
            leaf = log.leaf(index + 1)
            right = InclusionProof(index, path, note)
            yield Case("right", right, leaf)
            yield Case("another event", right, log.leaf(size if index == 0 else index))
            yield Case("beyond the log", right._replace(leaf_index=size), leaf)
            yield Case("too long", right._replace(path=(*path, bytes(32))), leaf)
            if size > 1:
                yield Case("another place", right._replace(leaf_index=(index + 1) % size), leaf)
                yield Case("too short", right._replace(path=path[:-1]), leaf)
                yield (
                    Case("reversed", right._replace(path=path[::-1]), leaf)
                    if len(set(path)) > 1
                    else Case("empty", right._replace(path=()), leaf)
                )
                # The sibling's parent given as a leaf: its hash has another first byte.
                pair = path[0] + leaf_hash(leaf) if index % 2 else leaf_hash(leaf) + path[0]
                yield Case("a node as leaf", right._replace(path=path[1:]), pair)
            for other in SIZES:
                if other not in {size, 1} and other > index:
                    yield Case("another size", right._replace(note=notes[other]), leaf)
    forged = Checkpoint(ORIGIN, 300, bytes(32))
    note = Note(str(forged), (sign(str(forged), ORIGIN, KEY),))
    path = tuple(inclusion(log.store, 7, 300))
    yield Case("another root", InclusionProof(7, path, note), log.leaf(8))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    home = tmp_path_factory.mktemp("crooked")
    log = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    found = list(_cases(log))
    log.close()
    # With one event the event before it is the same one.
    return [
        each for each in found if each.rule != "another event" or each.proof.checkpoint.size > 1
    ]


def _ours(case: Case) -> bool:
    return case.proof.includes(leaf_hash(case.leaf))


def test_ours_accepts_the_right_ones_only(cases: list[Case]) -> None:
    assert {case.rule for case in cases if _ours(case)} == {"right"}
    assert all(_ours(case) for case in cases if case.rule == "right")
    assert len(cases) > 200


def test_go_says_the_same_of_every_one(cases: list[Case]) -> None:
    said = asked_of_go(
        vkey=VKEY,
        checkpoint=str(cases[0].proof.note).encode(),
        proofs=[{"proof": str(each.proof).encode(), "leaf": each.leaf} for each in cases],
    )
    verdicts = [each == "right" for each in said["proofs"]]
    assert verdicts == [_ours(case) for case in cases]


@pytest.mark.slow
def test_sigstore_says_the_same_of_every_one(cases: list[Case], tmp_path: Path) -> None:
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("NOT VERIFIED BY SIGSTORE: node and npm are not on this machine")
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "@sigstore/verify@3.1.1"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if installed.returncode:
        pytest.skip(f"NOT VERIFIED BY SIGSTORE: npm cannot install it: {installed.stderr[-200:]}")
    shutil.copy(SCRIPT, tmp_path)

    def text(value: bytes) -> str:
        return b64encode(value).decode()

    asked = [
        {
            "index": case.proof.leaf_index,
            "size": case.proof.checkpoint.size,
            "root": text(case.proof.checkpoint.root),
            "hashes": list(map(text, case.proof.path)),
            "leaf": text(case.leaf),
        }
        for case in cases
    ]
    done = subprocess.run(
        ["node", SCRIPT.name], cwd=tmp_path, input=json.dumps(asked), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [each == "right" for each in json.loads(done.stdout)] == [_ours(c) for c in cases]
