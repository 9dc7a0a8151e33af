"""The file format of an export: writing it, and verifying every line of it.

JSON Lines: a manifest, the events as in the feed, a trailer with the SHA-256 of all lines before
it (docs/audit.md).
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import orjson

from shared.errors import LedgerError
from shared.eventlog.protocol import Head
from shared.events.acceptance.encodings import IS_OTHER, other_encoding, without_mark
from shared.events.envelope import NO_CHAIN, link
from shared.events.payloads.authority import TrustBegan
from shared.events.recorded import as_stated, from_feed
from shared.events.replaced_records import ReplacedRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from shared.events.recorded import RecordedEvent

FORMAT = 1
MOST_FAULTS = 1_000
"""The limit of reported faults; a file with more is not worth reading further."""


class Run(NamedTuple):
    """Consecutive positions, both included, and the chain (hex) before the first of them."""

    first: int
    last: int
    before: str


@dataclass(frozen=True)
class Manifest:
    """The contents of an export: the selection, the number of events, their positions.

    `selection` is {"kind": "log"}, {"kind": "range"} or {"kind": "year", "year": …}; `head` is the
    head of the log at the time of the selection: (position, chain, microseconds).
    """

    selection: Mapping[str, Any]
    count: int
    runs: Sequence[Run]
    head: Head

    @property
    def holds_the_past(self) -> bool:
        """Say whether figures can be computed: no event that they depend on is missing."""
        whole = self.selection["kind"] == "year" or not self.runs
        return whole or self.runs[0].first == 1

    def line(self) -> bytes:
        """Return the first line of the file."""
        stated = {
            "dvk_export": FORMAT,
            "selection": dict(self.selection),
            "count": self.count,
            "head": {
                "position": self.head.position,
                "chain": self.head.chain.hex(),
                "recorded_us": self.head.recorded_us,
            },
            "runs": [list(run) for run in self.runs],
        }
        return orjson.dumps(stated) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Manifest:
        """Return the manifest in a first line; raises ValueError for anything else."""
        stated = orjson.loads(line)
        if not isinstance(stated, dict) or stated.get("dvk_export") != FORMAT:
            message = f"the first line is no manifest of format {FORMAT}"
            raise ValueError(message)
        head = stated["head"]
        return cls(
            selection=stated["selection"],
            count=stated["count"],
            runs=[Run(*run) for run in stated["runs"]],
            head=Head(head["position"], bytes.fromhex(head["chain"]), head["recorded_us"]),
        )


class Fault(NamedTuple):
    """A fault of an export, with its position in the log (None: not of one event)."""

    position: int | None
    vietnamese: str
    english: str


@dataclass
class Export:
    """A file that was read to the end: its manifest, the offsets of its events, its faults.

    `positions` (of the log), `offsets` (bytes of the file) and `times` (microseconds) are parallel.
    `signed_from` is the position of the first event that is signed, or with which trust begins;
    `redacted` has the positions of the records that were replaced, each with its redaction there.
    """

    path: Path
    manifest: Manifest
    positions: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    faults: list[Fault] = field(default_factory=list)
    signed_from: int | None = None
    redacted: list[int] = field(default_factory=list)

    def events(self, after: int = 0, until: int | None = None) -> Iterator[RecordedEvent]:
        """Yield the events after one position and up to another, in order."""
        return map(as_stated, map(from_feed, self.items(after, until)))

    def items(self, after: int = 0, until: int | None = None) -> Iterator[bytes]:
        """Yield the same events as the bytes of the feed."""
        first = bisect_right(self.positions, after)
        last = len(self.positions) if until is None else bisect_right(self.positions, until)
        with self.path.open("rb") as file:
            if first < last:
                file.seek(self.offsets[first])
            for line in islice(file, last - first):
                yield line.rstrip(b"\r\n")

    def blame(self, position: int | None, vietnamese: str, english: str) -> None:
        """Record a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(position, vietnamese, english))


_TRAILER = b'{"dvk_export_end":'


class ExportWriter:
    """Writes an export line by line; the trailer holds the digest of all lines before it."""

    def __init__(self, file: BinaryIO, manifest: Manifest) -> None:
        self._file = file
        self._digest = sha256()
        self._write(manifest.line())

    def item(self, item: bytes) -> None:
        """Write one event, as the bytes of the feed."""
        self._write(item + b"\n")

    def close(self) -> str:
        """Write the trailer; return its SHA-256 (hex)."""
        digest = self._digest.hexdigest()
        self._file.write(_TRAILER + b'%d,"sha256":"%b"}\n' % (FORMAT, digest.encode()))
        return digest

    def _write(self, line: bytes) -> None:
        self._digest.update(line)
        self._file.write(line)


def verify(path: Path, advanced: Callable[[int], None] = lambda _bytes: None) -> Export:
    """Read a file to the end and record every fault: positions, digests, chain, count, trailer.

    `advanced` is called with the bytes read so far. Raises ValueError when there is no manifest
    at the beginning, OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        first = file.readline()
        if (name := other_encoding(first)) is not None:
            raise ValueError(IS_OTHER.format(name=name))
        read, first = len(first), _as_written(without_mark(first))
        export = Export(path, _manifest(first))
        check = _Check(export)
        digest, trailer = sha256(first), None
        for raw in file:
            line = _as_written(raw)
            if trailer is not None:
                export.blame(None, "còn dòng sau dòng cuối", "lines follow after the trailer")
                break
            if line.startswith(_TRAILER):
                trailer = line
            else:
                digest.update(line)
                check.take(line, read)
            read += len(raw)
            advanced(read)
    check.finish()
    if trailer is None:
        export.blame(
            None, "thiếu dòng cuối: tệp bị cắt", "the trailer is missing: the file was cut off"
        )
    elif _stated_digest(trailer) != digest.hexdigest():
        export.blame(
            None,
            "SHA-256 của các dòng khác mã ở dòng cuối",
            "the SHA-256 of the lines is not the one that the trailer states",
        )
    return export


def _as_written(line: bytes) -> bytes:
    """Return a line as it was written: Windows may have added CR before its end since."""
    return line[:-2] + b"\n" if line.endswith(b"\r\n") else line


def _manifest(line: bytes) -> Manifest:
    try:
        return Manifest.read(line)
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        message = f"the first line is no manifest of an export: {error}"
        raise ValueError(message) from error


def _stated_digest(trailer: bytes) -> str | None:
    try:
        stated: str = orjson.loads(trailer)["sha256"]
    except (KeyError, TypeError, orjson.JSONDecodeError):
        return None
    return stated


class _Check:
    """Checks each event against the positions of the manifest and against the one before it."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._wanted = _positions(export.manifest.runs)
        self._firsts = {run.first: run.before for run in export.manifest.runs}
        self._next = next(self._wanted, None)
        self._before: set[bytes] = {NO_CHAIN}
        self._seen = 0
        self._replaced = ReplacedRecords()

    def take(self, line: bytes, offset: int) -> None:
        """Check one line."""
        self._seen += 1
        try:
            event = as_stated(from_feed(line.rstrip(b"\n")))
        except (LedgerError, ValueError):
            self._export.blame(
                self._next,
                "dòng này không đọc được như một sự kiện",
                "the line cannot be read as an event",
            )
            self._advance()
            self._before = set()
            return
        if self._is_in_place(event.position):
            self._check(event)
            export = self._export
            if export.times and event.recorded_us < export.times[-1]:
                export.blame(
                    event.position,
                    "được ghi sớm hơn sự kiện đứng trước nó",
                    "it was recorded before the one before it",
                )
            export.positions.append(event.position)
            export.offsets.append(offset)
            export.times.append(event.recorded_us)
            if export.signed_from is None and _is_of_trust(event):
                export.signed_from = event.position
            self._replaced.take(event)

    def finish(self) -> None:
        """Check that nothing is missing at the end, and that what was replaced is stated."""
        self._export.redacted, unstated = self._replaced.judged()
        for position in unstated:
            vietnamese = "bản ghi đã bị thay, mà tệp không có việc che lời văn nào nêu bản ghi này"
            english = "the record was replaced, and no redaction in the file states this one"
            self._export.blame(position, vietnamese, english)
        while self._next is not None and len(self._export.faults) < MOST_FAULTS:
            self._export.blame(self._next, "thiếu sự kiện này", "the event is missing")
            self._advance()
        manifest, positions = self._export.manifest, self._export.positions
        ends_with_head = bool(positions) and positions[-1] == manifest.head.position
        if ends_with_head and self._before and manifest.head.chain not in self._before:
            self._export.blame(
                None,
                "chuỗi ở dòng đầu khác chuỗi của sự kiện cuối",
                "the chain of the manifest is not that of the last event",
            )
        if self._seen != manifest.count:
            stated = manifest.count
            english = f"the manifest states {stated} events, {self._seen} are there"
            self._export.blame(None, f"dòng đầu nêu {stated} sự kiện, có {self._seen}", english)

    def _is_in_place(self, position: int) -> bool:
        """Check that a position is the next one; those skipped are missing."""
        if self._export.positions and position <= self._export.positions[-1]:
            self._export.blame(
                position,
                "sự kiện bị lặp lại, hoặc đứng sau một sự kiện muộn hơn",
                "the event is repeated, or follows a later one",
            )
            return False
        while self._next is not None and self._next < position:
            self._export.blame(
                self._next,
                "thiếu sự kiện này, hoặc nó đứng sau một sự kiện muộn hơn",
                "the event is missing, or follows a later one",
            )
            self._advance()
            self._before = set()
        if self._next != position:
            self._export.blame(
                position, "dòng đầu không kê vị trí này", "the manifest does not list this position"
            )
            return False
        self._advance()
        return True

    def _check(self, event: RecordedEvent) -> None:
        """Check that the event is linked to the one before it by its chain."""
        if event.position in self._firsts:
            self._before = {bytes.fromhex(self._firsts[event.position])}
        links = {
            link(chain, event.position, event.recorded_us, event.digest) for chain in self._before
        }
        if links and event.chain not in links:
            self._export.blame(
                event.position,
                "nội dung, thời điểm, vị trí hoặc chuỗi đã bị sửa",
                "bytes, time, position or chain were changed",
            )
        # After a fault the next one may follow either the stated or the computed chain.
        self._before = {event.chain} if event.chain in links else {event.chain, *links}

    def _advance(self) -> None:
        self._next = next(self._wanted, None)


def _is_of_trust(event: RecordedEvent) -> bool:
    return event.subject == TrustBegan.STREAM or b'","signature":"' in event.body


def _positions(runs: Iterable[Run]) -> Iterator[int]:
    for run in runs:
        yield from range(run.first, run.last + 1)
