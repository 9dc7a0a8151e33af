"""Exports of a log in SQL that is sealed: as they are fetched, and after the log was changed."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.console.commands.export import ExportSelection, export
from services.console.output.texts import Terminal
from services.reporting.audit.export_file import Export
from services.reporting.audit.exporter import ContradictedLog, Seal
from services.reporting.audit.verification import verify
from shared.eventlog.seal_store import SealStore
from shared.events.recorded import feed_item
from shared.trust.notes import COSIGNATURE, Note, VerifierKey, cosign
from tests.support.audits import audited
from tests.support.exports import exported
from tests.support.sealed_exports import forged
from tests.support.sealed_log import SealedLog, go_program
from tests.support.served_seals import NOW, POLICY, VKEY, WITNESSES, ServedSeals, served

Exporting = Callable[..., tuple[int, Export | None, str]]
WITNESS_KEYS = [str(VerifierKey(name, COSIGNATURE, key.public)) for name, key in WITNESSES.items()]


def seal_of(store: SealStore) -> Seal:
    last = store.last()
    assert last is not None
    return Seal(Note.parse(last.note.encode()), store)


# ---- A log that was changed past every trigger


def test_a_changed_body_is_not_exported_and_its_position_is_named(
    sealed_log: SealedLog, tmp_path: Path
) -> None:
    sealed_log.sealed(300)
    name = ("Bình", "Bính")
    old, new = (f"{part} Văn".encode().hex() for part in name)
    if sealed_log.url.startswith("sqlite"):
        body = f"CAST(replace(body, CAST(x'{old}' AS TEXT), CAST(x'{new}' AS TEXT)) AS BLOB)"
    else:
        body = f"convert_to(replace(convert_from(body, 'UTF8'), '{name[0]}', '{name[1]}'), 'UTF8')"
    sealed_log.tamper(f"UPDATE log_events SET body = {body} WHERE position = 77")  # noqa: S608
    with pytest.raises(ContradictedLog) as refused:
        exported(sealed_log.log, tmp_path / "log.jsonl", seal=seal_of(sealed_log.store))
    assert refused.value.fault.position == 77
    assert not (tmp_path / "log.jsonl").exists()
    # The sealer seals digests, so it goes on.
    assert sealed_log.sealer.step() == 0
    sealed_log.sealed(1)


def test_a_past_with_digests_and_chains_that_fit_is_not_exported_under_its_checkpoint(
    sealed_log: SealedLog, tmp_path: Path
) -> None:
    sealed_log.sealed(300)
    sealed_log.rewrite(since=200)
    with pytest.raises(ContradictedLog) as refused:
        exported(sealed_log.log, tmp_path / "log.jsonl", seal=seal_of(sealed_log.store))
    assert refused.value.fault.position == 1
    assert "not under the root" in refused.value.fault.english
    # Without a checkpoint it would be; the auditor's key shows that one is missing.
    file = exported(sealed_log.log, tmp_path / "log.jsonl")
    assert audited(file)[0] == 0
    assert audited(file, vkeys=(VKEY,))[0] == 1


def test_a_past_that_was_sealed_again_contradicts_every_checkpoint_that_was_kept(
    sealed_log: SealedLog, tmp_path: Path
) -> None:
    kept = []
    for by in (100, 150, 50):
        path = tmp_path / f"kept-{by}"
        path.write_text(sealed_log.sealed(by).note)
        kept.append(path)
    sealed_log.rewrite(since=200)
    sealed_log.tamper("DELETE FROM log_checkpoints", "DELETE FROM log_tiles")
    assert sealed_log.another(folder=tmp_path / "forgotten").step() == 300
    file = exported(sealed_log.log, tmp_path / "log.jsonl", seal=seal_of(sealed_log.store))
    codes = [audited(file, vkeys=(VKEY,), checkpoint=each) for each in kept]
    assert [(code, "other history" in said) for code, said in codes] == [
        (0, False),  # before it was rewritten
        (1, True),
        (1, True),
    ]


# ---- The command


@pytest.fixture
def seals(tmp_path: Path) -> Iterator[ServedSeals]:
    """Serve a log with its evidence, its feed and its completeness from one address."""
    with served(tmp_path / "ledger", POLICY) as running:
        log = running.log.log

        def completeness(_request: Request) -> Response:
            return JSONResponse({"log": {"head": log.head().position}})

        def feed(request: Request) -> Response:
            after, limit = (int(request.query_params[each]) for each in ("after", "limit"))
            items = b",".join(feed_item(event) for event in log.read(after, limit))
            return Response(b"[" + items + b"]", media_type="application/json")

        running.app.add_route("/completeness", completeness)
        running.app.add_route("/registry/healthz", lambda _request: Response())
        running.app.add_route("/registry/events", feed)
        yield running


@pytest.fixture
def exporting(seals: ServedSeals, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Exporting:
    def run(
        after: int = 0, until: int | None = None, *, witnessed: bool = False
    ) -> tuple[int, Export | None, str]:
        file = tmp_path / "log.jsonl"
        file.unlink(missing_ok=True)
        wanted = ExportSelection(after, until)
        code = export(file, wanted, seals.url, Terminal(width=400), witnessed=witnessed)
        found = verify(file) if file.exists() else None
        assert found is None or found.faults == []
        return code, found, capsys.readouterr().out

    return run


def test_a_log_without_checkpoints_is_exported_in_format_1(
    seals: ServedSeals, exporting: Exporting
) -> None:
    seals.log.grow(5)
    code, found, said = exporting()
    assert (code, "format 1" in said) == (0, True), said
    assert found is not None
    assert found.manifest.form == 1
    assert exporting(witnessed=True)[0] == 2


def test_a_sealed_log_is_exported_up_to_its_last_checkpoint(
    seals: ServedSeals, exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.console.commands.export.SEALED_WITHIN_SECONDS", 0)
    seals.log.sealed(600)
    seals.log.grow(3)
    code, found, said = exporting()
    assert (code, "The log goes on to position 603" in said) == (0, True), said
    assert found is not None
    assert (found.manifest.form, found.manifest.selection) == (2, {"kind": "log"})
    assert list(found.positions) == list(range(1, 601))
    code, found, said = exporting(after=257, until=400)
    assert (code, "The log goes on" in said) == (0, False), said
    assert found is not None
    assert list(found.positions) == list(range(258, 401))
    code, found, said = exporting(until=601)
    assert (code, found, "sealed up to position 600" in said) == (2, None, True), said


def test_witnessed_it_ends_with_the_last_checkpoint_that_has_a_quorum(
    seals: ServedSeals, exporting: Exporting, tmp_path: Path
) -> None:
    text = Note.parse(seals.log.sealed(300).note.encode()).text
    lines = [cosign(text, name, key, NOW) for name, key in WITNESSES.items()]
    seals.evidence.cosign(str(Note(text, tuple(lines))).encode())
    seals.log.sealed(20)
    policy = tmp_path / "policy"
    policy.write_text(POLICY)
    _, found, _ = exporting()
    assert found is not None
    assert (found.manifest.head.position, len(found.manifest.checkpoint or ())) == (320, 2)
    code, said = audited(found.path, policy=policy)
    assert (code, "not witnessed" in said) == (1, True)
    code, found, said = exporting(witnessed=True)
    assert (code, "2 cosignatures" in said) == (0, True), said
    assert found is not None
    assert found.manifest.head.position == 300
    assert audited(found.path, policy=policy)[0] == 0


# ---- A ledger that runs


def test_the_running_ledger_continues_the_file_and_a_kept_checkpoint_of_a_selection(
    seals: ServedSeals, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(seals.log.sealed(100).note)
    seals.log.sealed(500)
    store = seals.log.store
    file = exported(seals.log.log, tmp_path / "part", after=300, until=400, seal=seal_of(store))
    assert audited(file, vkeys=(VKEY,), checkpoint=kept)[0] == 2
    seals.log.sealed(50)
    code, said = audited(file, vkeys=(VKEY,), checkpoint=kept, against=seals.url)
    assert (code, "The running ledger (650 events) continues the file's" in said) == (0, True)
    assert "It continues the kept checkpoint (100 events)" in said


def test_a_file_of_another_history_than_the_running_ledger_is_found_out(
    seals: ServedSeals, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    other = SealedLog(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    kept.write_text(other.sealed(100).note)
    other.sealed(200)
    file = exported(other.log, tmp_path / "part", after=150, until=200, seal=seal_of(other.store))
    other.close()
    seals.log.sealed(400)
    code, said = audited(file, vkeys=(VKEY,), against=seals.url)
    assert (code, "other history position 300" in said) == (1, True), said
    own = exported(seals.log.log, tmp_path / "own", after=150, seal=seal_of(seals.log.store))
    code, said = audited(own, vkeys=(VKEY,), checkpoint=kept, against=seals.url)
    assert (code, "other history position 100" in said) == (1, True), said


def test_a_ledger_that_is_behind_the_file_proves_nothing(
    seals: ServedSeals, tmp_path: Path
) -> None:
    other = SealedLog(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other")
    other.sealed(20)
    file = exported(other.log, tmp_path / "log", seal=seal_of(other.store))
    other.close()
    assert audited(file, against=seals.url)[0] == 2  # it has no checkpoint at all
    seals.log.sealed(10)
    assert audited(file, against=seals.url)[0] == 2


# ---- Go's libraries


def by_go(file: Path) -> list[str]:
    done = subprocess.run(
        [go_program("verify_export"), VKEY, *WITNESS_KEYS],
        check=False,
        input=file.read_bytes(),
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize(("after", "until", "count"), [(0, None, 700), (4, 5, 1), (511, 512, 1)])
def test_go_opens_the_checkpoint_and_finds_the_events_under_its_root(
    seals: ServedSeals, tmp_path: Path, after: int, until: int | None, count: int
) -> None:
    log = seals.log
    log.sealed(700)
    seal = seal_of(log.store)
    lines = [cosign(seal.note.text, name, key, NOW) for name, key in WITNESSES.items()]
    note = seal.note._replace(signatures=(*seal.note.signatures, *lines))
    seal = Seal(note, log.store)
    file = exported(log.log, tmp_path / "log.jsonl", after=after, until=until, seal=seal)
    signed = [f"signed by {name}" for name in (VKEY.split("+")[0], *WITNESSES)]
    assert by_go(file) == [*signed, f"verified {count}"]

    def change(_manifest: dict[str, object], events: list[bytes]) -> None:
        events[-1] = events[-1].replace("Bình".encode(), "Bính".encode())

    assert by_go(forged(file, change))[-1].startswith("wrong:")
