"""Ids that come from what a row says, so that the same list gives the same events."""

from collections.abc import Mapping
from hashlib import sha256

from shared.events.canonical_json import canonical
from shared.vocabulary.vietnamese import plain

_ID_DIGITS = 25
_EVENT_ID_DIGITS = 40


def key_id(letter: str, *parts: object) -> str:
    """Return an id of a letter and 25 hexadecimal digits, from what makes a thing this thing."""
    return letter + sha256(canonical([str(part) for part in parts])).hexdigest()[:_ID_DIGITS]


def registration_key(
    *, plan_year: int, unit_id: str, owner: str, title: str, ordinal: int = 1
) -> tuple[object, ...]:
    """Return what makes a registration this one: year, unit, owner and title, however written.

    For an individual the owner is the organisation. `ordinal` tells models apart of which all
    that is equal.
    """
    key = ("registration", plan_year, unit_id, plain(owner), plain(title))
    return key if ordinal == 1 else (*key, ordinal)


def event_id(list_name: str, subject: str, data: Mapping[str, object]) -> str:
    """Return the id of an event: the same content has the same id for ever."""
    digest = sha256(canonical([list_name, subject, data])).hexdigest()
    return f"list-{digest[:_EVENT_ID_DIGITS]}"
