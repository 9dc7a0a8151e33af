"""A Redis of one process: the commands on streams that the ledger uses, and the faults that it has.

It is the only double of the simulation. `test_the_double_is_honest.py` gives the same commands to
it and to a real server. Consumer groups are left out, for nothing here uses them.
"""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis.exceptions import ConnectionError as RedisIsGone
from redis.exceptions import ResponseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Id = tuple[int, int]
Fields = dict[bytes, bytes]
Command = tuple[str, tuple[Any, ...]]

TOO_LOW = "The ID specified in XADD is equal or smaller than the target stream top item"
NO_SUCH_KEY = "no such key"


@dataclass
class Stream:
    """The entries of one key in order, and the greatest id that was ever given in it."""

    entries: dict[Id, Fields] = field(default_factory=dict)
    top: Id = (0, 0)


class StreamServer:
    """Holds streams; executes a transaction whole; may be away, emptied, or set back."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self.away = False
        self.journal: list[list[Command]] = []
        """Every transaction that changed something, as it was executed."""
        self.epoch = 0
        """How often it was started: connections of an earlier epoch are broken."""
        self._clock_ms = clock_ms
        self._streams: dict[str, Stream] = {}
        self._touched: Counter[str] = Counter()

    def execute(self, commands: Sequence[Command]) -> list[Any]:
        """Execute commands as one transaction; what one of them refuses is an answer too."""
        if self.away:
            raise RedisIsGone("Connection refused.")
        answers, done = [], []
        for name, arguments in commands:
            before = self._touched.total()
            try:
                answers.append(getattr(self, f"_{name}")(*arguments))
            except ResponseError as refusal:
                answers.append(refusal)
            if self._touched.total() != before:
                answer = answers[-1] if name == "xadd" else None
                done.append((name, (*arguments, answer)))
        if done:
            self.journal.append(done)
        return answers

    def version(self, key: str) -> int:
        """Return how often a key was changed: what WATCH looks at."""
        return self._touched[key]

    # What happens to it

    def copy(self) -> dict[str, Stream]:
        """Return its state of now."""
        return deepcopy(self._streams)

    def set_back(self, state: dict[str, Stream]) -> None:
        """Be started again with an older state."""
        self._streams = deepcopy(state)
        self.epoch += 1

    def empty(self) -> None:
        """Forget everything, as FLUSHALL does."""
        self._flushdb()

    # The commands

    def _ping(self) -> bool:
        return True

    def _xadd(self, key: str, fields: Fields, wanted: str, maxlen: int | None) -> bytes:
        stream = self._streams.get(key, Stream())
        entry = _next(stream.top, self._clock_ms()) if wanted == "*" else _id(wanted)
        if entry <= stream.top:
            raise ResponseError(TOO_LOW)
        self._streams[key] = stream
        stream.entries[entry] = fields
        stream.top = entry
        self._touched[key] += 1
        if maxlen is not None:
            self._xtrim(key, maxlen)
        return _text(entry)

    def _xtrim(self, key: str, maxlen: int) -> int:
        """Trim to the length; `~` lets a server keep some more, and the fewest are the worst."""
        entries = self._streams.get(key, Stream()).entries
        oldest = list(entries)[: max(len(entries) - maxlen, 0)]
        return self._remove(key, oldest)

    def _xdel(self, key: str, *ids: bytes) -> int:
        return self._remove(key, [_id(each) for each in ids])

    def _remove(self, key: str, ids: Sequence[Id]) -> int:
        entries = self._streams.get(key, Stream()).entries
        removed = [entries.pop(each) for each in ids if each in entries]
        self._touched[key] += bool(removed)
        return len(removed)

    def _xlen(self, key: str) -> int:
        return len(self._streams.get(key, Stream()).entries)

    def _xrange(self, key: str, count: int | None) -> list[tuple[bytes, Fields]]:
        return self._after(key, (-1, 0), count)

    def _xread(self, after: dict[str, Any], count: int | None) -> list[list[Any]]:
        found = ((key, self._after(key, _id(last), count)) for key, last in after.items())
        return [[key.encode(), entries] for key, entries in found if entries]

    def _after(self, key: str, last: Id, count: int | None) -> list[tuple[bytes, Fields]]:
        entries = self._streams.get(key, Stream()).entries.items()
        return [(_text(each), dict(fields)) for each, fields in entries if each > last][:count]

    def _xinfo_stream(self, key: str) -> dict[str, Any]:
        if key not in self._streams:
            raise ResponseError(NO_SUCH_KEY)
        entries = self._after(key, (-1, 0), None)
        return {
            "length": len(entries),
            "last-generated-id": _text(self._streams[key].top),
            "first-entry": entries[0] if entries else None,
            "last-entry": entries[-1] if entries else None,
        }

    def _delete(self, *keys: str) -> int:
        found = [key for key in dict.fromkeys(keys) if self._streams.pop(key, None) is not None]
        self._touched.update(found)
        return len(found)

    def _flushdb(self) -> bool:
        self._delete(*self._streams)
        return True


def _id(text: str | bytes) -> Id:
    first, _, second = (text.decode() if isinstance(text, bytes) else text).partition("-")
    return int(first), int(second or 0)


def _text(entry: Id) -> bytes:
    return b"%d-%d" % entry


def _next(top: Id, now_ms: int) -> Id:
    return (now_ms, 0) if now_ms > top[0] else (top[0], top[1] + 1)
