"""The lists of reporting over HTTP: the same filters and pages for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.reporting import parameters as p
from services.reporting.asof import AsOf
from services.reporting.listing import Filters, Listed, pinned
from services.reporting.reads import Reads
from services.reporting.registration_lists import (
    AWARD_COLUMNS,
    REGISTRATION_COLUMNS,
    REPLICATION_COLUMNS,
)
from services.reporting.statement_lists import (
    COMMENDATION_COLUMNS,
    FIGURE_COLUMNS,
    INSPECTION_COLUMNS,
    ORGANIZATION_COLUMNS,
    OUTCOME_COLUMNS,
    PLAN_COLUMNS,
    PROPOSAL_COLUMNS,
    REVIEW_COLUMNS,
)
from services.reporting.unchanged import UNCHANGED, unless_known
from shared.clock import Clock
from shared.web.documented import list_responses, row_schema, summary
from shared.web.lists import Page, PageParams, list_response
from shared.web.moments import map_choice


def add_lists(router: APIRouter, reads: Reads, clock: Clock) -> None:
    """Add every list to a router."""
    _add_registrations(router, reads, clock)
    _add_awards(router, reads, clock)
    _add_statement_lists(router, reads, clock)
    _add_organizations(router, reads, clock)


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
            chosen = pinned(chosen, page)
        as_of = self.reads.as_of(known_at)
        stated = {
            name: value or None
            for name, value in dimensions.items()
            if name in request.query_params
        }
        filters = Filters(common["unit_id"], common["year"], common["programme"], chosen, stated)

        def listed(headers: Mapping[str, str]) -> Response:
            found = self.read(filters, as_of, page)
            return list_response(request, found.items, found.after, self.columns, headers)

        return unless_known(request, as_of, chosen, listed)


def _add_registrations(router: APIRouter, reads: Reads, clock: Clock) -> None:
    registered = _List(reads, clock, reads.registrations, REGISTRATION_COLUMNS)

    @router.get(
        "/registrations",
        **summary(en="Registrations, withdrawn ones too", vi="Các đăng ký, kể cả đã rút"),
        responses=page_responses(REGISTRATION_COLUMNS),
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


def _add_awards(router: APIRouter, reads: Reads, clock: Clock) -> None:
    granted = _List(reads, clock, reads.awards, AWARD_COLUMNS)

    @router.get(
        "/awards",
        **summary(en="Awards granted, revoked ones too", vi="Các khen thưởng, kể cả đã thu hồi"),
        responses=page_responses(AWARD_COLUMNS),
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
        (
            "/proposals",
            reads.proposals,
            PROPOSAL_COLUMNS,
            "Awards proposed, and what became of each",
            "Các đề nghị khen thưởng và kết quả xét",
        ),
        (
            "/reviews",
            reads.reviews,
            REVIEW_COLUMNS,
            "Review sessions held",
            "Các cuộc họp bình xét",
        ),
        (
            "/replications",
            reads.replications,
            REPLICATION_COLUMNS,
            "Models taken up elsewhere",
            "Các mô hình được nhân rộng",
        ),
        (
            "/commendations",
            reads.commendations,
            COMMENDATION_COLUMNS,
            "Persons and collectives commended as examples",
            "Các điển hình được biểu dương",
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
            responses=page_responses(columns),
        )(_statement_route(listed))


def _add_organizations(router: APIRouter, reads: Reads, clock: Clock) -> None:
    listed = _List(reads, clock, reads.organizations, ORGANIZATION_COLUMNS)

    @router.get(
        "/organizations",
        **summary(
            en="Organisations as last defined, and whom they succeeded",
            vi="Các tổ chức theo lần khai báo gần nhất, và tổ chức kế thừa",
        ),
        responses=page_responses(ORGANIZATION_COLUMNS),
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
    columns: Sequence[str], shapes: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a list with these columns; `shapes` say more of some."""
    row = row_schema(columns, **(shapes or {}))
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
