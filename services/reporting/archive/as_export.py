"""An archive as an export, for what is judged event by event: signatures, rights, checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from services.reporting.archive.sealing import hashes_after_head, note_of
from services.reporting.audit.export_file import ExportWriter, Manifest, Run
from services.reporting.audit.verification import verify
from shared.events.envelope import NO_CHAIN, EventKey
from shared.events.recorded import RecordedEvent, feed_item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from services.reporting.archive.layout import ArchiveManifest, Storage
    from services.reporting.audit.export_file import Export

_COLUMNS = ["position", "type", "subject", "recorded_us", "chain", "body", "source", "event_id"]


def as_export(storage: Storage, manifest: ArchiveManifest, path: Path) -> Export:
    """Write a verified archive as an export to a file, which takes about 1 KB an event.

    The digests that redacted records state are those of the archive, which has verified them.
    """
    head, note = manifest.head, note_of(manifest)
    run = Run(1, head.position, NO_CHAIN.hex())
    if note is not None:
        run = Run(1, head.position, right=hashes_after_head(manifest))
    with path.open("wb") as file:
        stated = Manifest({"kind": "range"}, head.position, [run], head, note)
        written = ExportWriter(file, stated)
        for event in events_of(storage, manifest):
            written.item(feed_item(event))
        written.close()
    return verify(path)


def events_of(storage: Storage, manifest: ArchiveManifest) -> Iterator[RecordedEvent]:
    """Yield all events of an archive in order, without their digests."""
    for file in manifest.files:
        with storage.input(file.name) as opened:
            rows = pq.ParquetFile(opened).read(_COLUMNS).sort_by("position")
        for batch in rows.to_batches(max_chunksize=10_000):
            columns = (batch.column(name).to_pylist() for name in _COLUMNS)
            for *values, source, event_id in zip(*columns, strict=True):
                named = dict(zip(_COLUMNS, values, strict=False))
                key = EventKey(source, event_id)
                yield RecordedEvent.of({**named, "key": key, "digest": b""})
