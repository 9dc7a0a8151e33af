"""Local accounts: a one-time link, then a password kept by argon2id."""

import logging
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError
from sqlalchemy import delete, insert, select, update

from shared.clock import MICROSECONDS, Clock, system_clock
from shared.errors import FieldError, LedgerError, Problem, Unavailable, broken, declare
from shared.events.bilingual import said
from shared.people.attempts import Attempts
from shared.people.database import ACCOUNTS, LINKS, SESSIONS, TOKENS, PeopleDatabase
from shared.people.known_passwords import is_known
from shared.people.tokens import digest_of, new_officer_ref, new_secret

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
LINK_HOURS = 24
_LEAST_DIFFERENT = 5
_AT_ONCE = 2
_Found = TypeVar("_Found")
_logger = logging.getLogger(__name__)
_PATIENCE_SECONDS = 10.0
_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_@")
_LONGEST_NAME = 100
# OWASP's second choice: m = 19 MiB, t = 2, p = 1.
HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)

WRONG_PASSWORD = declare(
    "wrong_password",
    401,
    vi="Tên đăng nhập hoặc mật khẩu không đúng.",
    en="The user name or the password is wrong.",
)
TOO_MANY_ATTEMPTS = declare(
    "too_many_attempts",
    429,
    vi="Đã nhập sai nhiều lần. Hãy thử lại sau {seconds} giây.",
    en="There were too many wrong attempts. Try again in {seconds} seconds.",
)
SIGN_IN_BUSY = declare(
    "sign_in_busy",
    503,
    vi="Quá nhiều người đang đăng nhập cùng lúc. Hãy thử lại sau ít giây.",
    en="Too many people are signing in at once. Try again in a few seconds.",
)
LINK_UNUSABLE = declare(
    "link_unusable",
    401,
    vi="Đường dẫn này đã dùng hoặc đã hết hạn. Hãy xin người vận hành đường dẫn mới.",
    en="This link was used already or has expired. Ask the operator for a new one.",
)
WEAK_PASSWORD = declare(
    "weak_password",
    422,
    vi="Mật khẩu phải có từ {least} đến {most} ký tự, ít nhất {different} ký tự khác nhau, không "
    "chứa tên đăng nhập, không phải mật khẩu thường gặp, và nhập hai lần giống nhau.",
    en="A password must have {least} to {most} characters, at least {different} different ones, "
    "must not contain the user name, must not be a common one, and must be typed twice alike.",
)
ACCOUNT_EXISTS = declare(
    "account_exists",
    409,
    vi="Đã có tài khoản {user_name}.",
    en="There is an account {user_name} already.",
)
ACCOUNT_UNKNOWN = declare(
    "account_unknown",
    404,
    vi="Không có tài khoản {user_name}.",
    en="There is no account {user_name}.",
)
USER_NAME_INVALID = declare(
    "user_name_invalid",
    422,
    vi="Tên đăng nhập gồm chữ không dấu, chữ số và . - _ @, tối đa 100 ký tự.",
    en="A user name has letters without accents, digits and . - _ @, at most 100 characters.",
)


@dataclass(frozen=True, slots=True)
class Account:
    """A local account."""

    user_name: str
    officer_ref: str
    has_password: bool


_QUERY = select(ACCOUNTS.c.user_name, ACCOUNTS.c.officer_ref, ACCOUNTS.c.password_hash.is_not(None))


class Accounts:
    """Adds, verifies and removes local accounts."""

    def __init__(self, database: PeopleDatabase, clock: Clock = system_clock) -> None:
        self._database = database
        self._clock = clock
        self._attempts = Attempts(database, clock)
        # Each check takes 19 MiB and 50 ms of a core: a few at once, the others wait.
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _unknown(self) -> str:
        """Return a hash that no password matches, to check one against for an unknown name."""
        return HASHER.hash(new_secret())

    def add(self, user_name: str) -> Account:
        """Keep a new account, which has no password yet."""
        name = user_name_of(user_name)
        if not name or len(name) > _LONGEST_NAME or not _NAME_CHARACTERS.issuperset(name):
            raise broken(USER_NAME_INVALID)
        if self.find(name) is not None:
            raise LedgerError(Problem(ACCOUNT_EXISTS, {"user_name": name}))
        account = Account(name, new_officer_ref(), has_password=False)
        with self._database.writing() as connection:
            row = {"user_name": name, "officer_ref": account.officer_ref}
            connection.execute(insert(ACCOUNTS).values(row))
        return account

    def find(self, user_name: str) -> Account | None:
        """Return an account by its name."""
        query = _QUERY.where(ACCOUNTS.c.user_name == user_name_of(user_name))
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Account(*row)

    def every(self) -> list[Account]:
        """Return all accounts, by name."""
        with self._database.reading() as connection:
            found = connection.execute(_QUERY.order_by(ACCOUNTS.c.user_name))
            return [Account(*row) for row in found]

    def known(self, user_name: str) -> Account:
        """Return an account by its name; an unknown one is `account_unknown`."""
        found = self.find(user_name)
        if found is None:
            raise LedgerError(Problem(ACCOUNT_UNKNOWN, {"user_name": user_name_of(user_name)}))
        return found

    def link(self, user_name: str) -> str:
        """Return the secret of a new one-time link, valid for a day; older links end."""
        account, secret = self.known(user_name), new_secret()
        ends = self._clock() + LINK_HOURS * 3_600 * MICROSECONDS
        row = {"link_digest": digest_of(secret), "user_name": account.user_name, "ends_us": ends}
        with self._database.writing() as connection:
            connection.execute(delete(LINKS).where(LINKS.c.user_name == account.user_name))
            connection.execute(insert(LINKS).values(row))
        return secret

    def linked(self, secret: str) -> Account:
        """Return the account of a one-time link that can be used; else `link_unusable`."""
        query = select(LINKS.c.user_name).where(
            LINKS.c.link_digest == digest_of(secret), LINKS.c.ends_us > self._clock()
        )
        with self._database.reading() as connection:
            name = connection.execute(query).scalar()
        found = None if name is None else self.find(name)
        if found is None:
            raise LedgerError(Problem(LINK_UNUSABLE))
        return found

    def set_password(self, secret: str, password: str, again: str) -> Account:
        """Use a one-time link: set the password and end the account's sessions."""
        account = self.linked(secret)
        normal = _normal(password[: LONGEST_PASSWORD + 1])
        if password != again or not _is_strong(normal, account.user_name):
            limits = {"least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD}
            error = FieldError("/password", said("không dùng được", "cannot be used"))
            raise broken(WEAK_PASSWORD, [error], **limits, different=_LEAST_DIFFERENT)
        hashed = self._in_turn(lambda: HASHER.hash(normal))
        with self._database.writing() as connection:
            used = connection.execute(delete(LINKS).where(LINKS.c.link_digest == digest_of(secret)))
            if used.rowcount != 1:
                raise LedgerError(Problem(LINK_UNUSABLE))
            of_account = ACCOUNTS.c.user_name == account.user_name
            connection.execute(update(ACCOUNTS).where(of_account).values(password_hash=hashed))
            of_officer = SESSIONS.c.officer_ref == account.officer_ref
            connection.execute(delete(SESSIONS).where(of_officer))
        self._attempts.succeeded(account.user_name)
        return account

    def verified(self, user_name: str, password: str) -> Account:
        """Return the account whose password this is.

        An unknown name takes as long and gets the same problem (401) as a wrong password; a name
        with too many failures must wait (429), known or not.
        """
        name = user_name_of(user_name)
        wait = self._attempts.wait_seconds(name)
        if wait:
            raise LedgerError(Problem(TOO_MANY_ATTEMPTS, {"seconds": wait}))
        found = ACCOUNTS.c
        query = select(found.password_hash, found.officer_ref).where(found.user_name == name)
        with self._database.reading() as connection:
            kept, officer_ref = connection.execute(query).first() or (None, None)
        unknown = self._unknown  # made before any check, so that none takes longer for it
        right = self._in_turn(lambda: _matches(kept or unknown, password))
        if not right or kept is None:
            self._attempts.failed(name)
            # Not the name: people type passwords into the wrong field.
            _logger.warning("a wrong password", extra={"officer_ref": officer_ref})
            raise LedgerError(Problem(WRONG_PASSWORD))
        self._attempts.succeeded(name)
        return self.known(name)

    def remove(self, user_name: str) -> Account:
        """Delete an account with its links and sessions; its roles in the log are not touched."""
        account = self.known(user_name)
        with self._database.writing() as connection:
            for table in (LINKS, ACCOUNTS):
                connection.execute(delete(table).where(table.c.user_name == account.user_name))
            for table in (SESSIONS, TOKENS):
                of_officer = table.c.officer_ref == account.officer_ref
                connection.execute(delete(table).where(of_officer))
        return account

    def _in_turn(self, work: Callable[[], _Found]) -> _Found:
        if not self._turns.acquire(timeout=_PATIENCE_SECONDS):
            raise Unavailable(Problem(SIGN_IN_BUSY))
        try:
            return work()
        finally:
            self._turns.release()


def user_name_of(typed: str) -> str:
    """Return a user name as it is kept: without spaces around it, in small letters."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def _normal(password: str) -> str:
    """Return a password in one form of its accents, which keyboards make differently."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()


def _matches(hashed: str, password: str) -> bool:
    # A password longer than any account has is not hashed: megabytes would take long.
    tried = _normal(password) if len(password) <= LONGEST_PASSWORD else ""
    try:
        return HASHER.verify(hashed, tried)
    except VerificationError:
        return False


def _is_strong(password: str, user_name: str) -> bool:
    return (
        SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        and len(set(password)) >= _LEAST_DIFFERENT
        and user_name not in password.lower()
        and not is_known(password)
    )
