"""`dvk audit` of a sealed export: who signed and cosigned its checkpoint, and whether it goes on.

The keeper of the log is the forger here: it has the log's key, and makes every hash fit.
"""

from pathlib import Path
from typing import Any

import pytest

from services.console.trust import audited_checkpoint
from shared.trust.keys import SecretKey
from shared.trust.notes import ED25519, VerifierKey
from tests.support.audits import SEALED, audited, digest_of, log_of
from tests.support.cloudevents import country, unit
from tests.support.exports import exported
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History, given
from tests.support.sealed_exports import Manifest, forged, seal_of
from tests.support.sealed_log import ORIGIN
from tests.support.served_seals import NOW, POLICY, VKEY, WITNESSES
from tests.support.trusted import key_of
from tests.support.two_provinces import ledger, registers

BOTH = tuple(WITNESSES)


@pytest.fixture
def log() -> FamilyLog:
    return log_of(given(country(), unit("a"), unit("b"), unit("c")))


@pytest.fixture
def signed() -> History:
    return ledger(registers("p-a", "1", "a"), registers("p-b", "2", "b"), **SEALED)


def file_with(folder: Path, text: str) -> Path:
    path = folder / "stated"
    path.write_text(text, "utf-8")
    return path


def test_without_a_key_the_signature_is_said_not_to_be_verified(
    log: FamilyLog, tmp_path: Path
) -> None:
    code, said = audited(exported(log, tmp_path / "log.jsonl", seal=seal_of(log)))
    assert (code, "Its signature is not verified" in said) == (0, True), said


def test_the_logs_key_has_signed_the_checkpoint_and_another_has_not(
    log: FamilyLog, tmp_path: Path
) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log))
    code, said = audited(file, vkeys=(VKEY,))
    assert (code, "the log signed it, by both readings" in said) == (0, True), said
    other = VerifierKey(ORIGIN, ED25519, SecretKey.from_seed(b"2" * 32).public)
    code, said = audited(file, vkeys=(str(other),))
    assert (code, "no right signature of the log" in said) == (1, True), said


def test_a_checkpoint_of_another_key_is_refused(log: FamilyLog, tmp_path: Path) -> None:
    seal = seal_of(log, key=SecretKey.from_seed(b"2" * 32))
    file = exported(log, tmp_path / "log.jsonl", seal=seal)
    assert audited(file, vkeys=(VKEY,))[0] == 1


def test_a_changed_byte_of_a_signature_is_refused(log: FamilyLog, tmp_path: Path) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH))

    def change(manifest: Manifest, _events: list[bytes]) -> None:
        note = manifest["checkpoint"]
        at = note.rindex("\n", 0, -1) - 10  # within the line before the last
        manifest["checkpoint"] = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1 :]

    policy = file_with(tmp_path, POLICY)
    assert audited(file, policy=policy)[0] == 0
    assert audited(forged(file, change), policy=policy)[0] == 1


@pytest.mark.parametrize("cosigned", [(), BOTH[:1], BOTH[1:]])
def test_too_few_witnesses_end_with_not_witnessed_and_the_figures_are_printed(
    signed: History, tmp_path: Path, cosigned: tuple[str, ...]
) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "log.jsonl", year=2022, seal=seal_of(log, cosigned))
    code, said = audited(file, year=2022, trust=digest_of(signed))
    assert (code, "✗ chưa đủ bên chứng kiến · not witnessed" in said) == (1, True), said
    assert "ô (chỉ tiêu" in said, said
    assert "hai cách đọc khớp" in said
    assert audited(file, year=2022, trust=digest_of(signed), vkeys=(VKEY,))[0] == 1


def test_a_quorum_under_the_policy_of_the_pinned_beginning_agrees(
    signed: History, tmp_path: Path
) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "log.jsonl", year=2022, seal=seal_of(log, BOTH))
    code, said = audited(file, year=2022, trust=digest_of(signed))
    assert (code, "not witnessed" in said) == (0, False), said
    assert f"Witnesses: {', '.join(BOTH)}" in said


def test_a_cosignature_from_the_future_does_not_count(log: FamilyLog, tmp_path: Path) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH, at=NOW + 3_600))
    code, said = audited(file, policy=file_with(tmp_path, POLICY))
    assert (code, "not witnessed" in said) == (1, True), said


def test_an_export_without_checkpoint_is_refused_where_the_log_is_known_to_have_keys(
    signed: History, tmp_path: Path
) -> None:
    file = exported(log_of(signed), tmp_path / "log.jsonl")
    code, said = audited(file, trust=digest_of(signed))
    assert (code, "bound to no checkpoint" in said, "not witnessed" in said) == (1, True, True)
    assert audited(file, trust=digest_of(signed), vkeys=(VKEY,))[0] == 1


def test_a_key_of_the_log_does_not_take_the_place_of_the_pinned_beginning(
    signed: History, tmp_path: Path
) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH))
    code, said = audited(file, vkeys=(VKEY,), policy=file_with(tmp_path, POLICY))
    assert (code, "--trust" in said) == (2, True)
    code, said = audited(file, trust=key_of("root-1").written)
    assert (code, "The checkpoint" in said and "signed it" in said) == (1, False), said


# ---- An earlier checkpoint that the auditor kept


def kept(log: FamilyLog, folder: Path, size: int) -> Path:
    return file_with(folder, str(seal_of(log, size=size).note))


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("sealed", [True, False])
def test_the_whole_log_continues_a_checkpoint_that_was_kept(
    log: FamilyLog, tmp_path: Path, size: int, sealed: bool
) -> None:
    seal = seal_of(log) if sealed else None
    file = exported(log, tmp_path / "log.jsonl", seal=seal)
    code, said = audited(file, checkpoint=kept(log, tmp_path, size))
    assert (code, "It continues the kept checkpoint" in said) == (0, True), said


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_past_that_was_rewritten_and_sealed_is_another_history(
    log: FamilyLog, tmp_path: Path, size: int, sealed: bool
) -> None:
    other = log_of(given(country(), unit("x"), unit("b"), unit("c")))
    file = exported(other, tmp_path / "log.jsonl", seal=seal_of(other) if sealed else None)
    terms = {"vkeys": (VKEY,)} if sealed else {}
    assert audited(file, **terms)[0] == 0
    code, said = audited(file, checkpoint=kept(log, tmp_path, size), **terms)
    assert (code, f"✗ lịch sử khác vị trí {size} · other history position {size}" in said) == (
        1,
        True,
    ), said


def test_a_selection_cannot_be_held_against_an_earlier_checkpoint_and_says_so(
    signed: History, tmp_path: Path
) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "year.jsonl", year=2021, seal=seal_of(log, BOTH))
    for size, code in ((11, 2), (log.head().position, 0)):
        terms = {"trust": digest_of(signed), "checkpoint": kept(log, tmp_path, size)}
        found, said = audited(file, **terms)
        assert (found, "It cannot be checked" in said) == (code, code == 2), said


def test_a_file_that_is_older_than_the_kept_checkpoint_cannot_be_checked(
    log: FamilyLog, tmp_path: Path
) -> None:
    file = exported(log, tmp_path / "log.jsonl", until=3, seal=seal_of(log, size=3))
    assert audited(file, checkpoint=kept(log, tmp_path, 4))[0] == 2


def test_a_kept_checkpoint_of_another_log_or_key_is_refused(log: FamilyLog, tmp_path: Path) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log))
    foreign = str(seal_of(log, key=SecretKey.from_seed(b"2" * 32)).note)
    assert audited(file, vkeys=(VKEY,), checkpoint=file_with(tmp_path, foreign))[0] == 1
    other = foreign.replace(ORIGIN, "other.example/log")
    assert audited(file, checkpoint=file_with(tmp_path, other))[0] == 1


@pytest.mark.parametrize("name", ["policy", "checkpoint"])
def test_what_the_auditor_states_must_be_readable(
    log: FamilyLog, tmp_path: Path, name: str
) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log))
    terms: dict[str, Any] = {name: file_with(tmp_path, "xin chào")}
    assert audited(file, **terms)[0] == 2
    assert audited(file, vkeys=("xin chào",))[0] == 2


def test_readings_of_the_signatures_that_differ_are_found_out(
    log: FamilyLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH))
    policy = file_with(tmp_path, POLICY)
    second = audited_checkpoint.signatures_of
    monkeypatch.setattr(
        audited_checkpoint,
        "signatures_of",
        lambda *asked: second(*asked)._replace(cosigned=frozenset()),
    )
    code, said = audited(file, policy=policy)
    assert (code, "readings differ" in said) == (1, True)
