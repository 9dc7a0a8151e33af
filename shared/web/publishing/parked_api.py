"""Outcomes of events: the lists of parked and refused events, and the receipt of one event."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from shared.appending.outcome_json import item
from shared.appending.outcomes import Accepted, Parked, Refused
from shared.clock import Clock, day_in_vietnam, rfc3339
from shared.errors import Language, NotFound, Problem, declare
from shared.eventlog.protocol import EventLog, ParkedEvent, RefusedEvent
from shared.events.acceptance.cloudevent_attributes import ID_PATTERN, SOURCE_PATTERN
from shared.events.envelope import EventKey
from shared.events.origin import LEDGER_PATTERN
from shared.web.answers.accept import language_of
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.answers.representations import reader_of
from shared.web.openapi.responses import (
    MAYBE_TEXT,
    list_responses,
    problem_responses,
    reference,
    response,
    row_schema,
    summary,
    words,
)

UNKNOWN_EVENT = declare(
    "unknown_event",
    404,
    vi="Sổ cái không biết sự kiện {id} của {source}: chưa nhận, không đúng mẫu, hoặc gửi nhầm chỗ.",
    en="The ledger does not know event {id} of {source}: not received, or not valid.",
)
_ORIGIN = ("originledger", "originposition")
_PARKED = ListTable(
    ("id", "source", "type", "subject", "waiting_for", "since", "until", *_ORIGIN),
    frozenset({"type"}),
)
_REFUSED = ListTable(
    ("id", "source", "type", "subject", "problem", "at", *_ORIGIN),
    frozenset({"type"}),
    {"problem": ("code", "detail")},
)

# The patterns of the envelope: other sources and ids were never received.
SourceFilter = Annotated[
    str | None,
    Query(
        pattern=SOURCE_PATTERN,
        **words(en="Only of this publisher.", vi="Chỉ của nơi gửi này."),
    ),
]

LedgerFilter = Annotated[
    str | None,
    Query(
        pattern=LEDGER_PATTERN,
        **words(en="Only what this ledger forwarded.", vi="Chỉ của sổ cái này chuyển về."),
    ),
]


def add_desk_routes(router: APIRouter, log: EventLog, clock: Clock) -> None:
    """Add GET /parked, /refused and /receipts to a router."""

    @router.get(
        "/parked",
        **summary(
            en="Events waiting for their references, in order of arrival",
            vi="Các sự kiện đang chờ, theo thứ tự đến",
        ),
        responses=list_responses(_row_schema(_PARKED.columns), 401, 403, 422, 503),
    )
    def parked(
        request: Request,
        page: PageParams,
        source: SourceFilter = None,
    ) -> Response:
        def read(part: Page) -> Listed:
            after = part.after("after", 0)
            found, last = cut(log.list_parked(after, part.limit + 1, source), part.limit)
            return Listed([_parked(e) for e in found], {"after": last.number} if last else None)

        name = _name("đang chờ", "parked", source, clock)
        return list_response(request, page, Answering(read, _PARKED, name))

    @router.get(
        "/refused",
        **summary(
            en="Events that a rule refused in the last 90 days, oldest first",
            vi="Các sự kiện bị quy tắc từ chối trong 90 ngày qua",
        ),
        responses=list_responses(_row_schema(_REFUSED.columns), 401, 403, 422, 503),
    )
    def refused(
        request: Request,
        page: PageParams,
        source: SourceFilter = None,
        origin: LedgerFilter = None,
    ) -> Response:
        language = reader_of(request)

        def read(part: Page) -> Listed:
            after = part.after("after", 0)
            found, last = cut(log.list_refused(after, part.limit + 1, source, origin), part.limit)
            items = [_refused(event, language) for event in found]
            return Listed(items, {"after": last.number} if last else None)

        name = _name("bị từ chối", "refused", source, clock)
        headers = {"Content-Language": language}
        return list_response(request, page, Answering(read, _REFUSED, name), headers)

    _add_receipts(router, log)


def _add_receipts(router: APIRouter, log: EventLog) -> None:
    @router.get(
        "/receipts",
        **summary(en="The outcome of one event", vi="Kết quả của một sự kiện đã gửi"),
        responses={
            200: response(reference("Item"), en="the item of the event", vi="kết quả của sự kiện"),
            **problem_responses(401, 403, 404, 422, 503),
        },
    )
    def receipts(
        request: Request,
        source: Annotated[str, Query(pattern=SOURCE_PATTERN)],
        id: Annotated[str, Query(pattern=ID_PATTERN)],  # noqa: A002  the contract's name
    ) -> Response:
        language = language_of(request)
        receipt = receipt_of(log, EventKey(source, id), language)
        return Response(
            as_json(receipt),
            headers={"Content-Language": language, "Vary": "Accept-Language"},
            media_type="application/json",
        )


def receipt_of(log: EventLog, key: EventKey, language: Language) -> dict[str, object]:
    """Return the item of an event, whether recorded, parked or refused; an unknown one is 404.

    The log is read first: a refused event may have been accepted since.
    """
    if (recorded := log.find(key)) is not None:
        return item(key.id, key.source, Accepted(recorded.position, recorded.chain), language)
    if (parked := log.find_parked(key)) is not None:
        return item(key.id, key.source, Parked(parked.waiting_for), language)
    # It may have been released between the two reads.
    if (recorded := log.find(key)) is not None:
        return item(key.id, key.source, Accepted(recorded.position, recorded.chain), language)
    if (refused := log.find_refused(key)) is not None:
        return item(key.id, key.source, Refused(refused.problem), language)
    raise NotFound(Problem(UNKNOWN_EVENT, {"source": key.source, "id": key.id}))


def _name(
    vi: str, en: str, source: str | None, clock: Clock
) -> Callable[[Language], Iterable[str | None]]:
    """Return the file name of a current list, which has a day instead of a position."""
    publisher = source and source.rpartition("/")[2]
    day = day_in_vietnam(clock()).isoformat()
    return lambda language: (vi if language == "vi" else en, publisher, day)


def _parked(parked: ParkedEvent) -> dict[str, object]:
    return {
        "id": parked.event.key.id,
        "source": parked.event.key.source,
        "type": parked.event.type,
        "subject": parked.event.subject,
        "waiting_for": [{"kind": kind, "id": name} for kind, name in parked.waiting_for],
        "since": rfc3339(parked.since_us),
        "until": rfc3339(parked.until_us),
        **_place(parked.event.origin and parked.event.origin[:2]),
    }


def _refused(refused: RefusedEvent, language: Language) -> dict[str, object]:
    return {
        "id": refused.key.id,
        "source": refused.key.source,
        "type": refused.type,
        "subject": refused.subject,
        "problem": refused.problem.as_json(language),
        "at": rfc3339(refused.at_us),
        **_place(refused.origin),
    }


def _place(origin: tuple[str, int] | None) -> dict[str, object]:
    """Return the members for the ledger that forwarded an event, and its position there."""
    return dict(zip(_ORIGIN, origin or (None, None), strict=True))


def _row_schema(columns: Sequence[str]) -> dict[str, object]:
    shapes: dict[str, dict[str, object]] = {column: {"type": "string"} for column in columns}
    shapes["originledger"] = dict(MAYBE_TEXT)
    shapes["originposition"] = {"type": ["integer", "null"]}
    shapes["problem"] = dict(reference("Problem"))
    shapes["waiting_for"] = {"type": "array", "items": reference("Reference")}
    return row_schema(columns, **shapes)
