"""Every summary of any past from an archive: folded deltas behind the reads of a server."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow.parquet as pq

from services.reporting.archive.folding import joined, run, tasks
from services.reporting.archive.layout import SHARED, NotAnArchive
from services.reporting.archive.rows import facts, programmes, read
from services.reporting.archive.unfoldable import UnfoldableEvent, named
from services.reporting.figures.cache import DeltaCache
from services.reporting.figures.cube import Cubes
from services.reporting.queries.as_of import AsOfResolver, ReachedPosition
from services.reporting.queries.facade import Queries
from services.reporting.queries.lists.quarantine import QuarantineView
from services.reporting.readmodels.awards.readmodel import Awards
from services.reporting.readmodels.catalog import Catalog
from services.reporting.readmodels.demonstration_data import DemonstrationData
from services.reporting.readmodels.outcomes.readmodel import Outcomes
from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.search.readmodel import Search
from shared.eventlog.protocol import START, Head
from shared.events.envelope import NO_CHAIN
from shared.readmodel.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from services.reporting.archive.engines import Engine
    from services.reporting.archive.folding import FoldedDeltas
    from services.reporting.archive.layout import ArchiveFile, ArchiveManifest, Storage
    from services.reporting.figures.delta_tables import TallyTables
    from services.reporting.figures.measures import Counting
    from services.reporting.figures.year_columns import YearColumns
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.decoded_events import DecodedEvent
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.recent_rows import RecentRows

_FOLDED_APART = frozenset(
    model.name for model in (Registrations, Outcomes, Awards, Search, DemonstrationData)
)
"""The read models of the tasks, and those that no summary reads."""
_RUN = 2_000


@contextmanager
def replayed(
    storage: Storage,
    engine: Engine,
    known_at: Callable[[Reader], int],
    years: Iterable[int] | None = None,
) -> Iterator[Queries]:
    """Open the reads of summaries over an archive, up to a position; `years` None: every year.

    Lists and explanations are not among them: their rows were not made. Raises `NotAnArchive`, and
    `LedgerError` for an event that cannot be folded.
    """
    manifest = storage.manifest()
    if manifest is None:
        message = f"there is no archive in {storage.address}"
        raise NotAnArchive(message)
    log = cast("Reader", ArchivedLog(storage, manifest))
    until = known_at(log)
    wanted = None if years is None else frozenset(years)
    found: dict[str, list[FoldedDeltas]] = {}
    with TemporaryDirectory(prefix="dvk-archive-") as folder:
        store, catalog = Store(f"sqlite:///{folder}/reporting.db"), Catalog()
        try:
            results = engine(run, tasks(manifest, storage.address, until, wanted))
            _fold_shared(storage, manifest, store, catalog, until)
            for result in results:
                if isinstance(result, UnfoldableEvent):
                    raise result.refusal(manifest)
                for name, deltas in result.items():
                    found.setdefault(name, []).append(deltas)
            moments = AsOfResolver(log, ReachedPosition(lambda: until))
            yield Queries(
                log,
                store,
                catalog,
                moments=moments,
                checkpoints=dict,
                quarantine=QuarantineView(store, {}),
                cubes=_cubes(store, catalog, {n: joined(each) for n, each in found.items()}),
            )
        finally:
            store.close()


def _fold_shared(
    storage: Storage, manifest: ArchiveManifest, store: Store, catalog: Catalog, until: int
) -> None:
    """Fold what belongs to no bucket into tables: the map, organisations, inspections and so on."""
    names = [each.name for each in fields(catalog) if each.name not in _FOLDED_APART]
    models = [getattr(catalog, name) for name in names]
    store.create(*(model.metadata for model in models))
    wanted = frozenset().union(*(model.events for model in models))
    events: list[DecodedEvent] = list(facts(read(storage, manifest, (SHARED,), until), wanted))
    events = sorted([*events, *programmes(storage, manifest, until)], key=lambda e: e.position)
    for first in range(0, len(events), _RUN):
        part = events[first : first + _RUN]
        for model in models:
            theirs = [each for each in part if each.name in model.events]
            unfoldable = _fold_run(model, theirs, store)
            if unfoldable is not None:
                raise unfoldable.refusal(manifest)


def _fold_run(
    model: ReadModel, events: Sequence[DecodedEvent], store: Store
) -> UnfoldableEvent | None:
    """Fold a run; return the event that cannot be, if there is one."""
    try:
        with store.writing() as connection:
            model.fold(events, connection)
    except Exception:
        for event in events:
            model.forget()
            try:
                with store.writing() as connection:
                    model.fold([event], connection)
            except Exception as error:  # noqa: BLE001  whatever a fold makes of a record
                return named(event, error)
        raise
    return None


def _cubes(store: Store, catalog: Catalog, folded: dict[str, FoldedDeltas]) -> Cubes:
    def cache_of(model: Any, counting: Counting | None) -> DeltaCache:  # noqa: ANN401  has a tally
        tables, recent = model.delta_tables, model.writer.recent
        if model.name in folded:
            return ArchivedDeltas(store, tables, counting, recent, folded[model.name])
        return DeltaCache(store, tables, counting, recent)

    return Cubes(catalog, cache_of)


class ArchivedDeltas(DeltaCache):
    """The deltas of one cube that were folded from an archive, in memory."""

    def __init__(
        self,
        store: Store,
        tables: TallyTables,
        counting: Counting | None,
        recent: RecentRows[Any],
        folded: FoldedDeltas,
    ) -> None:
        super().__init__(store, tables, counting, recent)
        for table, words in (
            (self.units, folded.units),
            (self.dims, folded.dims),
            (self.orgs, folded.orgs),
        ):
            table.words += [each if isinstance(each, tuple) else (each,) for each in words]
        self._rows = folded.rows

    def _follow(self, columns: YearColumns, reached: int) -> None:
        rows = self._rows
        place = rows[:, 1]
        chosen = (place > columns.reached) & (place <= reached) & (rows[:, 0] == columns.plan_year)
        columns.add(rows[chosen], reached)

    def years(self) -> list[int]:
        """Return the years with any deltas, in order."""
        return [int(year) for year in np.unique(self._rows[:, 0])]


class ArchivedLog:
    """The part of the log that summaries read: heads by position and time, and shared streams."""

    def __init__(self, storage: Storage, manifest: ArchiveManifest) -> None:
        self._storage = storage
        self._manifest = manifest

    def head(self) -> Head:
        """Return the last archived position."""
        return self._manifest.head

    def at(self, position: int) -> Head | None:
        """Return the head as of a position; the chain is known at the ends of files only."""
        if not 0 <= position <= self.head().position:
            return None
        if position == 0:
            return START
        file = next(each for each in self._manifest.files if each.last >= position)
        if position == file.last:
            return Head(position, bytes.fromhex(file.chain), file.last_us)
        times = self._times(file)
        return Head(position, NO_CHAIN, times[position - file.first])

    def last_recorded_until(self, moment_us: int) -> Head:
        """Return the last event recorded at or before a time, as a head."""
        files = [each for each in self._manifest.files if each.first_us <= moment_us]
        if not files:
            return START
        number = bisect_right(self._times(files[-1]), moment_us)
        return self.at(files[-1].first + number - 1) or START

    def streams(self, subjects: Iterable[str]) -> Sequence[RecordedEvent]:
        """Return the events of subjects that are in no bucket, such as closings."""
        wanted = set(subjects)
        return [event for event in self._shared if event.subject in wanted]

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Return the events after a position that are in no bucket."""
        chosen = [e for e in self._shared if after < e.position <= after + limit]
        return chosen[:limit]

    @cached_property
    def _shared(self) -> Sequence[RecordedEvent]:
        table = read(self._storage, self._manifest, (SHARED,), self.head().position)
        types = {name.as_py().split(".")[1] for name in table["type"].unique()}
        return [fact.event for fact in facts(table, types)]

    def _times(self, file: ArchiveFile) -> list[int]:
        """Return the times of a file's positions, in order."""
        with self._storage.input(file.name) as opened:
            rows = pq.ParquetFile(opened).read(["position", "recorded_us"]).sort_by("position")
        times: list[int] = rows["recorded_us"].to_pylist()
        return times
