"""The rules of speaking: a live key, and a right over all units of the event."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Problem
from shared.trust import problems
from shared.trust.authority import SOURCE_PREFIX
from shared.vocabulary import KeyUse, Power

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from shared.events.envelope import ReceivedEvent
    from shared.territory import Territory
    from shared.trust.authority import Authority, PublisherKey
    from shared.vocabulary import Family


class Speech(NamedTuple):
    """The units that an event writes about, and the power it needs; `new_ids` yields new ids."""

    units: tuple[str, ...]
    power: Power
    new_ids: Callable[[], Iterable[str]]


class Coverage:
    """Answers for one service which units the rights of publishers cover on the map of a day.

    Answers are remembered until the map, the rights or (for rights) the day change.
    """

    def __init__(self, territory: Territory, authority: Authority, family: Family) -> None:
        self.authority = authority
        self.family = family
        self._territory = territory
        self._position = -1
        self._known: dict[tuple[str, str, date], bool] = {}
        self._as_of = (-1, -1, date.min)
        self._full_rights: dict[tuple[str, Power, tuple[str, ...]], bool] = {}

    def has_full_right(self, source: str, power: Power, units: tuple[str, ...], day: date) -> bool:
        """Return whether one right, without limits of days of facts or of ids, covers all units."""
        as_of = (self._territory.last_position, self.authority.last_position, day)
        if as_of != self._as_of:
            self._full_rights.clear()
            self._as_of = as_of
        asked = (source, power, units)
        known = self._full_rights.get(asked)
        if known is None:
            known = self._full_rights[asked] = any(
                grant.is_without_limits()
                and power in grant.powers
                and self.covers_all(grant.unit_id, units, day)
                for grant in self.authority.in_force(publisher_in(source), self.family, day)
            )
        return known

    def covers(self, root: str | None, unit_id: str, day: date) -> bool:
        """Return whether all units that a unit resolves to on a day are at or below `root`."""
        if root is None:
            return True
        if self._position != self._territory.last_position:
            self._known.clear()
            self._position = self._territory.last_position
        asked = (root, unit_id, day)
        known = self._known.get(asked)
        if known is None:
            known = self._known[asked] = self._covers(root, unit_id, day)
        return known

    def covers_all(self, root: str | None, unit_ids: Collection[str], day: date) -> bool:
        """Return whether `root` covers every unit; none at all is the whole country's matter."""
        if root is None:
            return True
        return bool(unit_ids) and all(self.covers(root, unit_id, day) for unit_id in unit_ids)

    def _covers(self, root: str, unit_id: str, day: date) -> bool:
        day_map = self._territory.on(day)
        resolved = day_map.lies(unit_id)
        return bool(resolved) and all(root in day_map.path(each) for each in resolved)


def publisher_in(source: str) -> str:
    """Return the publisher that a source names."""
    return source.removeprefix(SOURCE_PREFIX)


def publisher_of(event: ReceivedEvent) -> str:
    """Return the publisher that an event names as its source."""
    return publisher_in(event.key.source)


def not_speaking(
    event: ReceivedEvent, family: Family, authority: Authority, day: date
) -> Problem | None:
    """Refuse an event whose key is not live, or whose publisher has no right here on the day."""
    if event.signing is not None:
        asked = (event.signing.key_id, event.key.source, family, day)
        if asked in authority.speaking:
            return None
        problem = broken_by_key(event, authority) or without_right(event, family, authority, day)
        if problem is None:
            authority.speaking.add(asked)
        return problem
    return broken_by_key(event, authority)


def broken_by_key(event: ReceivedEvent, authority: Authority) -> Problem | None:
    """Refuse an event whose key is missing, unknown, another's or revoked.

    That the signature itself is right was found at the door.
    """
    if event.signing is None:
        return Problem(problems.UNSIGNED, {"began_at": authority.began_at})
    key = event_key(event.signing.key_id, authority)
    if key is None:
        return Problem(problems.UNKNOWN_KEY, {"key_id": event.signing.key_id})
    if not key.belongs_to(publisher_of(event)):
        return Problem(
            problems.FOREIGN_KEY, {"key_id": key.key_id, "publisher": publisher_of(event)}
        )
    if key.is_revoked():
        return Problem(problems.KEY_REVOKED, {"key_id": key.key_id, "revoked_at": key.revoked_at})
    return None


def event_key(key_id: str, authority: Authority) -> PublisherKey | None:
    """Return the key for events with an id, revoked ones too; None if there is none."""
    key = authority.keys.get(key_id)
    return key if key is not None and key.use is KeyUse.EVENTS else None


def without_right(
    event: ReceivedEvent, family: Family, authority: Authority, day: date
) -> Problem | None:
    """Refuse an event whose publisher may say nothing to this service on the day of recording."""
    publisher = publisher_of(event)
    if authority.in_force(publisher, family, day):
        return None
    return _outside(publisher, family, Power.PUBLISH, day)


def outside_grant(
    event: ReceivedEvent, speech: Speech, coverage: Coverage, day: date
) -> Problem | None:
    """Refuse an event about a unit that no right of its publisher covers on the day of recording.

    An event about no unit is about the whole country: a right without limits covers it.
    """
    publisher, family = publisher_of(event), coverage.family
    occurred_on, power = event.payload.occurred_on, speech.power
    covering = [
        grant
        for grant in coverage.authority.in_force(publisher, family, day)
        if power in grant.powers
        and grant.concerns(occurred_on)
        and coverage.covers_all(grant.unit_id, speech.units, day)
    ]
    if not covering:
        return _outside(publisher, family, power, day)
    prefixes = [grant.id_prefixes for grant in covering]
    if not all(prefixes):
        return None  # one of the rights states none
    return _foreign_prefix(publisher, speech.new_ids(), prefixes)


def _outside(publisher: str, family: Family, power: Power, day: date) -> Problem:
    named = {"publisher": publisher, "family": family.value, "power": power.value}
    return Problem(problems.OUTSIDE_GRANT, {**named, "day": day.isoformat()})


def _foreign_prefix(
    publisher: str, new_ids: Iterable[str], prefixes: Iterable[Iterable[str]]
) -> Problem | None:
    allowed = tuple(sorted({each for some in prefixes for each in some}))
    for new_id in new_ids:
        if not new_id.startswith(allowed):
            params = {"new_id": new_id, "publisher": publisher, "prefixes": ", ".join(allowed)}
            return Problem(problems.FOREIGN_PREFIX, params)
    return None
