"""`GET /origins`: the ledgers that forward to this one, how far, and what stops them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation
from starlette.responses import Response  # noqa: TC002  as above

from shared.clock import MICROSECONDS, day_in_vietnam, rfc3339
from shared.errors import Language  # noqa: TC001  as above
from shared.web.answers.csv_tables import ListTable
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.answers.representations import reader_of
from shared.web.openapi.responses import (
    COUNT,
    MAYBE_TEXT,
    TEXT,
    list_responses,
    reference,
    row_schema,
    summary,
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
