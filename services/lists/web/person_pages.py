"""The page of look-ups: a name by its reference and a reason, and the look-ups made before."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import PackageLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from services.lists.persons.look_ups import LONGEST_REASON, SHORTEST_REASON, FoundName, LookUps
from services.lists.web.person_rights import PersonReader, person_reader
from services.lists.web.texts import DeskTexts
from shared.errors import BrokenContract
from shared.web.answers.page_templates import page_environment
from shared.web.answers.problem_pages import reader_language
from shared.web.server.declared_parameters import strict_router

LOOK_UPS_SHOWN = 50


class PersonPages:
    """Makes the page of look-ups, for officers who may read names."""

    def __init__(self, look_ups: LookUps, dashboard: str) -> None:
        self._look_ups = look_ups
        self._dashboard = dashboard
        self._templates = page_environment(PackageLoader("services.lists.web"))

    def persons(self, request: Request) -> Response:
        """Return the form, and the look-ups of units whose names the reader may read."""
        return self._page(request, person_reader(request))

    async def look_up(self, request: Request) -> Response:
        """Look a name up and return the page with it; the address never holds a name."""
        async with request.form(max_files=0, max_fields=8) as form:
            reference = str(form.get("person", "")).strip().lower()
            reason = str(form.get("reason", ""))
        return await run_in_threadpool(self._looked_up, request, reference, reason)

    def _looked_up(self, request: Request, reference: str, reason: str) -> Response:
        reader = person_reader(request)
        try:
            found = self._look_ups.name(reference, reader.officer_ref, reason, reader.may_read)
        except BrokenContract as error:
            w = DeskTexts(reader_language(request))
            wrong = error.problem.rule.words(w.language, error.problem.params)
            return self._page(request, reader, (reference, None, wrong))
        return self._page(request, reader, (reference, found, None))

    def _page(
        self,
        request: Request,
        reader: PersonReader,
        asked: tuple[str, FoundName | None, str | None] = ("", None, None),
    ) -> Response:
        w = DeskTexts(reader_language(request))
        reference, found, wrong = asked
        latest = self._look_ups.latest(LOOK_UPS_SHOWN)
        may_read = {unit: reader.may_read(unit) for unit in {each.unit_id for each in latest}}
        other = "vi" if w.is_english else "en"
        page = self._templates.get_template("persons.html").render(
            w=w,
            other=other,
            other_query=urlencode({"lang": other}),
            dashboard=self._dashboard,
            page="persons",
            form_token=request.app.state.session_cookie.form_token(request),
            reference=reference,
            found=found,
            wrong=wrong,
            shortest=SHORTEST_REASON,
            longest=LONGEST_REASON,
            look_ups=[each for each in latest if may_read[each.unit_id]],
        )
        status = HTTPStatus.OK
        if wrong is not None:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        elif found is not None and found.outcome == "refused":
            status = HTTPStatus.FORBIDDEN
        headers = {"Content-Language": w.language, "Cache-Control": "no-store"}
        return HTMLResponse(page, status, headers)


def person_router(pages: PersonPages) -> APIRouter:
    """Return the routes of look-ups."""
    router = strict_router(include_in_schema=False)
    router.get("/lists/persons")(pages.persons)
    router.post("/lists/persons")(pages.look_up)
    return router
