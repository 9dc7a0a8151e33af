"""The gate: once sign-in is required, each request needs the right of its route."""

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from shared.errors import LedgerError, Problem, declare
from shared.people.sessions import Session
from shared.vocabulary import OfficerRole
from shared.web.signin.identity import NOT_SIGNED_IN
from shared.web.signin.publisher_reads import PublisherReads
from shared.web.signin.rights import RIGHTS, Right, RouteRight

_logger = logging.getLogger(__name__)

READING = (
    OfficerRole.READER,
    OfficerRole.CLERK,
    OfficerRole.APPROVER,
    OfficerRole.OPERATOR,
)
"""The roles that may read what belongs to their unit; names of persons need `personal`."""

_OPERATOR = (OfficerRole.OPERATOR,)
LIST_ROLES = (OfficerRole.CLERK, OfficerRole.APPROVER)
"""The roles that see the lists of their unit before they are sent."""

NOT_ALLOWED = declare(
    "not_allowed",
    403,
    vi="Vai trò của anh/chị không bao gồm nội dung này. Người có quyền giao vai trò ở đơn vị "
    "của nội dung ấy có thể cấp.",
    en="Your roles do not cover this. They are granted by an officer who may grant roles in its "
    "unit.",
)


class NotSignedIn(LedgerError):  # noqa: N818  named as the problem is
    """The request needs a session; a browser is led to the sign-in."""

    def __init__(self) -> None:
        super().__init__(Problem(NOT_SIGNED_IN))


class Officers(Protocol):
    """The sessions of requests, and what their officers may do."""

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one."""
        ...

    def may(
        self, request: Request, session: Session, roles: Iterable[OfficerRole], unit_id: str | None
    ) -> bool:
        """Return whether the officer holds one of the roles over a unit, None for the country."""
        ...

    def may_anywhere(
        self, request: Request, session: Session, roles: Iterable[OfficerRole]
    ) -> bool:
        """Return whether the officer holds one of the roles in any unit."""
        ...

    def is_held(self, request: Request, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether any officer holds one of the roles over a unit, None for the country."""
        ...


class Gate:
    """Checks each request; `units_of` returns the units of a thing by its kind and id."""

    def __init__(
        self,
        officers: Officers,
        is_required: Callable[[], bool],
        units_of: Callable[[str, str], Iterable[str]] = lambda _kind, _id: (),
        publishers: PublisherReads | None = None,
    ) -> None:
        self.officers = officers
        self.is_required = is_required
        self._units_of = units_of
        self._publishers = publishers

    async def check(self, request: Request) -> None:
        """Let a request to a route pass, or refuse it (401 `not_signed_in`, 403 `not_allowed`)."""
        path = request.scope["route"].path
        stated = RIGHTS.get(f"{request.method} {path}")
        if stated is not None:
            if stated.right is Right.PUBLIC:
                return
            if stated.right is Right.PUBLISHER and request.method == "POST":
                return  # the signature of each event is the right to send it
        await run_in_threadpool(self._check, request, stated)

    def is_over(self, request: Request, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether the reader has one of the roles over a unit, if sign-in is required."""
        if not self.is_required():
            return True
        session = self.officers.session_of(request)
        return session is not None and self.officers.may(request, session, roles, unit_id)

    def _check(self, request: Request, stated: RouteRight | None) -> None:
        if not self.is_required():
            return
        if stated is None:
            raise LedgerError(Problem(NOT_ALLOWED))
        if (
            stated.right is Right.PUBLISHER
            and self._publishers is not None
            and self._publishers.passes(request)
        ):
            return
        session = self.officers.session_of(request)
        if session is None:
            raise NotSignedIn
        if not self._may(request, session, stated):
            asked = {"officer_ref": session.officer_ref, "path": request.url.path}
            _logger.warning("not allowed", extra=asked)
            raise LedgerError(Problem(NOT_ALLOWED))

    def _may(self, request: Request, session: Session, stated: RouteRight) -> bool:
        match stated.right:
            case Right.OFFICER:
                return self.officers.may_anywhere(request, session, OfficerRole)
            case Right.CLERK:
                return self.officers.may_anywhere(request, session, LIST_ROLES)
            case Right.SUBTREE:
                asked = self._asked(request, stated)
                return all(self.officers.may(request, session, READING, each) for each in asked)
            case Right.OVERSIGHT:
                asked = self._asked(request, stated)
                return all(self.officers.may(request, session, _OPERATOR, each) for each in asked)
            case _:
                return self.officers.may(request, session, _OPERATOR, None)

    def _asked(self, request: Request, stated: RouteRight) -> list[str | None]:
        """Return the units that a request asks for; an unknown thing is the country's."""
        if stated.thing is not None:
            parameter, kind = stated.thing
            found = {
                unit
                for identifier in _values(request, parameter)
                for unit in self._units_of(kind, identifier) or (None,)
            }
            return list(found) or [None]
        return [value or None for value in _values(request, stated.unit)] or [None]


def gate_of(request: Request) -> Gate | None:
    """Return the gate of the service of a request, None if it has none."""
    found: Gate | None = request.app.state.gate
    return found


def asks_sign_in(request: Request) -> bool:
    """Return whether the service of a request requires sign-in for what is not public."""
    gate = gate_of(request)
    return gate is not None and gate.is_required()


def _values(request: Request, parameter: str) -> list[str]:
    """Return every value that a request states for a parameter, in its path or its query."""
    if parameter in request.path_params:
        return [str(request.path_params[parameter])]
    return request.query_params.getlist(parameter)
