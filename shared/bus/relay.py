"""The relay copies the log to the stream `dvk:events`; every service process may run one.

It looks at the stream and sends under WATCH: a run of entries is accepted whole, directly after the
entry that the relay saw, or not at all. So another relay, a Redis that comes back with less than it
had, or an operator's FLUSHALL in between make it look again, and never make a gap or a disorder.
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
    """Where the stream ends: the last position it took (None: no position), and what stands there.

    The item is None where the last entry was deleted; its id still counts for Redis.
    """

    position: int | None
    item: bytes | None


_NOTHING = _Top(0, None)
_FOREIGN = _Top(None, None)


class Relay:
    """Carries the events of one log to one Redis, in runs of at most `run` events."""

    def __init__(self, log: Reader, redis: Redis, *, cap: int = CAP, run: int = RUN) -> None:
        self._log = log
        self._redis = redis
        self._cap = cap
        self._run = run
        self.position = 0
        """The position up to which this relay last saw the stream hold the log."""

    def step(self) -> int:
        """Send one run of what the stream lacks; return how many events were sent.

        0 means that the stream stands at the head of the log, or that other relays sent all the
        time. Errors of Redis and of the log go to the caller, who comes again.
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
        begins_anew = start != top.position
        if events or begins_anew:
            self._commit(pipeline, events, begins_anew=begins_anew)
        self.position = events[-1].position if events else start
        return len(events)

    def _lacking(self, top: _Top) -> tuple[int, Sequence[RecordedEvent]]:
        """Return where the stream goes on and what it lacks there, at most one run."""
        start, events = self._continuing(top)
        if len(events) < self._run:
            return start, events  # nearly always: it is the rest of the log
        head = self._log.head()  # far behind: what would be trimmed at once is not sent
        if start >= head.position - self._cap:
            return start, events
        start = head.position - self._cap
        return start, self._log.read(start, self._run)

    def _continuing(self, top: _Top) -> tuple[int, Sequence[RecordedEvent]]:
        """Return the stream's last position if it is one of this log, else 0; and what follows.

        A stream of another log, or of this log before it was restored to an older state, is
        replaced: nothing of it can be trusted, and nothing is lost with it. The log is asked each
        time, in one question with what follows: it may be restored while nobody can tell Redis.
        """
        if top.position:
            events = self._log.read(top.position - 1, self._run + 1)
            if events and (top.item is None or feed_item(events[0]) == top.item):
                return top.position, events[1:]
        return 0, self._log.read(0, self._run)

    def _commit(
        self, pipeline: Pipeline, events: Sequence[RecordedEvent], *, begins_anew: bool
    ) -> None:
        """Send a run in one transaction; Redis refuses all of it when the stream has changed."""
        pipeline.multi()
        if begins_anew:
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
    """Have Redis refuse what is sent from here on if the stream is not the one that is seen now."""
    pipeline.watch(EVENTS)  # type: ignore[no-untyped-call]


def _id_of(event: RecordedEvent) -> str:
    """Return the id of an entry: the position, so that Redis takes each once and in order."""
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
