"""A process of reporting that is stopped while it folds keeps nobody from folding on."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import make_url

from shared.errors import Unavailable
from tests.support.cloudevents import country
from tests.support.figures_of_events import Projecting

pytestmark = pytest.mark.postgres


@pytest.fixture
def projecting(make_database: Callable[[], str]) -> Iterator[Projecting]:
    opened = Projecting(make_database())
    yield opened
    opened.store.close()


@pytest.fixture
def other(projecting: Projecting) -> Iterator[psycopg.Connection]:
    """Give what a second runner has: a connection that has moved the checkpoints."""
    address = make_url(projecting.store.url).set(drivername="postgresql")
    with closing(psycopg.connect(address.render_as_string(hide_password=False))) as connection:
        connection.execute("UPDATE read_model_checkpoints SET events_handled = 77")
        yield connection


@pytest.mark.slow
def test_a_runner_that_is_stopped_between_two_statements_is_cut_off(
    projecting: Projecting, other: psycopg.Connection
) -> None:
    projecting.history.given(country())
    with pytest.raises(Unavailable):
        projecting.runner.step()
    assert projecting.runner.step() == 1
    assert projecting.runner.checkpoints()["units"].events_handled == 1
    with pytest.raises(psycopg.OperationalError):
        other.commit()


def test_a_runner_that_is_stopped_within_a_copy_is_cut_off(
    projecting: Projecting, other: psycopg.Connection
) -> None:
    projecting.history.given(country())
    other.pgconn.exec_(b"COPY rm_units_events FROM STDIN")
    with pytest.raises(Unavailable):
        projecting.runner.step()
    assert projecting.runner.step() == 1
    assert projecting.runner.checkpoints()["units"].events_handled == 1


@pytest.mark.slow
def test_a_runner_that_is_at_work_is_waited_for(
    projecting: Projecting, other: psycopg.Connection
) -> None:
    projecting.history.given(country())
    other.pgconn.send_query(b"SELECT pg_sleep(5)")  # longer than anybody waits
    with pytest.raises(Unavailable):
        projecting.runner.step()
    assert other.pgconn.get_result() is not None
    assert other.pgconn.get_result() is None
    other.rollback()
    assert projecting.runner.step() == 1
