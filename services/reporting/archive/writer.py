"""Writes whole files of the log below its head; what was written is never written again."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pyarrow as pa

from services.reporting.archive.fold_keys import FoldKeys
from services.reporting.archive.layout import (
    MANIFEST,
    PARTS,
    SCHEMA,
    ArchiveFile,
    ArchiveManifest,
    NotAnArchive,
    file_name,
    parquet,
)
from services.reporting.archive.redacted_files import last_needed, redact
from shared.events.envelope import link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from services.reporting.archive.fold_keys import ArchivePlace
    from services.reporting.archive.layout import Storage
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

READ = 10_000


def archive(
    log: Reader,
    storage: Storage,
    positions: int,
    advanced: Callable[[int], None] = lambda _events: None,
    redactions: Sequence[RecordedEvent] = (),
) -> ArchiveManifest:
    """Append the files that the log fills by now; return the manifest.

    Files of `positions` events each: an archive that exists keeps its own number. The manifest is
    written after each file, so an interrupted run goes on where it stopped. `redactions` are all of
    the log: their records take the place of the archived ones, and a shorter file is written where
    one of them is not in a whole file yet. Raises `NotAnArchive` if the log does not continue the
    archive, or breaks its own chain.
    """
    manifest = storage.manifest() or ArchiveManifest(positions)
    _require_same_log(log, manifest)
    head = log.head().position
    while manifest.head.position + manifest.positions <= head:
        events = _read(log, manifest.head.position, manifest.positions, advanced)
        manifest = _appended(log, storage, manifest, events)
    while (last := last_needed(manifest, redactions)) > manifest.head.position:
        after = manifest.head.position
        manifest = _appended(log, storage, manifest, _read(log, after, last - after, advanced))
    return redact(log, storage, manifest, redactions) if redactions else manifest


def _require_same_log(log: Reader, manifest: ArchiveManifest) -> None:
    at = log.at(manifest.head.position)
    if manifest.files and (at is None or at.chain != manifest.head.chain):
        message = f"the log has another chain at position {manifest.head.position} than the archive"
        raise NotAnArchive(message)


def _read(
    log: Reader, after: int, count: int, advanced: Callable[[int], None]
) -> list[RecordedEvent]:
    events: list[RecordedEvent] = []
    while len(events) < count:
        part = log.read(after + len(events), min(READ, count - len(events)))
        events += part
        advanced(len(part))
    return events


def _appended(
    log: Reader, storage: Storage, manifest: ArchiveManifest, events: Sequence[RecordedEvent]
) -> ArchiveManifest:
    before, first, last = manifest.head.chain, events[0], events[-1]
    _require_chained(before, events)
    keys = FoldKeys(log, events)
    placed = [_placed(keys, event) for event in events]
    contents = parquet(_row_groups(events, placed))
    name = file_name(first.position, last.position)
    written = ArchiveFile(
        name,
        first.position,
        last.position,
        first.recorded_us,
        last.recorded_us,
        before.hex(),
        last.chain.hex(),
        sha256(contents).hexdigest(),
        contents.size,
        [len(numbers) for numbers in _by_part(placed)],
    )
    storage.write(name, contents)
    coupled = sorted({*manifest.coupled, *keys.coupled})
    files = [*manifest.files, written]
    manifest = replace(manifest, files=files, coupled=coupled, checkpoint="", after_head="")
    storage.write(MANIFEST, manifest.as_bytes())
    return manifest


def _placed(keys: FoldKeys, event: RecordedEvent) -> ArchivePlace:
    try:
        return keys.place(event)
    except (ValueError, KeyError, TypeError) as error:
        message = f"the event at position {event.position} cannot be placed: {error!r}"
        raise NotAnArchive(message) from error


def _require_chained(chain: bytes, events: Sequence[RecordedEvent]) -> None:
    for event in events:
        chain = link(chain, event.position, event.recorded_us, event.digest)
        if chain != event.chain:
            message = f"the chain of the log breaks at position {event.position}"
            raise NotAnArchive(message)


def _row_groups(
    events: Sequence[RecordedEvent], placed: Sequence[ArchivePlace]
) -> Iterator[pa.Table]:
    """Yield a row group for each part that has rows."""
    by_part = _by_part(placed)
    for numbers in filter(None, by_part):
        rows = [
            (
                each.position,
                each.key.source,
                each.key.id,
                each.type,
                each.subject,
                each.recorded_us,
                each.chain,
                each.body,
                None if each.digest == sha256(each.body).digest() else each.digest,
                placed[number].fold_key,
                placed[number].programme,
            )
            for number in numbers
            for each in (events[number],)
        ]
        columns = zip(SCHEMA, zip(*rows, strict=True), strict=True)
        arrays = [pa.array(values, field.type) for field, values in columns]
        yield pa.Table.from_arrays(arrays, schema=SCHEMA)


def _by_part(placed: Sequence[ArchivePlace]) -> list[list[int]]:
    """Return the places of the events of each part."""
    by_part: list[list[int]] = [[] for _ in range(PARTS)]
    for number, place in enumerate(placed):
        by_part[place.part].append(number)
    return by_part
