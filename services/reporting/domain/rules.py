"""The contract's rules for each type of reporting event: one row, one case."""

from collections.abc import Iterator
from typing import Protocol

from services.reporting.domain.closings import ClosedYear, DigestsAt, close, reopen
from shared.errors import Problem
from shared.events.envelope import EventKey, ReceivedEvent
from shared.events.payloads.payload import Payload
from shared.events.payloads.periods import PeriodClosed, PeriodReopened
from shared.events.payloads.retraction import EventRetracted
from shared.rules.common_rules import broken_common_rule, unknown_units
from shared.rules.retraction import Recorded, cannot_be_retracted, key_of, named_anew
from shared.territory import Territory
from shared.vocabulary import Family


class ReportingState(Protocol):
    """The head of the log, as far as reporting decides on it."""

    territory: Territory
    position: int
    digests_at: DigestsAt

    def period(self, subject: str) -> ClosedYear | None:
        """Return a year of a unit, None while it is open."""
        ...

    def recorded(self, key: EventKey) -> Recorded | None:
        """Return an event of the log by its key, and whether it was retracted."""
        ...


def unknown(payload: Payload, facts: ReportingState) -> Iterator[tuple[str, str]]:
    """Return every reference that is missing from the log, as kind and id."""
    for unit_id in unknown_units(payload, facts.territory):
        yield "unit", unit_id


def decide(event: ReceivedEvent, facts: ReportingState) -> Problem | None:
    """Return the first rule that an event breaks; everything it names must be known."""
    return _common_rules(event, facts) or _own_rules(event, facts)


def _common_rules(event: ReceivedEvent, facts: ReportingState) -> Problem | None:
    payload = event.payload
    if not isinstance(payload, EventRetracted):
        return broken_common_rule(event, facts.territory)
    named = named_anew(payload, facts.recorded(key_of(payload)))
    return broken_common_rule(event, facts.territory, unit_ids=named)


def _own_rules(event: ReceivedEvent, facts: ReportingState) -> Problem | None:
    match event.payload:
        case PeriodClosed() as payload:
            period = facts.period(payload.subject())
            return close(payload, period, facts.position, facts.digests_at)
        case PeriodReopened() as payload:
            return reopen(payload, facts.period(payload.subject()))
        case EventRetracted() as payload:
            key = key_of(payload)
            return cannot_be_retracted(event, key, facts.recorded(key), Family.REPORTING)
        case _:
            return None
