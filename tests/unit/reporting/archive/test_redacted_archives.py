"""A redaction of an archived event takes its old text out of the files, which stay chained."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from services.reporting.archive import writer
from services.reporting.archive.checking import ArchiveFault, verify
from services.reporting.archive.engines import local
from services.reporting.archive.layout import MANIFEST, ArchiveManifest, Storage
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import registered
from tests.support.redactions import NAME, redactions_of, redacts, replace_in_log
from tests.support.scenarios import History

POSITIONS = 5


def history() -> History:
    """Return a log of 13 events; that at position 4 names a person in a text."""
    titles = [{"title": f"Việc tốt của bà {NAME}"}, *([{}] * 9)]
    made = [registered(f"{n}", unit_id="a", **more) for n, more in enumerate(titles)]
    return History().given(country(), unit("a"), registered("x", unit_id="a"), *made)


def event_at(history: History, position: int) -> RecordedEvent:
    return history.log.as_family(Family.REPORTING).read(position - 1, 1)[0]


def redact(history: History, position: int, text: str) -> None:
    history.given(redacts(event_at(history, position), {"/title": text}))


def archived(history: History, storage: Storage) -> ArchiveManifest:
    log = history.log.as_family(Family.REPORTING)
    return writer.archive(log, storage, POSITIONS, redactions=redactions_of(history))


def faults(storage: Storage) -> list[ArchiveFault]:
    manifest = storage.manifest()
    assert manifest is not None
    return list(verify(manifest, storage.address, local(1)))


def bodies(storage: Storage) -> bytes:
    """Return the records of all files in the folder, those of no manifest too."""
    files = Path(storage.address, "log").iterdir()
    return b"\n".join(b for f in files for b in pq.read_table(f)["body"].to_pylist())


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"{tmp_path}/archive")


def test_the_old_text_leaves_the_archive_with_the_next_run(storage: Storage) -> None:
    ledger = history()
    before = archived(ledger, storage)
    assert NAME.encode() in bodies(storage)
    redact(ledger, 4, "[đã che]")
    replace_in_log(ledger)
    after = archived(ledger, storage)
    assert NAME.encode() not in bodies(storage)
    assert faults(storage) == []
    assert [(f.first, f.last) for f in after.files] == [(1, 5), (6, 10), (11, 14)]
    assert after.files[1] == before.files[1], "only the file of the event is written again"
    assert (after.files[0].chain, after.redacted_until) == (before.files[0].chain, 14)
    assert archived(ledger, storage) == after, "and a further run changes nothing"


def test_it_stays_until_the_log_itself_has_replaced_it(storage: Storage) -> None:
    ledger = history()
    archived(ledger, storage)
    redact(ledger, 4, "[đã che]")
    assert archived(ledger, storage).redacted_until == 0
    assert faults(storage) == []
    replace_in_log(ledger)
    archived(ledger, storage)
    assert NAME.encode() not in bodies(storage)


def test_a_second_redaction_replaces_the_first(storage: Storage) -> None:
    ledger = history()
    archived(ledger, storage)
    for text in ("[đã che]", "[che lần hai]"):
        redact(ledger, 4, text)
        replace_in_log(ledger)
        archived(ledger, storage)
        assert text.encode() in bodies(storage)
        assert faults(storage) == []
    assert "[đã che]".encode() not in bodies(storage).replace(_redactions(ledger), b"")


def _redactions(ledger: History) -> bytes:
    return redactions_of(ledger)[0].body


def test_a_run_cut_before_the_manifest_or_before_the_deletion_is_finished_by_the_next(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = history()
    archived(ledger, storage)
    redact(ledger, 4, "[đã che]")
    replace_in_log(ledger)
    write, delete = Storage.write, Storage.delete

    def cut_at_manifest(self: Storage, name: str, contents: bytes) -> None:
        if name == MANIFEST and any(each.endswith(".14.parquet") for each in self.names("log")):
            raise KeyboardInterrupt
        write(self, name, contents)

    def cut(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Storage, "write", cut_at_manifest)
    with pytest.raises(KeyboardInterrupt):
        archived(ledger, storage)
    monkeypatch.setattr(Storage, "write", write)
    assert faults(storage) == [], "what the manifest names is whole"
    monkeypatch.setattr(Storage, "delete", cut)
    with pytest.raises(KeyboardInterrupt):
        archived(ledger, storage)
    monkeypatch.setattr(Storage, "delete", delete)
    assert faults(storage) == []
    archived(ledger, storage)
    assert faults(storage) == []
    assert NAME.encode() not in bodies(storage)
