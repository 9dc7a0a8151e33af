"""All reads of reporting behind one object, shared by the HTTP API and the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from services.reporting.feeds.activity import UnitActivity
from services.reporting.figures.cube import Cubes
from services.reporting.map_snapshots import MapSnapshots
from services.reporting.queries.cards.awards import AwardCards
from services.reporting.queries.cards.good_models import GoodModels
from services.reporting.queries.cards.model_cards import ModelCards
from services.reporting.queries.cards.organizations import OrganizationCards
from services.reporting.queries.cards.similar_models import SimilarModels
from services.reporting.queries.cards.unit_results import UnitResults
from services.reporting.queries.closings import Closing, Closings
from services.reporting.queries.demonstration_data import demonstration_kinds
from services.reporting.queries.explaining.differences import Difference, Differences
from services.reporting.queries.explaining.explanations import Explained, Explanations
from services.reporting.queries.explaining.reasons import Reasons
from services.reporting.queries.explaining.titles import Titled, Titles
from services.reporting.queries.filters import Filters, ListQuery
from services.reporting.queries.finding.finder import Finder, FoundKind
from services.reporting.queries.lists.labels import Labels
from services.reporting.queries.lists.model_history import Histories, event_item
from services.reporting.queries.lists.other_lists import StatementLists
from services.reporting.queries.lists.quarantine import completeness
from services.reporting.queries.lists.registrations_and_awards import EntityLists
from services.reporting.queries.lists.unit_search import SHOWN, FoundUnits, UnitSearch
from services.reporting.queries.map_reads import MapReads
from services.reporting.queries.reconciliation import OutcomeMetrics, Reconciliation
from services.reporting.queries.scope import naming_day
from services.reporting.queries.sorting.sorted_lists import SortedLists
from services.reporting.queries.summaries import RECORDED_MAP, Summaries, SummaryQuery
from services.reporting.queries.unit_levels import UnitLevels
from services.reporting.signals.reads import OtherReads, Signals
from services.reporting.trust.reads import TrustReads
from shared.errors import BrokenContract, FieldError, NotFound, Problem, declare
from shared.events.bilingual import said
from shared.events.payloads.periods import PeriodClosed
from shared.web.answers.pagination import Listed, Page

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from services.reporting.queries.as_of import AsOf, AsOfResolver
    from services.reporting.queries.filters import Item
    from services.reporting.queries.lists.quarantine import QuarantineView
    from services.reporting.readmodels.catalog import Catalog
    from shared.eventlog.protocol import Reader
    from shared.events.envelope import ReceivedEvent
    from shared.readmodel.checkpoints import ReadModelCheckpoint
    from shared.readmodel.store import Store
    from shared.web.answers.csv_tables import Row, Style
    from shared.web.publishing.quarantine_api import QuarantineItem, QuarantinePlace

ListName = Literal[
    "registrations",
    "awards",
    "replications",
    "organizations",
    "proposals",
    "reviews",
    "commendations",
    "plans",
    "inspections",
    "outcomes",
    "figures",
]
SINCE_AFTER_KNOWN_AT = declare(
    "since_after_known_at",
    422,
    vi="Mốc so sánh (vị trí {since}) đứng sau thời điểm được hỏi (vị trí {position}).",
    en="The moment to compare with (position {since}) comes after the one asked for "
    "(position {position}).",
)


class Queries(MapReads):
    """Returns answers in the form of the contract, each as of one position (`as_of`)."""

    def __init__(
        self,
        log: Reader,
        store: Store,
        catalog: Catalog,
        *,
        moments: AsOfResolver,
        checkpoints: Callable[[], Mapping[str, ReadModelCheckpoint]],
        quarantine: QuarantineView,
        cubes: Cubes | None = None,
    ) -> None:
        self._log = log
        self._moments = moments
        self._checkpoints = checkpoints
        self._quarantine = quarantine
        self._catalog = catalog
        self._store = store
        super().__init__(MapSnapshots(store, catalog.units, catalog.taxonomies))
        self.levels = UnitLevels(self.maps)
        self.cubes = cubes or Cubes.stored(store, catalog)
        self._titles = Titles(store, catalog, self.maps)
        self._reasons = Reasons(log, self._titles)
        self._closings = Closings(store, catalog.closings)
        self._summaries = Summaries(self.cubes, self.maps, self._closings, self._reasons)
        entities = EntityLists(store, self.cubes, catalog.registrations, catalog.awards)
        statements = StatementLists(store, catalog)
        self.sorted = SortedLists(store, catalog, entities, statements, self._titles)
        self.organization_cards = OrganizationCards(
            store, catalog, self.cubes, self.maps, entities, statements
        )
        self._unit_results = UnitResults(store, catalog, self.cubes, statements)
        self._lists: Mapping[str, Callable[[ListQuery], Listed]] = {
            "registrations": entities.registrations,
            "awards": entities.awards,
            "replications": entities.replications,
            "outcomes": statements.outcomes,
            "organizations": statements.organizations,
            **statements.plain(),
        }
        self._reconciliation = Reconciliation(
            statements,
            self._summaries,
            self.cubes,
            OutcomeMetrics(store, catalog.outcomes.statements),
        )
        self.signals = Signals(
            log,
            store,
            catalog,
            OtherReads(self.cubes, self.maps, entities, self._reconciliation, moments),
        )
        self._histories = Histories(log, store, catalog)
        self.model_cards = ModelCards(log, store, catalog, self._histories, entities, statements)
        self.award_cards = AwardCards(log, store, catalog, entities, self._reasons)
        self.good_models = GoodModels(store, catalog, entities, self.model_cards, self.sorted)
        self._explanations = Explanations(log, store, catalog, self.cubes, self._reasons)
        self._differences = Differences(log, self.cubes, self.maps, self._reasons)
        self._labels = Labels(self.maps, self._titles, store, catalog.figures)
        self._unit_search = UnitSearch(self.maps)
        self._finder = Finder(store, catalog.search, self._unit_search, self._titles)
        self.similar_models = SimilarModels(self._finder)
        self.trust = TrustReads(log, store, catalog.authority, self.maps)
        self.activity = UnitActivity(log, self.maps, self._reasons)

    def as_of(self, known_at: str | None = None) -> AsOf:
        """Return the position of a read; unstated: the one reached by the read models."""
        return self._moments.resolve(known_at)

    # Figures

    def summary(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's summary."""
        return self._summaries.summary(query, as_of)

    def counted(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the contract's summary without its closing, to compare another one with."""
        return self._summaries.counted(query, as_of)

    def counted_until(self, query: SummaryQuery, as_of: AsOf) -> dict[str, Any]:
        """Return the measures and tables of what had happened by the end of a day (`until`)."""
        return self._summaries.counted_until(query, as_of)

    def scope(self, query: SummaryQuery, as_of: AsOf) -> str | None:
        """Return the unit of a summary's scope, None before there is a country."""
        return self._summaries.open(query, as_of).scope.unit_id

    def digests_at(self, unit_id: str, plan_year: int, position: int) -> Mapping[int, str] | None:
        """Return the digest of a unit's summary under `map=recorded` by each version of the rules.

        None where there is no such summary.
        """
        if position > self.as_of().position:
            return None
        try:
            return self._summaries.fixed(unit_id, plan_year, position).digests()
        except NotFound:  # the unit was not yet known at that position
            return None

    def make_ready(self, events: Iterable[ReceivedEvent]) -> None:
        """Compute the digests that closings will be compared with, before the log is locked.

        A position of the log that the read models have not reached is waited for, up to two
        seconds; after that the closing can be neither accepted nor refused (`Unavailable`).
        """
        head = None
        for event in events:
            if isinstance(closing := event.payload, PeriodClosed):
                head = self._log.head().position if head is None else head
                if closing.position <= head:
                    self.as_of(str(closing.position))
                    self.digests_at(closing.unit_id, closing.plan_year, closing.position)

    def years(self) -> list[int]:
        """Return the years with any data."""
        return self.cubes.years()

    # Explanations of a figure

    def explain(
        self, filters: Filters, measure: str, as_of: AsOf, page: Page | None = None
    ) -> Explained:
        """Return a figure and a page of its items; the filters name a year."""
        return self._explanations.explain(self._list_query(filters, as_of, page), measure)

    def before(self, since: str, as_of: AsOf) -> AsOf:
        """Return the position of an earlier moment; one after `as_of` is 422."""
        earlier = self._moments.resolve(since, parameter="since")
        if earlier.position > as_of.position:
            params = {"since": earlier.position, "position": as_of.position}
            errors = (FieldError("/since", said("sau known_at", "later than known_at")),)
            raise BrokenContract(Problem(SINCE_AFTER_KNOWN_AT, params, errors))
        return earlier

    def differ(
        self, filters: Filters, measure: str, since: AsOf, until: AsOf, page: Page | None = None
    ) -> Difference:
        """Return a figure at two moments and a page of the events that changed it between."""
        return self._differences.differ(filters, measure, since, until, page or Page())

    # Lists

    def listed(
        self, name: ListName, filters: Filters, as_of: AsOf, page: Page | None = None
    ) -> Listed:
        """Return a page of a list; that of organisations has no year and no programme."""
        return self._lists[name](self._list_query(filters, as_of, page))

    def reconciliation(
        self, filters: Filters, year: int | None, as_of: AsOf, page: Page | None = None
    ) -> Listed:
        """Return a page of the asserted figures touching a year, each next to the log's."""
        return self._reconciliation.page(self._list_query(filters, as_of, page), year)

    def dated(self, items: Sequence[Row], as_of: AsOf) -> Sequence[Row]:
        """Return asserted figures with the days (`occurred_on`) that decide their units' names."""
        return self._labels.dated(items, as_of.position)

    def organization_results(self, filters: Filters, as_of: AsOf) -> Sequence[Item]:
        """Return the result of each organisation in a scope and year, for its rating."""
        return self._unit_results.results(self._list_query(filters, as_of, None))

    def history(self, model_id: str, as_of: AsOf, page: Page | None = None) -> Listed:
        """Return a page of a model's events."""
        page = page or Page()
        after = page.after("position", 0)
        events = [e for e in self._histories.events(model_id, as_of) if e.position > after]
        shown = events[: page.limit]
        items = [
            {**event_item(event), "subject": event.subject, **why}
            for event, why in zip(shown, self._reasons.of(shown, as_of.position), strict=True)
        ]
        more = len(events) > page.limit
        place = {"at": as_of.position, "position": items[-1]["position"]} if more else None
        return Listed(items, place)

    def completeness(self) -> dict[str, Any]:
        """Return the completeness report."""
        return completeness(self._log, self._checkpoints(), self._quarantine.held_back())

    def quarantine(self, after: QuarantinePlace, limit: int) -> Sequence[QuarantineItem]:
        """Return up to `limit` quarantined subjects of the read models, after a place."""
        return self._quarantine.listed(after, limit)

    def labelled(self, rows: Sequence[Row], as_of: AsOf, style: Style) -> Iterable[Row]:
        """Return rows of a list with the names of their units, codes and subjects."""
        return self._labels.beside(rows, as_of.position, style)

    # Further reads for pages

    def find_units(
        self, q: str, as_of: AsOf, day: date | None, named_on: date, *, most: int | None = SHOWN
    ) -> FoundUnits:
        """Return units by a present or former name, accents optional, those on the map first."""
        return self._unit_search.find(q, as_of, day, named_on, most)

    def find(
        self, q: str, kinds: Sequence[str], filters: Filters, as_of: AsOf, part: tuple[int, int]
    ) -> list[FoundKind]:
        """Return what has the words of `q` in a scope, by kind, from one number to another."""
        return self._finder.find(self._list_query(filters, as_of, None), q, kinds, part)

    def titles(self, subjects: Collection[str], as_of: AsOf) -> dict[str, Titled]:
        """Return the titles of the entities of explanations, by subject."""
        return self._titles.of(subjects, as_of.position)

    def documents(self, documents: Iterable[Item], as_of: AsOf) -> list[Item]:
        """Return documents with the names of their issuers."""
        return self._reasons.named(documents, as_of.position)

    def demonstration(self, filters: Filters, years: Sequence[int], as_of: AsOf) -> list[str]:
        """Return the kinds of demonstration data in these years of a scope."""
        list_query, model = self._list_query(filters, as_of, None), self._catalog.demonstration_data
        return demonstration_kinds(self._store, model, list_query, years)

    def closing(self, unit_id: str | None, plan_year: int, as_of: AsOf) -> Closing | None:
        """Return the closing in force of a year of a unit (None: the nation), if any."""
        unit_id = unit_id or self.country(as_of)
        if unit_id is None:
            return None
        return self._closings.in_force(unit_id, plan_year, as_of.position)

    def _list_query(self, filters: Filters, as_of: AsOf, page: Page | None) -> ListQuery:
        return ListQuery.of(filters, as_of, page or Page(), self.maps)


Pin = Callable[[str | None], "tuple[Queries, AsOf]"]
"""Returns for the `known_at` of a request the reads that answer it, and its position."""

__all__ = [
    "RECORDED_MAP",
    "Filters",
    "ListName",
    "Listed",
    "Pin",
    "Queries",
    "SummaryQuery",
    "naming_day",
]
