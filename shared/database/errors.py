"""Database errors as refusals: those that may be retried, and tables of another release."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from shared.database.postgres.commit import COMMIT_UNCONFIRMED, CommitUnconfirmedError
from shared.errors import Problem, Rule, Unavailable

RETRY_SECONDS = 2
_OPERATOR_SECONDS = 60
_UNDEFINED_COLUMN = "42703"
_OTHER_COLUMNS = re.compile(r"no such column|has no column named|columns but \d+ values")


@contextmanager
def unavailable_as(rule: Rule) -> Iterator[None]:
    """Raise `Unavailable` with a rule's problem when the database does not answer.

    With `commit_unconfirmed` when it does not answer to a commit: that may have happened.
    """
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        is_unconfirmed = isinstance(error.orig, CommitUnconfirmedError)
        problem = Problem(COMMIT_UNCONFIRMED if is_unconfirmed else rule)
        raise Unavailable(problem, RETRY_SECONDS) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(Problem(rule), RETRY_SECONDS) from error
        raise


def refuse_other_columns(engine: Engine, rule: Rule) -> None:
    """Raise `Unavailable` with a rule's problem when a table lacks a column of a statement.

    It is raised at the statement, so that no event is blamed for it.
    """

    @event.listens_for(engine, "handle_error", retval=True)
    def refuse(context: ExceptionContext) -> Unavailable | None:
        found = other_columns(context.original_exception)
        return Unavailable(Problem(rule, {"found": found}), _OPERATOR_SECONDS) if found else None


def other_columns(error: BaseException) -> str | None:
    """Return a driver's message about a missing column, None for any other error."""
    state = getattr(error, "sqlstate", None)
    if state == _UNDEFINED_COLUMN or (state is None and _OTHER_COLUMNS.search(str(error))):
        return str(error).partition("\n")[0]
    return None
