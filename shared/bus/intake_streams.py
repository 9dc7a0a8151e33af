"""The intake streams of one family: the shared one, and once trust began one for each publisher.

All are read by one XREAD, each as many entries at once as their size allows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from shared.bus.streams import intake
from shared.clock import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from redis import Redis

    from shared.clock import Clock
    from shared.vocabulary import Family

    Fields = Mapping[bytes, bytes]
    Entries = Sequence[tuple[bytes, Fields]]

AT_ONCE = 50
FIRST_AT_ONCE = 8
READ_BYTES = 16 * 1024 * 1024
"""Most of a stream read at once, except for a single entry, which may be a batch of 4 MiB."""
WAIT_MS = 250
REST_US = MICROSECONDS
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class IntakeStream:
    """A stream, its publisher (None: it is shared), and how many entries are read at once.

    It is not read until `rests_until_us`.
    """

    name: str
    publisher: str | None
    at_once: int
    rests_until_us: int = 0


class IntakeStreams:
    """Reads the streams in turn, each from its oldest entry."""

    def __init__(
        self, redis: Redis, family: Family, *, clock: Clock, at_once: int = AT_ONCE
    ) -> None:
        self._redis = redis
        self._family = family
        self._clock = clock
        self._most_at_once = at_once
        self._shared = self._stream_of(None)
        self._own: dict[str, IntakeStream] = {}
        self._added: tuple[str, ...] = ()
        self._no_streams: set[str] = set()
        self._turn = 0

    @property
    def publishers(self) -> tuple[str, ...]:
        """Return the publishers whose streams are read; none before trust."""
        return tuple(self._own)

    def add(self, publishers: tuple[str, ...]) -> None:
        """Read the streams of publishers too; one that was added stays."""
        if publishers is not self._added:
            self._added = publishers
            for each in publishers:
                self._own.setdefault(each, self._stream_of(each))

    def wait(self) -> int:
        """Wait for an entry in the streams of publishers, for a quarter of a second; return 1.

        Before trust it returns 0 at once.
        """
        if not self._own:
            return 0
        names = [each.name for each in self._rested() if each.name not in self._no_streams]
        self._redis.xread(dict.fromkeys(names, "0"), count=1, block=WAIT_MS)
        return 1

    def waiting(self) -> int:
        """Return the number of unanswered entries in the streams."""
        return sum(int(self._redis.xlen(each.name)) for each in self._in_turn())

    def _stream_of(self, publisher: str | None) -> IntakeStream:
        name = intake(self._family, publisher)
        return IntakeStream(name, publisher, min(self._most_at_once, FIRST_AT_ONCE))

    def _in_turn(self) -> list[IntakeStream]:
        """Return all streams to be read; each step begins with the next one."""
        streams = [*list(self._own.values()), self._shared]
        first = self._turn % len(streams)
        return streams[first:] + streams[:first]

    def rest(self, stream: IntakeStream) -> None:
        """Leave a stream alone for a second: its publisher has to wait, and the others have not."""
        stream.rests_until_us = self._clock() + REST_US

    def _rested(self) -> list[IntakeStream]:
        now_us = self._clock()
        # A clock that was set back ends every rest.
        return [
            each for each in self._in_turn() if not now_us < each.rests_until_us <= now_us + REST_US
        ]

    def read(self) -> list[tuple[IntakeStream, Entries]]:
        """Return the streams that have entries, with the oldest of them in order of arrival."""
        self._turn += 1
        streams = self._rested()
        found: dict[str, Entries] = {}
        for at_once in {each.at_once for each in streams}:  # most often one
            names = [each.name for each in streams if each.at_once == at_once]
            found |= self._oldest(names, at_once)
        for stream in streams:
            self._adapt(stream, found.get(stream.name, ()))
        return [(each, found[each.name]) for each in streams if each.name in found]

    def _adapt(self, stream: IntakeStream, entries: Entries) -> None:
        """Adapt the number of entries read next time to the size of these."""
        read_bytes = sum(len(value) for _, fields in entries for value in fields.values())
        if read_bytes > READ_BYTES:
            stream.at_once = max(1, stream.at_once // 4)
        elif read_bytes < READ_BYTES // 4:
            stream.at_once = min(self._most_at_once, stream.at_once * 2)

    def _oldest(self, streams: Sequence[str], at_once: int) -> dict[str, Entries]:
        """Return the oldest entries of each stream that has any, in order of arrival."""
        try:
            found: Any = self._redis.xread(dict.fromkeys(streams, "0"), count=at_once)
        except ResponseError as error:
            if "WRONGTYPE" not in str(error):
                raise
            if len(streams) == 1:
                if streams[0] not in self._no_streams:
                    _logger.error("%s is no stream, and not read", streams[0])  # noqa: TRY400  once
                self._no_streams.add(streams[0])
                return {}
            # A key that is no stream fails the command for all of them.
            alone = [self._oldest([each], at_once) for each in streams]
            return {name: entries for each in alone for name, entries in each.items()}
        return {name.decode(): entries for name, entries in found}
