"""Limits of attempts to sign in: after some failures under one name, a delay that doubles.

The delay depends on the typed name only, never on an account behind it.
"""

from sqlalchemy import delete, insert, select, update

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.people.database import ATTEMPTS, PeopleDatabase
from shared.people.tokens import digest_of

FREE_FAILURES = 5
FIRST_DELAY_SECONDS = 2
LONGEST_DELAY_SECONDS = 300
_FORGOTTEN_US = 86_400 * MICROSECONDS
_FREE_FORGOTTEN_US = 3_600 * MICROSECONDS


def delay_seconds(failures: int) -> int:
    """Return for how long after its last failure a name must wait."""
    if failures < FREE_FAILURES:
        return 0
    doubled = min(failures - FREE_FAILURES, 20)
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS << doubled)


class Attempts:
    """Counts failures under each name."""

    def __init__(self, database: PeopleDatabase, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock

    def wait_seconds(self, name: str) -> int:
        """Return for how long a name must still wait, 0 if it need not."""
        kept = ATTEMPTS.c
        query = select(kept.failures, kept.failed_us).where(kept.name_digest == digest_of(name))
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return 0
        until = row.failed_us + delay_seconds(row.failures) * MICROSECONDS
        return max(0, -(-(int(until) - self._clock()) // MICROSECONDS))

    def failed(self, name: str) -> None:
        """Count a failure; those of more than a day ago are forgotten, the first few in an hour."""
        digest, now, kept = digest_of(name), self._clock(), ATTEMPTS.c
        few = (kept.failures < FREE_FAILURES) & (kept.failed_us <= now - _FREE_FORGOTTEN_US)
        old = kept.failed_us <= now - _FORGOTTEN_US
        with self._database.writing() as connection:
            connection.execute(delete(ATTEMPTS).where(old | few))
            more = connection.execute(
                update(ATTEMPTS)
                .where(kept.name_digest == digest)
                .values(failures=kept.failures + 1, failed_us=now)
            )
            if not more.rowcount:
                first = {"name_digest": digest, "failures": 1, "failed_us": now}
                connection.execute(insert(ATTEMPTS).values(first))

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        with self._database.writing() as connection:
            connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.name_digest == digest_of(name)))
