"""The addresses of reporting: summaries, lists, the history of a model, completeness."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.reporting import parameters as p
from services.reporting.asof import AsOf
from services.reporting.cross_tables import read_by
from services.reporting.listing import Filters, Listed
from services.reporting.reads import Question, Reads
from services.reporting.registration_lists import AWARD_COLUMNS, REGISTRATION_COLUMNS
from services.reporting.statement_lists import (
    FIGURE_COLUMNS,
    INSPECTION_COLUMNS,
    OUTCOME_COLUMNS,
    PLAN_COLUMNS,
)
from services.reporting.summary_schema import COMPLETENESS_RESPONSE, SUMMARY_RESPONSE
from shared.clock import Clock
from shared.errors import LedgerError, Problem, declare
from shared.events.payload import ID_PATTERN
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.documented import list_responses, problem_responses, row_schema, summary
from shared.web.json_text import as_json
from shared.web.lists import INVALID_CURSOR, Page, PageParams, list_response
from shared.web.moments import MapChoice, map_choice

NOT_YET = declare(
    "not_yet",
    501,
    vi="Chức năng này chưa có trong bản phát hành này.",
    en="This release cannot do that yet.",
)
HISTORY_COLUMNS = (
    "position",
    "recordedtime",
    "type",
    "subject",
    "occurred_on",
    "decision",
    "id",
    "source",
)
ModelId = Annotated[str, Path(pattern=ID_PATTERN)]
ScopeId = Annotated[str, Path(pattern=ID_PATTERN)]


def reads_router(reads: Reads, clock: Clock) -> APIRouter:
    """Return every read over HTTP."""
    router = APIRouter(tags=["reads"])
    _add_summaries(router, reads, clock)
    _add_thing_lists(router, reads, clock)
    _add_statement_lists(router, reads, clock)
    _add_history(router, reads)
    _add_completeness(router, reads)
    _add_later(router)
    return router


def _add_summaries(router: APIRouter, reads: Reads, clock: Clock) -> None:
    responses = {200: SUMMARY_RESPONSE, 304: _UNCHANGED, **problem_responses(404, 422, 503)}

    def answer(request: Request, question: Question, known_at: str | None) -> Response:
        as_of = reads.as_of(known_at)
        tag = _etag(request, as_of.position, question.map)
        if _is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        body = as_json(reads.summary(question, as_of))
        return Response(body, media_type="application/json", headers={"ETag": tag})

    @router.get(
        "/summaries/national",
        **summary(en="The summary of a year for the nation", vi="Tổng hợp một năm của cả nước"),
        responses=responses,
    )
    def national(
        request: Request,
        *,
        year: p.Year,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        by: p.By = None,
        programme: p.Programme = DEFAULT_PROGRAMME,
    ) -> Response:
        chosen = map_choice(map, clock)
        question = Question(None, year, programme, chosen, read_by(by or ()))
        return answer(request, question, known_at)

    @router.get(
        "/summaries/units/{unit_id}",
        **summary(en="The summary of a year for a unit", vi="Tổng hợp một năm của một đơn vị"),
        responses=responses,
    )
    def unit(
        request: Request,
        *,
        unit_id: ScopeId,
        year: p.Year,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        by: p.By = None,
        programme: p.Programme = DEFAULT_PROGRAMME,
    ) -> Response:
        chosen = map_choice(map, clock)
        question = Question(unit_id, year, programme, chosen, read_by(by or ()))
        return answer(request, question, known_at)


@dataclass(frozen=True)
class _List:
    """How one list is answered: who reads it, and which columns it has."""

    reads: Reads
    clock: Clock
    read: Callable[[Filters, AsOf, Page], Listed]
    columns: Sequence[str]

    def answer(
        self,
        request: Request,
        page: Page,
        *,
        common: Mapping[str, Any],
        dimensions: Mapping[str, str | None],
    ) -> Response:
        """Return one page; a cursor pins the position and the day of the map."""
        chosen = map_choice(common["map"], self.clock)
        known_at = common["known_at"]
        if page.place is not None:
            known_at = str(page.after("at", 0))
            chosen = _pinned(chosen, page.after("day", ""))
        as_of = self.reads.as_of(known_at)
        tag = _etag(request, as_of.position, chosen)
        if _is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        stated = {
            name: value or None
            for name, value in dimensions.items()
            if name in request.query_params
        }
        filters = Filters(common["unit_id"], common["year"], common["programme"], chosen, stated)
        listed = self.read(filters, as_of, page)
        return list_response(request, listed.items, listed.after, self.columns, {"ETag": tag})


def _add_thing_lists(router: APIRouter, reads: Reads, clock: Clock) -> None:
    registered = _List(reads, clock, reads.registrations, REGISTRATION_COLUMNS)
    granted = _List(reads, clock, reads.awards, AWARD_COLUMNS)

    @router.get(
        "/registrations",
        **summary(en="Registrations, withdrawn ones too", vi="Các đăng ký, kể cả đã rút"),
        responses=_list_responses(REGISTRATION_COLUMNS),
    )
    def registrations(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        year: p.MaybeYear = None,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        programme: p.MaybeProgramme = None,
        unit: p.ByDimension = None,
        field: p.ByDimension = None,
        block: p.ByDimension = None,
        owner_kind: p.ByDimension = None,
        registration_kind: p.ByDimension = None,
        level: p.ByDimension = None,
        tier: p.ByDimension = None,
    ) -> Response:
        return registered.answer(
            request,
            page,
            common=_common(unit_id, year, known_at, map, programme),
            dimensions={
                "unit": unit,
                "field": field,
                "block": block,
                "owner_kind": owner_kind,
                "registration_kind": registration_kind,
                "level": level,
                "tier": tier,
            },
        )

    @router.get(
        "/awards",
        **summary(en="Awards granted, revoked ones too", vi="Các khen thưởng, kể cả đã thu hồi"),
        responses=_list_responses(AWARD_COLUMNS),
    )
    def awards(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        year: p.MaybeYear = None,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        programme: p.MaybeProgramme = None,
        unit: p.ByDimension = None,
        award_form: p.ByDimension = None,
        recipient_kind: p.ByDimension = None,
    ) -> Response:
        return granted.answer(
            request,
            page,
            common=_common(unit_id, year, known_at, map, programme),
            dimensions={"unit": unit, "award_form": award_form, "recipient_kind": recipient_kind},
        )


def _add_statement_lists(router: APIRouter, reads: Reads, clock: Clock) -> None:
    for path, read, columns, english, vietnamese in (
        ("/plans", reads.plans, PLAN_COLUMNS, "Plans of the year", "Các kế hoạch"),
        (
            "/inspections",
            reads.inspections,
            INSPECTION_COLUMNS,
            "Inspections planned and conducted",
            "Các cuộc kiểm tra, theo kế hoạch và đã tiến hành",
        ),
        ("/outcomes", reads.outcomes, OUTCOME_COLUMNS, "Outcomes", "Các kết quả"),
        (
            "/figures",
            reads.figures,
            FIGURE_COLUMNS,
            "Figures that reports and the press assert",
            "Các con số do báo cáo và báo chí nêu",
        ),
    ):
        listed = _List(reads, clock, read, columns)
        router.get(
            path,
            name=path.strip("/"),
            **summary(en=english, vi=vietnamese),
            responses=_list_responses(columns),
        )(_statement_route(listed))


def _statement_route(listed: _List) -> Callable[..., Response]:
    def statements(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        year: p.MaybeYear = None,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        programme: p.MaybeProgramme = None,
        unit: p.ByDimension = None,
    ) -> Response:
        return listed.answer(
            request,
            page,
            common=_common(unit_id, year, known_at, map, programme),
            dimensions={"unit": unit},
        )

    return statements


def _add_history(router: APIRouter, reads: Reads) -> None:
    @router.get(
        "/models/{model_id}/history",
        **summary(
            en="Every event of a model, of its registrations, and of what names these",
            vi="Mọi sự kiện của một mô hình, của các đăng ký và những gì nêu tên chúng",
        ),
        responses=_list_responses(HISTORY_COLUMNS, 404),
    )
    def history(
        request: Request, model_id: ModelId, page: PageParams, known_at: p.KnownAt = None
    ) -> Response:
        if page.place is not None:
            known_at = str(page.after("at", 0))
        as_of = reads.as_of(known_at)
        tag = _etag(request, as_of.position, None)
        if _is_known(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        listed = reads.history(model_id, as_of, page)
        return list_response(request, listed.items, listed.after, HISTORY_COLUMNS, {"ETag": tag})


def _add_completeness(router: APIRouter, reads: Reads) -> None:
    @router.get(
        "/completeness",
        **summary(
            en="What is stored in the log against what each read model has taken in",
            vi="Số sự kiện đã lưu so với số mỗi bảng tổng hợp đã xử lý",
        ),
        responses={200: COMPLETENESS_RESPONSE, **problem_responses(422, 503)},
    )
    def completeness() -> Response:
        return Response(as_json(reads.completeness()), media_type="application/json")


def _add_later(router: APIRouter) -> None:
    """Answer clearly for what comes with a later release."""

    def not_yet() -> Response:
        raise LedgerError(Problem(NOT_YET))

    for path in ("/explain", "/reconciliation"):
        router.get(path, include_in_schema=False, name=path.strip("/"))(not_yet)


_UNCHANGED = {"description": "nothing has changed since (`If-None-Match`)"}


def _list_responses(columns: Sequence[str], *more: int) -> dict[int | str, dict[str, Any]]:
    found = list_responses(row_schema(columns), *more, *(() if 404 in more else (404,)), 422, 503)
    return {**found, 304: _UNCHANGED}


def _common(
    unit_id: str | None,
    year: int | None,
    known_at: str | None,
    map_: str | None,
    programme: str | None,
) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "year": year,
        "known_at": known_at,
        "map": map_,
        "programme": programme,
    }


def _pinned(chosen: MapChoice, day: str) -> MapChoice:
    """Return the map that a cursor was given out on: today may have passed since."""
    if not day:
        return chosen
    try:
        return MapChoice(chosen.stated, date.fromisoformat(day))
    except ValueError:
        raise LedgerError(Problem(INVALID_CURSOR)) from None


def _etag(request: Request, position: int, chosen: MapChoice | None) -> str:
    """Name an answer: the position, the query and the resolved day of the map (house rules)."""
    day = chosen.day if chosen else None
    asked = (
        request.url.path,
        sorted(request.query_params.multi_items()),
        request.headers.get("accept", "").partition(",")[0],
        position,
        day.isoformat() if day else "",
    )
    return f'"{sha256(repr(asked).encode()).hexdigest()[:32]}"'


def _is_known(request: Request, tag: str) -> bool:
    stated = request.headers.get("if-none-match", "")
    known = {each.strip().removeprefix("W/") for each in stated.split(",")}
    return tag in known or "*" in known
