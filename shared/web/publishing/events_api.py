"""POST /events: one event or a batch, with one item as the outcome of each event.

The three services share it with different families of events and appenders.
"""

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from shared.appending.decider import STREAM_SET_ASIDE
from shared.appending.outcome_json import item
from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused, Unfit
from shared.appending.problems import PARKED_QUOTA, TOO_MANY_PARKED
from shared.appending.shares import PublisherShares
from shared.clock import Clock
from shared.errors import BrokenContract, Language, Problem, Unavailable, declare
from shared.eventlog.protocol import EventLog
from shared.events.acceptance.receive import (
    MAX_BATCH_BYTES,
    MAX_SENT_BYTES,
    Invalid,
    receive,
    receive_batch,
    receive_binary,
)
from shared.events.envelope import ReceivedEvent
from shared.trust.signature_check import SignatureCheck, unchecked
from shared.vocabulary import Family
from shared.web.answers.accept import language_of
from shared.web.answers.json_response import as_json
from shared.web.answers.problems import problem_response
from shared.web.openapi.event_components import events_request_body
from shared.web.openapi.responses import (
    object_schema,
    problem_responses,
    reference,
    response,
    words,
)
from shared.web.publishing.cloudevents import (
    Mode,
    attributes_of,
    batch_body,
    event_body,
    mode_of,
    stated_length,
)
from shared.web.publishing.forwarding import ForwardedRequests, OriginLast
from shared.web.publishing.parked_api import add_desk_routes
from shared.web.server.declared_parameters import strict_router

_Found = TypeVar("_Found")
PARSED_ON_THE_LOOP_BYTES = 32 * 1024
"""Larger bodies are parsed in a thread, so that they do not block other requests."""


CHECKED_ON_THE_LOOP = 4
"""Signatures; a single one takes some 70 µs."""
BODIES_BYTES = 64 * 1024 * 1024
"""Limit of all bodies being read, decoded or decided in one process."""
TOO_MUCH_AT_ONCE = declare(
    "too_much_at_once",
    429,
    vi="Dịch vụ đang nhận {megabytes} MiB yêu cầu cùng lúc. Hãy gửi lại sau.",
    en="The service is processing {megabytes} MiB of requests at once. Send again later.",
)
DryRun = Annotated[
    bool,
    Query(
        **words(
            en="decide at the head of the log and answer, but store and park nothing; an event "
            "that would be accepted has no position",
            vi="chỉ xét thử ở cuối sổ cái rồi trả lời, không ghi và không giữ chờ gì; sự kiện sẽ "
            "được nhận thì không có vị trí",
        )
    ),
]
_LATER = (STREAM_SET_ASIDE, TOO_MANY_PARKED, PARKED_QUOTA)
_LATER_SECONDS = 60
"""Retry-After of problems that an operator must repair first."""


def _ignore(_events: int) -> None:
    """Ignore the count."""


class Appends(Protocol):
    """The appender as the routes use it."""

    def dry_run(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Return the outcomes that appending events would have now; keep nothing of it."""
        ...

    async def append(self, events: Sequence[ReceivedEvent]) -> list[Outcome]:
        """Append events together; one outcome for each, in order."""
        ...


def events_router(
    *,
    family: Family,
    appender: Appends,
    log: EventLog,
    clock: Clock,
    signatures: SignatureCheck | None = None,
    on_invalid: Callable[[int], None] = _ignore,
) -> APIRouter:
    """Return the routes by which publishers send events and query their outcomes.

    `on_invalid` is called with the number of events that failed validation.
    """
    router = strict_router(tags=["events"])
    handler = _PublishHandler(family, appender, clock, signatures or unchecked(), on_invalid)

    @router.post(
        "/events",
        summary="Publish an event, or a batch of events (CloudEvents 1.0)",
        openapi_extra={
            "x-summary-vi": "Gửi một sự kiện hoặc một lô sự kiện (CloudEvents 1.0)",
            "requestBody": events_request_body(family),
        },
        responses=_responses(),
        status_code=HTTPStatus.CREATED,
    )
    async def publish(
        request: Request,
        dry_run: DryRun = False,  # noqa: FBT002
        _origin_head: OriginLast = None,
    ) -> Response:
        return await handler.take(request, mode_of(request), dry_run=dry_run)

    add_desk_routes(router, log, clock)
    return router


class _PublishHandler:
    """Handles requests: validates their events, appends them and answers."""

    def __init__(
        self,
        family: Family,
        appender: Appends,
        clock: Clock,
        signatures: SignatureCheck,
        on_invalid: Callable[[int], None],
    ) -> None:
        self._family = family
        self._appender = appender
        self._clock = clock
        self._signatures = signatures
        self._forwarded = ForwardedRequests(signatures, clock, family)
        self._on_invalid = on_invalid
        self._in_hand = 0
        self._shares = PublisherShares(BODIES_BYTES)

    async def take(self, request: Request, mode: Mode, *, dry_run: bool) -> Response:
        """Append the events of a request; raises Unavailable (429) on too many at once."""
        most = MAX_BATCH_BYTES if mode is Mode.BATCHED else MAX_SENT_BYTES
        length = stated_length(request)
        # A body of unknown size counts as the largest one allowed.
        size = most if length is None else min(length, most)
        if self._in_hand + size > BODIES_BYTES:
            raise Unavailable(Problem(TOO_MUCH_AT_ONCE, {"megabytes": self._in_hand >> 20}), 1)
        self._in_hand += size
        try:
            if mode is Mode.BATCHED:
                return await self.batch(request, dry_run=dry_run)
            return await self.single(request, mode, dry_run=dry_run)
        finally:
            self._in_hand -= size

    async def single(self, request: Request, mode: Mode, *, dry_run: bool) -> Response:
        """Append one event and answer with its item, or with the problem."""
        raw = await event_body(request)
        parse = partial(self._received, request, mode, raw)
        try:
            received = await _parsed(parse, raw)
        except BrokenContract:
            if not dry_run:
                self._on_invalid(1)
            raise
        (event,) = await self._signed([received], request, raw)
        if isinstance(event, Invalid):
            if not dry_run:
                self._on_invalid(1)
            return problem_response(event.problem, language_of(request))
        (outcome,) = await self._decided([event], len(raw), dry_run=dry_run)
        language = language_of(request)
        if isinstance(outcome, Refused | Unfit):
            rule = outcome.problem.rule
            headers = {"Retry-After": str(_LATER_SECONDS)} if rule in _LATER else {}
            return problem_response(outcome.problem, language, headers)
        answer = item(event.key.id, event.key.source, outcome, language)
        if dry_run:
            return Response(as_json(_in_vain(answer)), media_type="application/json")
        receipt = urlencode({"source": event.key.source, "id": event.key.id})
        return Response(
            as_json(answer),
            status_code=_status(outcome),
            # Relative to /events, so that it also works behind a proxy's prefix.
            headers={"Location": f"receipts?{receipt}"},
            media_type="application/json",
        )

    def _received(self, request: Request, mode: Mode, raw: bytes) -> ReceivedEvent:
        now, family = self._clock(), self._family
        if mode is Mode.BINARY:
            return receive_binary(attributes_of(request), raw, now_us=now, family=family)
        return receive(raw, now_us=now, family=family)

    async def batch(self, request: Request, *, dry_run: bool) -> Response:
        """Append the valid events of a batch; an invalid one never fails the others."""
        raw = await batch_body(request)
        parse = partial(receive_batch, raw, now_us=self._clock(), family=self._family)
        found = await self._signed(await _parsed(parse, raw), request, raw)
        events = [event for event in found if isinstance(event, ReceivedEvent)]
        if len(events) < len(found) and not dry_run:
            self._on_invalid(len(found) - len(events))
        outcomes = await self._decided(events, len(raw), dry_run=dry_run)
        language = language_of(request)
        items = _items(found, outcomes, language)
        return Response(
            as_json({"items": [_in_vain(each) for each in items] if dry_run else items}),
            headers={"Content-Language": language, "Vary": "Accept-Language"},
            media_type="application/json",
        )

    async def _signed(
        self, sent: Sequence[ReceivedEvent | Invalid], request: Request, raw: bytes
    ) -> list[ReceivedEvent | Invalid]:
        """Check the signatures, many of them in a thread."""
        if self._signatures.lacks(sent):
            await run_in_threadpool(self._signatures.catch_up)
        sender, found = await self._forwarded.sender(sent, request, raw)
        if len(found) > CHECKED_ON_THE_LOOP:
            return await run_in_threadpool(self._signatures.check, found, sender)
        return self._signatures.check(found, sender)

    async def _decided(
        self, events: Sequence[ReceivedEvent], size: int, *, dry_run: bool
    ) -> list[Outcome]:
        """Decide the events of a body of `size` bytes, which its publishers hold meanwhile."""
        sources = {event.key.source for event in events} if self._is_shared() else set()
        held = {source: [size // len(sources)] for source in sources}
        if (problem := self._shares.exceeded_by(held)) is not None:
            raise Unavailable(problem, 1)
        self._shares.take(held)
        try:
            return await self._outcomes(events, dry_run=dry_run)
        finally:
            self._shares.free(held)

    def _is_shared(self) -> bool:
        """Return whether sources are proved, so that each may have its share."""
        return self._signatures.authority().began

    async def _outcomes(self, events: Sequence[ReceivedEvent], *, dry_run: bool) -> list[Outcome]:
        if dry_run:
            return await run_in_threadpool(self._appender.dry_run, events) if events else []
        outcomes = await self._appender.append(events) if events else []
        unfit = sum(isinstance(outcome, Unfit) for outcome in outcomes)
        if unfit:
            self._on_invalid(unfit)
        return outcomes


async def _parsed(parse: Callable[[], _Found], raw: bytes) -> _Found:
    """Parse a body; a long one in a thread, so that it does not block other requests."""
    in_thread = len(raw) > PARSED_ON_THE_LOOP_BYTES
    return await run_in_threadpool(parse) if in_thread else parse()


def _status(outcome: Accepted | Duplicate | Parked) -> int:
    match outcome:
        case Accepted():
            return HTTPStatus.CREATED
        case Duplicate():
            return HTTPStatus.OK
        case Parked():
            return HTTPStatus.ACCEPTED


def _items(
    found: Sequence[ReceivedEvent | Invalid], outcomes: Sequence[Outcome], language: Language
) -> list[dict[str, object]]:
    """Merge the outcomes with the problems of invalid events, in order."""
    waiting = iter(outcomes)
    items = []
    for event in found:
        if isinstance(event, Invalid):
            problem: Problem = event.problem
            items.append(item(event.id, event.source, problem, language))
        else:
            items.append(item(event.key.id, event.key.source, next(waiting), language))
    return items


def _in_vain(answer: dict[str, object]) -> dict[str, object]:
    """Return the item of a dry run; an event that would be accepted has no position."""
    if answer["status"] == "accepted":
        return {**answer, "position": None, "chain": None, "dry_run": True}
    return {**answer, "dry_run": True}


def _responses() -> dict[int | str, dict[str, Any]]:
    one = reference("Item")
    batch = object_schema({"items": {"type": "array", "items": one}})
    return {
        200: response(
            {"oneOf": [one, batch]},
            en="one event: known already; a batch: one item for each event",
            vi="một sự kiện: đã có từ trước; một lô: mỗi sự kiện một kết quả",
        ),
        201: response(one, en="accepted: recorded in the log", vi="đã ghi vào sổ cái"),
        202: response(one, en="parked: waiting for its references", vi="đang chờ điều mà nó nêu"),
        **problem_responses(400, 401, 403, 409, 412, 413, 415, 422, 429, 503),
    }
