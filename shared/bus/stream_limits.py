"""Limits of the streams of publishers: one that is too full has its Redis user switched off.

Redis drops nothing when it is full (`noeviction`), so one publisher could take the room of all.
A stream that took the greatest id takes no entry any more, by XADD of its own publisher; it is
deleted once it is empty, and begins again with the next entry.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError, WatchError

from shared.bus.streams import intake, receipts, user_of
from shared.clock import DAY_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis

    from shared.clock import Clock
    from shared.vocabulary import Family

MOST_ENTRIES = 20_000
MOST_BYTES = 64 * 1024 * 1024
EVERY_US = 500_000
ON, OFF = "on", "off"
_logger = logging.getLogger(__name__)


class StreamLimits:
    """Looks at the streams of one family's publishers twice a second."""

    def __init__(
        self,
        redis: Redis,
        family: Family,
        *,
        clock: Clock,
        most_entries: int = MOST_ENTRIES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._redis = redis
        self._family = family
        self._clock = clock
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._next_us = 0
        self._trouble = ""
        self.switched_off: frozenset[str] = frozenset()
        """The publishers whose Redis user is off."""

    def enforce(self, publishers: Sequence[str]) -> None:
        """Look at the streams, if half a second has passed since the last time.

        A Redis that does not let the service look is logged, and no error: events are taken in.
        """
        now_us = self._clock()
        if now_us < self._next_us <= now_us + EVERY_US:
            return
        self._next_us = now_us + EVERY_US
        try:
            self._look(publishers, now_us)
        except ResponseError as error:
            if str(error) != self._trouble:
                _logger.warning("the streams of publishers are not limited: %s", error)
            self._trouble = str(error)

    def _look(self, publishers: Sequence[str], now_us: int) -> None:
        users = self._users()
        empty: list[str] = []
        for publisher, measured in zip(publishers, self._measured(publishers), strict=True):
            entries, used, receipts_used = measured
            user = user_of(publisher)
            if self._is_too_full(entries, used):
                if users.get(user) == ON:
                    self._switch_off(user, entries, used)
                    users[user] = OFF
            elif used and not entries:
                empty.append(intake(self._family, publisher))
            if receipts_used > self._most_bytes:
                self._halve(receipts(publisher))
        self.switched_off = frozenset(p for p in publishers if users.get(user_of(p)) == OFF)
        self._renew(empty, now_us)

    def _is_too_full(self, entries: int, used: int) -> bool:
        """Return whether a stream has more entries or bytes than one publisher may have."""
        return entries > self._most_entries or used > self._most_bytes

    def _users(self) -> dict[str, str]:
        """Return the users of Redis, each `on` or `off`."""
        lines: Any = self._redis.acl_list()
        words = [(each.decode() if isinstance(each, bytes) else each).split() for each in lines]
        return {name: state for _, name, state, *_ in words}

    def _measured(self, publishers: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return entries and bytes of each intake stream, and bytes of each stream of receipts."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for publisher in publishers:
                stream = intake(self._family, publisher)
                pipeline.xlen(stream)
                pipeline.memory_usage(stream)
                pipeline.memory_usage(receipts(publisher))
            answered = pipeline.execute(raise_on_error=False)
        answers = [each if isinstance(each, int) else 0 for each in answered]  # no stream: 0
        return list(zip(answers[::3], answers[1::3], answers[2::3], strict=True))

    def _switch_off(self, user: str, entries: int, used: int) -> None:
        self._redis.acl_setuser(user, enabled=False)
        self._redis.client_kill_filter(user=user)  # connections that have signed in
        _logger.error(
            "the Redis user %s is switched off: its stream for %s has %d entries and %d bytes",
            user,
            self._family,
            entries,
            used,
        )

    def _halve(self, stream: str) -> None:
        """Delete the older half of the receipts: GET /receipts still answers."""
        self._redis.xtrim(stream, maxlen=int(self._redis.xlen(stream)) // 2)

    def _renew(self, empty: Sequence[str], now_us: int) -> None:
        """Delete empty streams whose last id is far ahead of the clock."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for stream in empty:
                pipeline.xinfo_stream(stream)
            infos = pipeline.execute(raise_on_error=False) if empty else []
        for stream, info in zip(empty, infos, strict=True):
            if not isinstance(info, ResponseError) and _is_ahead(info, now_us):
                self._delete_if_empty(stream)

    def _delete_if_empty(self, stream: str) -> None:
        with self._redis.pipeline() as pipeline:
            try:
                pipeline.watch(stream)  # type: ignore[no-untyped-call]
                if pipeline.xlen(stream):
                    return
                pipeline.multi()
                pipeline.delete(stream)
                pipeline.execute()
            except WatchError:
                return  # an entry came; it is looked at again
        _logger.warning("%s had an id far ahead of the clock, and begins again", stream)


def _is_ahead(info: Any, now_us: int) -> bool:  # noqa: ANN401  an answer of Redis
    last_ms = int(bytes(info["last-generated-id"]).partition(b"-")[0])
    return last_ms * 1_000 > now_us + DAY_US
