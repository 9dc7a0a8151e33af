"""The sealer signs only a log that extends everything it has signed; else it says why not."""

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from services.sealer import sealer as sealer_module
from services.sealer.sealer import Sealer
from shared.errors import LedgerError
from shared.eventlog.seal_store import SealedCheckpoint, SealStore
from shared.trust.checkpoints import Checkpoint
from shared.trust.memory import CheckpointMemory
from shared.trust.notes import ED25519, Note, VerifierKey
from shared.trust.proofs import consistency, is_consistent
from shared.trust.witnessing import Witness, WitnessError, WitnessRequest
from tests.support.sealed_log import KEY, ORIGIN, SealedLog


def refusal(sealer: Sealer, position: int) -> str:
    """Return why a step is refused; it is refused again and again, and nothing is signed."""
    reasons = set()
    for _ in range(3):
        with pytest.raises(LedgerError) as raised:
            sealer.step()
        assert raised.value.problem.rule.code == "seal_refused"
        assert raised.value.problem.params["position"] == position
        reasons.add(str(raised.value.problem.params["reason"]))
    (reason,) = reasons
    return reason


def line_of(log: SealedLog) -> list[SealedCheckpoint]:
    """Return all checkpoints, the oldest first; each must extend the one before."""
    line = list(log.store.checkpoints(1_000))[::-1]
    for old, new in pairwise(line):
        assert old.size < new.size
        proof = consistency(log.store, old.size, new.size)
        assert is_consistent((old.size, old.root), (new.size, new.root), proof)
    return line


def test_a_log_at_rest_is_signed_once(sealed_log: SealedLog) -> None:
    assert sealed_log.sealer.step() == 0
    sealed = sealed_log.sealed(5)
    assert sealed_log.sealer.step() == 0
    assert sealed_log.another().step() == 0
    assert line_of(sealed_log) == [sealed]
    note = Note.parse(sealed.note.encode())
    key = VerifierKey(ORIGIN, ED25519, KEY.public)
    assert list(note.signed_by([key])) == [key]
    assert (sealed.vkey, Checkpoint.parse(note.text)) == (
        str(key),
        Checkpoint(ORIGIN, 5, sealed.root),
    )


def test_a_history_recomputed_behind_a_checkpoint_is_not_signed(sealed_log: SealedLog) -> None:
    sealed_log.sealed(300)
    sealed_log.rewrite(since=200)
    assert refusal(sealed_log.sealer, 300) == "chain"
    assert refusal(sealed_log.another(), 300) == "chain"
    sealed_log.grow(10)
    assert refusal(sealed_log.sealer, 300) == "chain"
    assert len(line_of(sealed_log)) == 1


def test_a_truncated_log_is_not_signed_even_when_it_has_grown_again(
    sealed_log: SealedLog,
) -> None:
    sealed_log.sealed(300)
    sealed_log.tamper("DELETE FROM log_events WHERE position > 200")
    assert refusal(sealed_log.sealer, 300) == "truncated"
    sealed_log.grow(150)
    assert refusal(sealed_log.sealer, 300) == "chain"
    assert refusal(sealed_log.another(), 300) == "chain"


def test_a_database_restored_without_the_sealers_file_is_not_signed(
    sealed_log: SealedLog,
) -> None:
    sealed_log.sealed(200)
    sealed_log.sealed(100)
    # The backup is of the time of 200 events: log, tiles and checkpoints alike.
    sealed_log.tamper(
        "DELETE FROM log_events WHERE position > 200",
        "DELETE FROM log_checkpoints WHERE size > 200",
        "DELETE FROM log_tiles WHERE level = 0 AND first >= 200",
        "DELETE FROM log_tiles WHERE level = 1",
    )
    assert refusal(sealed_log.another(), 300) == "truncated"
    sealed_log.grow(150)
    assert refusal(sealed_log.another(), 300) == "root"


def test_a_changed_tile_is_noticed_at_the_next_start(sealed_log: SealedLog) -> None:
    sealed_log.sealed(300)
    other = "(SELECT t.hashes FROM log_tiles AS t WHERE t.level = 0 AND t.first = 0)"
    sealed_log.tamper(f"UPDATE log_tiles SET hashes = {other} WHERE level = 0 AND first = 256")  # noqa: S608
    assert refusal(sealed_log.another(), 300) == "root"
    sealed_log.tamper("DELETE FROM log_tiles WHERE level = 0 AND first = 256")
    assert refusal(sealed_log.another(), 300) == "tiles"


def test_a_file_with_another_root_is_a_contradiction(sealed_log: SealedLog) -> None:
    sealed_log.sealed(200)
    sealed_log.sealed(100)
    memory = CheckpointMemory(sealed_log.folder)
    for size in (200, 300):
        memory.keep(ORIGIN, str(Checkpoint(ORIGIN, size, bytes(32))))
        assert refusal(sealed_log.another(), size) == "root"


def test_a_lost_file_is_written_again_from_the_database(
    sealed_log: SealedLog, tmp_path: Path
) -> None:
    sealed_log.sealed(7)
    other = sealed_log.another(tmp_path / "new")
    assert other.step() == 0
    kept = CheckpointMemory(tmp_path / "new").last(ORIGIN)
    assert kept == CheckpointMemory(sealed_log.folder).last(ORIGIN)


class Killed(Exception):  # noqa: N818
    """The process ends here."""


@pytest.mark.parametrize("place", ["keep", "add", "sign"])
def test_a_sealer_killed_anywhere_goes_on_with_one_line(
    sealed_log: SealedLog, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    sealed_log.sealed(250)
    sealed_log.grow(20)

    def killed(*_: object) -> None:
        raise Killed

    where = {"keep": CheckpointMemory, "add": SealStore, "sign": sealer_module}[place]
    with monkeypatch.context() as patched:
        patched.setattr(where, place, killed)
        with pytest.raises(Killed):
            sealed_log.sealer.step()
    sealed_log.grow(30)
    again = sealed_log.another()
    while again.step():
        pass
    line = line_of(sealed_log)
    assert line[-1].size == 300
    # A checkpoint that was remembered is published before any later one.
    assert [each.size for each in line] == ([250, 300] if place == "keep" else [250, 270, 300])


def test_two_sealers_make_one_line_of_checkpoints(sealed_log: SealedLog, tmp_path: Path) -> None:
    sealers = [sealed_log.sealer, sealed_log.another(tmp_path / "second")]
    for number in range(12):
        sealed_log.grow(30)
        sealers[number % 3 == 0].step()
    for sealer in sealers:
        while sealer.step():
            pass
    assert line_of(sealed_log)[-1].size == 360


def test_a_sealer_woken_after_another_took_over_publishes_nothing(
    sealed_log: SealedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed_log.sealed(100)
    other = sealed_log.another(tmp_path / "second")
    add = SealStore.add

    def stopped(
        self: SealStore,
        after: SealedCheckpoint | None,
        new: SealedCheckpoint,
        pieces: Sequence[tuple[int, int, Sequence[bytes]]],
    ) -> bool:
        """Meanwhile the log grows, and the other seals it."""
        monkeypatch.setattr(SealStore, "add", add)
        sealed_log.grow(50)
        assert other.step() == 60
        return add(self, after, new, pieces)

    sealed_log.grow(10)
    monkeypatch.setattr(SealStore, "add", stopped)
    assert sealed_log.sealer.step() == 0
    assert [each.size for each in line_of(sealed_log)] == [100, 160]
    assert sealed_log.sealer.step() == 0
    sealed_log.sealed(5)
    assert [each.size for each in line_of(sealed_log)] == [100, 160, 165]


def test_a_long_log_is_sealed_in_several_checkpoints(
    sealed_log: SealedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "MOST", 100)
    sealed_log.grow(250)
    assert [sealed_log.sealer.step() for _ in range(4)] == [100, 100, 50, 0]
    line_of(sealed_log)


def test_another_origin_has_a_line_of_its_own(sealed_log: SealedLog) -> None:
    """A log that was restored goes on under a new origin: the old one never forks."""
    sealed_log.sealed(300)
    sealed_log.tamper("DELETE FROM log_events WHERE position > 200")
    refusal(sealed_log.sealer, 300)
    second = SealedLog(sealed_log.url, sealed_log.folder, origin="ledger.example/log-2")
    assert second.sealer.step() == 200
    assert [each.size for each in line_of(second)] == [200]
    assert [each.size for each in line_of(sealed_log)] == [300]
    second.close()


def test_a_restored_database_with_its_file_is_noticed_by_witnesses(
    tmp_path: Path,
) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup"
    log = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    witness = Witness(
        "w.example", KEY, [VerifierKey(ORIGIN, ED25519, KEY.public)],
        CheckpointMemory(tmp_path / "witness"),
    )  # fmt: skip
    older = log.sealed(200)
    log.close()
    shutil.copytree(home, backup)
    log = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    witnessed = log.sealed(100)
    witness.add(str(WitnessRequest(0, (), Note.parse(witnessed.note.encode()))).encode(), 1)
    log.close()
    shutil.rmtree(home)
    backup.rename(home)
    log = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    assert log.sealer.step() == 0  # its memory was restored too, and it cannot know
    back = WitnessRequest(0, (), Note.parse(older.note.encode()))
    with pytest.raises(WitnessError) as raised:
        witness.add(str(back).encode(), 1)
    assert (raised.value.status, raised.value.size) == (409, 300)
    forked = log.sealed(100)
    same = WitnessRequest(300, (), Note.parse(forked.note.encode()))
    with pytest.raises(WitnessError) as raised:
        witness.add(str(same).encode(), 1)
    assert (raised.value.status, raised.value.fork) == (422, (witnessed.note, forked.note))
    log.close()
