"""`GET /organizations/{org_id}/result`: what an organisation did in a year, for its rating."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.provenance import origin
from services.reporting.queries.cards.organizations import RESULT_COLUMNS
from services.reporting.queries.facade import Pin
from shared.events.payloads.payload import ID_PATTERN
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams
from shared.web.openapi.responses import list_responses, row_schema, summary

RESULT = ListTable(
    RESULT_COLUMNS,
    headings={
        "org_id": ("Mã tổ chức", "Organisation id"),
        "inspections": ("Cuộc kiểm tra", "Inspections"),
        "plan_number": ("Số kế hoạch", "Number of the plan"),
        "plan_signed_on": ("Ngày ký kế hoạch", "Plan signed on"),
        "org_name": ("Tổ chức", "Organisation"),
    },
)


def add_organization_result(router: APIRouter, pin: Pin) -> None:
    """Add the route."""

    @router.get(
        "/organizations/{org_id}/result",
        **summary(
            en="What an organisation and its predecessors did, year by year, for its rating",
            vi="Kết quả từng năm của một tổ chức và các tổ chức tiền thân, dùng khi xếp loại",
        ),
        responses={**list_responses(row_schema(RESULT_COLUMNS), 404, 422, 503), 304: UNCHANGED},
    )
    def result(
        request: Request,
        org_id: Annotated[str, Path(pattern=ID_PATTERN)],
        page: PageParams,
        year: p.MaybeYear = None,
        known_at: p.KnownAt = None,
    ) -> Response:
        reads, as_of = pin(known_at)

        def read(_: Page) -> Listed:
            cards = reads.organization_cards
            results = cards.card(org_id, cards.query(as_of)).results
            return Listed([e for e in results if year in {None, e["plan_year"]}], None)

        answering = Answering(
            read,
            RESULT,
            named(
                reads,
                ("kết quả của tổ chức", "result of an organisation"),
                as_of,
                known_at=known_at,
                year=year,
                also=[org_id],
            ),
            about=origin(
                reads,
                (f"Kết quả của tổ chức {org_id}", f"Result of organisation {org_id}"),
                as_of,
                known_at=known_at,
            ),
        )
        return unless_known(
            request, as_of, None, lambda headers: list_response(request, page, answering, headers)
        )
