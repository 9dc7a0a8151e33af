"""The lists of reporting over HTTP, with the same filters and paging for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.list_tables import (
    AWARDS,
    COMMENDATIONS,
    FIGURES,
    INSPECTIONS,
    ORGANIZATIONS,
    OUTCOMES,
    PLANS,
    PROPOSALS,
    REGISTRATIONS,
    REPLICATIONS,
    REVIEWS,
)
from services.reporting.api.provenance import origin
from services.reporting.queries.facade import ListName, Pin
from services.reporting.queries.filters import Filters, pinned
from shared.clock import Clock
from shared.vocabulary.code_words import Both
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Page, PageParams
from shared.web.openapi.responses import list_responses, row_schema, summary


@dataclass(frozen=True)
class _List:
    """The definition of one list: its name, the name of its file, its table and dimensions."""

    name: ListName
    called: str
    about: Both
    table: ListTable
    cell: Callable[..., p.Cell] = p.list_cell

    def answer(
        self,
        request: Request,
        asked: p.ListRequest,
        page: Page,
        *,
        cell: p.Cell,
        pin: Pin,
        clock: Clock,
    ) -> Response:
        """Return one page; a cursor pins the position and the day of the map."""
        chosen = map_choice(asked.map, clock)
        known_at = p.pinned_moment(page, asked.known_at)
        if page.place is not None:
            chosen = pinned(chosen, page)
        reads, as_of = pin(known_at)
        filters = Filters(asked.unit_id, asked.year, asked.programme, chosen, cell)

        answering = Answering(
            lambda part: reads.listed(self.name, filters, as_of, part),
            self.table,
            named(
                reads,
                (self.called, self.name),
                as_of,
                known_at=known_at,
                unit_id=filters.unit_id,
                year=filters.plan_year,
                map_=chosen,
                also=[value for value in cell.values() if value],
            ),
            lambda items, style: reads.labelled(items, as_of, style),
            origin(
                reads,
                (f"Danh sách {self.called}", f"List of {self.name}"),
                as_of,
                known_at=known_at,
                unit_id=filters.unit_id,
                years=() if filters.plan_year is None else (filters.plan_year,),
                map_=chosen,
            ),
        )
        return unless_known(
            request, as_of, chosen, lambda headers: list_response(request, page, answering, headers)
        )


_LISTS = (
    _List(
        "registrations",
        "đăng ký",
        ("Các đăng ký, kể cả đã rút", "Registrations, withdrawn ones too"),
        REGISTRATIONS,
        p.registration_cell,
    ),
    _List(
        "awards",
        "khen thưởng",
        ("Các khen thưởng, kể cả đã thu hồi", "Awards granted, revoked ones too"),
        AWARDS,
        p.award_cell,
    ),
    _List("plans", "kế hoạch", ("Các kế hoạch", "Plans of the year"), PLANS),
    _List(
        "inspections",
        "kiểm tra",
        ("Các cuộc kiểm tra, theo kế hoạch và đã tiến hành", "Inspections planned and conducted"),
        INSPECTIONS,
    ),
    _List(
        "proposals",
        "đề nghị khen thưởng",
        ("Các đề nghị khen thưởng và kết quả xét", "Awards proposed, and what became of each"),
        PROPOSALS,
    ),
    _List("reviews", "họp bình xét", ("Các cuộc họp bình xét", "Review sessions held"), REVIEWS),
    _List(
        "replications",
        "nhân rộng",
        ("Các mô hình được nhân rộng", "Models taken up elsewhere"),
        REPLICATIONS,
    ),
    _List(
        "commendations",
        "biểu dương",
        ("Các điển hình được biểu dương", "Persons and collectives commended as examples"),
        COMMENDATIONS,
    ),
    _List("outcomes", "kết quả", ("Các kết quả", "Outcomes"), OUTCOMES),
    _List(
        "figures",
        "số liệu đã công bố",
        ("Các con số do báo cáo và báo chí nêu", "Figures that reports and the press assert"),
        FIGURES,
    ),
)
_ORGANIZATIONS = (
    "Các tổ chức theo lần khai báo gần nhất, và tổ chức kế thừa",
    "Organisations as last defined, and whom they succeeded",
)
ABOUT: Mapping[str, Both] = {
    **{read.name: read.about for read in _LISTS},
    "organizations": _ORGANIZATIONS,
}
"""The description of each list by its name, which is its path."""


def add_lists(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add every list to a router."""
    for read in _LISTS:
        _route(router, read)(_answering(read, pin, clock))
    _add_organizations(router, pin, clock)


def _route(
    router: APIRouter, read: _List
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Return the decorator that registers the route of a list."""
    vi, en = read.about
    return router.get(
        f"/{read.name}",
        name=read.name,
        **summary(en=en, vi=vi),
        responses=page_responses(read.table),
    )


def _answering(read: _List, pin: Pin, clock: Clock) -> Callable[..., Response]:
    def answer(
        request: Request,
        asked: p.ListParams,
        cell: Annotated[p.Cell, Depends(read.cell)],
        page: PageParams,
    ) -> Response:
        return read.answer(request, asked, page, cell=cell, pin=pin, clock=clock)

    return answer


def _add_organizations(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the list of organisations, which has no year and no programme."""
    read = _List("organizations", "tổ chức", _ORGANIZATIONS, ORGANIZATIONS)

    @_route(router, read)
    def organizations(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
    ) -> Response:
        asked = p.ListRequest(unit_id, None, known_at, map, None)
        return read.answer(request, asked, page, cell={}, pin=pin, clock=clock)


def page_responses(
    table: ListTable,
    members: Sequence[str] | None = None,
    shapes: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a list; `members` are the JSON members if they differ."""
    row = row_schema(members or table.columns, **(shapes or {}))
    return {**list_responses(row, 404, 422, 503), 304: UNCHANGED}
