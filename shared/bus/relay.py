"""The relay of the log to the stream `dvk:events`; every service process may run one.

It reads the end of the stream and sends under WATCH: a run of entries is added whole, right after
the entry that the relay saw, or not at all. Another relay, a Redis that comes back with less data,
or an operator's FLUSHALL in between make it read again, and never cause a gap or a wrong order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from redis.exceptions import ResponseError, WatchError

from shared.bus.streams import EVENTS, FIELD_EVENT, entry_id, position_of
from shared.events.recorded import feed_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis
    from redis.client import Pipeline

    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent

CAP = 100_000
RUN = 500
TRIES = 20


class _Top(NamedTuple):
    """End of the stream: its last position (None if its id is no position) and the item there.

    The item is None if the last entry was deleted; Redis still counts its id.
    """

    position: int | None
    item: bytes | None


_NOTHING = _Top(0, None)
_FOREIGN = _Top(None, None)


class Relay:
    """Copies the events of one log to one Redis, in runs of at most `run` events."""

    def __init__(self, log: Reader, redis: Redis, *, cap: int = CAP, run: int = RUN) -> None:
        self._log = log
        self._redis = redis
        self._cap = cap
        self._run = run
        self.position = 0
        """The last position of the log that this relay saw in the stream."""

    def step(self) -> int:
        """Send one run of events missing from the stream; return how many were sent.

        0 means that the stream is at the head of the log, or that other relays kept sending. Errors
        of Redis and of the log go to the caller, which calls again.
        """
        with self._redis.pipeline() as pipeline:
            for _ in range(TRIES):
                try:
                    return self._send(pipeline)
                except WatchError:
                    pipeline.reset()
        return 0

    def _send(self, pipeline: Pipeline) -> int:
        _watch_the_stream(pipeline)
        top = _top(pipeline)
        start, events = self._lacking(top)
        starts_over = start != top.position
        if events or starts_over:
            self._commit(pipeline, events, starts_over=starts_over)
        self.position = events[-1].position if events else start
        return len(events)

    def _lacking(self, top: _Top) -> tuple[int, Sequence[RecordedEvent]]:
        """Return where the stream continues and the events missing there, at most one run."""
        start, events = self._continuing(top)
        if len(events) < self._run:
            return start, events  # the usual case: this is the rest of the log
        head = self._log.head()  # far behind: events that would be trimmed at once are not sent
        if start >= head.position - self._cap:
            return start, events
        start = head.position - self._cap
        return start, self._log.read(start, self._run)

    def _continuing(self, top: _Top) -> tuple[int, Sequence[RecordedEvent]]:
        """Return the stream's last position, 0 if it is not of this log, and the next events.

        A stream of another log, or of this log before a restore to an older state, is replaced: it
        cannot be trusted, and nothing is lost with it. This is checked on every read, by reading
        the last event again: Redis does not notice a restore.
        """
        if top.position:
            events = self._log.read(top.position - 1, self._run + 1)
            if events and (top.item is None or feed_item(events[0]) == top.item):
                return top.position, events[1:]
        return 0, self._log.read(0, self._run)

    def _commit(
        self, pipeline: Pipeline, events: Sequence[RecordedEvent], *, starts_over: bool
    ) -> None:
        """Send a run in one transaction, which Redis refuses if the stream has changed."""
        pipeline.multi()
        if starts_over:
            pipeline.delete(EVENTS)
        for event in events:
            pipeline.xadd(
                EVENTS,
                {FIELD_EVENT: feed_item(event)},
                id=_id_of(event),
                maxlen=self._cap,
                approximate=True,
            )
        pipeline.execute()


def _watch_the_stream(pipeline: Pipeline) -> None:
    """Have Redis refuse the transaction if the stream changes from here on."""
    pipeline.watch(EVENTS)  # type: ignore[no-untyped-call]


def _id_of(event: RecordedEvent) -> str:
    """Return an entry's id: the position, so that Redis accepts each once and in order."""
    return entry_id(event.position)


def _top(pipeline: Pipeline) -> _Top:
    try:
        info = pipeline.xinfo_stream(EVENTS)
    except ResponseError as error:
        return _NOTHING if "no such key" in str(error) else _FOREIGN
    last_id, last_entry = info["last-generated-id"], info["last-entry"]
    position = position_of(last_id)
    if position is None or last_entry is None or last_entry[0] != last_id:
        return _Top(position, None)
    return _Top(position, last_entry[1].get(FIELD_EVENT.encode(), b""))
