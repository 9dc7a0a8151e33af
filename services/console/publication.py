"""A file of events is published so that it may be interrupted at any moment and begun again.

Receipts stand in `FILE.receipts.jsonl`. A side file remembers how far both files count; it is
written after the receipts, so at worst one batch is sent twice, which the ledger answers alike.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import orjson

from services.console.delivery import Batch, Delivery, Item, Line, batches, unsendable

_FINGERPRINT_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is published: bytes of the file and of its receipts, and what came of it."""

    line: int = 0
    offset: int = 0
    receipts: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """A file on its way, and the two files beside it."""

    file: Path

    @property
    def receipts(self) -> Path:
        """Return where the receipts are kept, one JSON line for each event."""
        return self.file.with_name(self.file.name + ".receipts.jsonl")

    @property
    def side_file(self) -> Path:
        """Return what remembers the progress; it is gone when the file is through."""
        return self.file.with_name(self.file.name + ".progress.json")

    @property
    def size(self) -> int:
        """Return how many bytes the file has."""
        return self.file.stat().st_size

    def begun(self) -> Progress:
        """Return the progress of an interrupted publication of this very file, else none."""
        try:
            kept = Progress(**orjson.loads(self.side_file.read_bytes()))
        except (OSError, ValueError, TypeError):
            return Progress()
        whole = self.receipts.exists() and self.receipts.stat().st_size >= kept.receipts
        same = kept.offset <= self.size
        return kept if whole and same and kept.fingerprint == self._print(kept) else Progress()

    def publish(self, delivery: Delivery, advanced: Callable[[Progress], None]) -> Counter[str]:
        """Send what is left, and return how many events came to each status over all runs."""
        progress = self.begun()
        counts = Counter(progress.counts)
        with self.file.open("rb") as lines, self._receipts_from(progress) as receipts:
            advanced(progress)
            for batch in batches(_lines(lines, progress)):
                items = _sent(batch, delivery)
                for line, item in zip(batch.lines, items, strict=True):
                    receipt = {"line": line.number, **item}
                    receipts.write(orjson.dumps(receipt, option=orjson.OPT_APPEND_NEWLINE))
                counts.update(str(item.get("status")) for item in items)
                receipts.flush()
                last = batch.lines[-1]
                progress = Progress(last.number, last.end, receipts.tell(), dict(counts))
                self._remember(progress)
                advanced(progress)
        self.side_file.unlink(missing_ok=True)
        return counts

    def _receipts_from(self, progress: Progress) -> BinaryIO:
        """Open the receipts and cut off what was written after the side file."""
        self.receipts.touch()
        receipts = self.receipts.open("r+b")
        receipts.truncate(progress.receipts)
        receipts.seek(0, os.SEEK_END)
        return receipts

    def _remember(self, progress: Progress) -> None:
        kept = {**asdict(progress), "fingerprint": self._print(progress)}
        draft = self.side_file.with_name(self.side_file.name + ".new")
        draft.write_bytes(orjson.dumps(kept))
        draft.replace(self.side_file)

    def _print(self, progress: Progress) -> str:
        """Return a digest of the beginning of what was sent, to notice another file."""
        with self.file.open("rb") as file:
            return sha256(file.read(min(progress.offset, _FINGERPRINT_BYTES))).hexdigest()


def _lines(file: BinaryIO, progress: Progress) -> Iterator[Line]:
    """Return the lines after the progress; empty ones are passed over."""
    file.seek(progress.offset)
    end = progress.offset
    for number, raw in enumerate(file, start=progress.line + 1):
        end += len(raw)
        if stripped := raw.strip():
            yield Line(number, end, stripped)


def _sent(batch: Batch, delivery: Delivery) -> list[Item]:
    if batch.family is None:
        return [unsendable(line) for line in batch.lines]
    return delivery.send(batch.family, [line.raw for line in batch.lines])
