"""A record is replaced only by the one that a redaction in the log states, on both databases."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.eventlog.redacting import is_as_recorded, replace_records
from shared.eventlog.sql import SqlEventLog
from shared.events.envelope import link
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import original_digest
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.earlier_logs import as_of_an_earlier_release
from tests.support.event_builders import registered
from tests.support.redactions import NAME, redacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.eventlog.protocol import EventLog
    from shared.events.envelope import ReceivedEvent

pytestmark = pytest.mark.parametrize(
    "open_as", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
if TYPE_CHECKING:
    Opener = Callable[[Family], EventLog]
OLD, NEW = f"Việc tốt của bà {NAME}", "Việc tốt của [đã che]"


@pytest.fixture
def named(log: EventLog) -> SqlEventLog:
    """Return a log in SQL whose second event has a name in its title and its note."""
    assert isinstance(log, SqlEventLog)
    put(log, country(), registered("1", title=OLD, note=OLD))
    return log


def put(log: SqlEventLog, *events: ReceivedEvent) -> None:
    appender = Appender(log, RegistryDecider())
    request = appender.submit(list(events))
    appender.step()
    assert {outcome.__class__.__name__ for outcome in request.result(timeout=5)} == {"Accepted"}


def second(log: SqlEventLog) -> RecordedEvent:
    return log.read(1, 1)[0]


def test_replaced_once_and_position_time_digest_chain_and_key_stay(named: SqlEventLog) -> None:
    before = second(named)
    put(named, redacts(before, {"/title": NEW, "/note": NEW}))
    assert [each[:2] for each in replace_records(named)] == [(2, 3)]
    after = second(named)
    assert NAME.encode() not in after.body
    assert original_digest(after.body) == before.digest == after.digest
    assert {**vars(after), "body": b""} == {**vars(before), "body": b""}
    chain = named.read(0, 1)[0].chain
    assert link(chain, 2, after.recorded_us, after.digest) == after.chain
    assert is_as_recorded(named, after)
    assert replace_records(named) == []


def test_of_two_redactions_the_later_record_counts(named: SqlEventLog) -> None:
    before = second(named)
    first = redacts(before, {"/title": NEW})
    put(named, first)
    replace_records(named)
    put(named, redacts(second(named), {"/note": NEW}))
    assert len(replace_records(named)) == 1
    assert NAME.encode() not in second(named).body
    assert is_as_recorded(named, second(named))
    assert replace_records(named) == []


@pytest.mark.parametrize("change", ["other body", "original", "other column", "no redaction"])
def test_any_other_change_of_a_row_is_refused(named: SqlEventLog, change: str) -> None:
    before = second(named)
    if change != "no redaction":
        put(named, redacts(before, {"/title": NEW}))
    replace_records(named)
    body = {"other body": second(named).body.replace(b"2022", b"2023"), "original": before.body}
    statement = text("UPDATE log_events SET body = :body WHERE position = 2")
    statement = statement.bindparams(body=body.get(change, b"{}"))
    if change == "other column":
        statement = text("UPDATE log_events SET plan_year = 2023 WHERE position = 2")
    with named.owner_session() as (_, connection):
        with pytest.raises(DBAPIError, match="insert only"):
            connection.execute(statement)
        connection.rollback()


def test_a_record_that_no_redaction_states_is_not_as_recorded(named: SqlEventLog) -> None:
    before = second(named)
    put(named, redacts(before, {"/title": NEW}))
    replace_records(named)
    right = second(named)
    for body in (right.body.replace(b"2022", b"2023"), before.body.replace(b"2022", b"2023")):
        wrong = RecordedEvent.of({**vars(right), "body": body})
        assert not is_as_recorded(named, wrong)
        assert sha256(body).digest() != before.digest


def test_a_log_of_an_earlier_release_takes_redactions_after_its_migration(
    open_as: Opener,
) -> None:
    log = open_as(Family.REGISTRY)
    assert isinstance(log, SqlEventLog)
    put(log, country(), registered("1", title=OLD))
    with log.owner_session() as (_, connection):
        as_of_an_earlier_release(connection)
    log = open_as(Family.REGISTRY)
    assert isinstance(log, SqlEventLog)
    put(log, redacts(second(log), {"/title": NEW}))
    assert len(replace_records(log)) == 1
