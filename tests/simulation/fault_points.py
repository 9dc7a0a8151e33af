"""The named points at which an actor may die, fail, or be interrupted by another one.

Ports are wrapped (log, commit of an engine, line to Redis): the code of the ledger has no hooks.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from redis.exceptions import ConnectionError as RedisIsGone

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "log: before the lock"
READ = "log: after a read"
INSERT = "log: under the lock"
LOG_COMMIT = "log: before commit"
LOG_COMMITTED = "log: after commit"
ROWS_COMMIT = "read models: before commit"
ROWS_COMMITTED = "read models: after commit"
PUBLISH = "relay: before publish"
PUBLISHED = "relay: after publish"
RECEIPT = "intake: before receipt and deletion"
RECEIVED = "intake: after receipt and deletion"
LATE_RECEIPT = "receipts of what waited: before"
LATE_RECEIVED = "receipts of what waited: after"

DEADLY = (
    *(LOCK, READ, INSERT, LOG_COMMIT, LOG_COMMITTED, ROWS_COMMIT, ROWS_COMMITTED),
    *(PUBLISH, PUBLISHED, RECEIPT, RECEIVED, LATE_RECEIPT, LATE_RECEIVED),
)
"""Receipt and deletion are one transaction of Redis: there is no point between the two."""

WEIGHT = {READ: 0.4, **dict.fromkeys((ROWS_COMMIT, ROWS_COMMITTED), 3)}
WEIGHT |= dict.fromkeys((PUBLISH, PUBLISHED, RECEIPT, RECEIVED), 3)
WEIGHT |= dict.fromkeys((LATE_RECEIPT, LATE_RECEIVED), 8)
"""How much more likely than elsewhere a crash is: some points are seldom passed, others often."""

INTERRUPTED = (LOCK, READ, INSERT, PUBLISH, RECEIPT)
"""Where another actor may make a whole step before this one goes on."""

COMMIT_FAILED = "fault: a commit of the log failed"
COMMIT_ANSWER_LOST = "fault: a commit of the log went through and its answer was lost"
ROWS_FAILED = "fault: a commit of the read models failed"
ROWS_ANSWER_LOST = "fault: a commit of the read models went through and its answer was lost"
REDIS_AWAY = "fault: Redis refused a connection"
REDIS_ANSWER_LOST = "fault: Redis did it and its answer was lost"
REDIS_EMPTIED = "fault: Redis was emptied"
REDIS_SET_BACK = "fault: Redis was set back to an older state"
REDIS_TRIMMED = "fault: the stream was trimmed by hand"
STRANGER = "fault: a stranger wrote into the stream of the log"
BROKEN_ENTRY = "fault: an intake entry that nobody can read"
DOUBLED = "fault: entries were delivered twice"
LATE = "fault: entries were delivered late"
REORDERED = "fault: entries were delivered out of order"
LOST = "fault: entries were never delivered"
EXPIRED = "fault: the clock moved by a month"
FAULTS = (
    *(COMMIT_FAILED, COMMIT_ANSWER_LOST, ROWS_FAILED, ROWS_ANSWER_LOST, REDIS_AWAY),
    *(REDIS_ANSWER_LOST, REDIS_EMPTIED, REDIS_SET_BACK, REDIS_TRIMMED, STRANGER, BROKEN_ENTRY),
    *(DOUBLED, LATE, REORDERED, LOST, EXPIRED),
)


def crash_at(point: str) -> str:
    """Return the name under which a crash at a point is counted."""
    return f"crash at {point}"


def interrupted_at(point: str) -> str:
    """Return the name under which another actor's step at a point is counted."""
    return f"another acted at {point}"


ANSWERS = (
    *("answer: accepted", "answer: duplicate", "answer: parked", "answer: refused"),
    *("answer: accepted after it was parked", "answer: refused after it was parked"),
    "answer: id_reused",
)

EVERYTHING = (
    *map(crash_at, DEADLY),
    *map(interrupted_at, INTERRUPTED),
    *FAULTS,
    *ANSWERS,
)
"""What the seeds of the fast set must have met: a simulation that never crashed proves nothing."""


class Crash(BaseException):
    """A process died: no handler of errors may see it."""


class MadeDatabaseError(sqlite3.OperationalError):
    """What the driver says when a commit fails, or when its answer is lost."""


class MadeRedisError(RedisIsGone):
    """What the client says when the server is away, or when its answer is lost."""


def is_explained(error: BaseException) -> bool:
    """Tell whether an error comes from a fault that was made, not from the ledger itself."""
    return any(isinstance(each, MadeDatabaseError | MadeRedisError) for each in _behind(error))


def _behind(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            original = getattr(each, "orig", None)
            waiting += [each.__cause__, each.__context__, original]
