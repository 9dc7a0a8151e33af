"""Officers as the list desk knows them: reporting answers for the reader's own cookie or token."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import httpx
import orjson
from starlette.requests import Request

from shared.errors import Problem, Unavailable
from shared.people.database import PEOPLE_UNAVAILABLE
from shared.people.sessions import Session
from shared.people.tokens import form_token_of
from shared.vocabulary import OfficerRole
from shared.web.signin.cookie import SessionCookie


class ReportingOfficers:
    """Asks reporting; raises `Unavailable` when it does not answer."""

    def __init__(self, client: httpx.Client, reporting: str, cookie: SessionCookie) -> None:
        self._client = client
        self._reporting = reporting
        self._cookie = cookie

    def trust_began(self) -> bool:
        """Return whether trust has begun in the log."""
        answer = self._answered("/trust", {}, {})
        return answer is not None and answer["began"] is True

    def session_of(self, request: Request) -> Session | None:
        """Return the session of a request, None without one."""
        found = self._asked(request, {})
        if found is None:
            return None
        token = self._cookie.token(request) or _stated(request)
        return Session(
            str(found["officer_ref"]), str(found["user_name"]), 0, 0, form_token_of(token)
        )

    def may(
        self, request: Request, _session: Session, roles: Iterable[OfficerRole], unit_id: str | None
    ) -> bool:
        """Return whether the officer holds one of the roles over a unit, None for the country."""
        asked = {"role": [each.value for each in roles], "unit": unit_id or ""}
        found = self._asked(request, asked)
        return found is not None and found["may"] is True

    def is_held(self, request: Request, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether any officer holds one of the roles over a unit, None for the country."""
        asked = {"role": [each.value for each in roles], "unit": unit_id or ""}
        found = self._asked(request, asked)
        return found is not None and found["is_held"] is True

    def may_anywhere(
        self, request: Request, _session: Session, roles: Iterable[OfficerRole]
    ) -> bool:
        """Return whether the officer holds one of the roles in any unit."""
        found = self._asked(request, {})
        return found is not None and not {each.value for each in roles}.isdisjoint(found["roles"])

    def _asked(self, request: Request, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what reporting says of a reader; None without a session or an account's token."""
        token = self._cookie.token(request)
        if token is not None:
            return self._answered("/session", asked, {"Cookie": f"{self._cookie.name}={token}"})
        if stated := _stated(request):
            return self._answered("/session", asked, {"Authorization": f"Bearer {stated}"})
        return None

    def _answered(
        self, path: str, asked: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Mapping[str, Any] | None:
        """Return what reporting answers, None if it knows no session of the request."""
        address = f"{self._reporting}{path}"
        try:
            answer = self._client.get(address, params=dict(asked), headers=dict(headers))
        except httpx.HTTPError as error:
            raise Unavailable(Problem(PEOPLE_UNAVAILABLE)) from error
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            return None
        if not answer.is_success:
            raise Unavailable(Problem(PEOPLE_UNAVAILABLE))
        found: Mapping[str, Any] = orjson.loads(answer.content)
        return found


def _stated(request: Request) -> str:
    """Return the token of an account that a program states, empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""
