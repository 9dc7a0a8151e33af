"""Reads the rows of an archive by part, and decodes them as folds read events."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from services.reporting.archive.layout import SCHEMA, SHARED, Storage
from services.reporting.readmodels.parts.programmes import REGISTERED
from shared.events.envelope import EventKey
from shared.events.recorded import RecordedEvent
from shared.readmodel.decoded_events import DecodedEvent, decoded, fact_of, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.archive.layout import ArchiveManifest

_COLUMNS = ["position", "source", "event_id", "type", "subject", "recorded_us", "body", "fold_key"]
ORGANIZATION = "organization/"
_NOT_BOUND = b""
_new: Any = tuple.__new__


def read(storage: Storage, manifest: ArchiveManifest, parts: Sequence[int], until: int) -> pa.Table:
    """Return the rows of some parts up to a position, in order of position."""
    tables = []
    for file in manifest.files:
        groups = file.row_groups(parts)
        if groups and file.first <= until:
            with storage.input(file.name) as opened:
                rows = pq.ParquetFile(opened).read_row_groups(groups, _COLUMNS)
            if file.last > until:
                rows = rows.filter(pc.less_equal(rows["position"], until))
            tables.append(rows if len(groups) == 1 else rows.sort_by("position"))
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table().select(_COLUMNS)


def keys_of(table: pa.Table, coupled: Mapping[int, int]) -> NDArray[np.int64]:
    """Return the fold keys of rows; those that are coupled are one."""
    keys = np.array(table["fold_key"].to_numpy(), np.int64)
    for key, other in coupled.items():
        keys[keys == key] = other
    return keys


@lru_cache(maxsize=1)
def organizations(address: str, _head: int, until: int) -> pa.Table:
    """Return the events of organisations: a process reads them once for all of its tasks."""
    storage = Storage(address)
    manifest = storage.manifest()
    assert manifest is not None  # noqa: S101  the task was made from it
    shared = read(storage, manifest, (SHARED,), until)
    return shared.filter(pc.starts_with(shared["subject"], ORGANIZATION))


def programmes(storage: Storage, manifest: ArchiveManifest, until: int) -> Iterator[DecodedEvent]:
    """Yield the registrations of other programmes than the default: the two fields folds need."""
    for file in manifest.files:
        if file.first > until:
            return
        with storage.input(file.name) as opened:
            stored = pq.ParquetFile(opened).read(["position", "subject", "programme"])
        rows = stored.filter(
            pc.and_(pc.is_valid(stored["programme"]), pc.less_equal(stored["position"], until))
        )
        for position, subject, programme in zip(*rows.to_pydict().values(), strict=True):
            data = {"registration_id": subject.partition("/")[2], "programme": programme}
            yield DecodedEvent(position, REGISTERED, subject, data, cast("RecordedEvent", None))


class _Keyed(NamedTuple):
    """The part of a recorded event that the folds of models and awards read."""

    key: EventKey


def keyed_facts(
    table: pa.Table, wanted: Collection[str], bare: Collection[str] = ()
) -> Iterator[DecodedEvent]:
    """Yield the events of some types, decoded, of which only the key is kept besides.

    Those of `bare` types are without their data. This runs for every event of a country.
    """
    names = ("position", "source", "event_id", "type", "subject")
    columns = [table[name].to_pylist() for name in names]
    rows = zip(*columns, _bodies(table["body"]), strict=True)
    for position, source, event_id, type_, subject, body in rows:
        name = name_of(type_)
        event = _new(_Keyed, (_new(EventKey, (source, event_id)),))
        if name in wanted:
            yield decoded(position, type_, subject, body, event)
        elif name in bare:
            yield DecodedEvent(position, name, subject, {}, event)


def _bodies(column: pa.ChunkedArray) -> Iterator[memoryview]:
    """Yield the values of a column of bytes, without copying them."""
    for chunk in column.chunks:
        if len(chunk):
            _, ends, values = chunk.buffers()
            offsets = np.frombuffer(ends, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
            contents = memoryview(values)
            for first, last in pairwise(offsets.tolist()):
                yield contents[first:last]


def facts(table: pa.Table, wanted: Collection[str]) -> Iterator[DecodedEvent]:
    """Yield the events of some types, decoded and whole but for digest and chain."""
    columns = [table[name].to_pylist() for name in _COLUMNS[:-1]]
    for position, source, event_id, type_, subject, recorded_us, body in zip(*columns, strict=True):
        if name_of(type_) in wanted:
            yield fact_of(
                RecordedEvent.of(
                    {
                        "position": position,
                        "key": EventKey(source, event_id),
                        "type": type_,
                        "subject": subject,
                        "recorded_us": recorded_us,
                        "digest": _NOT_BOUND,
                        "chain": _NOT_BOUND,
                        "body": body,
                    }
                )
            )
