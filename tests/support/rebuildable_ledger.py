"""A ledger of read models that can be rebuilt: a random history, and the projection of the service."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from services.reporting.projection.service import ReadModelService
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import Queries, SummaryQuery
from services.reporting.queries.filters import Filters
from services.reporting.reading.schema import write_views
from services.reporting.readmodels.catalog import Catalog, made
from shared.clock import system_clock
from shared.readmodel.rebuild.rebuild import Rebuild
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from shared.vocabulary import DEFAULT_PROGRAMME, Family
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import unit
from tests.support.random_maps import DAYS, KINDS, Intent, build
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived
from tests.support.templates import lay_empty_tables

BY = ("unit", "field,tier", "owner_kind", "award_form,recipient_kind")
LISTS = ("registrations", "awards", "plans", "inspections", "outcomes", "figures")

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.readmodel.protocol import ReadModel
    from shared.readmodel.rebuild.stages import Rebuilt, Stage
    from tests.support.scenarios import History

NAMES = Catalog.names()


def random_history(seed: int, facts_each: int = 40) -> History:
    """Return a history on a random map, which may be added to."""
    return _random_history(seed, facts_each).copied()


@cache
def _random_history(seed: int, facts_each: int) -> History:
    random = Random(seed)
    tried = [
        Intent(
            random.choice(KINDS),
            random.randrange(DAYS),
            (random.randrange(20), random.randrange(20), random.randrange(20)),
        )
        for _ in range(16)
    ]
    return lived(build(tried).events, seed, facts_each=facts_each)


def maker(name: str, change: Callable[[Any], None] = lambda _model: None) -> Any:
    """Return what makes a read model of a generation, changed as a later release would have it."""

    def make(generation: int) -> ReadModel:
        model = made(name, generation)
        change(model)
        return model

    return make


class Rebuilding:
    """A log in memory and a projection of it, stepped by the test."""

    def __init__(self, url: str, history: History) -> None:
        self.history = history
        self.log = history.log.as_family(Family.REPORTING)
        lay_empty_tables(url)
        self.store = Store(url)
        self.projection = ReadModelService(
            self.log, self.store, clock=system_clock, metrics=Metrics()
        )
        self.projection.start()

    @property
    def reads(self) -> Queries:
        """Return the reads of the generation that answers now."""
        return self.projection.now.reads

    def project(self) -> Rebuilding:
        """Bring the read models to the head of the log, on whichever generation answers."""
        while self.projection.step():
            pass
        return self

    def rebuild(self, *names: str, **how: Any) -> Rebuild:
        """Return a rebuild of some read models, in runs that are short for the history."""
        make = how.pop("make", None)
        makes = [make] if make else [maker(name) for name in names]
        short = {
            "clock": system_clock,
            "run": 20,
            "fill_run": 70,
            "around_swap": write_views,
            **how,
        }
        return Rebuild(self.log, self.store, makes, **short)

    def rebuilt(self, name: str, **how: Any) -> Rebuilt:
        """Rebuild one read model and return what was done."""
        (done,) = self.rebuild(name, **how).rebuild().each
        return done

    def generation(self, name: str) -> int:
        """Return the generation from which the projection answers."""
        return self.projection.now.pointers[name].generation


def failing_at(stage: Stage) -> Any:
    """Return a listener that fails when a rebuild has come to a stage."""

    def told(now: Stage, _done: int, _of: int) -> None:
        if now is stage:
            raise RuntimeError(stage)

    return told


def answers(reads: Queries, position: int) -> list[Any]:
    """Return every summary and every list as of a position."""
    as_of = reads.as_of(str(position))
    map_ = map_choice("recorded", system_clock)
    summaries = [
        reads.summary(SummaryQuery(None, year, DEFAULT_PROGRAMME, map_, read_by(BY)), as_of)
        for year in YEARS
    ]
    lists = [
        list(reads.listed(name, Filters(None, None, None, map_), as_of).items) for name in LISTS
    ]
    return [*summaries, *lists]


def record(ledger: Rebuilding, number: int) -> None:
    """Append an event, as somebody else would."""
    ledger.history.record(unit(f"more-{number}", name="Xã Bình Văn"))
