"""Officers as a service knows them that has the log: sessions, and roles folded from events."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request

from shared.people.officer_roles import OfficerRoles
from shared.people.sessions import Session
from shared.vocabulary import OfficerRole
from shared.web.signin.identity import Identity


@dataclass(frozen=True, slots=True)
class LedgerOfficers:
    """Answers from the database of people and the log."""

    identity: Identity
    roles: OfficerRoles

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one."""
        return self.identity.session_of(request)

    def may(
        self,
        _request: Request,
        session: Session,
        roles: Iterable[OfficerRole],
        unit_id: str | None,
    ) -> bool:
        """Return whether the officer holds one of the roles over a unit, None for the country."""
        return self.roles.may(session.officer_ref, roles, unit_id)

    def may_anywhere(
        self, _request: Request, session: Session, roles: Iterable[OfficerRole]
    ) -> bool:
        """Return whether the officer holds one of the roles in any unit."""
        wanted = set(roles)
        return any(each.role in wanted for each in self.roles.held(session.officer_ref))

    def is_held(self, _request: Request, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether any officer holds one of the roles over a unit, None for the country."""
        return self.roles.is_held(roles, unit_id)
