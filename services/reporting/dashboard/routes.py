"""The routes of the dashboard: each page with its parameters, and the error page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import PackageLoader
from starlette.requests import Request

from services.reporting.dashboard import page_parameters as at
from services.reporting.dashboard.api_links import PAGE_FORMS
from services.reporting.dashboard.cards.award import award_page
from services.reporting.dashboard.cards.exchange import EXCHANGE_PARAMETERS, exchange_page
from services.reporting.dashboard.cards.model_page import model_page
from services.reporting.dashboard.cards.organization import organization_kept, organization_page
from services.reporting.dashboard.cards.results import results_kept, results_page
from services.reporting.dashboard.cell_links import CELL
from services.reporting.dashboard.comparing.table_choice import OF_TABLES
from services.reporting.dashboard.downloads import (
    changes_kept,
    found_kept,
    table_kept,
    units_kept,
    years_kept,
)
from services.reporting.dashboard.drawing.chart_files import chart_file
from services.reporting.dashboard.layout import frame, outline
from services.reporting.dashboard.lists.file import ListFile
from services.reporting.dashboard.lists.page import PARAMETERS, list_page
from services.reporting.dashboard.my_unit import about_my_unit, remember, remembered
from services.reporting.dashboard.page_context import PageContext
from services.reporting.dashboard.page_parameters import CHOSEN, PageParameters, tidied
from services.reporting.dashboard.pages.annexes import annexes_page
from services.reporting.dashboard.pages.changes import changes_page
from services.reporting.dashboard.pages.explanation import explanation_page
from services.reporting.dashboard.pages.find import find_page
from services.reporting.dashboard.pages.help import help_page
from services.reporting.dashboard.pages.integrity import integrity_page
from services.reporting.dashboard.pages.problem import problem_page, problem_words
from services.reporting.dashboard.pages.reconciliation import reconciliation_page
from services.reporting.dashboard.pages.signals import signals_page
from services.reporting.dashboard.pages.table import table_page
from services.reporting.dashboard.pages.trust import trust_page
from services.reporting.dashboard.pages.units import units_page
from services.reporting.dashboard.pages.year import year_page
from services.reporting.dashboard.pages.years import years_page
from services.reporting.dashboard.provinces.pages import forwarding_page, provinces_page
from services.reporting.dashboard.texts.formatting import PageTexts
from shared.clock import day_in_vietnam
from shared.errors import LedgerError, Unavailable
from shared.web.answers.page_templates import page_environment
from shared.web.answers.pagination import strict_query
from shared.web.answers.problem_pages import reader_language
from shared.web.answers.problems import NO_SUCH_PAGE, parameter_error
from shared.web.answers.representations import Form
from shared.web.server.declared_parameters import add_routes, strict_router
from shared.web.signin.gate import asks_sign_in
from shared.web.site import stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI

    from services.reporting.dashboard.downloads import PageFile
    from services.reporting.dashboard.provinces.lines import Lines
    from services.reporting.integrity.evidence import LogEvidence
    from services.reporting.queries.facade import Pin
    from shared.clock import Clock
    from shared.errors import Problem


@dataclass(frozen=True)
class PageOf:
    """One page: its address, its template, its view function, and its own parameters."""

    path: str
    template: str
    view: Callable[[PageContext, Mapping[str, str]], dict[str, Any]]
    own: tuple[str, ...] = ()
    kept: Callable[[PageContext, Mapping[str, str]], PageFile] | None = None
    """The page's own table, as a file (`format=`)."""


PAGES = (
    PageOf(at.YEAR_PAGE, "year.html", year_page, OF_TABLES),
    PageOf(
        at.TABLE_PAGE, "table.html", table_page, ("by", *OF_TABLES, "start", "format"), table_kept
    ),
    PageOf(
        at.EXPLANATION_PAGE,
        "explanation.html",
        explanation_page,
        ("measure", *CELL, "allocated", "cursor"),
    ),
    PageOf(at.MODEL_PAGE, "model.html", model_page, ("model", "cursor")),
    PageOf(
        at.RECONCILIATION_PAGE,
        "reconciliation.html",
        reconciliation_page,
        ("years", "result", "start"),
    ),
    PageOf(
        at.CHANGES_PAGE,
        "changes.html",
        changes_page,
        (at.SINCE, "measure", *CELL, "cursor", "format"),
        changes_kept,
    ),
    PageOf(at.YEARS_PAGE, "years.html", years_page, ("format",), years_kept),
    PageOf(at.ANNEXES_PAGE, "annexes.html", annexes_page, ("annex", "style")),
    PageOf(at.FIND_PAGE, "find.html", find_page, ("q", "kind", "start", "format"), found_kept),
    PageOf(at.SIGNALS_PAGE, "signals.html", signals_page, ("signal", "start")),
    PageOf(at.UNITS_PAGE, "units.html", units_page, ("q", "format"), units_kept),
    PageOf(at.INTEGRITY_PAGE, "integrity.html", integrity_page),
    PageOf(at.TRUST_PAGE, "trust.html", trust_page, ("start",)),
    PageOf(at.PROVINCES_PAGE, "provinces.html", provinces_page),
    PageOf(at.FORWARDING_PAGE, "forwarding.html", forwarding_page),
    PageOf(at.HELP_PAGE, "help.html", help_page),
    PageOf(at.AWARD_PAGE, "award.html", award_page, ("award",)),
    PageOf(at.EXCHANGE_PAGE, "exchange.html", exchange_page, EXCHANGE_PARAMETERS),
    PageOf(
        at.ORGANIZATION_PAGE,
        "organization.html",
        organization_page,
        ("organization", "format"),
        organization_kept,
    ),
    PageOf(
        at.RESULTS_PAGE, "results.html", results_page, ("sort", "start", "format"), results_kept
    ),
    PageOf(at.LIST_PAGE, "list.html", list_page, PARAMETERS, ListFile.of),
)


def add_dashboard(
    app: FastAPI,
    pin: Pin,
    clock: Clock,
    *,
    lists_port: int,
    evidence: LogEvidence | None = None,
    lines: Lines | None = None,
) -> None:
    """Add the pages; they use the same reads as the API.

    Errors of any other address are also shown to browsers as a page. A proxy has the list desk
    under /lists/; without one it listens on a port of its own.
    """
    router = strict_router(include_in_schema=False)
    handler = PageHandler(pin, clock, evidence, lines)
    for page in PAGES:
        router.get(page.path, name=page.template)(_route(handler, page))

    router.post(at.MY_UNIT_PAGE)(remember)

    @router.get("/charts/{name}.{form}")
    def chart(request: Request, name: str, form: str) -> Response:
        return handler.chart(request, name, form)

    @router.get("/dashboard.css")
    def style() -> Response:
        return Response(
            stylesheet(), media_type="text/css", headers={"cache-control": "max-age=3600"}
        )

    @router.get("/lists/")
    def lists(request: Request) -> Response:
        desk = request.url.replace(port=lists_port)
        return RedirectResponse(str(desk))

    add_routes(app, router)
    app.state.problem_page = handler.problem


def _route(handler: PageHandler, page: PageOf) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        return handler.answer(page, request)

    answer.__annotations__ = {"request": Request, "return": Response}
    return answer


def _wanted_file(parameters: Mapping[str, str]) -> Form | None:
    stated = parameters.get("format")
    if stated is None:
        return None
    if stated not in PAGE_FORMS:
        raise parameter_error(
            "format", vi="phải là xlsx, docx hoặc csv", en="must be xlsx, docx or csv"
        )
    return Form(stated)


class PageHandler:
    """Answers pages; errors are shown in words, with the status of the rule."""

    def __init__(
        self,
        pin: Pin,
        clock: Clock,
        evidence: LogEvidence | None = None,
        lines: Lines | None = None,
    ) -> None:
        self._pin = pin
        self._clock = clock
        self._evidence = evidence
        self._lines = lines
        self._templates = page_environment(
            PackageLoader("services.reporting.dashboard"), lstrip_blocks=True
        )

    def answer(self, page: PageOf, request: Request) -> Response:
        """Return a page; the address of a submitted form is normalised first (303)."""
        stated = request.query_params.multi_items()
        tidy = tidied(stated)
        if tidy != stated:
            query = urlencode(tidy)
            return RedirectResponse(f"{page.path}?{query}" if query else page.path, 303)
        mine = remembered(request)
        if page.path == at.YEAR_PAGE and mine and not stated and self._is_known(mine["unit"]):
            return RedirectResponse(f"{page.path}?{urlencode(mine)}", 303, {"Vary": "Cookie"})
        parameters = dict(stated)
        choice = PageParameters(lang="en" if parameters.get("lang") == "en" else "vi")
        try:
            strict_query(request, {*CHOSEN, *page.own})
            choice = PageParameters.read(parameters)
            context = PageContext.of(self._pin, choice, self._clock, self._evidence, self._lines)
            if page.kept is not None and (form := _wanted_file(parameters)):
                return page.kept(context, parameters).response(context, form, str(request.url))
            view = page.view(context, parameters)
            about = about_my_unit(mine, context.choice)
            shown = {**frame(page.path, context, parameters), **about, **view}
            shown["form_token"] = request.app.state.session_cookie.form_token(request)
            shown["asks_sign_in"] = asks_sign_in(request)
        except LedgerError as error:
            return self._problem(page.path, choice, parameters, error)
        html = self._templates.get_template(page.template).render(shown)
        return HTMLResponse(html, headers={"Vary": "Cookie"})

    def _is_known(self, unit: str) -> bool:
        """Say whether a remembered unit is one; without that the nation's page would be lost."""
        reads, as_of = self._pin(None)
        return reads.life(unit, as_of, day_in_vietnam(self._clock())) is not None

    def chart(self, request: Request, name: str, form: str) -> Response:
        """Return a chart as a file."""
        parameters = dict(request.query_params.multi_items())
        choice = PageParameters(lang="en" if parameters.get("lang") == "en" else "vi")
        try:
            strict_query(request, {*CHOSEN, *OF_TABLES})
            choice = PageParameters.read(parameters)
            context = PageContext.of(self._pin, choice, self._clock)
            return chart_file(context, parameters, name, form)
        except LedgerError as error:
            return self._problem(at.YEAR_PAGE, choice, parameters, error)

    def problem(self, request: Request, problem: Problem, headers: Mapping[str, str]) -> Response:
        """Return a problem of any other address as a page of the dashboard."""
        choice = PageParameters(lang=reader_language(request))
        # The addresses of the API have no words, and so no parameter for a language.
        path = quote(request.url.path) if problem.rule is NO_SUCH_PAGE else at.YEAR_PAGE
        shown = {**outline(path, choice, {}), **problem_words(PageTexts(choice.lang), problem)}
        html = self._templates.get_template("problem.html").render(shown)
        return HTMLResponse(html, problem.rule.status, dict(headers))

    def _problem(
        self, path: str, choice: PageParameters, parameters: Mapping[str, str], error: LedgerError
    ) -> Response:
        words = problem_page(self._pin, choice, self._clock, error.problem)
        shown = {**outline(path, choice, parameters), **words}
        if words["lost"]:  # the other pages have nothing more about the unit on that map
            shown["address"] = replace(choice, map=None).address
        headers = {}
        if isinstance(error, Unavailable):
            headers["Retry-After"] = str(error.retry_after_seconds)
        html = self._templates.get_template("problem.html").render(shown)
        return HTMLResponse(html, error.problem.rule.status, headers)
