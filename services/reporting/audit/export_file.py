"""The file format of an export, and writing it.

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

from shared.eventlog.protocol import Head
from shared.events.recorded import as_stated, from_feed
from shared.trust.checkpoints import Checkpoint
from shared.trust.merkle import HASH_BYTES
from shared.trust.notes import Note, from_base64, to_base64
from shared.trust.tiles import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from shared.events.recorded import RecordedEvent

UNSEALED, SEALED = 1, 2
"""The formats: 1 is that of a log without checkpoints, 2 has one, and is bound to its root."""
MOST_FAULTS = 1_000
"""The limit of reported faults; a file with more is not worth reading further."""
TRAILER = b'{"dvk_export_end":'


class Run(NamedTuple):
    """Consecutive positions, both included, and what binds them to the log.

    In format 1 that is the chain (hex) before the first of them; in format 2 the hashes left and
    right of them in the tree of the checkpoint.
    """

    first: int
    last: int
    before: str = ""
    left: tuple[bytes, ...] = ()
    right: tuple[bytes, ...] = ()

    def stated(self, form: int) -> list[int | str]:
        """Return the run as the manifest of a format has it."""
        if form == UNSEALED:
            return [self.first, self.last, self.before]
        return [self.first, self.last, *(to_base64(b"".join(e)) for e in (self.left, self.right))]

    @classmethod
    def read(cls, form: int, first: int, last: int, *stated: str) -> Run:
        """Return a run of a manifest; raises ValueError, or TypeError for another form."""
        if not 0 < _whole(first) <= _whole(last):
            message = f"the positions {first} to {last} are no run"
            raise ValueError(message)
        if form == UNSEALED:
            (before,) = stated
            if len(bytes.fromhex(before)) != HASH_BYTES:
                message = "the chain before a run has 32 bytes"
                raise ValueError(message)
            return cls(first, last, before)
        left, right = (split(from_base64(each)) for each in stated)
        return cls(first, last, "", tuple(left), tuple(right))


@dataclass(frozen=True)
class Manifest:
    """The contents of an export: the selection, the number of events, their positions.

    `selection` is {"kind": "log"}, {"kind": "range"} or {"kind": "year", "year": …}; `head` is the
    head of the log at the time of the selection: (position, chain, microseconds). `checkpoint` is
    the signed note that format 2 is bound to, with cosignatures; nothing of it is verified here.
    """

    selection: Mapping[str, Any]
    count: int
    runs: Sequence[Run]
    head: Head
    checkpoint: Note | None = None

    @property
    def form(self) -> int:
        """Return the number of the format."""
        return UNSEALED if self.checkpoint is None else SEALED

    @property
    def holds_the_past(self) -> bool:
        """Say whether figures can be computed: no event that they depend on is missing."""
        whole = self.selection["kind"] == "year" or not self.runs
        return whole or self.runs[0].first == 1

    def line(self) -> bytes:
        """Return the first line of the file."""
        sealed = {} if self.checkpoint is None else {"checkpoint": str(self.checkpoint)}
        stated = {
            "dvk_export": self.form,
            "selection": dict(self.selection),
            "count": self.count,
            "head": {
                "position": self.head.position,
                "chain": self.head.chain.hex(),
                "recorded_us": self.head.recorded_us,
            },
            **sealed,
            "runs": [run.stated(self.form) for run in self.runs],
        }
        return orjson.dumps(stated) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Manifest:
        """Return the manifest in a first line; raises ValueError for anything else."""
        stated = orjson.loads(line)
        form = stated.get("dvk_export") if isinstance(stated, dict) else None
        if form not in {UNSEALED, SEALED}:
            message = f"the first line is no manifest of format {UNSEALED} or {SEALED}"
            raise ValueError(message)
        head = stated["head"]
        note = None if form == UNSEALED else Note.parse(stated["checkpoint"].encode())
        if note is not None:
            Checkpoint.parse(note.text)
        return cls(
            selection={"kind": stated["selection"]["kind"], **stated["selection"]},
            count=_whole(stated["count"]),
            runs=[Run.read(form, *run) for run in stated["runs"]],
            head=Head(
                _whole(head["position"]), bytes.fromhex(head["chain"]), _whole(head["recorded_us"])
            ),
            checkpoint=note,
        )


def _whole(stated: int) -> int:
    """Return a whole number of the manifest, which may hold anything; raises ValueError."""
    if type(stated) is not int or stated < 0:
        message = f"not a whole number: {stated!r}"
        raise ValueError(message)
    return stated


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
    `redacted` has the positions of the records that were replaced, each with its redaction there,
    `unstated` those of which the redaction is not in the file.
    """

    path: Path
    manifest: Manifest
    positions: array[int] = field(default_factory=lambda: array("q"))
    offsets: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))
    faults: list[Fault] = field(default_factory=list)
    signed_from: int | None = None
    redacted: list[int] = field(default_factory=list)
    unstated: list[int] = field(default_factory=list)

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


class ExportWriter:
    """Writes an export line by line; the trailer holds the digest of all lines before it."""

    def __init__(self, file: BinaryIO, manifest: Manifest) -> None:
        self._file = file
        self._digest = sha256()
        self._form = manifest.form
        self._write(manifest.line())

    def item(self, item: bytes) -> None:
        """Write one event, as the bytes of the feed."""
        self._write(item + b"\n")

    def close(self) -> str:
        """Write the trailer; return its SHA-256 (hex)."""
        digest = self._digest.hexdigest()
        self._file.write(TRAILER + b'%d,"sha256":"%b"}\n' % (self._form, digest.encode()))
        return digest

    def _write(self, line: bytes) -> None:
        self._digest.update(line)
        self._file.write(line)
