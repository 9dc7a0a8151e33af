"""Rebuild of read models: new generations are filled alongside, compared, and swapped in.

Reads and appends continue: every transaction that others wait for is short, and only the swap locks
the old checkpoints. A failure leaves the old generations active; remains of a killed rebuild are
dropped by the next one.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.errors import LedgerError, Problem
from shared.eventlog.sql import SqlEventLog
from shared.readmodel import checkpoints, generations
from shared.readmodel.checkpoints import Retired, kept
from shared.readmodel.rebuild.build import FILL_RUN, fill
from shared.readmodel.rebuild.diff import ComparisonReport
from shared.readmodel.rebuild.replacement import Outpaced, Replacement, TooFar, stands
from shared.readmodel.rebuild.stages import (
    NEVER_FILLED,
    NOTHING_KEPT,
    OUTPACED,
    UNDER_WAY,
    Differing,
    Differs,
    Done,
    Rebuilt,
    Seconds,
    Stage,
)
from shared.readmodel.rebuild.staging import staging_areas
from shared.readmodel.rebuild.worker_processes import WorkerTask, build_in_workers
from shared.readmodel.runner import RUN, FoldFailed
from shared.readmodel.store import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.readmodel.generations import Pointer
    from shared.readmodel.rebuild.build import BuildSpec, Make
    from shared.readmodel.rebuild.staging import StagingArea
    from shared.readmodel.store import Store

    ProgressCallback = Callable[[Stage, int, int], None]
    FillAhead = Callable[
        [Reader, Sequence[tuple[Store, Sequence[BuildSpec]]], int, Callable[[int], None]], int
    ]
    """Fills new tables from elsewhere than the log, up to a position; returns what it reached."""

_TRIES = 20


class Rebuild:
    """Rebuilds read models together; `makes` are factories for the tables of a generation."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        makes: Sequence[Make],
        *,
        clock: Clock,
        accept: Sequence[str] = (),
        on_progress: ProgressCallback | None = None,
        run: int = RUN,
        fill_run: int = FILL_RUN,
        shares: Sequence[frozenset[str]] = (),
        around_swap: Callable[[Connection], None] = lambda _connection: None,
        fill_ahead: FillAhead | None = None,
    ) -> None:
        """Take read models in the order in which the service folds them.

        Each of `shares` is a set of names that one process fills; all others are filled here, or,
        if there are shares, by one more process. `around_swap` is called in the transaction of a
        swap: before anything is locked that the folds need, and after the pointers have moved.
        `fill_ahead` fills what it can before the log is folded on from there.
        """
        self._log = log
        self._store = store
        self._makes = {make(generations.FIRST).name: make for make in makes}
        self._clock = clock
        self._accept = accept
        self._on_progress = on_progress or (lambda _stage, _done, _of: None)
        self._run = run
        self._fill_run = fill_run
        self._shares = shares
        self._around_swap = around_swap
        self._fill_ahead = fill_ahead

    def rebuild(self, *, keep_previous: bool = True) -> Done:
        """Fill the next generations, compare them, and activate all or none of them.

        Those kept so far for a rollback are dropped after the swap, or, with `keep_previous` False,
        before the fill, so that there are never three. Raises `Differs` for differences that were
        not accepted; after any error the old generations stay active and the new ones are dropped.
        """
        with self._alone():
            self._clean(keep_previous=keep_previous)
            try:
                return self._filled_and_swapped([self._successor(p) for p in self._pointers()])
            finally:
                self._clean()

    def _clean(self, *, keep_previous: bool = True) -> None:
        for pointer in self._pointers():
            generations.clean(self._store, pointer, keep_previous=keep_previous)

    def roll_back(self) -> Rebuilt:
        """Activate again the generation of one read model that the last rebuild replaced.

        It was not folded since. One of this version first catches up to the same position; one of
        another version continues from its own position when its own release folds it.
        """
        with self._alone():
            (old,) = self._pointers()
            number, version = old.kept_generation, old.kept_version
            if number is None or version is None:
                raise LedgerError(Problem(NOTHING_KEPT, {"read_model": old.name}))
            key = kept(generations.key_of(old.name, number))
            replacement = self._successor(old, number)
            same_version = version == replacement.model.version
            if same_version:
                replacement.on(self._store, key).advance_to(lambda: self._position(old))
            with self._store.writing() as connection:
                self._around_swap(connection)
                at = checkpoints.held(connection, old.key)
                if same_version:
                    replacement.catch_up(connection, at)
                else:
                    at = checkpoints.held(connection, key)
                new = generations.swap(connection, old, number, version)
                self._around_swap(connection)
                self._on_progress(Stage.SWAPPING, at.position, at.position)
            return Rebuilt(old, new, at.position, ComparisonReport())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with self._store.alone("rebuild"):
                yield
        except Busy:
            raise LedgerError(Problem(UNDER_WAY)) from None
        except (Retired, Outpaced):
            names = ", ".join(self._makes)
            raise LedgerError(Problem(OUTPACED, {"read_model": names})) from None

    def _pointers(self) -> list[Pointer]:
        self._store.create(checkpoints.METADATA)
        with self._store.writing() as connection:
            first = [make(generations.FIRST) for make in self._makes.values()]
            generations.enter(connection, first)
            pointers = generations.load(connection)
            folded = checkpoints.load(connection)
            for name in self._makes:
                if pointers[name].key not in folded:
                    raise LedgerError(Problem(NEVER_FILLED, {"read_model": name}))
        return [pointers[name] for name in self._makes]

    def _successor(self, old: Pointer, generation: int | None = None) -> Replacement:
        return Replacement(
            self._log,
            self._makes[old.name],
            old,
            generation=old.next if generation is None else generation,
            clock=self._clock,
            run=self._run,
            accept=self._accept,
        )

    def _filled_and_swapped(self, replacements: Sequence[Replacement]) -> Done:
        marks = [time.perf_counter()]
        with ExitStack() as stack:
            partition = self._shared_out(replacements)
            areas = staging_areas(self._store, len(partition))
            for area in areas:
                stack.callback(area.close)
            filled = list(zip(areas, partition, strict=True))
            self._fill(filled)
            marks.append(time.perf_counter())
            compared = self._compare(filled)
            marks.append(time.perf_counter())
            for area, share in filled:
                area.publish_tables([each.model for each in share], [each.key for each in share])
        self._on_progress(Stage.MOVED_IN, compared, compared)
        marks.append(time.perf_counter())
        done = self._swap(replacements)
        marks.append(time.perf_counter())
        position = max(each.position for each in done)
        self._on_progress(Stage.SWAPPED, position, position)
        durations = (after - before for before, after in pairwise(marks))
        return Done(done, Seconds(*durations))

    def _shared_out(self, replacements: Sequence[Replacement]) -> list[list[Replacement]]:
        rest = {each.name for each in replacements}.difference(*self._shares)
        shares = ([s for s in replacements if s.name in names] for names in (*self._shares, rest))
        return [share for share in shares if share]

    def _fill(self, filled: Sequence[tuple[StagingArea, Sequence[Replacement]]]) -> None:
        """Fold the log once, up to the old checkpoints, in this process or in several."""
        until = min(self._position(each.old) for _, share in filled for each in share)
        self._on_progress(Stage.BEGUN, 0, until)

        def on_progress(position: int) -> None:
            self._on_progress(Stage.FILLING, position, until)

        reached = 0
        if self._fill_ahead is not None:
            areas = [(area.store, [each.new for each in share]) for area, share in filled]
            reached = self._fill_ahead(self._log, areas, until, on_progress)
        if reached < until or until == 0:  # of an empty log the tables are made
            self._fill_from_log(filled, until, on_progress)
        self._on_progress(Stage.FILLED, until, until)

    def _fill_from_log(
        self,
        filled: Sequence[tuple[StagingArea, Sequence[Replacement]]],
        until: int,
        on_progress: Callable[[int], None],
    ) -> None:
        """Fold the log on from where each staging area is."""
        if isinstance(self._log, SqlEventLog) and len(filled) > 1:
            log_url = self._log.url.render_as_string(hide_password=False)
            tasks = [
                WorkerTask(
                    log_url, area.store.url, tuple(s.new for s in share), until, self._fill_run
                )
                for area, share in filled
            ]
            build_in_workers(tasks, on_progress)
        else:
            for area, share in filled:
                fill(
                    self._log,
                    area.store,
                    [each.new for each in share],
                    until,
                    clock=self._clock,
                    run=self._fill_run,
                    on_progress=on_progress,
                )

    def _compare(self, filled: Sequence[tuple[StagingArea, Sequence[Replacement]]]) -> int:
        """Compare all new generations with the active ones; return the number of rows compared."""
        with ThreadPoolExecutor(len(filled)) as pool:
            comparing = [pool.submit(self._compare_in, area, share) for area, share in filled]
        for each in comparing:
            each.result()
        replacements = [each for _, share in filled for each in share]
        self._require_accepted(replacements)
        compared = sum(each.findings.compared for each in replacements)
        self._on_progress(Stage.COMPARED, compared, compared)
        return compared

    def _compare_in(self, area: StagingArea, share: Sequence[Replacement]) -> None:
        """Catch up with the old generations in one snapshot of the database, and compare there.

        Other processes keep writing outside the snapshot.
        """
        for again in range(_TRIES):
            self._approach(share, area.store, fully=again > 0)
            try:
                with area.comparing() as connection:
                    for each in share:
                        each.catch_up(connection, stands(connection, each.old.key, area.schema))
                    for each in share:
                        each.compare(
                            connection,
                            area.schema,
                            lambda rows: self._on_progress(Stage.COMPARING, rows, 0),
                        )
            except (FoldFailed, TooFar):
                continue
            return
        raise Outpaced

    def _swap(self, replacements: Sequence[Replacement]) -> list[Rebuilt]:
        """Catch up with the old generations, compare the rest, and move the pointers.

        All in one transaction, which locks the old checkpoints. If an event cannot be folded, its
        subject is quarantined first, and the swap is tried again.
        """
        for again in range(_TRIES):
            self._approach(replacements, self._store, fully=again > 0)
            try:
                with self._store.writing() as connection:
                    self._around_swap(connection)
                    # In the order in which they are folded, to avoid deadlocks.
                    held = [checkpoints.held(connection, each.old.key) for each in replacements]
                    done = []
                    for each, at in zip(replacements, held, strict=True):
                        each.catch_up(connection, at)
                        each.compare_rest(connection)
                    self._require_accepted(replacements)
                    for each, at in zip(replacements, held, strict=True):
                        number, version = each.new.generation, each.model.version
                        new = generations.swap(connection, each.old, number, version)
                        done.append(Rebuilt(each.old, new, at.position, each.findings))
                    self._around_swap(connection)
                    self._on_progress(Stage.SWAPPING, held[0].position, held[0].position)
            except (FoldFailed, TooFar):
                continue
            return done
        raise Outpaced

    def _approach(self, replacements: Sequence[Replacement], store: Store, *, fully: bool) -> None:
        for each in replacements:
            each.on(store).advance_to(lambda each=each: self._position(each.old), fully=fully)  # type: ignore[misc]

    def _position(self, pointer: Pointer) -> int:
        with self._store.reading() as connection:
            return stands(connection, pointer.key).position

    def _require_accepted(self, replacements: Sequence[Replacement]) -> None:
        found = [
            Differing(each.name, each.runner.position, each.findings)
            for each in replacements
            if each.findings.unaccepted_total
        ]
        if found:
            raise Differs(found)
