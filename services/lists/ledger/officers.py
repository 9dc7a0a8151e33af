"""Officers as the list desk knows them: reporting answers for the reader's own cookie."""

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
        token = self._cookie.token(request)
        found = None if token is None else self._asked(token, {})
        if token is None or found is None:
            return None
        return Session(
            str(found["officer_ref"]), str(found["user_name"]), 0, 0, form_token_of(token)
        )

    def may(
        self, request: Request, _session: Session, roles: Iterable[OfficerRole], unit_id: str | None
    ) -> bool:
        """Return whether the officer holds one of the roles over a unit, None for the country."""
        asked = {"role": [each.value for each in roles], "unit": unit_id or ""}
        token = self._cookie.token(request)
        found = None if token is None else self._asked(token, asked)
        return found is not None and found["may"] is True

    def is_held(self, request: Request, roles: Iterable[OfficerRole], unit_id: str | None) -> bool:
        """Return whether any officer holds one of the roles over a unit, None for the country."""
        asked = {"role": [each.value for each in roles], "unit": unit_id or ""}
        token = self._cookie.token(request)
        found = None if token is None else self._asked(token, asked)
        return found is not None and found["is_held"] is True

    def may_anywhere(
        self, request: Request, _session: Session, roles: Iterable[OfficerRole]
    ) -> bool:
        """Return whether the officer holds one of the roles in any unit."""
        token = self._cookie.token(request)
        found = None if token is None else self._asked(token, {})
        return found is not None and not {each.value for each in roles}.isdisjoint(found["roles"])

    def _asked(self, token: str, asked: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what reporting says of a token; None if it is of no session."""
        return self._answered("/session", asked, {"Cookie": f"{self._cookie.name}={token}"})

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
