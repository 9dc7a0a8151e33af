"""`dvk audit --archive` of a signed and sealed log: signatures, rights and checkpoint, as of exports."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from services.console.commands.archive import ArchiveAudit, audit_archive
from services.console.commands.audit import AuditQuery
from services.console.output.texts import Terminal
from services.reporting.archive.layout import MANIFEST, ArchiveManifest, Storage
from services.reporting.archive.sealing import seal_archive
from services.reporting.archive.writer import archive
from services.reporting.readmodels.registrations.state import RegistrationRow
from shared.clock import MICROSECONDS
from shared.trust.keys import SecretKey
from shared.trust.notes import ED25519, VerifierKey
from tests.support.audits import SEALED, digest_of, log_of
from tests.support.cloudevents import cloudevent, country, registration, unit
from tests.support.event_builders import recognized, registered
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History, given
from tests.support.sealed_exports import seal_of
from tests.support.sealed_log import ORIGIN
from tests.support.served_seals import NOW, WITNESSES
from tests.support.trusted import taken
from tests.support.two_provinces import ledger, registers

BOTH = tuple(WITNESSES)


@pytest.fixture
def signed() -> History:
    return ledger(registers("p-a", "1", "a"), registers("p-b", "2", "b"), **SEALED)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"{tmp_path}/archive")


def archived(log: FamilyLog, storage: Storage, witnesses: tuple[str, ...] = BOTH) -> None:
    """Archive all of a log but its last event, under a checkpoint of all of it."""
    manifest = archive(log, storage, log.head().position - 1)
    seal_archive(storage, manifest, seal_of(log, witnesses))


def audited(storage: Storage, **query: Any) -> tuple[int, str]:
    said = StringIO()
    terminal = Terminal(file=said, width=400)
    asked = ArchiveAudit(storage.address, "local:1")
    code = audit_archive(asked, AuditQuery(2022, **query), lambda: NOW * MICROSECONDS, terminal)
    return code, said.getvalue()


def changed(storage: Storage, change: Callable[[ArchiveManifest], ArchiveManifest]) -> None:
    manifest = storage.manifest()
    assert manifest is not None
    storage.write(MANIFEST, change(manifest).as_bytes())


def test_a_signed_and_sealed_archive_is_right_by_both_readings(
    signed: History, storage: Storage
) -> None:
    archived(log_of(signed), storage)
    code, said = audited(storage, trust=digest_of(signed))
    assert code == 0, said
    assert "signature, key and grant are right at the position of each" in said
    assert "the log signed it, by both readings" in said


def test_without_the_pinned_beginning_nothing_is_called_right(
    signed: History, storage: Storage
) -> None:
    archived(log_of(signed), storage)
    code, said = audited(storage)
    assert (code, "state --trust" in said) == (2, True), said
    code, said = audited(storage, trust="0" * 64)
    assert (code, "not 0000" in said) == (1, True), said


def test_an_event_without_signature_is_found(signed: History, storage: Storage) -> None:
    unsigned = taken(cloudevent("ModelRegistered", registration("3", "a")))
    position = signed.record(unsigned).position
    signed.given(registers("p-a", "4", "a"))
    archived(log_of(signed), storage)
    code, said = audited(storage, trust=digest_of(signed))
    assert (code, f"unsigned since position {position}" in said) == (1, True), said


def test_a_checkpoint_of_another_key_or_without_its_witnesses_is_found(
    signed: History, storage: Storage
) -> None:
    archived(log_of(signed), storage, ())
    code, said = audited(storage, trust=digest_of(signed))
    assert (code, "not witnessed" in said) == (1, True), said
    other = VerifierKey(ORIGIN, ED25519, SecretKey.from_seed(b"2" * 32).public)
    code, said = audited(storage, trust=digest_of(signed), vkeys=(str(other),))
    assert (code, "no right signature of the log" in said) == (1, True), said


def test_an_archive_of_another_past_is_not_under_the_checkpoint(
    signed: History, storage: Storage
) -> None:
    """The chain of a rewritten log fits; the root that was signed before does not."""
    archived(log_of(signed), storage)
    manifest = storage.manifest()
    assert manifest is not None
    other = ledger(registers("p-a", "9", "a"), registers("p-b", "2", "b"), **SEALED)
    archived(log_of(other), forged := Storage(f"{storage.address}-of-another"))
    changed(
        forged,
        lambda own: replace(own, checkpoint=manifest.checkpoint, after_head=manifest.after_head),
    )
    code, said = audited(forged, trust=digest_of(signed))
    assert (code, "not under the root of the checkpoint" in said) == (1, True), said


def test_without_its_checkpoint_a_sealed_archive_is_not_called_right(
    signed: History, storage: Storage
) -> None:
    archived(log_of(signed), storage)
    changed(storage, lambda own: replace(own, checkpoint="", after_head=""))
    code, said = audited(storage, trust=digest_of(signed))
    assert (code, "bound to no checkpoint" in said) == (1, True), said


def test_a_checkpoint_that_does_not_cover_the_archive_is_not_stated(
    signed: History, storage: Storage
) -> None:
    log = log_of(signed)
    seal = seal_of(log)
    signed.given(registers("p-a", "3", "a"))
    manifest = archive(log_of(signed), storage, log_of(signed).head().position)
    assert seal_archive(storage, manifest, seal).checkpoint == ""


def test_what_is_archived_after_the_checkpoint_needs_a_new_one(
    signed: History, storage: Storage
) -> None:
    manifest = archive(log_of(signed), storage, 5)
    assert seal_archive(storage, manifest, seal_of(log_of(signed))).checkpoint
    signed.given(*(registers("p-a", f"{n}", "a") for n in range(3, 8)))
    assert archive(log_of(signed), storage, 5).checkpoint == ""


def test_the_root_is_checked_for_auditors_who_know_no_key_too(storage: Storage) -> None:
    log = log_of(given(country(), unit("a"), unit("b"), unit("c")))
    archived(log, storage)
    code, said = audited(storage)
    assert (code, "Its signature is not verified" in said) == (0, True), said
    other = seal_of(log_of(given(country(), unit("a"), unit("c"), unit("b"))))
    changed(storage, lambda own: replace(own, checkpoint=str(other.note)))
    code, said = audited(storage)
    assert (code, "not under the root of the checkpoint" in said) == (1, True), said


def test_a_figure_that_sql_counts_otherwise_is_named(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = given(country(), unit("a"), *(registered(f"{n}", unit_id="a") for n in range(3)))
    archived(log_of(history.given(recognized("1"))), storage)
    code, said = audited(storage)
    assert (code, "agree with the counts in SQL" in said) == (0, True), said
    monkeypatch.setattr(RegistrationRow, "bits", lambda _self: 0)
    code, said = audited(storage)
    assert (code, "registered: 0 ≠ 3" in said) == (1, True), said
