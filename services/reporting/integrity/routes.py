"""The public addresses of the evidence: checkpoint, tiles, proofs, and cosignatures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation
from starlette.responses import Response

from services.reporting.integrity.evidence import CheckpointChoice, LogEvidence
from shared.errors import FieldError, LedgerError, NotFound, Problem
from shared.events.acceptance.cloudevent_attributes import ID_PATTERN, SOURCE_PATTERN
from shared.events.bilingual import said
from shared.events.envelope import EventKey
from shared.trust.notes import MOST_BYTES
from shared.web.answers.json_response import as_json
from shared.web.answers.problems import INVALID_PARAMETER, problem_answer
from shared.web.openapi.responses import (
    TEXT,
    array_schema,
    json_response,
    problem_responses,
    summary,
    words,
)
from shared.web.server.declared_parameters import strict_router

_TEXT = "text/plain; charset=utf-8"
_OCTETS = "application/octet-stream"
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}
_MOST_POSITION = 2**53
WitnessedOnly = Annotated[
    bool,
    Query(
        **words(
            en="the last checkpoint with a quorum of witnesses, instead of the last",
            vi="điểm kiểm gần nhất có đủ bên chứng kiến, thay cho điểm kiểm mới nhất",
        )
    ),
]
Which = Annotated[
    CheckpointChoice,
    Query(
        **words(
            en="the last one, the last with a quorum of witnesses, or the one to be cosigned now",
            vi="mới nhất, gần nhất có đủ bên chứng kiến, hoặc cái cần ký chứng kiến lúc này",
        )
    ),
]
Position = Annotated[
    int | None,
    Query(ge=1, le=_MOST_POSITION, **words(en="position in the log", vi="vị trí trong sổ cái")),
]
Source = Annotated[
    str | None,
    Query(pattern=SOURCE_PATTERN, **words(en="source of the event", vi="nơi gửi sự kiện")),
]
EventId = Annotated[
    str | None,
    Query(alias="id", pattern=ID_PATTERN, **words(en="id of the event", vi="mã sự kiện")),
]
Extra = Annotated[bool, Query(**words(en="with the event in it", vi="kèm cả nội dung sự kiện"))]
TilePath = Annotated[
    str,
    Path(
        **words(
            en="level or `entries`, number in groups of three digits, width of a partial tile",
            vi="tầng hoặc `entries`, số thứ tự theo nhóm ba chữ số, bề rộng nếu chưa đầy",
        )
    ),
]


def integrity_router(evidence: LogEvidence) -> APIRouter:
    """Return the routes; they follow c2sp.org/tlog-tiles and tlog-proof."""
    router = strict_router(tags=["integrity"])
    text = {"schema": TEXT}

    @router.get(
        "/checkpoint",
        **summary(en="The last signed checkpoint of the log", vi="Điểm kiểm đã ký gần nhất của sổ"),
        response_class=Response,
        responses={
            200: {"description": "a signed note", "content": {_TEXT: text}},
            **problem_responses(404, 422, 503),
        },
    )
    def checkpoint(request: Request, *, which: Which = CheckpointChoice.LAST) -> Response:
        try:
            note = evidence.checkpoint(which)
        except NotFound as error:
            return _not_found(request, error)
        return Response(str(note), media_type=_TEXT, headers=_ASK_AGAIN)

    @router.get(
        "/tile/{path:path}",
        **summary(
            en="A tile of the Merkle tree, or a bundle of its entries",
            vi="Một mảnh của cây băm, hoặc một bó các lá của nó",
        ),
        response_class=Response,
        responses={
            200: {
                "description": "hashes of 32 bytes, or entries of 48 after their lengths",
                "content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}},
            },
            **problem_responses(404, 503),
        },
    )
    def tile(request: Request, path: TilePath) -> Response:
        del path
        try:
            # The router drops a newline at the end, and a tile has one address.
            found = evidence.tile(request.scope["path"].removeprefix("/tile/"))
        except NotFound as error:
            return _not_found(request, error)
        return Response(found, media_type=_OCTETS, headers=_FOR_EVER)

    _add_proofs(router, evidence)
    _add_cosignatures(router, evidence)
    return router


def _add_proofs(router: APIRouter, evidence: LogEvidence) -> None:
    @router.get(
        "/proof",
        **summary(
            en="The proof that an event is in the log, to be verified offline",
            vi="Bằng chứng một sự kiện có trong sổ, kiểm được không cần máy chủ",
        ),
        response_class=Response,
        responses={
            200: {"description": "c2sp.org/tlog-proof@v1", "content": {_TEXT: {"schema": TEXT}}},
            **problem_responses(404, 422, 503),
        },
    )
    def proof(
        request: Request,
        *,
        position: Position = None,
        source: Source = None,
        event_id: EventId = None,
        extra: Extra = False,
        witnessed: WitnessedOnly = False,
    ) -> Response:
        try:
            wanted = _one_event(evidence, position, source, event_id)
            found = evidence.proof(wanted, extra=extra, witnessed=witnessed)
        except NotFound as error:
            return _not_found(request, error)
        return Response(str(found), media_type=_TEXT, headers=_ASK_AGAIN)


def _add_cosignatures(router: APIRouter, evidence: LogEvidence) -> None:
    @router.post(
        "/witness/cosignatures",
        **{
            **summary(
                en="Send cosignatures of a checkpoint: the note with the witness's lines",
                vi="Gửi chữ ký chứng kiến một điểm kiểm: bản ghi kèm dòng ký của bên chứng kiến",
            ),
            "openapi_extra": {
                "x-summary-vi": "Gửi chữ ký chứng kiến một điểm kiểm",
                "requestBody": {"required": True, "content": {_TEXT: {"schema": TEXT}}},
            },
        },
        response_class=Response,
        responses={
            200: json_response(
                "the witnesses whose lines were kept",
                {"cosigned": array_schema(TEXT)},
                vi="các bên chứng kiến đã được ghi nhận",
            ),
            **problem_responses(404, 409, 422, 503),
        },
    )
    async def cosign(request: Request) -> Response:
        written = b""
        async for part in request.stream():
            written += part
            if len(written) > MOST_BYTES:
                break
        kept = await run_in_threadpool(evidence.cosign, written)
        return Response(as_json({"cosigned": kept}), media_type="application/json")


def _one_event(
    evidence: LogEvidence, position: int | None, source: str | None, event_id: str | None
) -> int:
    """Return the position of the one event that the parameters state."""
    if position is not None and source is None and event_id is None:
        return position
    if position is None and source is not None and event_id is not None:
        return evidence.position_of(EventKey(source, event_id))
    detail = said("nêu position, hoặc source và id", "state position, or source and id")
    raise LedgerError(Problem(INVALID_PARAMETER, {}, (FieldError("/position", detail),)))


def _not_found(request: Request, error: NotFound) -> Response:
    """Return the problem; it may exist later, so nothing on the way keeps it."""
    return problem_answer(request, error.problem, {"Cache-Control": "no-store"})
