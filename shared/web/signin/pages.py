"""The sign-in pages: password, one-time link, the reader's session, sign-out; no scripts."""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import PackageLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from shared.errors import LedgerError, Problem
from shared.people.accounts import SHORTEST_PASSWORD, Accounts
from shared.people.database import FLOW_SECONDS
from shared.people.sessions import Sessions
from shared.vocabulary import OfficerRole
from shared.web.answers.json_response import as_json
from shared.web.answers.page_templates import page_environment
from shared.web.answers.problem_pages import reader_language
from shared.web.answers.problems import problem_answer
from shared.web.server.declared_parameters import strict_router
from shared.web.signin.cookie import SessionCookie
from shared.web.signin.identity import NOT_SIGNED_IN
from shared.web.signin.ledger_officers import LedgerOfficers
from shared.web.signin.texts import SignInTexts

if TYPE_CHECKING:  # it loads the libraries of a provider, which most ledgers do not have
    from shared.people.openid_flows import OpenIdFlows

SIGN_IN_PAGE, SESSION_PAGE = "/sign-in", "/signed-in"
PROVIDER_ANSWERS = "/sign-in/oidc/back"
_OWN_ADDRESS = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f]*")
_LONGEST_ADDRESS = 2_000
_ROLES = frozenset(OfficerRole)
_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}


class SignInPages:
    """Makes the pages; `flows` lead to an OpenID provider if one is configured."""

    def __init__(
        self,
        officers: LedgerOfficers,
        accounts: Accounts,
        flows: "OpenIdFlows | None" = None,
    ) -> None:
        self._officers = officers
        self._identity = officers.identity
        self._accounts = accounts
        self._flows = flows
        self._templates = page_environment(PackageLoader("shared.web.signin"))

    @property
    def _cookie(self) -> SessionCookie:
        return self._identity.cookie

    @property
    def _sessions(self) -> Sessions:
        return self._identity.sessions

    def form(self, request: Request) -> Response:
        """Return the form for user name and password."""
        return self._sign_in_page(request, to=own_address(request.query_params.get("to", "")))

    async def sign_in(self, request: Request) -> Response:
        """Begin a session for a right password; return the form again for a wrong one."""
        fields = await _fields(request)
        to, name = own_address(fields.get("to", "")), fields.get("user_name", "")

        def begun() -> str:
            account = self._accounts.verified(name, fields.get("password", ""))
            return self._identity.begin(account.officer_ref, account.user_name)

        try:
            token = await run_in_threadpool(begun)
        except LedgerError as error:
            return self._sign_in_page(request, error.problem, to=to, user_name=name)
        return await run_in_threadpool(self.entered, request, token, to)

    def entered(self, request: Request, token: str, to: str) -> Response:
        """Return the redirection after sign-in; a session that the browser had before ends."""
        if before := self._cookie.token(request):
            self._sessions.end(before)
        answer = RedirectResponse(to, HTTPStatus.SEE_OTHER, _PRIVATE)
        self._cookie.keep(answer, token)
        return answer

    def link_form(self, request: Request) -> Response:
        """Return the form of a one-time link, which is not used by opening it."""
        return self._link_page(request, request.query_params.get("link", ""))

    async def use_link(self, request: Request) -> Response:
        """Set the password of a one-time link, and begin a session."""
        fields = await _fields(request)
        link, password = fields.get("link", ""), fields.get("password", "")

        def begun() -> str:
            account = self._accounts.set_password(link, password, fields.get("again", ""))
            return self._identity.begin(account.officer_ref, account.user_name)

        try:
            token = await run_in_threadpool(begun)
        except LedgerError as error:
            return await run_in_threadpool(self._link_page, request, link, error.problem)
        return await run_in_threadpool(self.entered, request, token, SESSION_PAGE)

    def to_provider(self, request: Request) -> Response:
        """Lead to the OpenID provider."""
        if self._flows is None:
            return self.form(request)
        try:
            flow = self._flows.start(own_address(request.query_params.get("to", "")))
        except LedgerError as error:
            return self._sign_in_page(request, error.problem, to=SESSION_PAGE)
        answer = RedirectResponse(flow.address, HTTPStatus.SEE_OTHER, _PRIVATE)
        self._cookie.keep_flow(answer, flow.browser_secret, FLOW_SECONDS)
        return answer

    def from_provider(self, request: Request) -> Response:
        """Begin a session for whom the OpenID provider confirms."""
        if self._flows is None:
            return self.form(request)
        sent = request.query_params
        try:
            flow = self._flows.finish(
                sent.get("state", ""),
                self._cookie.flow(request),
                sent.get("code", ""),
                sent.get("iss"),
            )
        except LedgerError as error:
            answer = self._sign_in_page(request, error.problem, to=SESSION_PAGE)
        else:
            token = self._identity.begin(flow.officer_ref, flow.user_name)
            answer = self.entered(request, token, flow.wanted)
        self._cookie.keep_flow(answer, "", 0)
        return answer

    def session_page(self, request: Request) -> Response:
        """Return the page of the reader's session, or lead to the sign-in."""
        session = self._identity.session_of(request)
        if session is None:
            query = urlencode({"to": SESSION_PAGE, "lang": reader_language(request)})
            return RedirectResponse(f"{SIGN_IN_PAGE}?{query}", HTTPStatus.SEE_OTHER, _PRIVATE)
        roles = [
            (each, self._officers.roles.unit_name(each.unit_id))
            for each in self._officers.roles.held(session.officer_ref)
        ]
        return self.page(request, "signed_in", session=session, roles=roles)

    def session_data(self, request: Request) -> Response:
        """Return the reader's session (401 without one), for the list desk.

        `may` says whether the officer holds one of the roles `role` over `unit`, `is_held` whether
        any officer does.
        """
        session = self._identity.session_of(request)
        if session is None:
            return problem_answer(request, Problem(NOT_SIGNED_IN), _PRIVATE)
        held = self._officers.roles.held(session.officer_ref)
        wanted = {
            OfficerRole(each) for each in request.query_params.getlist("role") if each in _ROLES
        }
        unit = request.query_params.get("unit") or None
        data = {
            "officer_ref": session.officer_ref,
            "user_name": session.user_name,
            "roles": sorted({each.role.value for each in held}),
            "may": bool(wanted) and self._officers.may(request, session, wanted, unit),
            "is_held": bool(wanted) and self._officers.is_held(request, wanted, unit),
        }
        return Response(as_json(data), media_type="application/json", headers=_PRIVATE)

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser, or all sessions of the officer."""
        fields = await _fields(request)

        def ended() -> None:
            session = self._identity.session_of(request)
            if session is not None and fields.get("everywhere"):
                self._sessions.end_all(session.officer_ref)
            if token := self._cookie.token(request):
                self._sessions.end(token)

        await run_in_threadpool(ended)
        query = urlencode({"lang": reader_language(request)})
        answer = RedirectResponse(f"{SIGN_IN_PAGE}?{query}", HTTPStatus.SEE_OTHER, _PRIVATE)
        self._cookie.forget(answer)
        return answer

    def _sign_in_page(
        self, request: Request, problem: Problem | None = None, *, to: str, user_name: str = ""
    ) -> Response:
        shown = {"to": to, "user_name": user_name, "by_provider": self._flows is not None}
        return self.page(request, "sign_in", problem, **shown)

    def _link_page(self, request: Request, link: str, problem: Problem | None = None) -> Response:
        try:
            name = self._accounts.linked(link).user_name
        except LedgerError as error:
            name, problem = "", problem or error.problem
        shown = {"user_name": name, "link": link, "least": SHORTEST_PASSWORD}
        return self.page(request, "set_password", problem, **shown)

    def page(
        self, request: Request, name: str, problem: Problem | None = None, **values: object
    ) -> Response:
        """Return one of the pages with these values, and with what was wrong if anything was."""
        w = SignInTexts(reader_language(request))
        other = "vi" if w.is_english else "en"
        wrong = problem and problem.rule.words(w.language, problem.params)
        # Not the query of a form's answer or of the provider's: they may hold secrets.
        is_kept = request.method == "GET" and request.url.path != PROVIDER_ANSWERS
        kept = request.query_params if is_kept else {}
        path = SIGN_IN_PAGE if name == "sign_in" else request.url.path
        page = self._templates.get_template(f"{name}.html").render(
            w=w,
            page=name,
            other=other,
            other_address=f"{path}?{urlencode({**kept, 'lang': other})}",
            form_token=self._cookie.form_token(request),
            wrong=wrong,
            field="password" if wrong and values.get("user_name") else "",
            **values,
        )
        status = problem.rule.status if problem else HTTPStatus.OK
        headers = {**_PRIVATE, "Content-Language": w.language}
        if problem and "seconds" in problem.params:
            headers["Retry-After"] = str(problem.params["seconds"])
        return HTMLResponse(page, status, headers)


def sign_in_router(pages: SignInPages) -> APIRouter:
    """Return the routes of the pages."""
    router = strict_router(include_in_schema=False)
    router.get(SIGN_IN_PAGE)(pages.form)
    router.post(SIGN_IN_PAGE)(pages.sign_in)
    router.get("/sign-in/link")(pages.link_form)
    router.post("/sign-in/link")(pages.use_link)
    router.get("/sign-in/oidc")(pages.to_provider)
    router.get(PROVIDER_ANSWERS)(pages.from_provider)
    router.get(SESSION_PAGE)(pages.session_page)
    router.get("/session")(pages.session_data)
    router.post("/sign-out")(pages.sign_out)
    return router


def own_address(stated: str) -> str:
    """Return where to lead after sign-in: an address of this host, else the page of the session."""
    if len(stated) <= _LONGEST_ADDRESS and _OWN_ADDRESS.fullmatch(stated):
        return stated
    return SESSION_PAGE


async def _fields(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: str(value) for name, value in form.items()}
