"""The routes of the desk's pages: upload, check, answers, sending, templates, annotated copies."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import PackageLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from services.lists.kinds.catalog import KINDS
from services.lists.output.annotated import annotated_copy
from services.lists.output.template import template
from services.lists.uploads.checked_rows import SENDABLE, CheckedRow, RowState
from services.lists.uploads.filled_templates import FilledTemplate
from services.lists.uploads.list_form import (
    ListForm,
    UnitAmbiguous,
    accepted,
    scope_of,
)
from services.lists.uploads.upload import RUNNING, Upload, UploadStage
from services.lists.uploads.vanished_rows import vanished_of
from services.lists.uploads.worker import DeskWorker
from services.lists.web.approvals import approval_of, entered, officer_of, require_approval
from services.lists.web.questions import notes_of, questions_of
from services.lists.web.texts import DeskTexts
from services.lists.web.unit_rights import (
    enters_lists,
    may_enter,
    may_see,
    of_own_units,
    require_entry,
)
from services.lists.web.uploaded_forms import received, see, workbook
from shared.clock import day_in_vietnam
from shared.errors import BrokenContract, LedgerError, Problem, declare
from shared.web.answers.page_templates import page_environment
from shared.web.answers.problem_pages import reader_language
from shared.web.server.declared_parameters import strict_router
from shared.web.signin.form_tokens import FORM_TOKEN
from shared.web.site import stylesheet

ROWS_SHOWN = 200
TO_MEND_SHOWN = 8
RELOAD_SECONDS = 1

UPLOAD_UNKNOWN = declare(
    "list_upload_unknown",
    404,
    vi="Không tìm thấy tệp này trên hệ thống. Hãy nộp lại: dòng đã gửi không bị ghi hai lần.",
    en="The desk has no such upload. Upload the file again: what was sent is not doubled.",
)
NOT_SENDABLE = declare(
    "list_not_checked",
    409,
    vi="Danh sách này chưa kiểm tra xong hoặc đã gửi rồi.",
    en="This list is still being checked, or was sent already.",
)


_FIELDS = {
    "list_form_kind": "kind",
    "list_form_unit": "unit",
    "list_form_year": "year",
    "list_form_day": "list_day",
    "list_file_missing": "file",
    "list_file_too_large": "file",
}
"""The field of the form in which each problem was filled in."""
_TO_MEND = (RowState.FAULTY, RowState.REFUSED)
_ORDER = (
    *_TO_MEND,
    RowState.QUESTION,
    RowState.WAITING,
    RowState.REPEATED,
    RowState.CHANGED,
    RowState.NEW,
    RowState.KNOWN,
)
"""States in the order in which they need a reader."""


class DeskPages:
    """Makes the pages from the desk's state."""

    def __init__(self, worker: DeskWorker, dashboard: str) -> None:
        self._worker = worker
        self._dashboard = dashboard
        self._templates = page_environment(PackageLoader("services.lists.web"))

    def home_page(self, request: Request) -> Response:
        """Return the first page."""
        return self.home(request)

    async def receive(self, request: Request) -> Response:
        """Keep an uploaded file and begin to check it."""
        form, file = await received(request)
        try:
            upload = await run_in_threadpool(self._accepted, request, form, *file)
        except LedgerError as error:
            return await run_in_threadpool(self.home, request, form, error)
        return see(request, upload)

    def shown(self, request: Request, upload_id: str) -> Response:
        """Return the page of an upload by its id, and the first page for one that is unknown."""
        try:
            return self.upload(request, self._known(request, upload_id))
        except BrokenContract as error:
            return self.home(request, error=error)

    async def answer(self, request: Request, upload_id: str) -> Response:
        """Take answers to questions, and check the list again with them."""
        form = await request.form()
        given = {name: str(value) for name, value in form.items() if name != FORM_TOKEN}
        upload = await run_in_threadpool(self._answered, request, upload_id, given)
        return see(request, upload)

    def _answered(self, request: Request, upload_id: str, given: Mapping[str, str]) -> Upload:
        upload = self._known(request, upload_id)
        require_entry(request, upload.unit_id)
        if upload.stage is not UploadStage.CHECKED:
            return upload
        upload = self._worker.store.change(
            upload,
            answers={**upload.answers, **given},
            entered_by=entered(upload, officer_of(request)),
            stage=UploadStage.CHECKING,
            done=0,
        )
        self._worker.take(upload)
        return upload

    def send(self, request: Request, upload_id: str) -> Response:
        """Begin to send a checked list."""
        upload = self._known(request, upload_id)
        if upload.stage is not UploadStage.CHECKED:
            raise BrokenContract(Problem(NOT_SENDABLE))
        needed = require_approval(request, upload)
        sending = {
            "stage": UploadStage.SENDING,
            "only_good": request.query_params.get("rows") != "all",
            "approved_by": officer_of(request) if needed else None,
            "problem": None,
            "done": 0,
        }
        self._worker.take(self._worker.store.change(upload, **sending))
        return see(request, upload)

    def annotated(self, request: Request, upload_id: str) -> Response:
        """Return the workbook of an upload with what became of each row."""
        upload = self._known(request, upload_id)
        if upload.stage not in {UploadStage.CHECKED, UploadStage.SENT}:
            raise BrokenContract(Problem(NOT_SENDABLE))
        store = self._worker.store
        copy = annotated_copy(
            store.content(upload_id),
            upload,
            store.rows(upload_id),
            DeskTexts(reader_language(request)),
        )
        return workbook(copy, f"{upload.file_name.rpartition('.')[0]}-ket-qua.xlsx")

    def template(
        self, request: Request, kind: str = "", unit: str = "", year: str = "", filled: str = ""
    ) -> Response:
        """Return the template of a kind, unit and year."""
        form = ListForm(kind, unit.strip(), year.strip())
        try:
            found, plan_year, _ = scope_of(form, self._worker)
            require_entry(request, found.unit_id)
            of = FilledTemplate(KINDS[kind], found, plan_year, self._worker).template_of(filled)
        except LedgerError as error:
            return self.home(request, form, error)
        return workbook(template(of), f"{kind}-{found.unit_id}-{plan_year}.xlsx")

    def home(
        self, request: Request, form: ListForm | None = None, error: LedgerError | None = None
    ) -> Response:
        """Return the first page; `error` says why what was filled in is not accepted."""
        w = DeskTexts(reader_language(request))
        year = str(day_in_vietnam(self._worker.clock()).year)
        shown = form or ListForm(
            kind=request.query_params.get("kind", "registrations"),
            unit=request.query_params.get("unit", ""),
            year=request.query_params.get("year", year),
        )
        wrong = error and error.problem.rule.words(w.language, error.problem.params)
        status = error.problem.rule.status if error else HTTPStatus.OK
        field = _FIELDS.get(error.problem.rule.code, "") if error else ""
        of_template = "t-" if field and request.method == "GET" else ""
        return self._page(
            request,
            "home.html",
            w,
            status,
            page="home",
            enters=enters_lists(request),
            form=shown,
            kinds=list(KINDS.values()),
            titles={name: kind.title for name, kind in KINDS.items()},
            uploads=of_own_units(request, self._worker.store.latest(20)),
            wrong=wrong,
            wrong_field=of_template + field,
            choices=error.choices if isinstance(error, UnitAmbiguous) else (),
        )

    def upload(self, request: Request, upload: Upload) -> Response:
        """Return the page of an upload."""
        w = DeskTexts(reader_language(request))
        state = request.query_params.get("state")
        after = request.query_params.get("after", "0")
        settled = upload.stage in {UploadStage.CHECKED, UploadStage.SENT}
        running = upload.stage in RUNNING
        still = "still" in request.query_params
        mend = self._to_mend(upload) if settled else []
        rows = (
            self._worker.store.rows(
                upload.upload_id,
                state=state,
                after=int(after) if after.isdecimal() else 0,
                limit=ROWS_SHOWN + 1,
            )
            if settled
            else []
        )
        gone, vanished = vanished_of(upload)
        # A name is shown to those whose list has it; a reference alone does not open the vault.
        named = [row.person for row in rows if row.is_named]
        page = self._page(
            request,
            "upload.html",
            w,
            HTTPStatus.OK,
            page="upload",
            upload=upload,
            kind=KINDS[upload.kind],
            running=running,
            still=still,
            sent=upload.stage is UploadStage.SENT,
            counts=[(each, upload.counts[each]) for each in _ORDER if upload.counts.get(each)],
            to_mend=mend,
            to_mend_count=sum(upload.counts.get(each.value, 0) for each in _TO_MEND),
            shown={row.number for row in rows[:ROWS_SHOWN]},
            sendable=sum(upload.counts.get(each.value, 0) for each in SENDABLE),
            waiting=upload.counts.get(RowState.WAITING.value, 0),
            rows=rows[:ROWS_SHOWN],
            more=len(rows) > ROWS_SHOWN,
            names=self._worker.vault.names(named),
            state=state,
            notes=list(notes_of(upload, w)),
            questions=questions_of(upload, self._worker.store, w) if settled else [],
            may_enter=may_enter(request, upload.unit_id),
            approval=approval_of(request, upload),
            vanished=gone,
            vanished_rows=vanished[:ROWS_SHOWN],
        )
        if running and not still:
            page.headers["Refresh"] = str(RELOAD_SECONDS)
        return page

    def _accepted(self, request: Request, form: ListForm, name: str, content: bytes) -> Upload:
        """Keep an upload and begin to check it."""
        upload = accepted(form, name, content, self._worker, partial(require_entry, request))
        by = entered(upload, officer_of(request))
        upload = self._worker.store.change(upload, entered_by=by)
        self._worker.take(upload)
        return upload

    def _to_mend(self, upload: Upload) -> list[CheckedRow]:
        """Return the first rows that must be mended in the workbook."""
        found = [
            row
            for state in _TO_MEND
            for row in self._worker.store.rows(
                upload.upload_id, state=state.value, limit=TO_MEND_SHOWN
            )
        ]
        return sorted(found, key=lambda row: row.number)[:TO_MEND_SHOWN]

    def _known(self, request: Request, upload_id: str) -> Upload:
        upload = self._worker.store.get(upload_id)
        if upload is None or not may_see(request, upload.unit_id):
            raise BrokenContract(Problem(UPLOAD_UNKNOWN))
        return upload

    def _page(
        self,
        request: Request,
        name: str,
        w: DeskTexts,
        status: int,
        **values: Any,  # noqa: ANN401  what the templates take
    ) -> Response:
        other = "vi" if w.is_english else "en"
        query = {**request.query_params, "lang": other}
        page = self._templates.get_template(name).render(
            w=w,
            other=other,
            other_query=urlencode(query),
            dashboard=self._dashboard,
            form_token=request.app.state.session_cookie.form_token(request),
            **values,
        )
        return HTMLResponse(
            page, status, {"Content-Language": w.language, "Vary": "Accept-Language"}
        )


def pages_router(pages: DeskPages) -> APIRouter:
    """Return the routes; every address begins with /lists/, on the port and behind a proxy."""
    router = strict_router(include_in_schema=False)
    router.get("/")(lambda: RedirectResponse("/lists/"))
    router.get("/lists/style.css")(_style)
    router.get("/lists/")(pages.home_page)
    router.get("/lists/template.xlsx")(pages.template)
    router.post("/lists/uploads")(pages.receive)
    router.get("/lists/uploads/{upload_id}")(pages.shown)
    router.post("/lists/uploads/{upload_id}/answers")(pages.answer)
    router.post("/lists/uploads/{upload_id}/send")(pages.send)
    router.get("/lists/uploads/{upload_id}/annotated.xlsx")(pages.annotated)
    return router


def _style() -> Response:
    headers = {"cache-control": "max-age=3600"}
    return Response(stylesheet(), media_type="text/css", headers=headers)
