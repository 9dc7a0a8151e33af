"""Sessions: a random token for each sign-in, 30 minutes idle, 8 hours at most, revocable."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, or_, select, update

from shared.clock import DAY_US, MICROSECONDS, Clock, system_clock
from shared.database.postgres.engine import is_standby
from shared.people.database import SESSIONS, TOKENS, PeopleDatabase
from shared.people.tokens import digest_of, form_token_of, new_secret

IDLE_US = 30 * 60 * MICROSECONDS
LONGEST_US = 8 * 3_600 * MICROSECONDS
_SEEN_AGAIN_US = 60 * MICROSECONDS
"""A session's last use is stored once a minute, not at every request."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of one officer."""

    officer_ref: str
    user_name: str
    roles_digest: int
    """The digest of the roles held at sign-in."""
    began_us: int
    form_token: str
    """The token that the session's forms must have."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: PeopleDatabase, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock

    def begin(self, officer_ref: str, user_name: str, roles_digest: int = 0) -> str:
        """Return the token of a new session; sessions that are over are deleted."""
        token, now = new_secret(), self._clock()
        row = {
            "token_digest": digest_of(token),
            "officer_ref": officer_ref,
            "user_name": user_name,
            "roles_digest": roles_digest,
            "began_us": now,
            "seen_us": now,
        }
        kept = SESSIONS.c
        over = or_(kept.seen_us <= now - IDLE_US, kept.began_us <= now - LONGEST_US)
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(over))
            connection.execute(insert(SESSIONS).values(row))
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, None if there is none or it is over."""
        digest, now, kept = digest_of(token), self._clock(), SESSIONS.c
        query = select(SESSIONS).where(kept.token_digest == digest)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
            is_kept = not is_standby(connection)  # there the last use is not stored
        if row is None or now - row.seen_us >= IDLE_US or now - row.began_us >= LONGEST_US:
            return None
        if is_kept and now - row.seen_us >= _SEEN_AGAIN_US:
            with self._database.writing() as connection:
                connection.execute(
                    update(SESSIONS).where(kept.token_digest == digest).values(seen_us=now)
                )
        return Session(
            row.officer_ref, row.user_name, row.roles_digest, row.began_us, form_token_of(token)
        )

    def give_token(self, officer_ref: str, user_name: str, days: int) -> str:
        """Return a new token for programs of an account; its token of before ends."""
        token, now = new_secret(), self._clock()
        row = {
            "token_digest": digest_of(token),
            "officer_ref": officer_ref,
            "user_name": user_name,
            "ends_us": now + days * DAY_US,
        }
        with self._database.writing() as connection:
            connection.execute(delete(TOKENS).where(TOKENS.c.officer_ref == officer_ref))
            connection.execute(insert(TOKENS).values(row))
        return token

    def of_token(self, token: str) -> Session | None:
        """Return the account of a token for programs as a session, None if it is over."""
        query = select(TOKENS).where(
            TOKENS.c.token_digest == digest_of(token), TOKENS.c.ends_us > self._clock()
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Session(row.officer_ref, row.user_name, 0, 0, "")

    def end(self, token: str) -> None:
        """End the session of a token."""
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_digest == digest_of(token)))

    def end_all(self, officer_ref: str) -> int:
        """End every session of an officer; return how many there were."""
        with self._database.writing() as connection:
            ended = connection.execute(
                delete(SESSIONS).where(SESSIONS.c.officer_ref == officer_ref)
            )
            return int(ended.rowcount)
