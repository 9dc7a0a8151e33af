"""An archive has whole files that are written once, and every change of one is found where it is."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.reporting.archive import layout, writer
from services.reporting.archive.checking import ArchiveFault, verify
from services.reporting.archive.engines import UnknownEngine, engine_at, local
from services.reporting.archive.layout import ArchiveManifest, NotAnArchive, Storage
from shared.eventlog.protocol import Reader
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import registered
from tests.support.scenarios import History

POSITIONS = 5


def history(events: int = 13) -> History:
    """Return a country, one commune, and registrations."""
    registrations = [registered(f"{n}", unit_id="a") for n in range(events - 2)]
    return History().given(country(), unit("a"), *registrations)


def read_of(history: History) -> Reader:
    """Return the log of a history as reporting reads it."""
    return history.log.as_family(Family.REPORTING)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(f"{tmp_path}/archive")


def archived(log: Reader, storage: Storage) -> ArchiveManifest:
    return writer.archive(log, storage, POSITIONS)


def faults(storage: Storage, manifest: ArchiveManifest | None = None) -> list[ArchiveFault]:
    manifest = manifest or storage.manifest()
    assert manifest is not None
    return list(verify(manifest, storage.address, local(1)))


def faults_with(
    storage: Storage, change: Callable[[dict[str, Any]], None]
) -> tuple[list[ArchiveFault], str]:
    """Change the row at position 7 and the manifest with it; return the faults, and its file."""
    manifest = archived(read_of(history()), storage)
    file = manifest.files[1]
    rows = pq.read_table(f"{storage.address}/{file.name}").to_pylist()
    (row,) = [each for each in rows if each["position"] == 7]
    change(row)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, layout.SCHEMA), sink)
    contents = sink.getvalue().to_pybytes()
    storage.write(file.name, contents)
    forged = replace(file, sha256=sha256(contents).hexdigest(), size=len(contents))
    return faults(storage, replace(manifest, files=[manifest.files[0], forged])), file.name


def test_only_whole_files_are_written_and_what_is_written_is_whole(storage: Storage) -> None:
    log = read_of(history())
    manifest = archived(log, storage)
    assert [(f.first, f.last) for f in manifest.files] == [(1, 5), (6, 10)]
    head = log.at(10)
    assert head is not None
    assert manifest.head == head
    assert faults(storage) == []
    for file in manifest.files:
        contents = Path(storage.address, file.name).read_bytes()
        assert (len(contents), sha256(contents).hexdigest()) == (file.size, file.sha256)
        rows = pq.read_table(pa.BufferReader(contents)).sort_by("position").to_pylist()
        events = log.read(file.first - 1, POSITIONS)
        assert [(r["position"], r["body"], r["chain"], r["event_id"]) for r in rows] == [
            (e.position, e.body, e.chain, e.key.id) for e in events
        ]


def test_a_later_run_adds_files_and_leaves_the_others(storage: Storage) -> None:
    grown = history(9)
    archived(read_of(grown), storage)
    before = {f: f.read_bytes() for f in Path(storage.address, "log").iterdir()}
    grown.given(*(registered(f"later-{n}", unit_id="a") for n in range(4)))
    manifest = archived(read_of(grown), storage)
    assert manifest.head.position == 10
    assert len(before) == 1
    assert all(file.read_bytes() == contents for file, contents in before.items())
    assert faults(storage) == []


def test_a_run_that_was_cut_between_file_and_manifest_goes_on(storage: Storage) -> None:
    log = read_of(history())
    manifest = archived(log, storage)
    first = replace(manifest, files=manifest.files[:1])
    storage.write(layout.MANIFEST, first.as_bytes())
    assert archived(log, storage) == manifest
    assert faults(storage) == []


def test_another_log_is_not_appended(storage: Storage) -> None:
    archived(read_of(history()), storage)
    other = History().given(
        country(), unit("b"), *(registered(f"x-{n}", unit_id="b") for n in range(20))
    )
    with pytest.raises(NotAnArchive, match="another chain at position 10"):
        archived(read_of(other), storage)


def test_a_log_whose_chain_breaks_is_not_archived(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = read_of(history())
    read = log.read
    monkeypatch.setattr(
        log,
        "read",
        lambda after, limit: [
            replace(event, chain=bytes(32)) if event.position == 8 else event
            for event in read(after, limit)
        ],
    )
    with pytest.raises(NotAnArchive, match="breaks at position 8"):
        archived(log, storage)
    manifest = storage.manifest()
    assert manifest is not None
    assert manifest.head.position == 5  # what came before it is whole


def test_a_changed_byte_is_found(storage: Storage) -> None:
    file = archived(read_of(history()), storage).files[1]
    path = Path(storage.address, file.name)
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 1
    path.write_bytes(contents)
    (fault,) = faults(storage)
    assert (fault.file, fault.position) == (file.name, None)
    assert "changed" in fault.english


@pytest.mark.parametrize(
    ("column", "value", "found_at"),
    [
        ("body", b"{}", 7),
        ("recorded_us", 1, 7),
        ("chain", bytes(32), 7),
        ("position", 70, 7),
        ("digest", bytes(32), 7),
    ],
)
def test_a_row_changed_together_with_the_manifest_is_found_at_its_position(
    storage: Storage, column: str, value: object, found_at: int
) -> None:
    (fault,), file = faults_with(storage, lambda row: row.update({column: value}))
    assert (fault.file, fault.position) == (file, found_at)


def test_files_left_out_or_exchanged_are_found(storage: Storage) -> None:
    manifest = archived(read_of(history()), storage)
    first, second = manifest.files
    for files in ([second], [second, first], [first, first]):
        assert faults(storage, replace(manifest, files=files))


def test_a_missing_file_is_found(storage: Storage) -> None:
    file = archived(read_of(history()), storage).files[0]
    Path(storage.address, file.name).unlink()
    (fault,) = faults(storage)
    assert fault.file == file.name


def test_what_is_no_manifest_is_refused(storage: Storage) -> None:
    stated = json.loads(archived(read_of(history()), storage).as_bytes())
    for wrong in (b"", b"[]", b"{}", json.dumps({**stated, "format": "dvk-archive/2"}).encode()):
        storage.write(layout.MANIFEST, wrong)
        with pytest.raises(NotAnArchive):
            storage.manifest()


@pytest.mark.parametrize("address", ["gopher://x", "local:0", "local:two", "", "http://x"])
def test_what_is_no_engine_is_refused(address: str) -> None:
    with pytest.raises(UnknownEngine, match="no engine"):
        engine_at(address)


def test_an_address_of_no_file_system_is_refused() -> None:
    with pytest.raises(NotAnArchive):
        Storage("gopher://archive")


def test_a_record_replaced_with_the_digest_of_the_original_needs_its_redaction(
    storage: Storage,
) -> None:
    def replaced(row: dict[str, Any]) -> None:
        digest = sha256(row["body"]).digest()
        marked = b'"originaldigest":"' + digest.hex().encode() + b'",'
        place = row["body"].rindex(b'"source":')
        row["body"] = (row["body"][:place] + marked + row["body"][place:]).replace(b"Mo", b"No")
        row["digest"] = digest

    (fault,), file = faults_with(storage, replaced)
    assert (fault.file, fault.position) == (file, 7)
    assert "no redaction states" in fault.english
