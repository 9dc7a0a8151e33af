"""The runner: folds the log into all read models, with rows and checkpoints in one transaction.

It is a `step()` over ports. A second runner on the same tables only costs a rollback.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from shared.errors import Unavailable
from shared.eventlog.checkpoint import CheckpointConflict, LogMismatch, LogPosition, follows
from shared.gc_control import gc_paused
from shared.readmodel import checkpoints, quarantine
from shared.readmodel.decoded_events import DecodedEvent, facts_of
from shared.readmodel.progress import ReadModelProgress
from shared.readmodel.store import HOLDER_SECONDS, Waited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.readmodel.checkpoints import ReadModelCheckpoint
    from shared.readmodel.protocol import ReadModel, RunnerMetrics
    from shared.readmodel.store import Store

RUN = 5_000
_NEVER = 2**62
"""A position after all others: subjects not in quarantine are held from there on."""
_NOT_WELL = (OperationalError, InterfaceError, InternalError, Unavailable)
"""Errors of the database itself: no event is at fault."""
_logger = logging.getLogger("dvk.readmodel")


class FoldFailed(Exception):  # noqa: N818  a signal to quarantine a subject
    """A read model could not fold a run of events."""

    def __init__(self, model: ReadModel, facts: Sequence[DecodedEvent]) -> None:
        super().__init__(model.name)
        self.model = model
        self.facts = facts


class Runner(ReadModelProgress):
    """Folds the log into read models up to its head, `run` events at a time."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        models: Sequence[ReadModel],
        *,
        clock: Clock,
        gauges: RunnerMetrics | None = None,
        run: int = RUN,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """Initialise; `keys` has the names of checkpoints that differ from their read model's."""
        keyed = {model.name: (keys or {}).get(model.name, model.name) for model in models}
        super().__init__(log, store, keyed, gauges)
        self._models = tuple(models)
        self._clock = clock
        self._run = run
        self._wanted = frozenset().union(*(model.events for model in self._models))

    def start(self) -> None:
        """Create missing tables and checkpoints, and check that the log is the one folded."""
        self._store.create(checkpoints.METADATA, *(model.metadata for model in self._models))
        with self._store.writing() as connection:
            begun = checkpoints.enter(connection, self._keys.values())
            fills = {key: name for name, key in self._keys.items() if key in begun}
            quarantine.carry(connection, fills)
        self._reload()
        self._require_same_log()

    def step(self, most: int | None = None) -> int:
        """Fold the next run of the log, of at most `most` events; return how many.

        Raises `LogMismatch` when the log does not continue what was folded.
        """
        events = self._next(self._run if most is None else min(most, self._run))
        if not events:
            return 0
        try:
            with gc_paused():
                self.apply(events, LogPosition(events[-1].position, events[-1].chain))
        except CheckpointConflict:
            return 0
        return len(events)

    def follow(self, connection: Connection, until: int) -> None:
        """Fold one run up to a position in the caller's transaction, without quarantining.

        Raises `FoldFailed` for an event that cannot be folded. If the transaction fails, the
        runner cannot be used any more.
        """
        events = self._next(until - self.position)
        if events:
            facts = facts_of(events, self._wanted)
            self._at.update(self._fold(connection, self._models, facts))

    def _next(self, most: int) -> Sequence[RecordedEvent]:
        """Read the events that follow the checkpoint."""
        place = self.checkpoint()
        events = self._log.read(place.position, most) if most > 0 else ()
        for event in events:
            if not follows(place, event):
                raise LogMismatch(place)
            place = LogPosition(event.position, event.chain)
        return events

    def apply(self, events: Sequence[RecordedEvent], checkpoint: LogPosition) -> None:
        """Fold events that directly follow the checkpoint; commit rows and checkpoint together.

        Raises `CheckpointConflict`, and reloads, when another runner has moved a checkpoint.
        """
        started = time.perf_counter()
        facts = facts_of(events, self._wanted)
        if facts[0].position != self.position + 1:
            raise CheckpointConflict
        while self.position < checkpoint.position:
            behind = self.position
            models = [model for model in self._models if self._at[model.name].position == behind]
            first = behind + 1 - facts[0].position
            self._take(models, facts[first : self._until(facts)])
        self._metrics.read_models_folded(len(events), time.perf_counter() - started)

    def _until(self, facts: Sequence[DecodedEvent]) -> int:
        """Return how many events the read models that are farthest behind may fold.

        They are folded alone until they have caught up with the next.
        """
        behind = self.position
        ahead = min(
            (each.position for each in self._at.values() if each.position > behind),
            default=facts[-1].position,
        )
        return ahead - facts[0].position + 1

    def _take(self, models: Sequence[ReadModel], facts: Sequence[DecodedEvent]) -> None:
        """Commit a run, quarantining subjects that cannot be folded."""
        try:
            moved = self._tried(models, facts)
            while moved is None:
                moved = self._tried(models, facts, waiting=True)
        except CheckpointConflict:
            self._forget()
            self._reload()
            raise
        except BaseException:
            self._forget()
            raise
        before = {model: self._at[model.name].position for model in models}
        self._at.update(moved)
        for model, position in before.items():
            model.committed(position, facts[-1].position)
        self._recorded = (facts[-1].position, facts[-1].event.recorded_us)
        for name, checkpoint in moved.items():
            self._metrics.read_model_at(name, checkpoint.position, checkpoint.events_handled)

    def _tried(
        self, models: Sequence[ReadModel], facts: Sequence[DecodedEvent], *, waiting: bool = False
    ) -> Mapping[str, ReadModelCheckpoint] | None:
        """Return the new checkpoints, or None if a subject was quarantined instead.

        Also None after an error of a pipelined COPY: it is not known which event caused it.
        """
        try:
            return self._committed_together(models, facts, waiting=waiting)
        except Waited:
            with self._store.reading() as connection:
                checkpoints.cut_off(connection, self._keys.values(), HOLDER_SECONDS)
            raise
        except FoldFailed as failure:
            self._forget()
            self._set_aside(failure.model, failure.facts)
            return None
        except _NOT_WELL:
            raise
        except DBAPIError:
            if waiting:
                raise
            self._forget()
            return None

    def _committed_together(
        self, models: Sequence[ReadModel], facts: Sequence[DecodedEvent], *, waiting: bool
    ) -> Mapping[str, ReadModelCheckpoint]:
        """Commit rows and checkpoints in one transaction."""
        with self._store.folding(waiting=waiting) as connection:
            moved = self._fold(connection, models, facts)
            self._require_same_aside(connection, models)
        return moved

    def _require_same_aside(self, connection: Connection, models: Sequence[ReadModel]) -> None:
        """Check that no other process changed the quarantine; the checkpoints are locked here."""
        keys = {self._keys[model.name]: model.name for model in models}
        for key, held in quarantine.places(connection, keys).items():
            if held.keys() != self._held_from[keys[key]].keys():
                message = f"the quarantine of {key} has changed"
                raise CheckpointConflict(message)

    def _fold(
        self, connection: Connection, models: Sequence[ReadModel], facts: Sequence[DecodedEvent]
    ) -> dict[str, ReadModelCheckpoint]:
        """Move the checkpoints and fold; on PostgreSQL the move makes a second runner wait."""
        held = {model.name: self._held(model, facts) for model in models}
        moved = {
            name: self._at[name].after(facts[-1].event, len(facts) - counted.total())
            for name, counted in held.items()
        }
        keys = self._keys
        checkpoints.move(connection, [(keys[n], self._at[n], new) for n, new in moved.items()])
        names = {fact.name for fact in facts}
        for model in models:
            quarantine.count(connection, keys[model.name], held[model.name])
            if not names.isdisjoint(model.events):
                self._fold_one(connection, model, facts)
        return moved

    def _held(self, model: ReadModel, facts: Sequence[DecodedEvent]) -> Counter[str]:
        """Count the events held with quarantined subjects."""
        held_from = self._held_from[model.name]
        if not held_from:
            return Counter()
        return Counter(f.subject for f in facts if f.position >= held_from.get(f.subject, _NEVER))

    def _fold_one(
        self, connection: Connection, model: ReadModel, facts: Sequence[DecodedEvent]
    ) -> None:
        wanted = [fact for fact in facts if fact.name in model.events]
        if held_from := self._held_from[model.name]:
            wanted = [f for f in wanted if f.position < held_from.get(f.subject, _NEVER)]
        if not wanted:
            return
        try:
            model.fold(wanted, connection)
        except _NOT_WELL:
            raise
        except Exception as error:
            raise FoldFailed(model, wanted) from error

    def _set_aside(self, model: ReadModel, facts: Sequence[DecodedEvent]) -> None:
        """Find the first event that cannot be folded, by bisection; quarantine its subject."""
        low, high, reason = 0, len(facts), ""
        while low < high:
            middle = (low + high) // 2
            error = self._trouble(model, facts[: middle + 1])
            low, high = (middle + 1, high) if error is None else (low, middle)
            reason = error or reason
        if low == len(facts):
            return  # a transient error: all events fold now, and the run is tried again
        fact, key = facts[low], self._keys[model.name]
        _logger.error("%s holds %s from %d on: %s", model.name, fact.subject, fact.position, reason)
        with self._store.writing() as connection:
            # A runner that could fold the event meanwhile has moved the checkpoint.
            checkpoints.require(connection, key, self._at[model.name])
            quarantine.put(connection, key, fact, reason, self._clock())
        self._held_from[model.name][fact.subject] = fact.position
        self.tell()

    def _trouble(self, model: ReadModel, facts: Sequence[DecodedEvent]) -> str | None:
        """Fold events and roll back; return the reason if they cannot be folded."""
        with self._store.writing() as connection:
            try:
                model.fold(facts, connection)
            except _NOT_WELL:
                raise
            except Exception as error:  # noqa: BLE001  any error is the event's
                return f"{type(error).__name__}: {error}"
            finally:
                model.forget()
                connection.rollback()
        return None

    def _forget(self) -> None:
        for model in self._models:
            model.forget()
