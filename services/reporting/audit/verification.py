"""Verifying every line of an export: positions, digests, chain, binding to the root, trailer."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

import orjson

from services.reporting.audit.export_file import MOST_FAULTS, TRAILER, Export, Manifest
from shared.errors import LedgerError
from shared.events.acceptance.encodings import IS_OTHER, other_encoding, without_mark
from shared.events.envelope import NO_CHAIN, link
from shared.events.origin import place_in
from shared.events.payloads.authority import TrustBegan
from shared.events.recorded import as_stated, from_feed
from shared.events.redacted_record import original_digest
from shared.events.replaced_records import ReplacedRecords
from shared.trust.checkpoints import Checkpoint
from shared.trust.merkle import leaf_hash
from shared.trust.proofs import LeafRun
from shared.trust.tiles import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from services.reporting.audit.export_file import Run
    from shared.events.origin import OriginPlace
    from shared.events.recorded import RecordedEvent


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
            if line.startswith(TRAILER):
                trailer = line
            else:
                digest.update(line)
                check.take(line, read)
            read += len(raw)
            advanced(read)
    check.finish()
    _check_extent(export)
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
    except (AttributeError, KeyError, TypeError, orjson.JSONDecodeError) as error:
        message = f"the first line is no manifest of an export: {error}"
        raise ValueError(message) from error


def _check_extent(export: Export) -> None:
    """Check that the runs are those of the selection: the log, and a range of it, have one."""
    manifest = export.manifest
    runs, kind = manifest.runs, manifest.selection["kind"]
    if kind not in ("log", "range", "year"):
        export.blame(
            None,
            f"dòng đầu nêu phần chọn không rõ: {kind}",
            f"the manifest states an unknown selection: {kind}",
        )
    for before, run in pairwise(runs):
        if run.first <= before.last + 1 or kind in ("log", "range"):
            export.blame(
                before.last + 1,
                "dòng đầu bỏ qua vị trí này, hoặc kê các đoạn không theo thứ tự",
                "the manifest leaves this position out, or lists runs out of their order",
            )
    ends = (1, manifest.head.position)
    if kind == "log" and runs and (runs[0].first, runs[-1].last) != ends:
        export.blame(
            None,
            "dòng đầu nêu cả sổ, nhưng các vị trí không phải của cả sổ",
            "the manifest states the whole log, but its positions are not those of all of it",
        )
    if manifest.checkpoint is not None:
        size = Checkpoint.parse(manifest.checkpoint.text).size
        if manifest.head.position > size or (kind == "log" and manifest.head.position < size):
            export.blame(
                None,
                f"điểm kiểm có {size} sự kiện, dòng đầu nêu {manifest.head.position}",
                f"the checkpoint has {size} events, the manifest states {manifest.head.position}",
            )


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
        self._binding = _Binding(export) if export.manifest.checkpoint else None
        self._next = next(self._wanted, None)
        self._before: set[bytes] = {NO_CHAIN}
        self._seen = 0
        self._replaced = ReplacedRecords()
        self._origins: dict[str, OriginPlace] = {}

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
            if self._binding is not None:
                self._binding.take(event)
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
            self._check_origin(event)

    def finish(self) -> None:
        """Check that nothing is missing at the end, and that what was replaced is stated."""
        self._export.redacted, unstated = self._replaced.judged()
        self._export.unstated = list(unstated)
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
        if event.position == 1:
            self._before = {NO_CHAIN}
        elif event.position in self._firsts:
            # Format 2 does not state it: its runs are bound to the root instead.
            before = bytes.fromhex(self._firsts[event.position])
            self._before = {before} if before else set()
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

    def _check_origin(self, event: RecordedEvent) -> None:
        """Check that a forwarded event continues the chain of its ledger, if it is the next one."""
        place = place_in(event.body)
        if place is None:
            return
        last = self._origins.get(place.ledger)
        before = NO_CHAIN if place.position == 1 else None
        if last is not None and last.position == place.position - 1:
            before = last.chain
        self._origins[place.ledger] = max(place, last or place, key=lambda each: each.position)
        if before is None or original_digest(event.body) is not None:
            return  # others in between have no record here, or this one was redacted
        if link(before, place.position, place.recorded_us, place.digest) != place.chain:
            self._export.blame(
                event.position,
                f"không nối tiếp chuỗi của sổ cái {place.ledger} đã chuyển nó",
                f"it does not continue the chain of the ledger {place.ledger} that forwarded it",
            )

    def _advance(self) -> None:
        self._next = next(self._wanted, None)


class _Binding:
    """Checks that each run leads to the root of the checkpoint with the hashes around it."""

    def __init__(self, export: Export) -> None:
        assert export.manifest.checkpoint is not None  # noqa: S101  format 2 has one
        self._export = export
        _, self._size, self._root = Checkpoint.parse(export.manifest.checkpoint.text)
        self._runs = {run.first: run for run in export.manifest.runs}
        self._run: Run | None = None
        self._leaves = LeafRun(0)
        self._faults = 0

    def take(self, event: RecordedEvent) -> None:
        """Take the next event that is in its place."""
        if event.position in self._runs:
            self._run = self._runs[event.position]
            self._leaves = LeafRun(event.position - 1)
            self._faults = len(self._export.faults)
        if self._run is None or self._leaves.end != event.position - 1:
            return  # an event before it is missing, which is blamed
        self._leaves.append(leaf_hash(entry(event.position, event.recorded_us, event.digest)))
        if event.position == self._run.last:
            self._check(self._run)

    def _check(self, run: Run) -> None:
        if len(self._export.faults) > self._faults:
            return  # the event is named already
        root = self._leaves.root(self._size, run.left, run.right)
        if not _is_bound(root, self._root):
            first, last = run.first, run.last
            self._export.blame(
                first,
                f"đoạn {first}–{last} không thuộc gốc của điểm kiểm: có sự kiện bị sửa, bỏ hoặc "
                "đổi chỗ",
                f"the run {first}–{last} is not under the root of the checkpoint: an event was "
                "changed, left out or exchanged",
            )


def _is_bound(root: bytes | None, sealed: bytes) -> bool:
    return root == sealed


def _is_of_trust(event: RecordedEvent) -> bool:
    return event.subject == TrustBegan.STREAM or b'","signature":"' in event.body


def _positions(runs: Iterable[Run]) -> Iterator[int]:
    for run in runs:
        yield from range(run.first, run.last + 1)
