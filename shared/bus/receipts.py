"""Receipts: the outcomes of events for their publishers; XADD alone acknowledges nothing."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from redis.exceptions import ResponseError

from shared.appending.outcome_json import item
from shared.bus.streams import FIELD_ITEM, receipts, receipts_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis
    from redis.client import Pipeline

    from shared.appending.outcomes import Outcome
    from shared.eventlog.protocol import ParkedEvent

CAP = 50_000
"""Approximate number of receipts kept for each publisher."""
AT_ONCE = 1_000
WAITING = 100_000

Item = dict[str, object]


class Receipt(NamedTuple):
    """An item for a stream of receipts."""

    stream: str
    item: Item


def receipt_of(answer: Item, publisher: str | None = None) -> Receipt:
    """Return an item for the publisher of the stream that it came by, else for its source."""
    source = answer["source"]
    named = receipts_for(source if isinstance(source, str) else None)
    return Receipt(named if publisher is None else receipts(publisher), answer)


class Receipts:
    """Writes receipts to the streams of their publishers."""

    def __init__(self, redis: Redis, *, cap: int = CAP) -> None:
        self._redis = redis
        self._cap = cap
        # While Redis is down the oldest are dropped first; GET /receipts still answers.
        self._waiting: deque[Receipt] = deque(maxlen=WAITING)

    def send(self, settled: Sequence[tuple[ParkedEvent, Outcome]]) -> None:
        """Queue second receipts, for parked events that were released or expired; never blocks.

        `AppendHooks.after_release` calls this, from the appending thread. `flush` writes them.
        """
        for parked, outcome in settled:
            key = parked.event.key
            self._waiting.append(receipt_of(item(key.id, key.source, outcome)))

    def hold(self, receipts: Sequence[Receipt]) -> None:
        """Queue receipts that Redis has no room for now; `flush` writes them."""
        self._waiting.extend(receipts)

    def flush(self) -> int:
        """Write the queued receipts and return how many; the others stay queued.

        A full Redis is no error here: the intake goes on deleting entries, which frees room.
        """
        try:
            return self._flushed()
        except ResponseError as error:
            if is_full(error):
                return 0
            raise

    def _flushed(self) -> int:
        written = 0
        for _ in range(0, len(self._waiting), AT_ONCE):
            batch = [self._waiting[i] for i in range(min(AT_ONCE, len(self._waiting)))]
            with self._redis.pipeline() as pipeline:
                self.add(pipeline, batch)
                answers = pipeline.execute(raise_on_error=False)
            for each in batch:
                # A full queue may have dropped it meanwhile.
                if self._waiting and self._waiting[0] is each:
                    self._waiting.popleft()
            written += len(batch) - self.renew(batch, answers)
        return written

    def add(self, pipeline: Pipeline, receipts: Sequence[Receipt]) -> None:
        """Add receipts to a transaction."""
        for each in receipts:
            receipt: Any = {FIELD_ITEM: _written(each.item)}
            pipeline.xadd(each.stream, receipt, maxlen=self._cap, approximate=True)

    def renew(self, receipts: Sequence[Receipt], answers: Sequence[object]) -> int:
        """Delete streams that take no entry any more and queue their receipts; return how many.

        Such a stream has the greatest id, with which its own publisher has ended it. Another
        refusal of Redis is raised.
        """
        refused = [
            (each, answer)
            for each, answer in zip(receipts, answers, strict=False)
            if isinstance(answer, ResponseError)
        ]
        for _, refusal in refused:
            if not is_ended(refusal):
                raise refusal
        if refused:
            self._redis.delete(*{each.stream for each, _ in refused})
            self.hold([each for each, _ in refused])
        return len(refused)


def is_full(error: ResponseError) -> bool:
    """Return whether Redis refused a write because its memory is full (`noeviction`)."""
    message = str(error)
    return message.startswith("OOM") or "used memory > 'maxmemory'" in message


def is_ended(error: ResponseError) -> bool:
    """Return whether a stream takes no entry any more: it has the greatest id."""
    message = str(error)
    return "has exhausted the last possible ID" in message or "equal or smaller than" in message


def _written(receipt: Item) -> bytes:
    try:
        return orjson.dumps(receipt)
    except TypeError:  # a lone surrogate, which a problem repeats: JSON can escape it
        return json.dumps(receipt, default=str).encode()
