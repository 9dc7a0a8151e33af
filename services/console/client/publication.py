"""Publication of a file of events, which may be interrupted and resumed at any moment.

Receipts are written to `FILE.receipts.jsonl`. A side file stores the progress in both files; it is
written after the receipts, so at worst one batch is sent twice, with the same receipts. Sent lines
are recognised by content, not by offset: the side file keeps the digest of all bytes sent and the
last receipt with a position. In doubt everything is sent again.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson
from pydantic import TypeAdapter

from shared.client.delivery import (
    MAX_BYTES,
    Batch,
    Delivery,
    Item,
    Line,
    batches,
    unsendable,
)
from shared.events.acceptance.encodings import other_encoding, without_mark
from shared.side_files import open_beside

if TYPE_CHECKING:
    from hashlib import _Hash

_READ_BYTES = 1 << 20


class FileChanged(Exception):  # noqa: N818  a signal: the new part of the file was not sent
    """The file was written to while it was sent."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a publication: offsets in the file and its receipts, and counts by status.

    `digest` is the SHA-256 (hex) of the file up to the offset, `recorded` the last item with a
    position in the log.
    """

    line: int = 0
    offset: int = 0
    receipts: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""
    recorded: Item | None = None


_KEPT = TypeAdapter(Progress)


@dataclass(frozen=True, slots=True)
class Publication:
    """A file being published, its receipts and its side file."""

    file: Path

    @property
    def receipts(self) -> Path:
        """Return the path of the receipts, one JSON line for each event."""
        return self.file.with_name(self.file.name + ".receipts.jsonl")

    @property
    def side_file(self) -> Path:
        """Return the path of the stored progress; it is removed when the file is published."""
        return self.file.with_name(self.file.name + ".progress.json")

    @property
    def size(self) -> int:
        """Return the size of the file in bytes."""
        return self.file.stat().st_size

    def other_encoding(self) -> str | None:
        """Return the name of the file's encoding if events cannot be read from it, else None."""
        with self.file.open("rb") as file:
            return other_encoding(file.read(4))

    def begun(self, delivery: Delivery) -> Progress:
        """Return the progress of an interrupted publication of the same content to this ledger.

        It starts at the beginning in any doubt: the sent part of the file was edited, or receipts
        are missing, or the ledger does not know the sent events.
        """
        try:
            kept = _KEPT.validate_json(self.side_file.read_bytes())
            complete = self.receipts.stat().st_size >= kept.receipts
        except (OSError, ValueError):
            return Progress()
        if kept.recorded is None or not complete or not self._begins_as(kept):
            return Progress()
        return kept if delivery.holds(kept.recorded) else Progress()

    def publish(
        self, delivery: Delivery, progress: Progress, advanced: Callable[[Progress], None]
    ) -> Counter[str]:
        """Send the remaining lines, and return the number of events by status over all runs.

        Raises `FileChanged` at the end if the file is no longer the one that was opened.
        """
        counts = Counter(progress.counts)
        recorded = progress.recorded
        with self.file.open("rb") as lines, self._receipts_from(progress) as receipts:
            opened = os.fstat(lines.fileno())
            advanced(progress)
            for batch in batches(_lines(lines, progress)):
                items = _sent(batch, delivery)
                for line, item in zip(batch.lines, items, strict=True):
                    receipt = {"line": line.number, **item}
                    receipts.write(orjson.dumps(receipt, option=orjson.OPT_APPEND_NEWLINE))
                    if item.get("position") is not None:
                        recorded = item
                counts.update(str(item.get("status")) for item in items)
                receipts.flush()
                last = batch.lines[-1]
                place = (last.number, last.end, receipts.tell())
                progress = Progress(*place, dict(counts), last.prefix, recorded)
                self._remember(progress)
                advanced(progress)
        if self._is_another(opened):
            raise FileChanged
        self.side_file.unlink(missing_ok=True)
        return counts

    def _receipts_from(self, progress: Progress) -> BinaryIO:
        """Open the receipts and cut off those written after the side file."""
        receipts = open_beside(self.receipts, "r+b")
        receipts.truncate(progress.receipts)
        receipts.seek(0, os.SEEK_END)
        return receipts

    def _remember(self, progress: Progress) -> None:
        draft = self.side_file.with_name(self.side_file.name + ".new")
        with open_beside(draft, "wb") as written:
            written.write(_KEPT.dump_json(progress))
        draft.replace(self.side_file)

    def _begins_as(self, kept: Progress) -> bool:
        """Say whether the file begins with the sent bytes, and these with whole lines."""
        with self.file.open("rb") as file:
            if _digest_of(file, kept.offset).hexdigest() != kept.digest:
                return False
            file.seek(-1, os.SEEK_CUR)
            return file.read(1) == b"\n" or not file.read(1)

    def _is_another(self, opened: os.stat_result) -> bool:
        try:
            now = self.file.stat()
        except OSError:
            return True
        return (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns) != (
            opened.st_dev,
            opened.st_ino,
            opened.st_size,
            opened.st_mtime_ns,
        )


def _lines(file: BinaryIO, progress: Progress) -> Iterator[Line]:
    """Return the lines after the progress; empty ones are skipped.

    Of a line too long for any batch only the beginning is kept.
    """
    digest = _digest_of(file, progress.offset)
    end, number, piece = progress.offset, progress.line, b"\n"
    # A line without an end is the last: a later addition to it is no line of its own.
    while piece.endswith(b"\n") and (raw := file.readline(MAX_BYTES)):
        number += 1
        piece = raw
        while piece:
            digest.update(piece)
            end += len(piece)
            if piece.endswith(b"\n"):
                break
            piece = file.readline(MAX_BYTES)
        if stripped := without_mark(raw).strip():
            yield Line(number, end, stripped, digest.hexdigest())


def _digest_of(file: BinaryIO, size: int) -> "_Hash":
    """Read up to so many bytes, and return their digest."""
    digest = sha256()
    while size and (piece := file.read(min(size, _READ_BYTES))):
        digest.update(piece)
        size -= len(piece)
    return digest


def _sent(batch: Batch, delivery: Delivery) -> list[Item]:
    if batch.family is None:
        return [unsendable(line) for line in batch.lines]
    return delivery.send(batch.family, [line.raw for line in batch.lines])
