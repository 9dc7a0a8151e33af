"""The routes of reporting: summaries, lists, the history of a model, completeness."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.annexes import add_annexes
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.explain import add_explain
from services.reporting.api.file_names import named
from services.reporting.api.find import add_find
from services.reporting.api.list_tables import HISTORY, HISTORY_MEMBERS
from services.reporting.api.lists import add_lists, page_responses
from services.reporting.api.organization_result import add_organization_result
from services.reporting.api.provenance import origin
from services.reporting.api.reconciliation import add_reconciliation
from services.reporting.api.response_schemas import COMPLETENESS_RESPONSE, SUMMARY_RESPONSE
from services.reporting.api.signals import add_signals
from services.reporting.api.summary_table import summary_table
from services.reporting.feeds.routes import add_feeds
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.explaining import reasons
from services.reporting.queries.facade import Pin, SummaryQuery
from services.reporting.trust.routes import add_trust
from shared.clock import Clock
from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import LangParam, Page, PageParams
from shared.web.answers.representations import Form, representation_of
from shared.web.openapi.responses import problem_responses, summary
from shared.web.server.declared_parameters import strict_router

ModelId = Annotated[str, Path(pattern=ID_PATTERN)]
ScopeId = Annotated[str, Path(pattern=ID_PATTERN)]


def reads_router(pin: Pin, clock: Clock, public_url: str | None = None) -> APIRouter:
    """Return a router with all reads over HTTP; `public_url` begins the links of feeds."""
    router = strict_router(tags=["reads"])
    _add_summaries(router, pin, clock)
    add_lists(router, pin, clock)
    add_explain(router, pin, clock)
    add_find(router, pin, clock)
    _add_history(router, pin)
    _add_completeness(router, pin)
    add_reconciliation(router, pin)
    add_annexes(router, pin, clock)
    add_organization_result(router, pin)
    add_feeds(router, pin, clock, public_url)
    add_signals(router, pin, clock)
    add_trust(router, pin, clock)
    return router


def _add_summaries(router: APIRouter, pin: Pin, clock: Clock) -> None:
    responses = {200: SUMMARY_RESPONSE, 304: UNCHANGED, **problem_responses(404, 422, 503)}

    def answer(request: Request, query: SummaryQuery, known_at: str | None) -> Response:
        reads, as_of = pin(known_at)

        def summarized(headers: Mapping[str, str]) -> Response:
            if representation_of(request).form is not Form.JSON:
                answering = summary_table(reads, query, as_of, known_at=known_at)
                return list_response(request, Page(), answering, headers)
            body = as_json(reads.summary(query, as_of))
            return Response(body, media_type="application/json", headers=dict(headers))

        return unless_known(request, as_of, query.map, summarized)

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
        format: p.SummaryFormat = None,  # noqa: A002  the contract names it so
        lang: LangParam = None,
    ) -> Response:
        del format, lang  # `representation_of` reads them
        chosen = map_choice(map, clock)
        query = SummaryQuery(None, year, programme, chosen, read_by(by or ()))
        return answer(request, query, known_at)

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
        format: p.SummaryFormat = None,  # noqa: A002  the contract names it so
        lang: LangParam = None,
    ) -> Response:
        del format, lang  # `representation_of` reads them
        chosen = map_choice(map, clock)
        query = SummaryQuery(unit_id, year, programme, chosen, read_by(by or ()))
        return answer(request, query, known_at)


def _add_history(router: APIRouter, pin: Pin) -> None:
    @router.get(
        "/models/{model_id}/history",
        **summary(
            en="Every event of a model, of its registrations, and of what names these",
            vi="Mọi sự kiện của một mô hình, của các đăng ký và những gì nêu tên chúng",
        ),
        responses=page_responses(HISTORY, (*HISTORY_MEMBERS, *reasons.SHAPES), reasons.SHAPES),
    )
    def history(
        request: Request, model_id: ModelId, page: PageParams, known_at: p.KnownAt = None
    ) -> Response:
        reads, as_of = pin(p.pinned_moment(page, known_at))

        answering = Answering(
            lambda part: reads.history(model_id, as_of, part),
            HISTORY,
            named(reads, ("lịch sử", "history"), as_of, known_at=known_at, also=[model_id]),
            lambda items, style: [reasons.as_row(each, style) for each in items],
            origin(
                reads,
                (f"Lịch sử mô hình {model_id}", f"History of model {model_id}"),
                as_of,
                known_at=known_at,
            ),
        )
        return unless_known(
            request, as_of, None, lambda headers: list_response(request, page, answering, headers)
        )


def _add_completeness(router: APIRouter, pin: Pin) -> None:
    @router.get(
        "/completeness",
        **summary(
            en="What is stored in the log against what each read model has taken in",
            vi="Số sự kiện đã lưu so với số mỗi bảng tổng hợp đã xử lý",
        ),
        responses={200: COMPLETENESS_RESPONSE, **problem_responses(422, 503)},
    )
    def completeness() -> Response:
        reads, _ = pin(None)
        return Response(as_json(reads.completeness()), media_type="application/json")
