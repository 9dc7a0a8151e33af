"""GET /quarantine: the quarantined streams of a service, with reasons, times and held events.

In all three services they are the streams that the rules could not read, in reporting also the
subjects that a read model could not fold. POST /quarantine/requeue makes the rules try again.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from shared.appending.appender import Appender
from shared.clock import MICROSECONDS, Clock, day_in_vietnam, rfc3339
from shared.errors import Language, Problem, Unavailable, declare
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.openapi.responses import (
    COUNT,
    MAYBE_TEXT,
    TEXT,
    json_response,
    list_responses,
    object_schema,
    problem_responses,
    row_schema,
    summary,
)
from shared.web.server.declared_parameters import strict_router

TRIED_ALREADY = declare(
    "requeued_already",
    429,
    vi="Vừa thử lại cách đây chưa đầy {seconds} giây. Hãy đợi rồi gửi lại.",
    en="This was tried less than {seconds} seconds ago. Wait, and send again.",
)
REQUEUE_SECONDS = 5
"""Minimum interval of retries, since each folds the map under the append lock."""

COLUMNS = (
    "read_model",
    "subject",
    "position",
    "type",
    "reason",
    "since",
    "events_held",
    "state",
    "decision",
)
_TABLE = ListTable(COLUMNS, frozenset({"type", "state"}), {"decision": ("reason", "at")})
_TIME: Mapping[str, object] = {**TEXT, "format": "date-time"}
_SHAPES: Mapping[str, Mapping[str, object]] = {
    "read_model": {**MAYBE_TEXT, "description": "null: the rules of this service"},
    "subject": TEXT,
    "position": {
        "type": ["integer", "null"],
        "description": "of the first held event; null: it is parked, not in the log",
    },
    "type": TEXT,
    "reason": {"type": "string", "description": "the error message"},
    "since": _TIME,
    "events_held": {**COUNT, "description": "held events of the subject"},
    "state": {"enum": ["held", "discarded"]},
    "decision": {
        "oneOf": [object_schema(reason=TEXT, at=_TIME), {"type": "null"}],
        "description": "the operator's decision, for discarded subjects",
    },
}


class QuarantinePlace(NamedTuple):
    """The sort key of an item in the list: oldest first, rules before read models."""

    position: int
    read_model: str
    subject: str


class QuarantineItem(NamedTuple):
    """One quarantined subject; `place.read_model` is "" for the rules of the service.

    Position 0 means a parked event, which is not in the log yet. `discarded` is the operator's
    reason and its time (microseconds).
    """

    place: QuarantinePlace
    type: str
    reason: str
    since_us: int
    events_held: int
    discarded: tuple[str, int] | None = None


Listing = Callable[[QuarantinePlace, int], Sequence[QuarantineItem]]
"""Returns up to a number of items after a place, in order."""


def quarantine_router(appender: Appender, listings: Sequence[Listing], clock: Clock) -> APIRouter:
    """Return the routes of the quarantine: of the rules, and of the given listings."""
    router = strict_router(tags=["quarantine"])
    _add_list(router, (_of_rules(appender), *listings), clock)
    _add_requeue(router, appender, clock)
    return router


def _of_rules(appender: Appender) -> Listing:
    """Return the list of the streams that the rules cannot read."""

    def listed(after: QuarantinePlace, limit: int) -> Sequence[QuarantineItem]:
        found = (
            QuarantineItem(
                QuarantinePlace(held.position, "", held.subject),
                held.event_type,
                held.reason,
                since_us,
                held.events_held,
            )
            for held, since_us in appender.quarantine.listed()
        )
        return [each for each in found if each.place > after][:limit]

    return listed


def _add_list(router: APIRouter, listings: Sequence[Listing], clock: Clock) -> None:
    @router.get(
        "/quarantine",
        **summary(
            en="Streams in quarantine, which could not be read or folded, oldest first",
            vi="Những chuỗi sự kiện bị cách ly vì chương trình không xử lý được",
        ),
        responses=list_responses(row_schema(COLUMNS, **_SHAPES), 422, 503),
    )
    def quarantine(request: Request, page: PageParams) -> Response:
        def read(part: Page) -> Listed:
            after = QuarantinePlace(
                part.after("position", -1), part.after("read_model", ""), part.after("subject", "")
            )
            everything = sorted(
                each for listed in listings for each in listed(after, part.limit + 1)
            )
            found, last = cut(everything, part.limit)
            return Listed([_item(each) for each in found], last.place._asdict() if last else None)

        def name(language: Language) -> tuple[str, str]:
            day = day_in_vietnam(clock()).isoformat()
            return "đang cách ly" if language == "vi" else "quarantine", day

        return list_response(request, page, Answering(read, _TABLE, name))


def _add_requeue(router: APIRouter, appender: Appender, clock: Clock) -> None:
    lock = threading.Lock()
    last_us = 0

    @router.post(
        "/quarantine/requeue",
        **summary(
            en="Retry streams that the rules could not read; read models: dvk quarantine requeue",
            vi="Yêu cầu đọc lại những chuỗi mà phần xét duyệt không đọc được",
        ),
        responses={
            200: json_response(
                "the number of streams still in quarantine",
                {"held": {"type": "integer"}},
                vi="số chuỗi vẫn bị cách ly",
            ),
            **problem_responses(422, 429, 503),
        },
    )
    def requeue() -> Response:
        nonlocal last_us
        with lock:
            now = clock()
            if now - last_us < REQUEUE_SECONDS * MICROSECONDS:
                params = {"seconds": REQUEUE_SECONDS}
                raise Unavailable(Problem(TRIED_ALREADY, params), REQUEUE_SECONDS)
            last_us = now
        appender.retry_quarantined()
        return Response(as_json({"held": len(appender.quarantine)}), media_type="application/json")


def _item(quarantined: QuarantineItem) -> dict[str, object]:
    place = quarantined.place
    decision = None
    if quarantined.discarded is not None:
        reason, at_us = quarantined.discarded
        decision = {"reason": reason, "at": rfc3339(at_us)}
    return {
        "read_model": place.read_model or None,
        "subject": place.subject,
        "position": place.position or None,
        "type": quarantined.type,
        "reason": quarantined.reason,
        "since": rfc3339(quarantined.since_us),
        "events_held": quarantined.events_held,
        "state": "held" if decision is None else "discarded",
        "decision": decision,
    }
