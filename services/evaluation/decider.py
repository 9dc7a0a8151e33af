"""The decider of evaluation: it folds the map, tiers, registrations and awards."""

from collections.abc import Iterable
from typing import cast

from services.evaluation.domain import award, rules, speaking
from services.evaluation.domain.award import Award
from shared.deciders.stream_cache import STREAMS_KEPT, StreamFold
from shared.deciders.stream_decider import (
    StreamDecider,
    latest_of,
    provided_registration,
    provided_units,
)
from shared.errors import Problem
from shared.eventlog.protocol import Reference
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.awards import AwardGranted, AwardProposed, ExemplarCommended
from shared.events.payloads.inspections import InspectionConducted, InspectionPlanned
from shared.events.payloads.payload import Payload
from shared.events.payloads.reviews import ReviewSessionHeld
from shared.events.recorded import RecordedEvent
from shared.rules import registration
from shared.vocabulary import Family

_GIVES_AWARD = tuple(f"dvk.{payload.NAME}." for payload in (AwardProposed, AwardGranted))


class EvaluationDecider(StreamDecider):
    """Decides inspections, reviews, recognitions and awards."""

    family = Family.EVALUATION

    def __init__(self, *, streams_kept: int = STREAMS_KEPT) -> None:
        kinds = {
            "registration": StreamFold(registration.evolve, registration.FOLDED),
            "award": StreamFold(award.evolve, award.FOLDED),
            "inspection": latest_of(InspectionPlanned, InspectionConducted),
            "session": latest_of(ReviewSessionHeld),
            "commendation": latest_of(ExemplarCommended),
        }
        super().__init__(kinds, streams_kept=streams_kept)

    def award(self, award_id: str) -> Award | None:
        """Return the current state of an award, None when it is unknown."""
        return cast("Award | None", self._cache.state(f"award/{award_id}"))

    def streams_of(self, event: ReceivedEvent) -> Iterable[str]:
        """Return the registrations that the event names, and its award."""
        for registration_id in rules.registrations_named(event.payload):
            yield f"registration/{registration_id}"
        if event.subject.startswith("award/") or (
            self.authority.began
            and event.subject.startswith(("inspection/", "session/", "commendation/"))
        ):
            yield event.subject

    def unknown(self, event: ReceivedEvent) -> Iterable[Reference]:
        """Return the units, registrations and the award that are missing from the log."""
        return (Reference(*named) for named in rules.unknown(event.payload, self))

    def problem(self, event: ReceivedEvent) -> Problem | None:
        """Return the rule that the event breaks, or None."""
        return rules.decide(event, self)

    def written_about(self, payload: Payload) -> Iterable[str]:
        """Return the units that an event writes about, with those of what it changes."""
        return speaking.written_about(payload, self)

    def new_ids(self, payload: Payload) -> Iterable[str]:
        """Return the ids that begin with this event."""
        return speaking.new_ids(payload, self)

    def provides(self, event: RecordedEvent) -> Iterable[Reference]:
        """Return the units, the registration or the award that exist from this event on."""
        if event.type.startswith(_GIVES_AWARD):
            return (Reference("award", event.subject.partition("/")[2]),)
        return (*provided_units(event), *provided_registration(event))
