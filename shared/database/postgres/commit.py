"""COMMIT with a limit of time: one that waits for a lost standby has an unknown outcome.

A synchronous commit waits, without a limit of its own, for a standby that may be gone. It must not
be cancelled: PostgreSQL has committed on its own disk by then, and would say that all is well. So
the connection is given up, and the server goes on waiting; it holds the locks of the transaction,
and what it wrote is seen by no other session, until the standby is back or no longer waited for.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus

from shared.errors import declare

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult
    from sqlalchemy import Engine

COMMIT_UNCONFIRMED = declare(
    "commit_unconfirmed",
    503,
    vi="Cơ sở dữ liệu chưa xác nhận việc ghi: có thể đã ghi, có thể chưa, và máy dự phòng có thể "
    "đang vắng. Hãy gửi lại chính yêu cầu này: không có gì bị ghi hai lần.",
    en="The database has not confirmed the write: it may be stored or not, and a standby may be "
    "away. Send the same request again: nothing is stored twice.",
)
COMMIT_SECONDS = 5.0


class CommitUnconfirmedError(psycopg.OperationalError):
    """No answer came to a COMMIT, or one that does not hold on the standby."""


def commit_in_time(driver: psycopg.Connection[Any]) -> None:
    """Commit a connection's transaction within COMMIT_SECONDS; without one do nothing.

    Raises CommitUnconfirmedError, with the connection closed, when no answer has come in time, when
    the connection breaks, and when the server warns that a standby may not have the transaction.
    """
    if driver.pgconn.transaction_status == TransactionStatus.IDLE:
        return
    warnings: list[str] = []

    def warned(about: errors.Diagnostic) -> None:
        warnings.append(about.message_primary or "")

    driver.add_notice_handler(warned)
    try:
        result = _committed(driver, time.monotonic() + COMMIT_SECONDS)
    except psycopg.OperationalError as error:
        driver.close()
        raise CommitUnconfirmedError(str(error)) from error
    finally:
        driver.remove_notice_handler(warned)
    if result.status != ExecStatus.COMMAND_OK:
        state = result.error_field(DiagnosticField.SQLSTATE) or b""
        if state.startswith(b"57P"):  # the server ends the session: perhaps after its own commit
            driver.close()
            raise CommitUnconfirmedError(result.error_message.decode(errors="replace"))
        raise errors.error_from_result(result)
    if warnings:
        driver.close()
        raise CommitUnconfirmedError("; ".join(warnings))


def commits_are_bounded(engine: Engine) -> None:
    """Let every commit of an engine be a `commit_in_time`."""

    def do_commit(connection: Any) -> None:  # noqa: ANN401  the driver under the pool's proxy
        commit_in_time(getattr(connection, "driver_connection", connection))

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign, assignment]


def _committed(driver: psycopg.Connection[Any], deadline: float) -> PGresult:
    """Send COMMIT and return its result."""
    server = driver.pgconn
    server.send_query(b"COMMIT")
    while server.flush():
        _wait_for(server.socket, select.POLLOUT, deadline)
    results: list[PGresult] = []
    while True:
        while server.is_busy():
            _wait_for(server.socket, select.POLLIN, deadline)
            server.consume_input()
        result = server.get_result()
        if result is None:  # the end of the answer
            return results[0]
        results.append(result)


def _wait_for(socket: int, what: int, deadline: float) -> None:
    waiting = select.poll()
    waiting.register(socket, what)
    if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
        message = "COMMIT was not answered in time"
        raise psycopg.OperationalError(message)
