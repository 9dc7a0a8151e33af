"""`dvk witness` and `dvk proof`, as people run them, against logs that are honest and that are not."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.console.main import app
from services.reporting.integrity.evidence import LogEvidence
from shared.events.recorded import feed_item
from shared.trust.checkpoints import Checkpoint
from shared.trust.keys import SecretKey
from shared.trust.notes import COSIGNATURE, Note, Signature, VerifierKey
from shared.trust.policy import Policy
from tests.support.asking import ASKING
from tests.support.sealed_log import SealedLog
from tests.support.served_seals import VKEY, ServedSeals, served

Dvk = Callable[..., Result]
NAME = "thainguyen.example/witness"


@pytest.fixture
def seals(tmp_path: Path) -> Iterator[ServedSeals]:
    """Serve a log of 300 sealed events, with the witness of this test in its policy."""
    key = SecretKey.kept_at(tmp_path / "witness" / "keys" / "witness.key")
    vkey = VerifierKey(NAME, COSIGNATURE, key.public)
    policy = f"log {VKEY}\nwitness one {vkey}\nquorum one\n"
    (tmp_path / "policy").write_text(policy)
    with served(tmp_path / "ledger", policy) as running:
        running.now = 2_000_000_000  # later than any test is run
        running.log.sealed(300)
        yield running


@pytest.fixture
def dvk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dvk:
    monkeypatch.setenv("COLUMNS", "400")

    def run(*words: object, stdin: bytes | None = None, home: str = "witness") -> Result:
        environment = {"LC_ALL": "C.UTF-8", "DVK_HOME": str(tmp_path / home)}
        done = CliRunner().invoke(app, [str(word) for word in words], stdin, environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run


WITNESS = ("--name", NAME, "--log", VKEY)


def round_of(dvk: Dvk, seals: ServedSeals, **options: str) -> Result:
    return dvk("witness", "run", *WITNESS, "--address", seals.url, **options)


def state(tmp_path: Path) -> Checkpoint:
    (file,) = (tmp_path / "witness" / "witness").glob("*.checkpoint")
    return Checkpoint.parse(Note.parse(file.read_bytes()).text)


def test_a_round_verifies_remembers_cosigns_and_sends(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    assert round_of(dvk, seals).exit_code == 0
    assert state(tmp_path).size == 300
    seals.log.sealed(1)
    seals.log.sealed(260)
    done = round_of(dvk, seals)
    assert (done.exit_code, "561" in done.output) == (0, True)
    shown = Note.parse(ASKING.get(f"{seals.url}/checkpoint?which=witnessed").content)
    assert Checkpoint.parse(shown.text) == state(tmp_path)
    assert shown.signatures[1].name == NAME
    assert round_of(dvk, seals).exit_code == 0  # nothing new: the same is said again


def test_the_vkey_is_that_of_the_policy(dvk: Dvk, seals: ServedSeals, tmp_path: Path) -> None:
    shown = dvk("witness", "vkey", "--name", NAME).output.strip()
    (witness,) = Policy.parse((tmp_path / "policy").read_text()).witnesses.values()
    assert shown == str(witness)
    assert (tmp_path / "witness/keys/witness.key").stat().st_mode & 0o777 == 0o600


def test_a_rewritten_log_is_not_cosigned_and_both_checkpoints_are_kept_and_shown(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    assert round_of(dvk, seals).exit_code == 0
    first = seals.log.store.last()
    assert first is not None
    _fork(seals, tmp_path, size=300)
    done = round_of(dvk, seals)
    second = ASKING.get(f"{seals.url}/checkpoint").text
    assert done.exit_code == 1
    assert "TWO HISTORIES" in done.output
    assert first.note in done.output
    assert second in done.output
    kept = sorted((tmp_path / "witness/witness/forks").glob("*.note"))
    assert sorted(each.read_text() for each in kept) == sorted([first.note, second])
    assert state(tmp_path) == Checkpoint.parse(Note.parse(first.note.encode()).text)


def test_a_log_that_went_on_from_another_past_is_not_cosigned(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    assert round_of(dvk, seals).exit_code == 0
    _fork(seals, tmp_path, size=400)
    done = round_of(dvk, seals)
    assert (done.exit_code, "NOT AN EXTENSION" in done.output) == (1, True)
    assert state(tmp_path).size == 300


def test_a_log_that_became_shorter_is_not_cosigned(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    assert round_of(dvk, seals).exit_code == 0
    _fork(seals, tmp_path, size=200)
    done = round_of(dvk, seals)
    assert (done.exit_code, "NOT AN EXTENSION" in done.output) == (1, True)
    assert state(tmp_path).size == 300


def _fork(seals: ServedSeals, tmp_path: Path, size: int) -> None:
    """Exchange the log behind the address for another of the same key and origin."""
    seals.log.close()
    home = tmp_path / "ledger"
    shutil.rmtree(home)
    other = SealedLog(f"sqlite:///{home / 'log.db'}", home / "seal")
    other.sealed(size)
    seals.log = other
    seals.evidence.__init__(  # type: ignore[misc]
        other.log, other.store, seals.evidence.policy, lambda: seals.now * 1_000_000
    )
    assert isinstance(seals.evidence, LogEvidence)


def test_file_to_file_gives_the_same_line(dvk: Dvk, seals: ServedSeals, tmp_path: Path) -> None:
    asked = dvk("witness", "request", "--address", seals.url, home="other").stdout_bytes
    line = dvk("witness", "sign", *WITNESS, stdin=asked).stdout
    shown = Note.parse(ASKING.get(f"{seals.url}/checkpoint").content)
    (witness,) = Policy.parse((tmp_path / "policy").read_text()).witnesses.values()
    signed = Note(shown.text, (*shown.signatures, Signature.parse(line.rstrip("\n"))))
    assert list(signed.signed_by([witness])) == [witness]
    seals.log.sealed(100)
    stale = dvk("witness", "request", "--old", 299, "--address", seals.url).stdout_bytes
    refused = dvk("witness", "sign", *WITNESS, stdin=stale)
    assert (refused.exit_code, refused.stdout, refused.stderr[:4]) == (1, "", "409:")
    fresh = dvk("witness", "request", "--old", 300, "--address", seals.url).stdout_bytes
    assert dvk("witness", "sign", *WITNESS, stdin=fresh).exit_code == 0
    assert state(tmp_path).size == 400


def test_two_views_of_one_log_are_compared(dvk: Dvk, seals: ServedSeals, tmp_path: Path) -> None:
    older = tmp_path / "a.note"
    older.write_bytes(ASKING.get(f"{seals.url}/checkpoint").content)
    seals.log.sealed(41)
    log = ("--log", VKEY)
    assert dvk("witness", "compare", older, seals.url, *log).exit_code == 0
    assert dvk("witness", "compare", seals.url, older, *log).exit_code == 0
    newer = tmp_path / "b.note"
    newer.write_bytes(ASKING.get(f"{seals.url}/checkpoint").content)
    assert dvk("witness", "compare", older, newer, *log).exit_code == 2  # nothing can be proved
    seals.log.sealed(7)
    through = dvk("witness", "compare", older, newer, "--address", seals.url, *log)
    assert through.exit_code == 0
    # Another province was shown another history, of one size and of a longer one.
    other = SealedLog(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    for by, size in ((300, 300), (100, 400)):
        forked = tmp_path / f"{size}.note"
        forked.write_text(other.sealed(by).note)
        done = dvk("witness", "compare", older, forked, "--address", seals.url, *log)
        if size == 300:
            assert (done.exit_code, "TWO HISTORIES" in done.output) == (1, True)
        else:  # the honest log is shorter than the forged checkpoint
            assert done.exit_code == 2
    seals.log.sealed(100)
    done = dvk("witness", "compare", older, tmp_path / "400.note", "--address", seals.url, *log)
    assert (done.exit_code, "NOT AN EXTENSION" in done.output) == (1, True)
    other.close()


def test_a_checkpoint_of_an_unknown_key_is_not_compared(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    unsigned = tmp_path / "a.note"
    note = Note.parse(ASKING.get(f"{seals.url}/checkpoint").content)
    unsigned.write_text(str(note).replace("example/log Z", "example/log A"))
    other = str(VerifierKey("ledger.example/log", 1, bytes([9]) * 32))
    assert dvk("witness", "compare", unsigned, seals.url, "--log", other).exit_code == 2


def test_a_ledger_that_does_not_answer_is_said_so(dvk: Dvk, tmp_path: Path) -> None:
    for words in (
        ("run", *WITNESS),
        ("request",),
        ("compare", "http://127.0.0.1:1", "x", *WITNESS[2:]),
    ):
        assert dvk("witness", *words, "--address", "http://127.0.0.1:1").exit_code == 3, words
    assert not list((tmp_path / "witness").glob("witness/*.checkpoint"))


def test_a_proof_is_fetched_and_verified_without_a_server(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    file, line, policy = tmp_path / "p.tlog-proof", tmp_path / "event.json", tmp_path / "policy"
    get = ("proof", "get", file, "--address", seals.url)
    (event,) = seals.log.log.read(41, 1)
    assert dvk(*get, "--source", event.key.source, "--id", event.key.id).exit_code == 0
    line.write_bytes(feed_item(event))
    assert dvk("proof", "verify", file, "--log", VKEY, "--event", line).exit_code == 0
    assert dvk("proof", "verify", file, "--log", VKEY).exit_code == 1  # no event is known
    done = dvk("proof", "verify", file, "--policy", policy, "--event", line)
    assert (done.exit_code, "too few witnesses" in done.output) == (1, True)
    assert dvk(*get, "--position", 42, "--witnessed").exit_code == 3
    assert round_of(dvk, seals).exit_code == 0
    assert dvk(*get, "--position", 42, "--witnessed", "--extra").exit_code == 0
    done = dvk("proof", "verify", file, "--policy", policy)
    assert done.exit_code == 0
    assert all(word in done.output for word in ("PROVED", "42", event.key.id, "one"))
    (another,) = seals.log.log.read(42, 1)
    for wrong in (
        feed_item(another),
        feed_item(event).replace("Bình".encode(), b"Binh"),
        feed_item(event).replace(b":00.0000", b":00.1000"),
        b"{}",
    ):
        line.write_bytes(wrong)
        assert wrong != feed_item(event)
        assert dvk("proof", "verify", file, "--policy", policy, "--event", line).exit_code == 1
    other = str(VerifierKey("ledger.example/log", 1, bytes([9]) * 32))
    assert dvk("proof", "verify", file, "--log", other).exit_code == 1


def test_a_record_changed_in_the_database_is_not_the_one_that_was_sealed(
    dvk: Dvk, seals: ServedSeals, tmp_path: Path
) -> None:
    """The sealer reads no records: doctor --deep, audits and whoever verifies a proof notice."""
    changed = "replace(CAST(body AS TEXT), 'Bình', 'Binh')"
    seals.log.tamper(f"UPDATE log_events SET body = CAST({changed} AS BLOB) WHERE position = 42")  # noqa: S608
    seals.log.sealed(10)
    file = tmp_path / "p.tlog-proof"
    get = ("proof", "get", file, "--extra", "--address", seals.url)
    for position, code in ((41, 0), (42, 1), (43, 0)):
        assert dvk(*get, "--position", position).exit_code == 0
        assert dvk("proof", "verify", file, "--log", VKEY).exit_code == code
