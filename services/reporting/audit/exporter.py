"""Writes an export: the log, a range of it, or a year with all its dependencies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import orjson

from services.reporting.audit.export_file import ExportWriter, Manifest, Run
from services.reporting.audit.selection import YearSelection
from services.reporting.audit.verification import verify
from shared.side_files import open_beside
from shared.trust.checkpoints import Checkpoint
from shared.trust.proofs import boundaries
from shared.trust.tiles import TilesAtSize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from services.reporting.audit.export_file import Fault
    from shared.eventlog.protocol import Head
    from shared.trust.notes import Note
    from shared.trust.tiles import Tiles


class Source(Protocol):
    """The source of the events: the feed of a server, or a log."""

    def head(self, position: int) -> Head:
        """Return the head of the log as of a position."""
        ...

    def items(self, after: int, until: int) -> Iterator[bytes]:
        """Yield the events after one position and up to another, as the bytes of the feed."""
        ...


@dataclass(frozen=True)
class Seal:
    """A signed checkpoint of the source, and the tiles of its tree."""

    note: Note
    tiles: Tiles

    @property
    def size(self) -> int:
        """Return the number of events that the checkpoint covers."""
        return Checkpoint.parse(self.note.text).size


class ContradictedLog(Exception):  # noqa: N818  the fault is what the reader is shown
    """The source contradicts its own chain or checkpoint; the first fault says at which position.

    No export of it is written.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.english)
        self.fault = fault


@dataclass(frozen=True)
class ExportSelection:
    """The selection of an export: the log after one position and up to another, or a year of it."""

    after: int = 0
    until: int | None = None
    plan_year: int | None = None

    def selection(self, *, whole: bool) -> dict[str, Any]:
        """Return the selection in the form of the manifest."""
        if self.plan_year is not None:
            return {"kind": "year", "year": self.plan_year}
        return {"kind": "log" if whole else "range"}


class Exporter:
    """Reads the source, twice for a year; `advanced` is called with the number of events read.

    With a seal the export is bound to its checkpoint (format 2); without one, it is of format 1.
    """

    def __init__(
        self,
        source: Source,
        wanted: ExportSelection,
        advanced: Callable[[int], None],
        seal: Seal | None = None,
    ) -> None:
        self._seal = seal
        self._source = source
        self._wanted = wanted
        self._advanced = advanced

    def write(self, path: Path, last: int, head: int) -> tuple[Manifest, str]:
        """Export up to position `last` of a log that ends at `head`; return manifest and SHA-256.

        It is written next to the file first: a file with the final name is complete and verified.
        A seal covers `last`. Raises `ContradictedLog`.
        """
        part, events = (path.with_name(f"{path.name}.{end}") for end in ("part", "events"))
        try:
            with open_beside(events, "w+b") as kept, open_beside(part, "wb") as written:
                runs = self._runs(self._chosen(last), last, kept)
                whole = self._wanted.after == 0 and last == head
                if self._seal is not None:
                    runs = _bound(runs, self._seal)
                manifest = Manifest(
                    self._wanted.selection(whole=whole),
                    sum(run.last - run.first + 1 for run in runs),
                    runs,
                    self._source.head(last),
                    None if self._seal is None else self._seal.note,
                )
                writer = ExportWriter(written, manifest)
                kept.seek(0)
                for line in kept:
                    writer.item(line.rstrip(b"\n"))
                digest = writer.close()
                written.flush()
                os.fsync(written.fileno())
            export = verify(part)
            for fault in export.faults:
                # The redaction of a record may come after the end of the file.
                if fault.position not in export.unstated:
                    raise ContradictedLog(fault)
            part.replace(path)
        finally:
            events.unlink(missing_ok=True)
            part.unlink(missing_ok=True)
        return manifest, digest

    def _chosen(self, last: int) -> Callable[[str], bool]:
        """Return a predicate for the exported subjects; for a year the whole log is read first."""
        if self._wanted.plan_year is None:
            return lambda _subject: True
        selection = YearSelection(self._wanted.plan_year)
        for item in self._source.items(0, last):
            event = orjson.loads(item)
            selection.see(event["subject"], event["data"])
            self._advanced(1)
        selection.settle()
        return selection.chooses

    def _runs(self, chosen: Callable[[str], bool], last: int, kept: BinaryIO) -> list[Run]:
        """Store the selected events; return the runs of their positions."""
        runs: list[Run] = []
        before = self._source.head(self._wanted.after).chain.hex()
        for item in self._source.items(self._wanted.after, last):
            event = orjson.loads(item)
            position = int(event["sequence"])
            if chosen(event["subject"]):
                if runs and runs[-1].last == position - 1:
                    runs[-1] = runs[-1]._replace(last=position)
                else:
                    runs.append(Run(position, position, before))
                kept.write(item + b"\n")
            before = event["chain"]
            self._advanced(1)
        return runs


def _bound(runs: list[Run], seal: Seal) -> list[Run]:
    """Return the runs with the hashes that bind them to the root of a checkpoint."""
    tiles = TilesAtSize(seal.tiles, seal.size)
    bound = []
    for run in runs:
        left, right = boundaries(tiles, run.first - 1, run.last, seal.size)
        bound.append(Run(run.first, run.last, "", tuple(left), tuple(right)))
    return bound
