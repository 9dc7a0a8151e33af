"""A witness cosigns only what extends what it has cosigned (c2sp.org/tlog-witness)."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.trust.merkle import root_of
from shared.trust.notes import COSIGNATURE, ED25519, Note, Signature, VerifierKey, sign
from shared.trust.proofs import consistency
from shared.trust.tiles import GrowingTree, entry
from shared.trust.witnessing import Witness, WitnessError, WitnessRequest

ORIGIN = "example.com/log"
LOG = SecretKey.from_seed(b"l" * 32)
KEY = SecretKey.from_seed(b"w" * 32)
LOG_KEY = VerifierKey(ORIGIN, ED25519, LOG.public)
WITNESS_KEY = VerifierKey("w.example", COSIGNATURE, KEY.public)
NOW = 1_790_000_000


class History:
    """A history of a log: `mark` tells two of them apart from an event on."""

    def __init__(self, mark: int = 0, since: int = 0) -> None:
        self.levels: dict[int, list[bytes]] = {}
        self.roots = {0: root_of(())}
        tree = GrowingTree()
        for number in range(1, 301):
            tree.append([entry(number, number, bytes([mark if number > since else 0]) * 32)])
            for level, _, hashes in tree.take():
                self.levels.setdefault(level, []).extend(hashes)
            self.roots[number] = tree.root()

    def hashes(self, level: int, number: int, width: int) -> Sequence[bytes]:
        return self.levels[level][number * 256 : number * 256 + width]

    def note(self, size: int, key: SecretKey = LOG, origin: str = ORIGIN) -> Note:
        text = str(Checkpoint(origin, size, self.roots[size]))
        return Note(text, (sign(text, origin, key),))

    def request(self, old: int, size: int) -> WitnessRequest:
        proof = consistency(self, old, size) if old else []
        return WitnessRequest(old, tuple(proof), self.note(size))


HONEST = History()
FORKED = History(mark=1, since=100)


@pytest.fixture
def memory(tmp_path: Path) -> CheckpointMemory:
    return CheckpointMemory(tmp_path)


@pytest.fixture
def witness(memory: CheckpointMemory) -> Witness:
    """Give a witness that has cosigned size 120."""
    one = Witness("w.example", KEY, [LOG_KEY], memory)
    one.add(str(HONEST.request(0, 120)).encode(), NOW)
    return one


def refused(witness: Witness, written: str) -> WitnessError:
    """Return the refusal; the state of the witness must not change."""
    before = witness.known(ORIGIN)
    with pytest.raises(WitnessError) as raised:
        witness.add(written.encode(), NOW)
    assert witness.known(ORIGIN) == before
    return raised.value


def test_a_longer_checkpoint_with_its_proof_is_cosigned_and_remembered(witness: Witness) -> None:
    request = HONEST.request(120, 300)
    line = Signature.parse(witness.add(str(request).encode(), NOW).rstrip("\n"))
    signed = Note(request.note.text, (line,)).signed_by([WITNESS_KEY])
    assert signed[WITNESS_KEY].cosigned_at == NOW
    known = witness.known(ORIGIN)
    assert known is not None
    assert known[0].size == 300
    # The same again is a fresh statement about the same checkpoint.
    again = Signature.parse(witness.add(str(HONEST.request(300, 300)).encode(), NOW + 9)[:-1])
    assert again.cosigned_at == NOW + 9


def test_a_request_is_written_as_it_was_read() -> None:
    request = HONEST.request(120, 300)
    assert WitnessRequest.parse(str(request).encode()) == request


@pytest.mark.parametrize(
    ("written", "status"),
    [
        (str(HONEST.request(0, 300)), 409),
        (str(HONEST.request(100, 300)), 409),
        (str(HONEST.request(100, 110)), 409),  # asked to go back
        (str(HONEST.request(120, 300)).replace("old 120", "old 301"), 400),
        (str(HONEST.request(120, 300)).replace("old 120", "old 0120"), 400),
        (str(HONEST.request(120, 300)).replace("\n300\n", "\n0300\n"), 400),
        (str(HONEST.request(120, 300)._replace(proof=(bytes(32),) * 64)), 400),
        (str(HONEST.request(120, 300)).replace("old ", "new "), 400),
        ("", 400),
        (str(HONEST.request(120, 300)._replace(proof=())), 422),
        (str(HONEST.request(120, 300)._replace(proof=HONEST.request(120, 300).proof[:-1])), 422),
        (str(HONEST.request(120, 300)._replace(proof=HONEST.request(120, 300).proof[::-1])), 422),
        (str(FORKED.request(120, 300)), 422),
        (str(FORKED.request(120, 120)), 422),
        (str(HONEST.request(120, 300)._replace(note=HONEST.note(300, key=KEY))), 403),
        (str(HONEST.request(120, 300)._replace(note=HONEST.note(300, origin="other"))), 404),
        (str(HONEST.request(120, 300)).replace("\n300\n", "\n299\n"), 403),
    ],
)
def test_nothing_else_is_cosigned_and_the_state_stays(
    witness: Witness, written: str, status: int
) -> None:
    assert refused(witness, written).status == status


def test_a_conflict_says_which_size_was_cosigned_last(witness: Witness) -> None:
    assert refused(witness, str(HONEST.request(0, 300))).size == 120


def test_two_roots_of_one_size_are_handed_over_as_evidence(
    witness: Witness, memory: CheckpointMemory
) -> None:
    fork = refused(witness, str(FORKED.request(120, 120))).fork
    assert fork == (str(HONEST.note(120)), str(FORKED.note(120)))
    files = memory.keep_fork(*fork)
    assert [file.read_text("utf-8") for file in files] == list(fork)
    assert len(set(files)) == 2


def test_an_empty_log_has_one_root(memory: CheckpointMemory) -> None:
    fresh = Witness("w.example", KEY, [LOG_KEY], memory)
    text = str(Checkpoint(ORIGIN, 0, bytes(32)))
    wrong = WitnessRequest(0, (), Note(text, (sign(text, ORIGIN, LOG),)))
    assert refused(fresh, str(wrong)).status == 422
    assert fresh.add(str(HONEST.request(0, 0)).encode(), NOW)


def test_a_proof_from_nothing_is_empty(memory: CheckpointMemory) -> None:
    fresh = Witness("w.example", KEY, [LOG_KEY], memory)
    assert refused(fresh, str(HONEST.request(0, 7)._replace(proof=(bytes(32),)))).status == 422


class Killed(Exception):  # noqa: N818
    """The process ends here."""


def test_a_witness_killed_after_it_remembered_never_cosigns_less(
    witness: Witness, memory: CheckpointMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("shared.trust.witnessing.cosign", killed)
        with pytest.raises(Killed):
            witness.add(str(HONEST.request(120, 200)).encode(), NOW)
    again = Witness("w.example", KEY, [LOG_KEY], memory)
    assert refused(again, str(HONEST.request(120, 150))).size == 200
    assert again.add(str(HONEST.request(200, 200)).encode(), NOW)
    assert again.add(str(HONEST.request(200, 300)).encode(), NOW)


def test_a_witness_killed_before_it_remembered_has_cosigned_nothing(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: int) -> None:
        raise Killed

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(Killed):
        witness.add(str(HONEST.request(120, 200)).encode(), NOW)
    monkeypatch.undo()
    known = witness.known(ORIGIN)
    assert known is not None
    assert known[0].size == 120


def test_one_process_at_a_time_holds_the_memory(memory: CheckpointMemory) -> None:
    with memory.held(), pytest.raises(BlockingIOError), memory.held():
        pass
