"""The door for events that another ledger forwards: who sends them, and how far that ledger is.

Once trust began, an origin is believed only from a request that is signed by the publisher which is
that ledger: otherwise a signed event that was copied could be sent again with a false origin.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool

from shared.events.envelope import ReceivedEvent
from shared.events.origin import LAST_POSITION
from shared.trust.authority import SOURCE_PREFIX
from shared.web.openapi.responses import words
from shared.web.signin.publisher_reads import SignedRequests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from shared.clock import Clock
    from shared.events.acceptance.receive import Invalid
    from shared.trust.authority import PublisherKey
    from shared.trust.signature_check import SignatureCheck
    from shared.vocabulary import Family

ORIGIN_HEAD = "origin_head"
OriginLast = Annotated[
    int | None,
    Query(
        alias=ORIGIN_HEAD,
        ge=1,
        le=LAST_POSITION,
        **words(
            en="the last position of the ledger that forwards these events",
            vi="vị trí cuối của sổ cái đang chuyển các sự kiện này",
        ),
    ),
]


class ForwardedRequests:
    """Finds who forwards the events of a request."""

    def __init__(self, signatures: SignatureCheck, clock: Clock, family: Family) -> None:
        self._signatures = signatures
        self._signed = SignedRequests(self._key, clock, family)

    async def sender(
        self, sent: Sequence[ReceivedEvent | Invalid], request: Request, body: bytes
    ) -> tuple[str | None, Sequence[ReceivedEvent | Invalid]]:
        """Return the ledger whose key signed a request that forwards events, None for others.

        With it the events, which know the last position there if the request states it. Raises
        `LedgerError` for a signature of the request that is not right.
        """
        if not any(isinstance(each, ReceivedEvent) and each.origin for each in sent):
            return None, sent
        publisher = None
        if self._signatures.authority().began:
            publisher = await run_in_threadpool(self._signed.publisher_of, request, body)
        head = request.query_params.get(ORIGIN_HEAD)
        found = sent if head is None else [_with_head(each, int(head)) for each in sent]
        return publisher and f"{SOURCE_PREFIX}{publisher}", found

    def _key(self, key_id: str) -> PublisherKey | None:
        """Return a key by its id; one that is not known here may have been added since."""
        if key_id not in self._signatures.authority().keys:
            self._signatures.catch_up()
        return self._signatures.authority().keys.get(key_id)


def _with_head(event: ReceivedEvent | Invalid, head: int) -> ReceivedEvent | Invalid:
    if not isinstance(event, ReceivedEvent) or event.origin is None:
        return event
    return replace(event, origin=event.origin._replace(head=head))
