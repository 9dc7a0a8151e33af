"""Puts redacted records into the files of an archive, in the place of those that were archived.

A redaction that is itself archived states the record. The file is written again under another
name, then the manifest, and then the old file is deleted: an interrupted run goes on with the next.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from services.reporting.archive.layout import MANIFEST, NotAnArchive, file_name, parquet
from shared.events.payloads.redaction import EventRedacted
from shared.events.redacted_record import stated as as_stated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.archive.layout import ArchiveFile, ArchiveManifest, Storage
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

_FILE = re.compile(r"log/([0-9]{12})-([0-9]{12})(?:\.[0-9]+)?\.parquet")


def last_needed(manifest: ArchiveManifest, redactions: Sequence[RecordedEvent]) -> int:
    """Return the position of the last redaction of an event that is archived, 0 without any."""
    needed = [at for at, of in _stated(redactions) if of.position <= manifest.head.position]
    return max(needed, default=0)


def redact(
    log: Reader, storage: Storage, manifest: ArchiveManifest, redactions: Sequence[RecordedEvent]
) -> ArchiveManifest:
    """Replace what archived redactions state; return the manifest. Raises `NotAnArchive`.

    Those after a record that the log itself has not replaced yet wait for the next run.
    """
    events, last = _replaced_in(log, manifest, redactions)
    if last > manifest.redacted_until:
        files = [_replaced(storage, file, events, last) for file in manifest.files]
        manifest = replace(manifest, files=files, redacted_until=last)
        storage.write(MANIFEST, manifest.as_bytes())
    _delete_old(storage, manifest)
    return manifest


def _stated(redactions: Sequence[RecordedEvent]) -> list[tuple[int, EventRedacted]]:
    payloads = [(each.position, each.payload) for each in redactions]
    return [(at, payload) for at, payload in payloads if isinstance(payload, EventRedacted)]


def _replaced_in(
    log: Reader, manifest: ArchiveManifest, redactions: Sequence[RecordedEvent]
) -> tuple[dict[int, RecordedEvent], int]:
    """Return the events with replaced records by position, and the last redaction of them."""
    stated = _stated(redactions)
    replaced: dict[int, RecordedEvent] = {}
    last = 0
    for at, redaction in stated:
        if at > manifest.head.position:
            break
        (event,) = log.read(redaction.position - 1, 1)
        later = {of.record for by, of in stated if by >= at and of.position == event.position}
        if as_stated(sha256(event.body).digest()) not in later:
            break
        replaced[event.position] = event
        last = at
    return replaced, last


def _replaced(
    storage: Storage, file: ArchiveFile, events: Mapping[int, RecordedEvent], last: int
) -> ArchiveFile:
    """Write a file again with the records of events as the log has them now, if it has any."""
    events = {at: event for at, event in events.items() if file.first <= at <= file.last}
    if not events:
        return file
    with storage.input(file.name) as opened:
        stored = pq.ParquetFile(opened)
        groups = [stored.read_row_group(n) for n in range(stored.num_row_groups)]
    contents = parquet([_with(group, events) for group in groups])
    name = file_name(file.first, file.last, last)
    storage.write(name, contents)
    digest = sha256(contents).hexdigest()
    return replace(file, name=name, sha256=digest, size=contents.size)


def _with(group: pa.Table, events: Mapping[int, RecordedEvent]) -> pa.Table:
    positions = group["position"].to_pylist()
    if not events.keys() & set(positions):
        return group
    rows = group.select(["position", "body", "digest"]).to_pylist()
    for row in rows:
        event = events.get(row["position"])
        if event is not None:
            if event.digest != (row["digest"] or sha256(row["body"]).digest()):
                message = f"the log has another event at position {event.position} than the archive"
                raise NotAnArchive(message)
            row["body"] = event.body
            row["digest"] = None if sha256(event.body).digest() == event.digest else event.digest
    for name in ("body", "digest"):
        place = group.schema.get_field_index(name)
        of = group.schema.field(name)
        group = group.set_column(place, of, pa.array([row[name] for row in rows], of.type))
    return group


def _delete_old(storage: Storage, manifest: ArchiveManifest) -> None:
    """Delete the files that were replaced: the old texts are in them."""
    names = {file.name for file in manifest.files}
    ends = {(file.first, file.last) for file in manifest.files}
    for name in storage.names("log"):
        found = _FILE.fullmatch(name)
        if found and name not in names and (int(found[1]), int(found[2])) in ends:
            storage.delete(name)
