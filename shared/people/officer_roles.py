"""Roles of officers, folded from the log: each holds in a unit and all below it on today's map."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Protocol

from shared.clock import Clock, day_in_vietnam
from shared.events.payloads.officers import RoleEnded, RoleGranted
from shared.events.recorded import RecordedEvent
from shared.people.role_records import FollowedLog, HeldRole, RoleRecord, RoleRecords
from shared.territory import Territory
from shared.vocabulary import OfficerRole


@dataclass(frozen=True, slots=True)
class RolesOfOfficer:
    """The roles granted and not ended, and the position of the officer's last event."""

    position: int = 0
    roles: Mapping[tuple[OfficerRole, str], HeldRole] = field(default_factory=dict)

    def on(self, day: date) -> list[HeldRole]:
        """Return the roles held on a day, by role and unit."""
        held = (self.roles[key] for key in sorted(self.roles))
        return [each for each in held if each.is_valid(day)]


def roles_of(events: Iterable[RecordedEvent]) -> RolesOfOfficer:
    """Fold the events of one officer, in the order of the log."""
    position, roles = 0, dict[tuple[OfficerRole, str], HeldRole]()
    for event in events:
        payload = event.payload
        match payload:
            case RoleGranted(role=role, unit_id=unit_id):
                roles[role, unit_id] = HeldRole(role, unit_id, payload.valid_from, payload.valid_to)
            case RoleEnded(role=role, unit_id=unit_id):
                roles.pop((role, unit_id), None)
        position = event.position
    return RolesOfOfficer(position, roles)


class RoleSource(Protocol):
    """The part of the log from which the roles of one officer are read."""

    def streams(self, subjects: Iterable[str]) -> Iterable[RecordedEvent]:
        """Return all events of these subjects, in order of position."""
        ...


class OfficerLog(RoleSource, FollowedLog, Protocol):
    """The part of the log from which the roles of officers are read."""


class OfficerRoles:
    """Answers whether an officer may act in a unit, as known now.

    `map_now` gives the map folded to the head of the log, for as long as it is read.
    """

    def __init__(
        self,
        log: OfficerLog,
        map_now: Callable[[], AbstractContextManager[Territory]],
        clock: Clock,
    ) -> None:
        self._log = log
        self._map_now = map_now
        self._clock = clock
        self._records = RoleRecords(log)

    def of(self, officer_ref: str) -> RolesOfOfficer:
        """Return the roles of an officer."""
        return roles_of(self._log.streams([f"officer/{officer_ref}"]))

    def held(self, officer_ref: str) -> list[HeldRole]:
        """Return the roles that an officer holds today."""
        return self.of(officer_ref).on(self.today())

    def digest(self, officer_ref: str) -> int:
        """Return a number that changes when the roles change: by an event, or with a day."""
        known = self.of(officer_ref)
        stated = repr((known.position, known.on(self.today())))
        return int.from_bytes(blake2b(stated.encode(), digest_size=7).digest())

    def may(self, officer_ref: str, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether an officer holds one of the roles over a unit, None for the country.

        A unit that is no more counts as all units that it became: all must be covered.
        """
        wanted = set(roles)
        roots = {each.unit_id for each in self.held(officer_ref) if each.role in wanted}
        return self._covers([roots], unit_id)

    def is_held(self, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether any officer holds one of the roles over a unit, None for the country."""
        wanted, today = set(roles), self.today()
        roots = defaultdict[str, set[str]](set)
        for each in self._records.all():
            if each.held.role in wanted and each.is_held(today):
                roots[each.officer_ref].add(each.held.unit_id)
        return self._covers(roots.values(), unit_id)

    def records_under(self, unit_id: str | None) -> list[RoleRecord]:
        """Return all roles in a unit and below it, ended ones too; None for the country.

        A role in a unit that is no more is under a unit that it became.
        """
        today, records = self.today(), self._records.all()
        with self._map_now() as territory:
            root = unit_id or territory.country(today)
            under = {
                unit
                for unit in {each.held.unit_id for each in records}
                if any(root in territory.path(each, today) for each in territory.lies(unit, today))
            }
        return [each for each in records if each.held.unit_id in under]

    def _covers(self, held: Iterable[set[str]], unit_id: str | None) -> bool:
        """Return whether the units of one officer, each with all below it, cover a unit."""
        today, officers = self.today(), [roots for roots in held if roots]
        if not officers:
            return False
        with self._map_now() as territory:
            asked = unit_id or territory.country(today)
            resolved = territory.lies(asked, today) if asked else ()
            paths = [territory.path(each, today) for each in resolved]
        return bool(paths) and any(
            all(roots.intersection(path) for path in paths) for roots in officers
        )

    def unit_name(self, unit_id: str | None) -> str:
        """Return the name of a unit today, its id if it is no more; None is the country."""
        today = self.today()
        with self._map_now() as territory:
            asked = unit_id or territory.country(today) or ""
            unit = territory.unit(asked, today)
        return unit.name if unit else asked

    def today(self) -> date:
        """Return the day in Viet Nam."""
        return day_in_vietnam(self._clock())
