"""The lists of reporting over HTTP: the same filters and pages for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
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
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import Pin, Queries
from services.reporting.queries.filters import Filters, pinned
from shared.clock import Clock
from shared.vocabulary.code_words import Both
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams
from shared.web.openapi.responses import list_responses, row_schema, summary


def add_lists(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add every list to a router."""
    _add_registrations(router, pin, clock)
    _add_awards(router, pin, clock)
    _add_statement_lists(router, pin, clock)
    _add_organizations(router, pin, clock)


@dataclass(frozen=True)
class _List:
    """How one list is answered: who reads it, what its table is, what a file of it is called."""

    pin: Pin
    clock: Clock
    read: Callable[[Queries, Filters, AsOf, Page], Listed]
    table: ListTable
    called: Both

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
            chosen = pinned(chosen, page)
        reads, as_of = self.pin(known_at)
        stated = {
            name: value or None
            for name, value in dimensions.items()
            if name in request.query_params
        }
        filters = Filters(common["unit_id"], common["year"], common["programme"], chosen, stated)

        answering = Answering(
            lambda part: self.read(reads, filters, as_of, part),
            self.table,
            named(
                reads,
                self.called,
                as_of,
                known_at=known_at,
                unit_id=filters.unit_id,
                year=filters.plan_year,
                map_=chosen,
                also=[value for value in dimensions.values() if value],
            ),
            lambda items, style: reads.labelled(items, as_of, style),
            origin(
                reads,
                (f"Danh sách {self.called[0]}", f"List of {self.called[1]}"),
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


def _add_registrations(router: APIRouter, pin: Pin, clock: Clock) -> None:
    registered = _List(
        pin, clock, Queries.registrations, REGISTRATIONS, ("đăng ký", "registrations")
    )

    @router.get(
        "/registrations",
        **summary(en="Registrations, withdrawn ones too", vi="Các đăng ký, kể cả đã rút"),
        responses=page_responses(REGISTRATIONS),
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
        classification: p.ByDimension = None,
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
                "classification": classification,
            },
        )


def _add_awards(router: APIRouter, pin: Pin, clock: Clock) -> None:
    granted = _List(pin, clock, Queries.awards, AWARDS, ("khen thưởng", "awards"))

    @router.get(
        "/awards",
        **summary(en="Awards granted, revoked ones too", vi="Các khen thưởng, kể cả đã thu hồi"),
        responses=page_responses(AWARDS),
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


def _add_statement_lists(router: APIRouter, pin: Pin, clock: Clock) -> None:
    for read, table, called, english, vietnamese in (
        (Queries.plans, PLANS, ("kế hoạch", "plans"), "Plans of the year", "Các kế hoạch"),
        (
            Queries.inspections,
            INSPECTIONS,
            ("kiểm tra", "inspections"),
            "Inspections planned and conducted",
            "Các cuộc kiểm tra, theo kế hoạch và đã tiến hành",
        ),
        (
            Queries.proposals,
            PROPOSALS,
            ("đề nghị khen thưởng", "proposals"),
            "Awards proposed, and what became of each",
            "Các đề nghị khen thưởng và kết quả xét",
        ),
        (
            Queries.reviews,
            REVIEWS,
            ("họp bình xét", "reviews"),
            "Review sessions held",
            "Các cuộc họp bình xét",
        ),
        (
            Queries.replications,
            REPLICATIONS,
            ("nhân rộng", "replications"),
            "Models taken up elsewhere",
            "Các mô hình được nhân rộng",
        ),
        (
            Queries.commendations,
            COMMENDATIONS,
            ("biểu dương", "commendations"),
            "Persons and collectives commended as examples",
            "Các điển hình được biểu dương",
        ),
        (Queries.outcomes, OUTCOMES, ("kết quả", "outcomes"), "Outcomes", "Các kết quả"),
        (
            Queries.figures,
            FIGURES,
            ("số liệu đã công bố", "figures"),
            "Figures that reports and the press assert",
            "Các con số do báo cáo và báo chí nêu",
        ),
    ):
        name = called[1]
        router.get(
            f"/{name}",
            name=name,
            **summary(en=english, vi=vietnamese),
            responses=page_responses(table),
        )(_statement_route(_List(pin, clock, read, table, called)))


def _add_organizations(router: APIRouter, pin: Pin, clock: Clock) -> None:
    listed = _List(pin, clock, Queries.organizations, ORGANIZATIONS, ("tổ chức", "organizations"))

    @router.get(
        "/organizations",
        **summary(
            en="Organisations as last defined, and whom they succeeded",
            vi="Các tổ chức theo lần khai báo gần nhất, và tổ chức kế thừa",
        ),
        responses=page_responses(ORGANIZATIONS),
    )
    def organizations(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        known_at: p.KnownAt = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
    ) -> Response:
        common = _common(unit_id, None, known_at, map, None)
        return listed.answer(request, page, common=common, dimensions={})


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


def page_responses(
    table: ListTable,
    members: Sequence[str] | None = None,
    shapes: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a list; `members` are those of JSON where they differ."""
    row = row_schema(members or table.columns, **(shapes or {}))
    return {**list_responses(row, 404, 422, 503), 304: UNCHANGED}


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
