"""An intake with the time of its last step that succeeded, so that one that is stuck is seen.

A step also finds out what an empty stream would hide: that sentinels name another master, and that
the server refuses to write (a replica, a full disk, a right that is missing).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from shared.bus.connections import follow_master
from shared.bus.streams import intake
from shared.clock import MICROSECONDS
from shared.errors import LedgerError, Problem, declare

if TYPE_CHECKING:
    from redis import Redis

    from shared.bus.intake import Intake
    from shared.clock import Clock
    from shared.vocabulary import Family

INTAKE_STUCK = declare(
    "intake_stuck",
    503,
    vi="Đã {seconds} giây không nhận được sự kiện nào qua Redis: {reason}. Gửi qua HTTP vẫn được.",
    en="No event was taken in over Redis for {seconds} s: {reason}. Publishing over HTTP goes on.",
)
STUCK_SECONDS = 60
ASK_US = MICROSECONDS
ASK_AGAIN_US = 2 * MICROSECONDS
_NO_ENTRY = "0-0"


class WatchedIntake:
    """Calls the steps of an intake; `seconds` is how long ago one last succeeded."""

    def __init__(self, taking: Intake, redis: Redis, family: Family, *, clock: Clock) -> None:
        self._intake = taking
        self._redis = redis
        self._stream = intake(family)
        self._clock = clock
        self._succeeded_us = clock()
        self._error: Exception | None = None
        self._ask_us = 0

    def step(self) -> int:
        """Take in what is there, or wait for it a little; return how much, as `Intake.step`.

        Errors pass through. After one of Redis the next step makes a new connection: a proxy may
        lead to another server by then.
        """
        self._follow_master()
        try:
            moved = self._intake.step() or self._nothing_there()
        except Exception as error:
            self._error = error
            if isinstance(error, RedisError):
                self._redis.connection_pool.disconnect(inuse_connections=False)
            raise
        self._error = None
        self._succeeded_us = self._clock()
        return moved

    def seconds(self) -> float:
        """Return the seconds since the last step that succeeded."""
        return max(0, self._clock() - self._succeeded_us) / MICROSECONDS

    def check(self) -> None:
        """Raise an error if no step succeeded for more than a minute."""
        seconds = int(self.seconds())
        if seconds > STUCK_SECONDS:
            reason = _reason(self._error)
            raise LedgerError(Problem(INTAKE_STUCK, {"seconds": seconds, "reason": reason}))

    def _nothing_there(self) -> int:
        """Write nothing, which a server that refuses writes refuses too; then wait."""
        self._redis.xdel(self._stream, _NO_ENTRY)
        return self._intake.wait()

    def _follow_master(self) -> None:
        """Ask the sentinels once a second; the known master is used while they are silent."""
        now_us = self._clock()
        if now_us < self._ask_us <= now_us + ASK_AGAIN_US:
            return
        self._ask_us = now_us + ASK_AGAIN_US
        with suppress(RedisError):
            follow_master(self._redis)
            self._ask_us = now_us + ASK_US


def _reason(error: Exception | None) -> str:
    """Return the reason in one word, or in the words of a problem; never an address."""
    if isinstance(error, LedgerError):
        return str(error)
    if error is None:
        return "–"
    first = str(error).partition(" ")[0]
    return first if first.isalpha() and first.isupper() else type(error).__name__
