"""The fill of a rebuild: the whole log in long runs, in one or more processes.

It uses the normal runner on tables that are not read yet. The memory of a run does not grow with
the history, and all changes of a subject within one run are written once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.clock import system_clock
from shared.eventlog.bulk_reader import scan_of
from shared.eventlog.checkpoint import LogMismatch, LogPosition
from shared.gc_control import gc_paused
from shared.readmodel import generations
from shared.readmodel.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.clock import Clock
    from shared.eventlog.protocol import Reader
    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.store import Store

    Make = Callable[[int], ReadModel]
    """Returns a read model on the tables of a generation; must be picklable for other processes."""

FILL_RUN = 50_000


class BuildSpec(NamedTuple):
    """A read model to fill: its factory and the generation."""

    make: Make
    generation: int

    def model(self) -> ReadModel:
        """Return the read model on its new tables."""
        return self.make(self.generation)


def fill(
    log: Reader,
    store: Store,
    specs: Sequence[BuildSpec],
    until: int,
    *,
    clock: Clock = system_clock,
    run: int = FILL_RUN,
    on_progress: Callable[[int], None] = lambda _position: None,
) -> None:
    """Fold the log up to a position into new tables, `run` events at a time.

    Raises `LogMismatch` when a position is missing. The chain is checked when the fill is compared
    with the active generation.
    """
    models = [spec.model() for spec in specs]
    keys = {
        model.name: generations.key_of(model.name, spec.generation)
        for model, spec in zip(models, specs, strict=True)
    }
    runner = Runner(log, store, models, clock=clock, run=run, keys=keys)
    runner.start()
    scan = scan_of(log, frozenset().union(*(model.events for model in models)))
    while (after := runner.position) < until:
        with gc_paused():
            events = scan.read(after, min(run, until - after))
            if not events or events[-1].position - after != len(events):
                raise LogMismatch(runner.checkpoint())
            runner.apply(events, LogPosition(events[-1].position, events[-1].chain))
        on_progress(runner.position)
