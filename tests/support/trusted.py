"""Publishers with keys on a log that began trust, for tests: roots, grants, signed events."""

import json
from functools import cache
from typing import Any

from shared.clock import system_clock
from shared.events.acceptance.receive import Invalid, receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.trust.authority import Authority
from shared.trust.keys import SecretKey
from shared.trust.signature_check import SignatureCheck
from shared.trust.signing import signed_events
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent

REALM = "test.example"
ROOTS = ("root-1", "root-2", "root-3")


@cache
def key_of(publisher: str, number: int = 1) -> SecretKey:
    """Return the same key for a publisher in every test."""
    return SecretKey.from_seed(f"{publisher}/{number}".encode().ljust(32, b".")[:32])


def signed(
    name: str,
    data: dict[str, Any],
    publisher: str,
    *,
    key: SecretKey | None = None,
    realm: str = REALM,
    **attributes: Any,
) -> dict[str, Any]:
    """Return the event of a publisher in JSON, signed by its key."""
    event = cloudevent(name, data, source=f"/publishers/{publisher}", **attributes)
    return signed_events([event], key or key_of(publisher), realm)[0]


def taken(event: dict[str, Any]) -> ReceivedEvent:
    """Return an event as the door of its service reads it, before signatures are checked."""
    family = next(f for f in Family if f in CATALOGUE[event["type"]].families)
    return receive(json.dumps(event).encode(), now_us=system_clock(), family=family)


def spoken(name: str, data: dict[str, Any], publisher: str, **options: Any) -> ReceivedEvent:
    """Return a signed event as the door reads it."""
    return taken(signed(name, data, publisher, **options))


def began(
    roots: tuple[str, ...] = ROOTS, threshold: int = 1, realm: str = REALM, **more: Any
) -> ReceivedEvent:
    """Return the event with which trust begins; it is not signed."""
    stated = [
        {"publisher_id": r, "key": key_of(r).written, "proof": key_of(r).proof(realm, r)}
        for r in roots
    ]
    data = {"realm": realm, "roots": stated, "threshold": threshold, **more}
    return taken(cloudevent("TrustBegan", data, source=f"/publishers/{roots[0]}"))


def authorized(publisher: str, unit_id: str, *, by: str = ROOTS[0], **data: Any) -> ReceivedEvent:
    """Return a grant to a publisher over a unit, for all services unless it is said."""
    stated = {
        "publisher_id": publisher,
        "grant_id": f"{publisher}.{unit_id}",
        "unit_id": unit_id,
        "families": ["registry", "evaluation", "reporting"],
        "powers": ["publish"],
        "speaks_from": "2004-01-01",
        "occurred_on": "2026-01-01",
    }
    return spoken("PublisherAuthorized", {**stated, **data}, by)


def key_added(
    publisher: str, number: int = 1, *, by: str = ROOTS[0], realm: str = REALM, **data: Any
) -> ReceivedEvent:
    """Return a key for a publisher."""
    key = key_of(publisher, number)
    stated = {
        "publisher_id": publisher,
        "key": key.written,
        "use": "events",
        "proof": key.proof(realm, publisher),
        "occurred_on": "2026-01-01",
    }
    return spoken("KeyAdded", {**stated, **data}, by)


def code_at_the_door(event: ReceivedEvent, authority: Authority) -> str | None:
    """Return the code with which the door refuses an event, None if its signature is right."""
    (checked,) = SignatureCheck(lambda: authority, lambda: None).check([event])
    return checked.problem.rule.code if isinstance(checked, Invalid) else None
