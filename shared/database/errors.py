"""Database errors (gone, full, read-only, no connections) as a refusal that may be retried."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from shared.errors import Problem, Rule, Unavailable

RETRY_SECONDS = 2


@contextmanager
def unavailable_as(rule: Rule) -> Iterator[None]:
    """Raise `Unavailable` with a rule's problem when the database does not answer."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise Unavailable(Problem(rule), RETRY_SECONDS) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(Problem(rule), RETRY_SECONDS) from error
        raise
