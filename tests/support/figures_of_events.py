"""Given events, then rows and figures: the read models of reporting over a log in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.reporting.queries.as_of import AsOfResolver, ReachedPosition
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import ListName, Queries, SummaryQuery
from services.reporting.queries.filters import Filters
from services.reporting.queries.lists.quarantine import QuarantineView
from services.reporting.readmodels.catalog import Catalog
from shared.clock import Clock, system_clock
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from shared.vocabulary import DEFAULT_PROGRAMME, Family
from shared.web.answers.as_of_parameters import map_choice
from tests.support.scenarios import History
from tests.support.templates import lay_empty_tables

if TYPE_CHECKING:
    from services.reporting.queries.as_of import AsOf
    from shared.events.envelope import ReceivedEvent
    from shared.web.answers.pagination import Page


class Projecting:
    """A log in memory, its read models in a database, and the reads over both."""

    def __init__(
        self, url: str, *, history: History | None = None, clock: Clock = system_clock, run: int = 7
    ) -> None:
        self.history = history or History()
        self.clock = clock
        self.catalog = Catalog()
        lay_empty_tables(url)
        self.store = Store(url)
        self.log = self.history.log.as_family(Family.REPORTING)
        self.runner = Runner(self.log, self.store, self.catalog.all(), clock=clock, run=run)
        self.runner.start()
        moments = AsOfResolver(
            self.log, ReachedPosition(lambda: self.runner.position), patience_seconds=0
        )
        self.reads = Queries(
            self.log,
            self.store,
            self.catalog,
            moments=moments,
            checkpoints=self.runner.checkpoints,
            quarantine=QuarantineView(self.store, {m.name: m.name for m in self.catalog.all()}),
        )

    def given(self, *events: ReceivedEvent, service: Family | None = None) -> Projecting:
        """Record events that the rules accept, and project them."""
        self.history.given(*events, service=service)
        return self.project()

    def project(self) -> Projecting:
        """Bring the read models to the head of the log."""
        while self.runner.step():
            pass
        return self

    def pin(self, known_at: str | None = None) -> tuple[Queries, AsOf]:
        """Return the reads with a position, as the service gives them to a request."""
        return self.reads, self.reads.as_of(known_at)

    def started_again(self) -> Projecting:
        """Return the same as another process has it: it answers from what stands in the tables."""
        self.store.close()
        return Projecting(self.store.url, history=self.history, clock=self.clock)

    def summary(
        self,
        unit_id: str | None = None,
        year: int = 2022,
        *,
        by: tuple[str, ...] = (),
        known_at: int | str | None = None,
        map: str = "recorded",  # noqa: A002  the contract names it so
        programme: str = DEFAULT_PROGRAMME,
    ) -> dict[str, Any]:
        """Return a summary, the nation's unless a unit is named."""
        as_of = self.reads.as_of(None if known_at is None else str(known_at))
        chosen = map_choice(map, self.clock)
        return self.reads.summary(
            SummaryQuery(unit_id, year, programme, chosen, read_by(by)), as_of
        )

    def measures(self, unit_id: str | None = None, year: int = 2022, **how: Any) -> dict[str, int]:
        """Return the measures of a summary that are not zero."""
        found: dict[str, int] = self.summary(unit_id, year, **how)["measures"]
        return {name: value for name, value in found.items() if value}

    def rows(self, by: str, unit_id: str | None = None, **how: Any) -> list[dict[str, Any]]:
        """Return the rows of one table."""
        found: list[dict[str, Any]] = self.summary(unit_id, by=(by,), **how)["tables"][0]["rows"]
        return found

    def filters(
        self,
        *,
        unit_id: str | None = None,
        year: int | None = None,
        map: str = "recorded",  # noqa: A002  the contract names it so
        **dimensions: str | None,
    ) -> Filters:
        """Return the filters of a list."""
        return Filters(unit_id, year, None, map_choice(map, self.clock), dimensions)

    def list(
        self,
        name: ListName,
        *,
        known_at: int | None = None,
        page: Page | None = None,
        **filters: Any,
    ) -> list[dict[str, Any]]:
        """Return the items of one page of a list."""
        as_of = self.reads.as_of(None if known_at is None else str(known_at))
        return list(self.reads.listed(name, self.filters(**filters), as_of, page).items)
