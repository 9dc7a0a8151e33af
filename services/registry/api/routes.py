"""The registry's own routes: the feed of the log, models, and its lists."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from services.registry.api.lists import add_organizations, add_taxonomies, add_units
from services.registry.decider import RegistryDecider
from services.registry.queries.registered_models import model_view
from shared.errors import NotFound, Problem, declare
from shared.eventlog.protocol import Reader
from shared.events.payloads.payload import EXACT_INTEGER, ID_PATTERN
from shared.events.recorded import feed_item
from shared.web.answers.json_response import as_json
from shared.web.answers.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from shared.web.openapi.responses import problem_responses, response, row_schema, summary, words
from shared.web.publishing.cloudevents import BATCH_TYPE
from shared.web.publishing.writing_service import WritingService
from shared.web.server.declared_parameters import strict_router

UNKNOWN_MODEL = declare(
    "unknown_model",
    404,
    vi="Chưa có mô hình {model_id} trong sổ cái.",
    en="There is no model {model_id} in the ledger.",
)


def registry_routers(parts: WritingService, decider: RegistryDecider) -> Sequence[APIRouter]:
    """Return the routes of the registry; the decider is the one that the appender uses."""
    router = strict_router()
    _add_feed(router, parts.log)
    add_units(router, parts.appender, decider, parts.clock)
    _add_models(router, parts.log)
    add_organizations(router, parts.appender, decider)
    add_taxonomies(router, parts.appender, decider)
    return (*parts.routers(), router)


def _add_feed(router: APIRouter, log: Reader) -> None:
    @router.get(
        "/events",
        tags=["log"],
        **summary(
            en="The log, in order: the feed for catching up and for audit",
            vi="Sổ cái theo thứ tự: để đọc bù và kiểm toán",
        ),
        responses={
            200: response(
                {"type": "array", "items": {"type": "object"}},
                en="a CloudEvents batch: the records with the log's three attributes",
                vi="một lô CloudEvents: các bản ghi kèm ba thuộc tính của sổ cái",
                media_type=BATCH_TYPE,
            ),
            **problem_responses(422, 503),
        },
        response_class=Response,
    )
    def feed(
        after: Annotated[
            int,
            Query(
                ge=0,
                le=EXACT_INTEGER,
                **words(en="The position before the first.", vi="Vị trí ngay trước sự kiện đầu."),
            ),
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    ) -> Response:
        # The records are joined as they are stored in the log, without encoding them again.
        records = b",".join(feed_item(event) for event in log.read(after, limit))
        return Response(b"[" + records + b"]", media_type=BATCH_TYPE)


def _add_models(router: APIRouter, log: Reader) -> None:
    @router.get(
        "/models/{model_id}",
        tags=["models"],
        **summary(
            en="A model: its registrations as amended, its end, its replications",
            vi="Một mô hình: các lần đăng ký (đã sửa), việc dừng, việc nhân rộng",
        ),
        responses={
            200: response(
                row_schema(("model_id", "registrations", "discontinued", "replications")),
                en="the model as the registry holds it",
                vi="mô hình theo sổ đăng ký",
            ),
            **problem_responses(404, 422, 503),
        },
    )
    def model(model_id: Annotated[str, Path(pattern=ID_PATTERN)]) -> Response:
        found = model_view(log, model_id)
        if found is None:
            raise NotFound(Problem(UNKNOWN_MODEL, {"model_id": model_id}))
        return Response(as_json(found), media_type="application/json")
