"""The catalog of reporting's read models; a new one is added only here."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from services.reporting.readmodels.awards.readmodel import Awards
from services.reporting.readmodels.commendations import Commendations
from services.reporting.readmodels.demonstration_data import DemonstrationData
from services.reporting.readmodels.documents import Plans, Reviews, Successions
from services.reporting.readmodels.figures import Figures
from services.reporting.readmodels.inspections import Inspections
from services.reporting.readmodels.organizations import Organizations
from services.reporting.readmodels.outcomes.readmodel import Outcomes
from services.reporting.readmodels.parts.event_copies import EventCopies
from services.reporting.readmodels.proposals import Proposals
from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.search.readmodel import Search
from shared.events.payloads.authority import AUTHORITY_EVENTS
from shared.events.payloads.officers import OFFICER_EVENTS
from shared.events.payloads.periods import PeriodClosed, PeriodReopened
from shared.events.payloads.persons import PersonErased
from shared.readmodel.generations import FIRST, prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.readmodel.protocol import ReadModel


_UNIT_EVENTS = frozenset(
    {"UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized"}
)


def units(prefix: str | None = None) -> EventCopies:
    """Return the events of the map, which is folded when a figure is read."""
    return EventCopies("units", _UNIT_EVENTS, ("unit/", "reorganization/"), prefix)


def taxonomies(prefix: str | None = None) -> EventCopies:
    """Return the published taxonomies; the one in force is found when a table is read."""
    return EventCopies("taxonomies", frozenset({"TaxonomyPublished"}), ("taxonomy/",), prefix)


def closings(prefix: str | None = None) -> EventCopies:
    """Return closings and reopenings; the one in force is found when a summary is read."""
    names = frozenset({PeriodClosed.NAME, PeriodReopened.NAME})
    return EventCopies("closings", names, ("period/",), prefix, redactable=False)


def authority(prefix: str | None = None) -> EventCopies:
    """Return the events of trust; keys and grants as known at a position are folded on read."""
    names = frozenset(payload.NAME for payload in AUTHORITY_EVENTS)
    return EventCopies("authority", names, ("trust/", "publisher/"), prefix, redactable=False)


def officers(prefix: str | None = None) -> EventCopies:
    """Return the events of officers; the roles as known at a position are folded on read."""
    names = frozenset(payload.NAME for payload in OFFICER_EVENTS)
    return EventCopies("officers", names, ("officer/",), prefix)


def erasures(prefix: str | None = None) -> EventCopies:
    """Return the erasures of persons; no figure reads them."""
    return EventCopies("erasures", frozenset({PersonErased.NAME}), ("person/",), prefix)


@dataclass(frozen=True)
class Catalog:
    """Every read model, by name."""

    units: EventCopies = field(default_factory=units)
    taxonomies: EventCopies = field(default_factory=taxonomies)
    organizations: Organizations = field(default_factory=Organizations)
    successions: Successions = field(default_factory=Successions)
    plans: Plans = field(default_factory=Plans)
    registrations: Registrations = field(default_factory=Registrations)
    outcomes: Outcomes = field(default_factory=Outcomes)
    inspections: Inspections = field(default_factory=Inspections)
    awards: Awards = field(default_factory=Awards)
    proposals: Proposals = field(default_factory=Proposals)
    reviews: Reviews = field(default_factory=Reviews)
    commendations: Commendations = field(default_factory=Commendations)
    figures: Figures = field(default_factory=Figures)
    closings: EventCopies = field(default_factory=closings)
    demonstration_data: DemonstrationData = field(default_factory=DemonstrationData)
    search: Search = field(default_factory=Search)
    authority: EventCopies = field(default_factory=authority)
    officers: EventCopies = field(default_factory=officers)
    erasures: EventCopies = field(default_factory=erasures)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all, in the order in which they are folded."""
        return tuple(each.name for each in fields(cls))

    @classmethod
    def of(cls, generations: Mapping[str, int]) -> Catalog:
        """Return the read models on the tables of the named generations, by default the first."""
        return cls(**{name: _made(name, generations.get(name, FIRST)) for name in cls.names()})

    def all(self) -> tuple[ReadModel, ...]:
        """Return them in the order in which they are folded."""
        return tuple(getattr(self, name) for name in self.names())


def made(name: str, generation: int) -> ReadModel:
    """Return one read model on the tables of a generation."""
    model: ReadModel = _made(name, generation)
    return model


_MAKES: Mapping[str, Any] = {each.name: each.default_factory for each in fields(Catalog)}


def _made(name: str, generation: int) -> Any:  # noqa: ANN401  each field has a type of its own
    return _MAKES[name](prefix_of(name, generation))
