"""The routes of the desk's pages: upload, check, answers, sending, templates, annotated copies."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from services.lists.desk.checked_rows import SENDABLE
from services.lists.desk.uploads import RUNNING, Stage, Upload
from services.lists.desk.worker import DeskWorker
from services.lists.kinds.catalog import KINDS
from services.lists.matching.units import ListUnit
from services.lists.output.annotated import annotated_copy
from services.lists.output.template import template
from services.lists.remarks import Remark
from services.lists.web.filled_templates import template_of
from services.lists.web.texts import DeskTexts
from shared.clock import day_in_vietnam
from shared.errors import BrokenContract, LedgerError, Problem, declare
from shared.web.answers.problem_pages import reader_language
from shared.web.site import stylesheet

MAX_FILE_BYTES = 25 * 1024 * 1024
ROWS_SHOWN = 200
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

FILE_TOO_LARGE = declare(
    "list_file_too_large",
    413,
    vi="Tệp lớn hơn {megabytes} MB. Hãy xóa ảnh và trang tính thừa, hoặc chia danh sách làm nhiều "
    "tệp.",
    en="The file is larger than {megabytes} MB. Remove pictures and other sheets, or split the "
    "list into several files.",
)
FILE_MISSING = declare(
    "list_file_missing",
    422,
    vi="Chưa chọn tệp. Hãy chọn tệp Excel (.xlsx) của danh sách.",
    en="No file was chosen. Choose the workbook (.xlsx) of the list.",
)
UNIT_UNKNOWN = declare(
    "list_unit_unknown",
    422,
    vi="Không có đơn vị “{unit}” trên bản đồ của năm {year}. Ghi đúng tên như quyết định thành lập, "
    "hoặc mã đơn vị.",
    en="There is no unit “{unit}” on the map of {year}. Write its name as decreed, or its id.",
)
YEAR_UNREADABLE = declare(
    "list_year_unreadable",
    422,
    vi="Năm “{year}” không đọc được; ghi bốn chữ số, ví dụ 2026.",
    en="The year “{year}” cannot be read; write four digits, such as 2026.",
)
DAY_UNREADABLE = declare(
    "list_day_unreadable",
    422,
    vi="Ngày “{day}” không đọc được; ghi ngày/tháng/năm, ví dụ 05/03/2026.",
    en="The day “{day}” cannot be read; write day/month/year, such as 05/03/2026.",
)
KIND_UNKNOWN = declare(
    "list_kind_unknown",
    422,
    vi="Không có loại danh sách “{kind}”.",
    en="There is no kind of list “{kind}”.",
)
UPLOAD_UNKNOWN = declare(
    "list_upload_unknown",
    404,
    vi="Bàn danh sách không có tệp này. Hãy nộp lại: dòng đã gửi không bị nhân đôi.",
    en="The desk has no such upload. Upload the file again: what was sent is not doubled.",
)
NOT_SENDABLE = declare(
    "list_not_checked",
    409,
    vi="Danh sách này chưa kiểm tra xong hoặc đã gửi rồi.",
    en="This list is still being checked, or was sent already.",
)


@dataclass(frozen=True, slots=True)
class ListForm:
    """What a reader filled in to say which list is meant, as text."""

    kind: str = "registrations"
    unit: str = ""
    year: str = ""
    list_day: str = ""
    first_year: bool = False


class UnitAmbiguous(BrokenContract):
    """A unit's name means several, or none but others like it."""

    def __init__(self, problem: Problem, choices: Sequence[ListUnit]) -> None:
        super().__init__(problem)
        self.choices = choices


class DeskPages:
    """Makes the pages from the desk's state."""

    def __init__(self, worker: DeskWorker, dashboard: str) -> None:
        self._worker = worker
        self._dashboard = dashboard
        self._templates = Environment(
            loader=PackageLoader("services.lists.web"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    @property
    def worker(self) -> DeskWorker:
        """Return the worker whose uploads are shown."""
        return self._worker

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
        return self._page(
            request,
            "home.html",
            w,
            status,
            page="home",
            form=shown,
            kinds=list(KINDS.values()),
            titles={name: kind.title for name, kind in KINDS.items()},
            uploads=self._worker.store.latest(20),
            wrong=wrong,
            choices=error.choices if isinstance(error, UnitAmbiguous) else (),
        )

    def upload(self, request: Request, upload: Upload) -> Response:
        """Return the page of an upload."""
        w = DeskTexts(reader_language(request))
        state = request.query_params.get("state")
        after = request.query_params.get("after", "0")
        settled = upload.stage in {Stage.CHECKED, Stage.SENT}
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
        return self._page(
            request,
            "upload.html",
            w,
            HTTPStatus.OK,
            page="upload",
            upload=upload,
            kind=KINDS[upload.kind],
            running=upload.stage in RUNNING,
            sent=upload.stage is Stage.SENT,
            counts=sorted(upload.counts.items()),
            sendable=sum(upload.counts.get(each.value, 0) for each in SENDABLE),
            rows=rows[:ROWS_SHOWN],
            more=len(rows) > ROWS_SHOWN,
            state=state,
            notes=list(_notes(upload, w)),
            questions=_questions(upload),
        )

    def scope_of(self, form: ListForm) -> tuple[ListUnit, int, date | None]:
        """Return unit, year and day that a form states; raises what is wrong with it."""
        if form.kind not in KINDS:
            raise BrokenContract(Problem(KIND_UNKNOWN, {"kind": form.kind}))
        if not (form.year.isdecimal() and 1900 <= int(form.year) <= 2999):
            raise BrokenContract(Problem(YEAR_UNREADABLE, {"year": form.year}))
        day = _day(form.list_day)
        year = int(form.year)
        today = day_in_vietnam(self._worker.clock())
        for map_day in dict.fromkeys((day or min(date(year, 12, 31), today), date(year, 1, 1))):
            match = self._worker.ledger.units_on(map_day).find(form.unit, "vn")
            if match.found is not None:
                return match.found, year, day
            if match.suggestions:
                break
        problem = Problem(UNIT_UNKNOWN, {"unit": form.unit, "year": form.year})
        raise UnitAmbiguous(problem, match.suggestions)

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
            w=w, other=other, other_query=urlencode(query), dashboard=self._dashboard, **values
        )
        return HTMLResponse(
            page, status, {"Content-Language": w.language, "Vary": "Accept-Language"}
        )


def pages_router(pages: DeskPages) -> APIRouter:
    """Return the routes; every address begins with /lists/, on the port and behind a proxy."""
    router = APIRouter(include_in_schema=False)
    worker = pages.worker

    @router.get("/")
    def root() -> Response:
        return RedirectResponse("/lists/")

    @router.get("/lists/style.css")
    def style() -> Response:
        headers = {"cache-control": "max-age=3600"}
        return Response(stylesheet(), media_type="text/css", headers=headers)

    @router.get("/lists/")
    def home(request: Request) -> Response:
        return pages.home(request)

    @router.post("/lists/uploads")
    async def receive(request: Request) -> Response:
        form, file = await _received(request)
        try:
            upload = await run_in_threadpool(_accepted, pages, form, file)
        except LedgerError as error:
            return await run_in_threadpool(pages.home, request, form, error)
        return _see(request, upload)

    @router.get("/lists/uploads/{upload_id}")
    def shown(request: Request, upload_id: str) -> Response:
        return pages.upload(request, _known(worker, upload_id))

    @router.post("/lists/uploads/{upload_id}/answers")
    async def answered(request: Request, upload_id: str) -> Response:
        given = {name: str(value) for name, value in (await request.form()).items()}
        upload = _known(worker, upload_id)
        if upload.stage is Stage.CHECKED:
            answers = {**upload.answers, **given}
            upload = worker.store.change(upload, answers=answers, stage=Stage.CHECKING, done=0)
            worker.take(upload)
        return _see(request, upload)

    @router.post("/lists/uploads/{upload_id}/send")
    def send(request: Request, upload_id: str) -> Response:
        upload = _known(worker, upload_id)
        if upload.stage is not Stage.CHECKED:
            raise BrokenContract(Problem(NOT_SENDABLE))
        worker.take(worker.store.change(upload, stage=Stage.SENDING, problem=None, done=0))
        return _see(request, upload)

    @router.get("/lists/uploads/{upload_id}/annotated.xlsx")
    def annotated(request: Request, upload_id: str) -> Response:
        upload = _known(worker, upload_id)
        if upload.stage not in {Stage.CHECKED, Stage.SENT}:
            raise BrokenContract(Problem(NOT_SENDABLE))
        copy = annotated_copy(
            worker.store.content(upload_id),
            upload,
            worker.store.rows(upload_id),
            DeskTexts(reader_language(request)),
        )
        return _workbook(copy, f"{upload.file_name.rpartition('.')[0]}-ket-qua.xlsx")

    @router.get("/lists/template.xlsx")
    def made(
        request: Request, kind: str = "", unit: str = "", year: str = "", filled: str = ""
    ) -> Response:
        form = ListForm(kind, unit.strip(), year.strip())
        try:
            found, plan_year, _ = pages.scope_of(form)
            of = template_of(KINDS[kind], found, plan_year, filled, worker)
        except LedgerError as error:
            return pages.home(request, form, error)
        return _workbook(template(of), f"{kind}-{found.unit_id}-{plan_year}.xlsx")

    return router


async def _received(request: Request) -> tuple[ListForm, tuple[str, bytes]]:
    """Return what a form states, and the name and content of its file."""
    async with request.form(max_files=1, max_fields=20) as sent:
        file = sent.get("file")
        form = ListForm(
            kind=str(sent.get("kind", "")),
            unit=str(sent.get("unit", "")).strip(),
            year=str(sent.get("year", "")).strip(),
            list_day=str(sent.get("list_day", "")).strip(),
            first_year=bool(sent.get("first_year")),
        )
        if not isinstance(file, UploadFile):
            return form, ("", b"")
        return form, (file.filename or "", await file.read(MAX_FILE_BYTES + 1))


def _accepted(pages: DeskPages, form: ListForm, file: tuple[str, bytes]) -> Upload:
    """Keep an upload and begin to check it."""
    name, content = file
    if not content:
        raise BrokenContract(Problem(FILE_MISSING))
    if len(content) > MAX_FILE_BYTES:
        raise BrokenContract(Problem(FILE_TOO_LARGE, {"megabytes": MAX_FILE_BYTES >> 20}))
    unit, year, day = pages.scope_of(form)
    worker = pages.worker
    upload = Upload(
        upload_id=secrets.token_urlsafe(12),
        kind=form.kind,
        unit_id=unit.unit_id,
        unit_name=unit.name,
        plan_year=year,
        file_name=name.rpartition("/")[2].rpartition("\\")[2][-200:] or "danh-sach.xlsx",
        digest=sha256(content).hexdigest(),
        received_us=worker.clock(),
        list_day=day,
        is_first_year=form.first_year,
    )
    worker.store.add(upload, content)
    worker.take(upload)
    return upload


def _known(worker: DeskWorker, upload_id: str) -> Upload:
    upload = worker.store.get(upload_id)
    if upload is None:
        raise BrokenContract(Problem(UPLOAD_UNKNOWN))
    return upload


def _see(request: Request, upload: Upload) -> Response:
    language = request.query_params.get("lang", "vi")
    address = f"/lists/uploads/{upload.upload_id}?{urlencode({'lang': language})}"
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _workbook(content: bytes, name: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=_WORKBOOK, headers=headers)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day, month, year = (int(part) for part in text.replace("-", "/").split("/"))
        return date(year, month, day)
    except ValueError:
        raise BrokenContract(Problem(DAY_UNREADABLE, {"day": text})) from None


def _notes(upload: Upload, w: DeskTexts) -> Sequence[str]:
    """Return what reading says of the whole file."""
    summary: Mapping[str, Any] = upload.summary
    notes = [w.pair((vi, en)) for _, vi, en in summary.get("notices", ())]
    unknown = summary.get("unknown_headings", ())
    if unknown:
        named = "; ".join(f"{cell} “{text}”" for cell, text in unknown)
        notes.append(w("unknown_headings", named=named))
    return notes


def _questions(upload: Upload) -> list[Remark]:
    return [
        Remark(**{**each, "suggestions": tuple(each["suggestions"])})
        for each in upload.summary.get("questions", ())  # type: ignore[attr-defined]
    ]
