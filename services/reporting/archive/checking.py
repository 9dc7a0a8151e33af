"""Verifies an archive: each file is unchanged, and continues the chain of the one before it."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.reporting.archive.layout import MANIFEST, ArchiveFile, Storage
from services.reporting.archive.sealing import is_bound
from shared.events.envelope import NO_CHAIN, EventKey
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import REDACTED_TYPES, original_digest
from shared.events.replaced_records import ReplacedRecords
from shared.trust.merkle import leaf_hash
from shared.trust.proofs import LeafRun
from shared.trust.tiles import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.reporting.archive.engines import Engine
    from services.reporting.archive.layout import ArchiveManifest

_COLUMNS = ["position", "recorded_us", "chain", "body", "digest"]
_ALL = [*_COLUMNS, "source", "event_id", "type", "subject"]


class ArchiveFault(NamedTuple):
    """A fault of a file, and its position in the log (None: of the file as a whole)."""

    file: str
    position: int | None
    vietnamese: str
    english: str


class CheckedFile(NamedTuple):
    """The first fault of a file, and its events that were replaced or are redactions.

    And its leaves in the tree of the log, if the archive has a checkpoint.
    """

    name: str
    fault: ArchiveFault | None
    redacted: list[RecordedEvent]
    leaves: LeafRun | None = None


def verify(manifest: ArchiveManifest, address: str, engine: Engine) -> Iterator[ArchiveFault]:
    """Yield the first fault of each file, and every replaced record that no redaction states.

    And that the whole is not under the root of its checkpoint; the signature is not judged.
    """
    position, chain = 0, NO_CHAIN.hex()
    for file in manifest.files:
        if file.first != position + 1 or file.chain_before != chain:
            yield ArchiveFault(
                file.name,
                file.first,
                "không nối tiếp tệp trước",
                "does not continue the file before it",
            )
        position, chain = file.last, file.chain
    replaced, file_of = ReplacedRecords(), dict[int, str]()
    sealed = bool(manifest.checkpoint)
    leaves: list[LeafRun] = []
    for checked in engine(partial(check, address, with_leaves=sealed), manifest.files):
        if checked.leaves is not None:
            leaves.append(checked.leaves)
        if checked.fault is not None:
            yield checked.fault
        for event in checked.redacted:
            replaced.take(event)
            file_of[event.position] = checked.name
    for at in replaced.judged()[1]:
        yield ArchiveFault(
            file_of[at],
            at,
            "bản ghi đã bị thay, mà không có việc che lời văn nào nêu bản ghi này",
            "the record was replaced, and no redaction states this one",
        )
    if sealed and len(leaves) == len(manifest.files) and not _leads_to_root(manifest, leaves):
        yield ArchiveFault(
            MANIFEST,
            None,
            "kho lưu trữ không thuộc gốc của điểm kiểm ghi trong bảng kê",
            "the archive is not under the root of the checkpoint that the manifest states",
        )


def _leads_to_root(manifest: ArchiveManifest, leaves: list[LeafRun]) -> bool:
    try:
        return is_bound(manifest, sorted(leaves, key=lambda each: each.start))
    except ValueError:
        return False


def check(address: str, file: ArchiveFile, *, with_leaves: bool = False) -> CheckedFile:
    """Read one file; return its first fault, or None, and what is redacted in it."""
    try:
        with Storage(address).input(file.name) as opened:
            contents = opened.read_buffer()
    except OSError as error:
        return _faulty(file, f"không đọc được: {error}", f"not readable: {error}")
    if sha256(contents).hexdigest() != file.sha256:
        return _faulty(file, "nội dung tệp đã thay đổi", "the contents of the file have changed")
    stored = pq.ParquetFile(pa.BufferReader(contents))
    rows = stored.read(_COLUMNS).sort_by("position")
    leaves = LeafRun(file.first - 1) if with_leaves else None
    fault = _fault_in(file, rows, leaves)
    return CheckedFile(file.name, fault, _redacted(stored), leaves if fault is None else None)


def _faulty(file: ArchiveFile, vietnamese: str, english: str) -> CheckedFile:
    return CheckedFile(file.name, ArchiveFault(file.name, None, vietnamese, english), [])


def _redacted(stored: pq.ParquetFile) -> list[RecordedEvent]:
    """Return the events with a stated digest, and the redactions; most files have none."""
    part = stored.read(["digest", "type"])
    types = pa.array([*REDACTED_TYPES])
    chosen = pc.or_(pc.is_valid(part["digest"]), pc.is_in(part["type"], types))
    if not pc.any(chosen).as_py():
        return []
    return [_event(row) for row in stored.read(_ALL).filter(chosen).to_pylist()]


def _event(row: Mapping[str, Any]) -> RecordedEvent:
    """Return a row as an event with its stated digest."""
    stated = row["digest"] or sha256(row["body"]).digest()
    key = EventKey(row["source"], row["event_id"])
    named = {name: row[name] for name in _ALL if name not in {"source", "event_id", "digest"}}
    return RecordedEvent(**named, key=key, digest=stated)


def _fault_in(file: ArchiveFile, rows: pa.Table, leaves: LeafRun | None) -> ArchiveFault | None:
    """Return the first fault of the rows of a file; append the leaves, if any are wanted."""
    expected, chain = file.first, bytes.fromhex(file.chain_before)
    columns = (rows[name].to_pylist() for name in _COLUMNS)
    for position, recorded_us, stated, body, digest in zip(*columns, strict=True):
        if position != expected:
            return ArchiveFault(file.name, expected, "thiếu vị trí này", "this position is missing")
        # `link`, without its call: this runs for every event of a country.
        leaf = entry(position, recorded_us, digest or sha256(body).digest())
        chain = sha256(chain + leaf).digest()
        if leaves is not None:
            leaves.append(leaf_hash(leaf))
        if chain != stated or (digest and digest != original_digest(body)):
            return ArchiveFault(
                file.name,
                position,
                "mã băm hoặc mắt xích không khớp",
                "digest or chain do not match",
            )
        expected += 1
    if expected - 1 != file.last or chain.hex() != file.chain:
        return ArchiveFault(
            file.name, None, "không kết thúc như bảng kê", "does not end as the manifest says"
        )
    return None
