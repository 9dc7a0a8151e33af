"""Fills new generations of read models from an archive, up to its head; the log does the rest.

The archive is verified first, and that it is of this log. Whole models are folded by as many
processes as there are cores (`row_fold`); what is small and crosses models is folded in the order
of the log by one. Then all numbers are made those of one fold (`numbering`), and each table is
loaded and indexed at once (`loading`).
"""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from services.reporting.archive.checking import verify
from services.reporting.archive.folding import tasks
from services.reporting.archive.layout import NotAnArchive, Storage
from services.reporting.archive.rebuild.loading import WORDS, LoadTask, create_bare, load
from services.reporting.archive.rebuild.numbering import Numbering, numbered_columns
from services.reporting.archive.rebuild.ordered_fold import OrderedTask, fold_in_order
from services.reporting.archive.rebuild.row_files import RowFiles
from services.reporting.archive.rebuild.row_fold import IN_PARTS, REST, RowTask, fold_rows
from services.reporting.archive.rebuild.workers import Workers
from shared.errors import LedgerError, Problem, declare
from shared.readmodel import checkpoints, generations, quarantine
from shared.readmodel.checkpoints import BEGINNING, ReadModelCheckpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from services.reporting.archive.layout import ArchiveManifest
    from services.reporting.archive.rebuild.numbering import Beginnings, Numbered
    from services.reporting.archive.rebuild.row_fold import FoldedRows
    from shared.eventlog.protocol import Head, Reader
    from shared.readmodel.decoded_events import DecodedEvent
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.rebuild.build import BuildSpec
    from shared.readmodel.store import Store

NOT_READABLE = declare(
    "archive_not_readable",
    409,
    vi="Không đọc được kho lưu trữ {address}: {reason}. Chưa có gì thay đổi.",
    en="The archive {address} cannot be read: {reason}. Nothing has changed.",
)
OF_OTHER_LOG = declare(
    "archive_of_another_log",
    409,
    vi="Kho lưu trữ {address} không phải của sổ này: tại vị trí {position} mắt xích khác nhau. "
    "Chưa có gì thay đổi.",
    en="The archive {address} is not of this log: at position {position} their chains differ. "
    "Nothing has changed.",
)
FAULTY = declare(
    "archive_faulty",
    409,
    vi="Kho lưu trữ {address} có lỗi ở tệp {file}: {fault}. Chưa có gì thay đổi; hãy kiểm bằng "
    "dvk audit --archive.",
    en="The archive {address} has a fault in the file {file}: {fault}. Nothing has changed; "
    "check it with dvk audit --archive.",
)
HOLDS_BACK = declare(
    "rebuild_holds_subjects",
    409,
    vi="Sổ có đối tượng đã bị loại khỏi bảng {read_model} (dvk quarantine). Hãy chạy dvk rebuild "
    "không có --from-archive.",
    en="Subjects of the read model {read_model} were discarded (dvk quarantine). Run dvk rebuild "
    "without --from-archive.",
)


class _Target(NamedTuple):
    """A read model to fill, and the database of its new tables."""

    store: Store
    spec: BuildSpec
    model: ReadModel


class ArchiveFill:
    """Fills read models from the archive at an address, with a process for each core."""

    def __init__(self, address: str, processes: int | None = None) -> None:
        self._address = address
        self._processes = processes

    def __call__(
        self,
        log: Reader,
        filled: Sequence[tuple[Store, Sequence[BuildSpec]]],
        until: int,
        on_progress: Callable[[int], None],
    ) -> int:
        """Fill up to a position or the archive's head; return the position that was reached.

        Raises `LedgerError` before anything is filled if the archive is faulty or of another log.
        """
        targets = [_Target(s, spec, spec.model()) for s, specs in filled for spec in specs]
        manifest = self._manifest()
        self._require_same_log(log, manifest)
        reached = log.at(min(manifest.head.position, until))
        if reached is None or not reached.position:
            return 0
        _require_none_discarded(targets)
        with Workers(self._processes) as workers:
            self._require_intact(manifest, workers)
            _create(targets)
            with TemporaryDirectory(prefix="dvk-rebuild-") as folder:
                run = _Run(self._address, manifest, reached.position, targets, folder)
                run.fold(workers, on_progress)
                run.load(workers)
        _end(targets, run.redactions, reached)
        return reached.position

    def _manifest(self) -> ArchiveManifest:
        try:
            manifest = Storage(self._address).manifest()
        except (NotAnArchive, OSError) as error:
            raise self._refused(str(error)) from error
        if manifest is None:
            raise self._refused("there is no manifest")
        return manifest

    def _refused(self, reason: str) -> LedgerError:
        return LedgerError(Problem(NOT_READABLE, {"address": self._address, "reason": reason}))

    def _require_same_log(self, log: Reader, manifest: ArchiveManifest) -> None:
        head = manifest.head
        at = log.at(head.position)
        if at is None or at.chain != head.chain:
            params = {"address": self._address, "position": head.position}
            raise LedgerError(Problem(OF_OTHER_LOG, params))

    def _require_intact(self, manifest: ArchiveManifest, workers: Workers) -> None:
        for fault in list(verify(manifest, self._address, workers.map)):
            raise LedgerError(
                Problem(
                    FAULTY,
                    {
                        "address": self._address,
                        "file": fault.file,
                        "position": fault.position,
                        "fault": f"{fault.vietnamese} · {fault.english}",
                    },
                )
            )


def _require_none_discarded(targets: Sequence[_Target]) -> None:
    """Refuse subjects that operators discarded: the folds of an archive hold nothing back."""
    with targets[0].store.reading() as connection:
        held = {read_model for read_model, _ in quarantine.discarded(connection)}
    for name in sorted(held & {each.model.name for each in targets}):
        raise LedgerError(Problem(HOLDS_BACK, {"read_model": name}))


def _create(targets: Sequence[_Target]) -> None:
    """Create the tables: those that are loaded at once, on PostgreSQL, without their indexes."""
    for store, _, model in targets:
        if model.name in IN_PARTS and not store.is_sqlite:
            with store.writing() as connection:
                create_bare(connection, model.metadata.sorted_tables)
        else:
            store.create(model.metadata)


def _end(targets: Sequence[_Target], redactions: Iterable[DecodedEvent], reached: Head) -> None:
    """Apply the redactions, and set the checkpoints to where the archive was folded to."""
    at = ReadModelCheckpoint(reached.position, reached.chain, reached.position)
    later = sorted({each.position: each for each in redactions}.items())
    for store, spec, model in targets:
        key = generations.key_of(model.name, spec.generation)
        with store.writing() as connection:
            theirs = [event for _, event in later if event.name in model.events]
            if theirs and model.name in IN_PARTS:
                model.fold(theirs, connection)
                model.forget()
            checkpoints.enter(connection, [key])
            checkpoints.move(connection, [(key, BEGINNING, at)])


class _Run:
    """One fill: what its folds found, and where its rows are kept."""

    def __init__(
        self,
        address: str,
        manifest: ArchiveManifest,
        until: int,
        targets: Sequence[_Target],
        folder: str,
    ) -> None:
        self._address = address
        self._manifest = manifest
        self._until = until
        self._in_parts = [each for each in targets if each.model.name in IN_PARTS]
        self._in_order = [each for each in targets if each.model.name not in IN_PARTS]
        self._folder = folder
        self._folded: list[FoldedRows] = []

    @property
    def redactions(self) -> list[DecodedEvent]:
        """Return the redactions that the folds found."""
        return [event for each in self._folded for event in each.redactions]

    def fold(self, workers: Workers, on_progress: Callable[[int], None]) -> None:
        """Fold everything: read models in order into their tables, the others into files."""
        works = self._works()
        for done, found in enumerate(workers.map(_worked, works), start=1):
            self._folded += found
            on_progress(self._until * done // (len(works) + 1))

    def _works(self) -> list[OrderedTask | RowTask]:
        works: list[OrderedTask | RowTask] = []
        for url in sorted({each.store.url for each in self._in_order}):
            specs = tuple(each.spec for each in self._in_order if each.store.url == url)
            works.append(OrderedTask(self._address, self._until, url, specs))
        if self._in_parts:
            specs = tuple(each.spec for each in self._in_parts)
            buckets = tasks(self._manifest, self._address, self._until, None)[1:]
            parts = [(REST, {}), *((each.parts, each.keys) for each in buckets)]
            works += [
                RowTask(self._address, each, self._until, keys, specs, self._folder)
                for each, keys in parts
            ]
        return works

    def load(self, workers: Workers) -> None:
        """Give all rows their final numbers, and load each table, the largest first."""
        files, words = RowFiles(self._folder), self._numbered()
        many = self._many()
        works: list[tuple[int, LoadTask]] = []
        for store, spec, model in self._in_parts:
            for table in model.metadata.sorted_tables:
                columns = numbered_columns(model, table)
                rows = {f.portion: f.rows[table.name] for f in self._folded if table.name in f.rows}
                if "id" in columns:
                    listed = words.get(columns["id"]) or []
                    rows = {WORDS: len(listed)} if listed else {}
                    if listed:
                        numbered = [(n, *word) for n, word in enumerate(listed, start=1)]
                        files.write(table, WORDS, numbered)
                task = LoadTask(store.url, spec, table.name, tuple(rows), self._folder, many)
                works.append((sum(rows.values()), task))
        largest_first = [task for _, task in sorted(works, key=lambda each: -each[0])]
        inline = any(each.store.is_sqlite for each in self._in_parts)
        list(map(load, largest_first) if inline else workers.map(load, largest_first))

    def _numbered(self) -> Mapping[Numbered, list[tuple[Any, ...]] | None]:
        """Make the numbers of all folds those of one; return the words in order."""
        files, words = RowFiles(self._folder), {}
        parts: dict[Numbered, dict[str, Beginnings]] = {}
        for folded in self._folded:
            for of, beginnings in folded.numbers.items():
                parts.setdefault(of, {})[folded.portion] = beginnings
        for of, each in parts.items():
            numbering = Numbering(each)
            words[of] = numbering.words
            for portion in each:
                files.write_numbers(of, portion, numbering.final(portion))
        return words

    def _many(self) -> NDArray[np.int64]:
        """Return the positions at which organisations were defined or retracted."""
        found = [each.organizations for each in self._folded if each.organizations is not None]
        return np.concatenate(found) if found else np.zeros(0, np.int64)


def _worked(task: OrderedTask | RowTask) -> list[FoldedRows]:
    if isinstance(task, RowTask):
        return fold_rows(task)
    fold_in_order(task)
    return []
