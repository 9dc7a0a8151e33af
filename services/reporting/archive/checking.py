"""Verifies an archive: each file is unchanged, and continues the chain of the one before it."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from services.reporting.archive.layout import ArchiveFile, Storage
from shared.events.envelope import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.reporting.archive.engines import Engine
    from services.reporting.archive.layout import ArchiveManifest

_COLUMNS = ["position", "recorded_us", "chain", "body", "digest"]


class ArchiveFault(NamedTuple):
    """A fault of a file, and its position in the log (None: of the file as a whole)."""

    file: str
    position: int | None
    vietnamese: str
    english: str


def verify(manifest: ArchiveManifest, address: str, engine: Engine) -> Iterator[ArchiveFault]:
    """Yield the first fault of each file."""
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
    yield from filter(None, engine(partial(fault_of, address), manifest.files))


def fault_of(address: str, file: ArchiveFile) -> ArchiveFault | None:
    """Read one file; return its first fault, or None."""
    try:
        with Storage(address).input(file.name) as opened:
            contents = opened.read_buffer()
    except OSError as error:
        return ArchiveFault(file.name, None, f"không đọc được: {error}", f"not readable: {error}")
    if sha256(contents).hexdigest() != file.sha256:
        return ArchiveFault(
            file.name, None, "nội dung tệp đã thay đổi", "the contents of the file have changed"
        )
    rows = pq.ParquetFile(pa.BufferReader(contents)).read(_COLUMNS).sort_by("position")
    return _fault_in(file, rows)


def _fault_in(file: ArchiveFile, rows: pa.Table) -> ArchiveFault | None:
    expected, chain = file.first, bytes.fromhex(file.chain_before)
    columns = (rows[name].to_pylist() for name in _COLUMNS)
    for position, recorded_us, stated, body, digest in zip(*columns, strict=True):
        if position != expected:
            return ArchiveFault(file.name, expected, "thiếu vị trí này", "this position is missing")
        # `link`, without its call: this runs for every event of a country.
        chain = sha256(
            chain
            + position.to_bytes(8, "big")
            + recorded_us.to_bytes(8, "big")
            + (digest or sha256(body).digest())
        ).digest()
        if chain != stated:
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
