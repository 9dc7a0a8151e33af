"""The decider of reporting: it folds the map and the closed years."""

from collections.abc import Iterable, Mapping
from typing import cast

from services.reporting.domain import closings, rules
from services.reporting.domain.closings import ClosedYear, DigestsAt
from shared.deciders.stream_cache import STREAMS_KEPT, StreamFold
from shared.deciders.stream_decider import StreamDecider, latest_of, provided_units
from shared.errors import Problem
from shared.eventlog.protocol import Reference
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.figures import FigureAsserted
from shared.events.payloads.payload import Payload
from shared.events.payloads.periods import PeriodClosed, PeriodReopened
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family


def no_digests(_unit_id: str, _plan_year: int, _position: int) -> Mapping[int, str] | None:
    """Return None: without recomputed summaries no year can be closed."""
    return None


class ReportingDecider(StreamDecider):
    """Decides closings and asserted figures."""

    family = Family.REPORTING

    def __init__(
        self, *, digests_at: DigestsAt = no_digests, streams_kept: int = STREAMS_KEPT
    ) -> None:
        self.digests_at = digests_at
        super().__init__(
            {
                "period": StreamFold(closings.evolve, closings.FOLDED),
                "figure": latest_of(FigureAsserted),
            },
            streams_kept=streams_kept,
        )

    def period(self, subject: str) -> ClosedYear | None:
        """Return a year of a unit, None while it is open."""
        return cast("ClosedYear | None", self._cache.state(subject))

    def streams_of(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the stream of a closing's year, or of a figure that may be there already."""
        payload = event.payload
        needed = isinstance(payload, PeriodClosed | PeriodReopened) or self.authority.began
        return (event.subject,) if needed else ()

    def unknown(self, event: ReceivedEvent) -> Iterable[Reference]:
        """Return the units that are missing from the log."""
        return (Reference(*named) for named in rules.unknown(event.payload, self))

    def problem(self, event: ReceivedEvent) -> Problem | None:
        """Return the rule that the event breaks, or None."""
        return rules.decide(event, self)

    def written_about(self, payload: Payload) -> Iterable[str]:
        """Return the unit of an event, and that of the figure that it replaces."""
        stated: list[Payload | None] = [payload]
        if isinstance(payload, FigureAsserted):
            stated.append(self.earlier(payload.subject()))
        return (each.unit_id for each in stated if each is not None and each.unit_id is not None)

    def new_ids(self, payload: Payload) -> Iterable[str]:
        """Return the id of a new figure."""
        if isinstance(payload, FigureAsserted) and self.earlier(payload.subject()) is None:
            return (payload.figure_id,)
        return ()

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the units that exist from this event on."""
        return provided_units(event)
