"""`GET /origins`: the ledgers that forward to this one, how far, and what stops them.

`GET /origins/shared`: how far a ledger that has not forwarded anything yet is a copy of this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation
from starlette.responses import Response

from shared.clock import MICROSECONDS, day_in_vietnam, rfc3339
from shared.errors import Language  # noqa: TC001  as above
from shared.events.origin import CHAIN_PATTERN, LAST_POSITION, LEDGER_PATTERN
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.answers.representations import reader_of
from shared.web.openapi.responses import (
    COUNT,
    MAYBE_TEXT,
    TEXT,
    list_responses,
    object_schema,
    problem_responses,
    reference,
    response,
    row_schema,
    summary,
    words,
)
from shared.web.publishing.parked_api import SourceFilter  # noqa: TC001  as above
from shared.web.server.declared_parameters import strict_router

if TYPE_CHECKING:
    from fastapi import APIRouter

    from shared.clock import Clock
    from shared.eventlog.protocol import EventLog, OriginHead

_COLUMNS = (
    "originledger",
    "originposition",
    "originchain",
    "origintime",
    "originhead",
    "shared",
    "behind",
    "lag_seconds",
    "received_at",
    "recorded",
    "duplicates",
    "parked",
    "refused",
    "problem",
    "problem_since",
)
TABLE = ListTable(_COLUMNS, members={"problem": ("code", "detail")})
_SHAPES = {
    "originledger": TEXT,
    "originposition": {**COUNT, "description": "received up to here, in that ledger"},
    "originchain": TEXT,
    "origintime": {**TEXT, "description": "when that position was recorded there"},
    "originhead": {**COUNT, "description": "the last position there, as last stated by the sender"},
    "shared": {
        **COUNT,
        "description": "up to here it is a copy of this ledger: only what follows came from it",
    },
    "behind": {**COUNT, "description": "positions that are still to come"},
    "lag_seconds": {
        "type": "number",
        "description": "0 if nothing is to come, else the time since `origintime`",
    },
    "received_at": TEXT,
    **dict.fromkeys(("recorded", "duplicates", "parked", "refused"), COUNT),
    "problem": {"oneOf": [reference("Problem"), {"type": "null"}]},
    "problem_since": MAYBE_TEXT,
}


CopyPosition = Annotated[
    int,
    Query(
        ge=1,
        le=LAST_POSITION,
        **words(en="A position of both ledgers.", vi="Một vị trí của cả hai sổ."),
    ),
]
CopyChain = Annotated[
    str,
    Query(
        pattern=CHAIN_PATTERN,
        **words(
            en="The chain at that position in the other ledger.",
            vi="Mã chuỗi ở vị trí đó của sổ kia.",
        ),
    ),
]
AskingLedger = Annotated[
    str | None,
    Query(
        alias="source",
        pattern=LEDGER_PATTERN,
        **words(en="The ledger that asks, once trust began.", vi="Sổ hỏi, khi đã có chế độ ký."),
    ),
]
_IS_SHARED = response(
    object_schema(shared={"type": "boolean"}),
    en="whether this ledger has that chain there, and so the same events up to it",
    vi="sổ này có đúng mã chuỗi ấy ở vị trí ấy hay không, tức là có cùng mọi sự kiện đến đó",
)


def origins_router(log: EventLog, clock: Clock) -> APIRouter:
    """Return the route."""
    router = strict_router(tags=["origins"])

    @router.get(
        "/origins",
        **summary(
            en="The ledgers that forward to this one: how far each was received, and what stops it",
            vi="Các sổ cái chuyển sự kiện về đây: đã đến đâu, chậm bao lâu, vướng gì",
        ),
        responses=list_responses(row_schema(_COLUMNS, **_SHAPES), 401, 403, 422, 503),
    )
    def origins(request: Request, page: PageParams, source: SourceFilter = None) -> Response:
        language = reader_of(request)

        def read(part: Page) -> Listed:
            after = part.after("after", "")
            now = clock()
            rows = [
                row_of(head, now, language)
                for head in log.list_origins()
                if head.ledger > after and source in {None, head.ledger}
            ]
            found, last = cut(rows[: part.limit + 1], part.limit)
            return Listed(found, {"after": last["originledger"]} if last else None)

        def name(reader: Language) -> tuple[str, str]:
            day = day_in_vietnam(clock()).isoformat()
            return "sổ cái chuyển về" if reader == "vi" else "origins", day

        headers = {"Content-Language": language}
        return list_response(request, page, Answering(read, TABLE, name), headers)

    @router.get(
        "/origins/shared",
        **summary(
            en="Whether a ledger is a copy of this one up to a position",
            vi="Một sổ có phải là bản sao của sổ này cho đến một vị trí hay không",
        ),
        responses={200: _IS_SHARED, **problem_responses(401, 403, 422, 503)},
    )
    def shared(position: CopyPosition, chain: CopyChain, _source: AskingLedger = None) -> Response:
        own = log.at(position)
        is_shared = own is not None and own.chain.hex() == chain
        return Response(as_json({"shared": is_shared}), media_type="application/json")

    return router


def row_of(head: OriginHead, now_us: int, language: Language) -> dict[str, object]:
    """Return a ledger as the list has it, at a time in microseconds."""
    behind = head.head - head.position
    since = head.problem_us
    return {
        "originledger": head.ledger,
        "originposition": head.position,
        "originchain": head.chain.hex(),
        "origintime": rfc3339(head.recorded_us),
        "originhead": head.head,
        "shared": head.shared,
        "behind": behind,
        "lag_seconds": (now_us - head.recorded_us) / MICROSECONDS if behind else 0,
        "received_at": rfc3339(head.received_us),
        "recorded": head.recorded,
        "duplicates": head.duplicates,
        "parked": head.parked,
        "refused": head.refused,
        "problem": head.problem and head.problem.as_json(language),
        "problem_since": None if since is None else rfc3339(since),
    }
