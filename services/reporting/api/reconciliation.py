"""`GET /reconciliation`: asserted figures next to the log's, as a list like the others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.list_tables import RECONCILED
from services.reporting.api.provenance import origin
from services.reporting.domain.assertions import Reason, Result
from services.reporting.queries.facade import RECORDED_MAP, Filters, Pin
from services.reporting.queries.reconciliation import RECONCILIATION_COLUMNS
from shared.vocabulary import PeriodKind, Qualifier
from shared.web.answers.csv_tables import Row, Style
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import PageParams
from shared.web.openapi.responses import (
    MAYBE_TEXT,
    TEXT,
    list_responses,
    object_schema,
    row_schema,
    summary,
)

_MAYBE_NUMBER = {"type": ["number", "null"]}
_SHAPES: dict[str, Mapping[str, Any]] = {
    "figure_id": TEXT,
    "unit_id": TEXT,
    "period": object_schema(
        {"from": MAYBE_TEXT, "to": MAYBE_TEXT, "kind": {"enum": [str(k) for k in PeriodKind]}}
    ),
    "metric": TEXT,
    "dimensions": {"type": "object", "additionalProperties": MAYBE_TEXT},
    "asserted": object_schema(
        {"value": {"type": "number"}, "qualifier": {"enum": [str(q) for q in Qualifier]}}
    ),
    "log": {**_MAYBE_NUMBER, "description": "under map=recorded, at the same position"},
    "result": {"enum": [str(result) for result in Result]},
    "difference": {**_MAYBE_NUMBER, "description": "`log` less the asserted value"},
    "reason": {"enum": [*(str(reason) for reason in Reason), None]},
}
_RESPONSES = {
    **list_responses(row_schema(RECONCILIATION_COLUMNS, **_SHAPES), 404, 422, 503),
    304: UNCHANGED,
}


def add_reconciliation(router: APIRouter, pin: Pin) -> None:
    """Add the route to a router."""

    @router.get(
        "/reconciliation",
        **summary(
            en="Asserted figures, each beside what the log says of it",
            vi="Đối chiếu từng con số đã công bố với sổ cái",
        ),
        responses=_RESPONSES,
    )
    def reconciliation(
        request: Request,
        *,
        page: PageParams,
        unit_id: p.UnitId = None,
        year: p.TouchedYear = None,
        known_at: p.KnownAt = None,
    ) -> Response:
        reads, as_of = pin(p.pinned_moment(page, known_at))
        filters = Filters(unit_id, None, None, RECORDED_MAP)

        def rows(items: Sequence[Row], style: Style) -> Iterable[Row]:
            return reads.labelled(reads.dated(items, as_of), as_of, style)

        answering = Answering(
            lambda part: reads.reconciliation(filters, year, as_of, part),
            RECONCILED,
            named(
                reads,
                ("đối chiếu", "reconciliation"),
                as_of,
                known_at=known_at,
                unit_id=unit_id,
                year=year,
                map_=RECORDED_MAP,
            ),
            rows,
            origin(
                reads,
                ("Đối chiếu số liệu đã công bố với sổ cái", "Asserted figures beside the log"),
                as_of,
                known_at=known_at,
                unit_id=unit_id,
                years=() if year is None else (year,),
                map_=RECORDED_MAP,
            ),
        )
        return unless_known(
            request, as_of, None, lambda headers: list_response(request, page, answering, headers)
        )
