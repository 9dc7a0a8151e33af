"""The layout of an archive, `dvk-archive/1`: files of the log by position, and a manifest.

    manifest.json
    log/<first>-<last>.parquet     whole runs of positions; written once

A file that was written again for a redaction has the redaction's position in its name besides.

Inside a file the rows are in groups by part, and in order of position in each: 64 parts of
whole models with their registrations and outcomes, one of awards, one of everything else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import dataset, fs

from shared.eventlog.protocol import Head
from shared.events.envelope import NO_CHAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMAT = "dvk-archive/1"
MANIFEST = "manifest.json"
POSITIONS = 1_000_000
"""The number of positions of a file."""
BUCKETS = 64
AWARDS, SHARED = BUCKETS, BUCKETS + 1
"""The parts after those of models."""
PARTS = BUCKETS + 2
SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("recorded_us", pa.int64(), nullable=False),
        pa.field("chain", pa.binary(32), nullable=False),
        pa.field("body", pa.binary(), nullable=False),
        pa.field("digest", pa.binary(32)),
        pa.field("fold_key", pa.uint32(), nullable=False),
        pa.field("programme", pa.string()),
    ]
)
"""`digest` is that which the chain binds, null where it is the SHA-256 of `body`; `fold_key` says
which rows are folded together (`fold_keys`); `programme` is that of a registration of another
programme than the default."""


COMPRESSION, LEVEL = "zstd", 3


class NotAnArchive(Exception):  # noqa: N818  the sentence is what the operator reads
    """The folder has no manifest of this format, or one that contradicts its files."""


@dataclass(frozen=True)
class ArchiveFile:
    """One file: its positions, the chain (hex) before and at its end, its rows by part."""

    name: str
    first: int
    last: int
    first_us: int
    last_us: int
    chain_before: str
    chain: str
    sha256: str
    size: int
    rows: Sequence[int]

    def row_groups(self, parts: Sequence[int]) -> list[int]:
        """Return the numbers of the row groups of parts; a part without rows has none."""
        present = [part for part, count in enumerate(self.rows) if count]
        return [place for place, part in enumerate(present) if part in parts]


@dataclass(frozen=True)
class ArchiveManifest:
    """The contents of an archive; `coupled` are pairs of fold keys that need one another.

    `redacted_until` is the position of the last redaction of which the record is in its place,
    `checkpoint` a signed note that covers the head (or nothing), and `after_head` what binds the
    archive to its root: hashes in base64.
    """

    positions: int = POSITIONS
    files: Sequence[ArchiveFile] = ()
    coupled: Sequence[tuple[int, int]] = field(default=())
    redacted_until: int = 0
    checkpoint: str = ""
    after_head: str = ""

    @property
    def head(self) -> Head:
        """Return the last archived position, with its chain and time."""
        if not self.files:
            return Head(0, NO_CHAIN, 0)
        last = self.files[-1]
        return Head(last.last, bytes.fromhex(last.chain), last.last_us)

    def as_bytes(self) -> bytes:
        """Return the manifest as it is written."""
        stated = {"format": FORMAT, "buckets": BUCKETS, **asdict(self)}
        return json.dumps(stated, indent=1).encode() + b"\n"

    @classmethod
    def of(cls, stored: bytes) -> ArchiveManifest:
        """Return a manifest as read; raises `NotAnArchive`."""
        try:
            stated: dict[str, Any] = json.loads(stored)
            if stated.pop("format") != FORMAT or stated.pop("buckets") != BUCKETS:
                message = f"the manifest is not of the format {FORMAT}"
                raise NotAnArchive(message)
            files = [ArchiveFile(**each) for each in stated["files"]]
            coupled = [(first, other) for first, other in stated["coupled"]]
            further = {name: stated[name] for name in _FURTHER if name in stated}
            return cls(stated["positions"], files, coupled, **further)
        except (ValueError, KeyError, TypeError) as error:
            message = f"the manifest cannot be read: {error}"
            raise NotAnArchive(message) from error


def file_name(first: int, last: int, redaction: int | None = None) -> str:
    """Return the name of a file by its positions, and the redaction for which it was replaced."""
    replaced = "" if redaction is None else f".{redaction}"
    return f"log/{first:012d}-{last:012d}{replaced}.parquet"


def parquet(groups: Iterable[pa.Table]) -> pa.Buffer:
    """Return the contents of a file with these row groups."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, SCHEMA, compression=COMPRESSION, compression_level=LEVEL) as file:
        for group in groups:
            file.write_table(group.cast(SCHEMA), max(1, len(group)))
    return sink.getvalue()


_FURTHER = ("redacted_until", "checkpoint", "after_head")


class Storage:
    """A folder of a file system, or a bucket of an object store (an address such as s3://…)."""

    def __init__(self, address: str) -> None:
        """Open a folder or an address; raises `NotAnArchive` for an address that is not known."""
        self.address = address
        self._files: fs.FileSystem = fs.LocalFileSystem()
        self._root = address
        try:
            if "://" in address:
                self._files, self._root = fs.FileSystem.from_uri(address)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise NotAnArchive(str(error)) from error

    def manifest(self) -> ArchiveManifest | None:
        """Return the manifest, None before there is one."""
        if self._files.get_file_info(self._at(MANIFEST)).type == fs.FileType.NotFound:
            return None
        with self._files.open_input_stream(self._at(MANIFEST)) as file:
            return ArchiveManifest.of(file.read())

    def input(self, name: str) -> pa.NativeFile:
        """Open a file for reading at any place."""
        return self._files.open_input_file(self._at(name))

    def write(self, name: str, contents: bytes | pa.Buffer) -> None:
        """Write a file whole: under its name it is complete or absent."""
        path = self._at(name)
        if not isinstance(self._files, fs.LocalFileSystem):
            with self._files.open_output_stream(path) as file:
                file.write(contents)  # an object appears when its upload is complete
            return
        self._files.create_dir(path.rpartition("/")[0], recursive=True)
        with self._files.open_output_stream(f"{path}.part") as file:
            file.write(contents)
        self._files.move(f"{path}.part", path)

    def dataset(self, names: Sequence[str]) -> dataset.Dataset:
        """Return the rows of files for engines that read Arrow's data sets."""
        return dataset.dataset([self._at(name) for name in names], SCHEMA, filesystem=self._files)

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder of the archive."""
        chosen = fs.FileSelector(self._at(folder), allow_not_found=True)
        found = self._files.get_file_info(chosen)
        return [f"{folder}/{each.base_name}" for each in found if each.is_file]

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._files.delete_file(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"
