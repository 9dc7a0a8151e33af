"""Two provinces that speak for themselves on a log that began trust, and what they say."""

from typing import Any

from shared.clock import MICROSECONDS
from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, registration, unit
from tests.support.scenarios import History, given
from tests.support.trusted import (
    ROOTS,
    authorized,
    began,
    key_added,
    key_of,
    spoken,
)

DAY_US = 86_400 * MICROSECONDS
PROVINCES = (unit("a"), unit("b"), unit("a1", "a", "commune"), unit("b1", "b", "commune"))


def ledger(*more: ReceivedEvent, threshold: int = 1, **stated: Any) -> History:
    """Two provinces that each speak for themselves, on a log that began trust, as it is stated."""
    history = given(country(), *PROVINCES, began(threshold=threshold, **stated))
    if threshold == 1:
        for publisher in ("a", "b"):
            history.given(authorized(f"p-{publisher}", publisher), key_added(f"p-{publisher}"))
    return history.given(*more)


def registers(publisher: str, number: str, unit_id: str, **options: Any) -> ReceivedEvent:
    return spoken("ModelRegistered", registration(number, unit_id), publisher, **options)


def revoked(
    publisher: str, number: int = 1, *, by: str = ROOTS[0], why: str = "lost", **options: Any
) -> ReceivedEvent:
    data = {
        "publisher_id": publisher,
        "key_id": key_of(publisher, number).key_id,
        "why": why,
        "occurred_on": "2026-01-01",
    }
    return spoken("KeyRevoked", data, by, **options)


def ended(publisher: str, grant_id: str, *, by: str = ROOTS[0]) -> ReceivedEvent:
    data = {
        "publisher_id": publisher,
        "grant_id": grant_id,
        "reason": "hết nhiệm vụ",
        "occurred_on": "2026-01-01",
    }
    return spoken("GrantEnded", data, by)


def approved(event: ReceivedEvent, *, by: str) -> ReceivedEvent:
    data = {
        "publisher_id": event.subject.partition("/")[2],
        "approved": event.key._asdict(),
        "occurred_on": "2026-01-01",
    }
    return spoken("AuthorityApproved", data, by)


def retracts(publisher: str, event: ReceivedEvent) -> ReceivedEvent:
    data = {"retracts": event.key._asdict(), "reason": "nhầm", "occurred_on": "2022-03-02"}
    return spoken("EventRetracted", data, publisher, subject=event.subject)
