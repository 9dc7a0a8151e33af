"""The statement of one event about an outcome, and the place where the outcome counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.figures.measures import thousandths
from shared.vocabulary import OutcomeNature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.readmodel.decoded_events import DecodedEvent

REPORTED = "OutcomeReported"
SUBJECT = "outcome/"
DIMENSIONS = ("programme", "metric", "nature", "qualifier")
STOCK = OutcomeNature.STOCK.value


class Home(NamedTuple):
    """The place of an outcome: the fields of its registration that it depends on."""

    registration_id: str
    programme: str
    plan_year: int
    unit_id: str
    occurred_on: str
    withdrawn: bool


class Reported(NamedTuple):
    """One event that reported an outcome; `value` in thousandths.

    `plan_year`, `unit_id` and `programme` are those of a unit's outcome; for a registration's
    outcome they come from the registration.
    """

    position: int
    thing: int
    subject: str
    source: str
    event_id: str
    retracted_position: int | None
    reporter: str
    registration_id: str | None
    plan_year: int | None
    programme: str | None
    unit_id: str | None
    occurred_on: str
    metric: str
    nature: str
    qualifier: str
    value: int
    interval_from: str
    interval_to: str


class KnownOutcome(NamedTuple):
    """The open version row of an outcome."""

    statement: int
    plan_year: int
    programme: str
    unit_id: str
    occurred_on: str
    counted: bool


def changes_home(fact: DecodedEvent) -> bool:
    """Say whether an event moves the outcomes of a registration, or excludes them."""
    if fact.name == "RegistrationWithdrawn":
        return True
    if fact.name != "ModelAmended":
        return False
    changes = fact.data["changes"]
    return "unit_id" in changes or "occurred_on" in changes


def _reporter_of(data: Mapping[str, Any]) -> str:
    """Return the subject that reports: the registration, else the unit."""
    registration_id = data.get("registration_id")
    return f"registration/{registration_id}" if registration_id else f"unit/{data['unit_id']}"


def reported(fact: DecodedEvent, entity: int) -> Reported:
    """Return one event as a statement about an outcome."""
    data = fact.data
    source, event_id = fact.key
    return Reported(
        position=fact.position,
        thing=entity,
        subject=fact.subject,
        source=source,
        event_id=event_id,
        retracted_position=None,
        reporter=_reporter_of(data),
        registration_id=data.get("registration_id"),
        plan_year=data.get("plan_year"),
        programme=data.get("programme"),
        unit_id=data.get("unit_id"),
        occurred_on=data["occurred_on"],
        metric=data["metric"],
        nature=data["nature"],
        qualifier=data["qualifier"],
        value=thousandths(data["value"]),
        interval_from=data["interval"]["from"],
        interval_to=data["interval"]["to"],
    )
