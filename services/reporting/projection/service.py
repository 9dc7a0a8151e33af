"""The projection: it keeps the active generation of the read models at the head of the log.

A rebuild swaps a generation in the database; this service notices that and replaces everything
that belongs to the tables (runner, interned numbers, cubes, maps, reads) together.
"""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.reporting.projection.following import FOLLOW_SECONDS, lacking
from services.reporting.queries.as_of import AsOfResolver, ReachedPosition
from services.reporting.queries.facade import Queries
from services.reporting.queries.lists.quarantine import QuarantineView
from services.reporting.reading.schema import ReadingViews
from services.reporting.readmodels.catalog import Catalog
from shared.bus.consumer import Consumer, Entry
from shared.bus.streams import position_of
from shared.bus.wakeable_worker import StreamBuffer, Worker
from shared.errors import Problem, Unavailable, declare
from shared.eventlog.checkpoint import LogMismatch
from shared.readmodel import checkpoints, generations
from shared.readmodel.followed_server import ServerRefusedError
from shared.readmodel.follower import Follower
from shared.readmodel.runner import RUN, Runner
from shared.web.server.health import Check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from services.reporting.projection.following import Following
    from services.reporting.queries.as_of import AsOf
    from shared.appending.results import CommitReport
    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.events.envelope import ReceivedEvent
    from shared.readmodel.generations import Pointer
    from shared.readmodel.progress import ReadModelProgress
    from shared.readmodel.store import Store
    from shared.telemetry.metrics import Metrics
    from shared.web.publishing.quarantine_api import QuarantineItem, QuarantinePlace

OTHER_VERSION = declare(
    "read_model_of_other_version",
    503,
    vi="Bảng {read_model} trong cơ sở dữ liệu thuộc định nghĩa số {stored}, bản phát hành này dùng "
    "số {own}. Nếu bản này mới hơn, hãy chạy: dvk rebuild {read_model}. Nếu cũ hơn, hãy thay nó.",
    en="The read model {read_model} in the database is of definition {stored}, this release has "
    "{own}. If this release is the newer one, run: dvk rebuild {read_model}. If it is the older "
    "one, replace it.",
)
OTHER_LOG = declare(
    "read_models_of_other_log",
    503,
    vi="Các bảng tổng hợp đã đọc tới vị trí {position} của một sổ cái khác với sổ hiện nay: có lẽ "
    "sổ đã được phục hồi về một bản cũ. Hãy phục hồi đúng bản, hoặc xóa các bảng tổng hợp để chúng "
    "được lập lại từ sổ này.",
    en="The read models have read up to position {position} of another log than the one that is "
    "there now: it seems restored to an older state. Restore the right one, or remove the read "
    "models, and they are filled again from this one.",
)
_RETRY_SECONDS = 5
_OPERATOR_SECONDS = 60
_logger = logging.getLogger("dvk.reporting")


@dataclass(frozen=True)
class ActiveGeneration:
    """All objects that depend on the tables of certain generations."""

    pointers: Mapping[str, Pointer]
    catalog: Catalog
    runner: ReadModelProgress
    consumer: Consumer | Follower
    reads: Queries

    @property
    def edition(self) -> str:
        """Return the names of the generations, "" while all are the first."""
        later = (p.key for p in self.pointers.values() if p.generation != generations.FIRST)
        return " ".join(sorted(later))


class ReadModelService:
    """Folds the log and provides the active reads; the worker calls `step`."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        *,
        clock: Clock,
        metrics: Metrics,
        following: Following | None = None,
    ) -> None:
        """Use a log and a store; with `following` another process folds, and this one follows."""
        self._following = following
        self._replica = replica = following.replica if following else None
        self._log = log
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._now: ActiveGeneration | None = None
        self._other: Unavailable | None = None
        self._foreign: Unavailable | None = None
        self._buffer = StreamBuffer()
        self._reached = ReachedPosition(lambda: self.position)
        self._moments = AsOfResolver(
            log, self._reached, recorded_us=self._recorded_us, replica=replica
        )
        self._announced = 0
        self._views = ReadingViews(store, clock)
        self.worker = (
            Worker("projection", self._work, fatal=(LogMismatch,))
            if replica is None
            else Worker("projection", self._work, every_seconds=FOLLOW_SECONDS)
        )

    def start(self) -> None:
        """Compose the active generation.

        Tables of another version wait for a rebuild, those of another log for an operator.
        """
        try:
            self._look()
        except LogMismatch as error:
            self._stop_answering(error)
        except Unavailable as error:
            if error is not self._other:
                raise
            _logger.critical("%s", error)

    @property
    def position(self) -> int:
        """Return the position that every read model has reached."""
        return self._now.runner.position if self._now else 0

    @property
    def now(self) -> ActiveGeneration:
        """Return the active generation; raises if no tables fit this version and this log."""
        if self._foreign is not None:
            raise self._foreign
        if self._now is None:
            raise self._other or _other_version("", 0, 0)
        return self._now

    def pin(self, known_at: str | None = None) -> tuple[Queries, AsOf]:
        """Return the reads for the whole of one request, and the position it reads at.

        Unstated is the position reached by the read models; a later generation has reached every
        position that an earlier one has. A replica that is too far behind knows no present.
        """
        _ = self.now
        if known_at is None and self._replica is not None:
            self._replica.require_near()
        resolved = self._moments.resolve(known_at)
        now = self.now
        return now.reads, replace(resolved, edition=now.edition)

    def digests_at(self, unit_id: str, plan_year: int, position: int) -> Mapping[int, str] | None:
        """Return the digests to compare a closing with, from the active generation."""
        return self.now.reads.digests_at(unit_id, plan_year, position)

    def make_ready(self, events: Iterable[ReceivedEvent]) -> None:
        """Prepare in the active generation the digests that closings will be compared with."""
        self.now.reads.make_ready(events)

    def quarantine(self, after: QuarantinePlace, limit: int) -> Sequence[QuarantineItem]:
        """Return up to `limit` quarantined subjects of the active generation, after a place."""
        return self.now.reads.quarantine(after, limit)

    def step(self) -> int:
        """Fold one run; with nothing to fold, check for another active generation."""
        try:
            moved = self._moved()
        except LogMismatch as error:
            self._stop_answering(error)
            raise
        except ServerRefusedError as refused:
            if refused.mismatch is not None:
                self._stop_answering(refused.mismatch)
            self._foreign = refused
            raise
        self._foreign = None
        if moved or self._replica is not None:
            self._reached.tell()
        elif self._now is not None:
            self._views.refresh(self._now.pointers, self._now.reads.maps.at(self.position))
        return moved

    def _moved(self) -> int:
        if self._replica is not None:
            self._replica.look()
        moved = self._now.consumer.step(self._buffer.take()) if self._now else 0
        return moved or self._look()

    def _work(self) -> int:
        """Take a step; return 0 when there is nothing to do until the worker is woken."""
        moved = self.step()
        return moved if moved >= RUN or self.position < self._announced else 0

    def hear(self, entries: Sequence[Entry]) -> None:
        """Receive entries of the stream; an empty call is the timer: poll the log."""
        self._buffer.put(entries)
        if entries:
            self._announced = position_of(entries[-1].id) or self._announced
        self.worker.wake()

    def appended(self, _report: CommitReport) -> None:
        """Wake the worker: this service itself has appended."""
        self.worker.wake()

    def checks(self) -> Sequence[Check]:
        """Return the checks of the read models, and of the replica that they are on."""
        own = Check("read_models", self.check)
        return (own, Check("replica", self._replica.check)) if self._replica else (own,)

    def check(self) -> None:
        """Raise the error that stopped the worker, or the condition it waits for."""
        if self._foreign is not None:
            raise self._foreign
        if self.worker.failure is not None:
            raise self.worker.failure
        if self._other is not None:
            raise self._other
        if self.worker.trouble is not None:
            raise RuntimeError(self.worker.trouble)

    def measure(self) -> None:
        """Update the metrics of quarantined events; other processes may change them too."""
        if self._now is None:
            return
        held: Counter[str] = Counter()
        for each in self._now.runner.quarantined():
            held[each.read_model] += each.events_held
        for pointer in self._now.pointers.values():
            self._metrics.held_back(pointer.name, held[pointer.key])

    def _recorded_us(self, position: int) -> int | None:
        return self._now.runner.recorded_us(position) if self._now else None

    def _stop_answering(self, error: LogMismatch) -> None:
        """Stop serving figures: their events are not in the present log.

        A follower that has served some starts again, since other parts have read that log too.
        """
        if self._foreign is None:
            _logger.critical("%s", error)
        params = {"position": error.checkpoint.position}
        self._foreign = Unavailable(Problem(OTHER_LOG, params), _OPERATOR_SECONDS)
        if self._following is not None and self._now is not None:
            self._following.start_again()

    def _look(self) -> int:
        """Compose again if a pointer has moved; return 1 if so, else 0.

        The active generation keeps answering while the tables are of another version.
        """
        if self._now is not None and self._pointers() == self._now.pointers:
            self._now.runner.tell()
            return 0  # nearly always: composing the tables of a catalog is slow
        catalog = Catalog()
        if self._following is not None:
            self._other = lacking(self._store, catalog)
            if self._other is not None:
                raise self._other
        elif self._now is None:
            self._store.create(checkpoints.METADATA)
            with self._store.writing() as connection:
                generations.enter(connection, catalog.all())
        pointers = self._pointers()
        for model in catalog.all():
            pointer = pointers[model.name]
            if pointer.version != model.version:
                self._other = _other_version(model.name, pointer.version, model.version)
                raise self._other
        self._now = self._compose(pointers, catalog)
        self._other = None
        return 1

    def _pointers(self) -> Mapping[str, Pointer]:
        with self._store.reading() as connection:
            return generations.load(connection)

    def _compose(self, pointers: Mapping[str, Pointer], first: Catalog) -> ActiveGeneration:
        stand = {p.name: p.generation for p in pointers.values()}
        later = any(generation != generations.FIRST for generation in stand.values())
        catalog = Catalog.of(stand) if later else first
        keys = {pointer.name: pointer.key for pointer in pointers.values()}
        runner, consumer = self._folding(catalog, keys)
        reached = ReachedPosition(lambda: runner.position, self._reached.moved)
        reads = Queries(
            self._log,
            self._store,
            catalog,
            moments=AsOfResolver(
                self._log, reached, recorded_us=runner.recorded_us, replica=self._replica
            ),
            checkpoints=runner.checkpoints,
            quarantine=QuarantineView(self._store, keys),
        )
        with suppress(Exception):  # a read of what cannot be folded raises the error again
            reads.maps.at(runner.position)  # before the first read: folding a nation takes a while
        for pointer in pointers.values():
            self._metrics.read_model_generation(pointer.name, pointer.generation)
            _logger.info("%s answers from generation %d", pointer.name, pointer.generation)
        return ActiveGeneration(pointers, catalog, runner, consumer, reads)

    def _folding(
        self, catalog: Catalog, keys: Mapping[str, str]
    ) -> tuple[ReadModelProgress, Consumer | Follower]:
        """Return how far a generation is, and what takes it on: on a replica the same."""
        if self._following is not None:
            server = self._following.server
            follower = Follower(self._log, self._store, keys, self._metrics, server)
            follower.start()
            return follower, follower
        runner = Runner(
            self._log,
            self._store,
            catalog.all(),
            clock=self._clock,
            gauges=self._metrics,
            keys=keys,
        )
        runner.start()
        return runner, Consumer(self._log, runner, group=RUN, on_hole=self._metrics.hole)


def _other_version(name: str, stored: int, own: int) -> Unavailable:
    params = {"read_model": name, "stored": stored, "own": own}
    return Unavailable(Problem(OTHER_VERSION, params), _RETRY_SECONDS)
