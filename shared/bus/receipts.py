"""Receipts tell publishers what became of their events; XADD alone acknowledges nothing."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

import orjson
from redis.exceptions import ResponseError

from shared.appending.outcome_json import item
from shared.bus.streams import FIELD_ITEM, receipts_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis
    from redis.client import Pipeline

    from shared.appending.outcomes import Outcome
    from shared.eventlog.protocol import ParkedEvent

CAP = 50_000
"""How many receipts are kept for each publisher, a few more or less."""
AT_ONCE = 1_000
WAITING = 100_000

Item = dict[str, object]


class Receipts:
    """Writes the items of answers to the streams of their publishers."""

    def __init__(self, redis: Redis, *, cap: int = CAP) -> None:
        self._redis = redis
        self._cap = cap
        # While Redis is away the oldest are forgotten first; GET /receipts still tells.
        self._waiting: deque[Item] = deque(maxlen=WAITING)

    def send(self, settled: Sequence[tuple[ParkedEvent, Outcome]]) -> None:
        """Take second receipts, for parked events that were released or expired; never waits.

        `AppendHooks.after_release` calls this, from the appending thread. `flush` writes them.
        """
        for parked, outcome in settled:
            key = parked.event.key
            self._waiting.append(item(key.id, key.source, outcome))

    def hold(self, items: Sequence[Item]) -> None:
        """Take receipts that Redis has no room for now; `flush` writes them."""
        self._waiting.extend(items)

    def flush(self) -> int:
        """Write what was sent; return how many receipts. What cannot be written keeps waiting.

        A Redis that is full is no error here: who takes entries away goes on and makes room.
        """
        try:
            return self._flushed()
        except ResponseError as error:
            if is_full(error):
                return 0
            raise

    def _flushed(self) -> int:
        written = 0
        while self._waiting:
            some = [self._waiting[i] for i in range(min(AT_ONCE, len(self._waiting)))]
            with self._redis.pipeline() as pipeline:
                self.add(pipeline, some)
                pipeline.execute()
            for each in some:
                # A full queue may have pushed it out meanwhile.
                if self._waiting and self._waiting[0] is each:
                    self._waiting.popleft()
            written += len(some)
        return written

    def add(self, pipeline: Pipeline, items: Sequence[Item]) -> None:
        """Add receipts to a transaction."""
        for each in items:
            source = each["source"]
            stream = receipts_for(source if isinstance(source, str) else None)
            receipt: Any = {FIELD_ITEM: _written(each)}
            pipeline.xadd(stream, receipt, maxlen=self._cap, approximate=True)


def is_full(error: ResponseError) -> bool:
    """Tell whether Redis refused a write because its memory is full (`noeviction`)."""
    said = str(error)
    return said.startswith("OOM") or "used memory > 'maxmemory'" in said


def _written(receipt: Item) -> bytes:
    try:
        return orjson.dumps(receipt)
    except TypeError:  # a lone surrogate that a problem repeats: escaped it is still JSON
        return json.dumps(receipt, default=str).encode()
