"""Rows are left to the server while the fold goes on; what it refuses is laid to whoever wrote it."""

from collections.abc import Iterator

import pytest
from psycopg.copy import LibpqWriter
from psycopg.generators import copy_to
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, func, select
from sqlalchemy.exc import IntegrityError

from shared.clock import system_clock
from shared.database.bulk_write import insert
from shared.readmodel.decoded_events import DecodedEvent
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from tests.support.growing_log import GrowingLog


class Positions:
    """A read model of the positions of units; one more question may follow what it writes."""

    version = 1
    events = frozenset({"UnitOpened"})

    def __init__(self, name: str, *, asks: bool = False) -> None:
        self.name = name
        self.asks = asks
        self.table = Table(
            f"rm_{name}_rows", MetaData(), Column("position", BigInteger, primary_key=True)
        )
        self.metadata = self.table.metadata

    def fold(self, facts: list[DecodedEvent], connection: Connection) -> None:
        if self.asks:
            connection.execute(select(self.table)).all()
        insert(connection, self.table, [(fact.position,) for fact in facts])

    def forget(self) -> None: ...

    def committed(self, after: int, until: int) -> None: ...

    def rows(self, store: Store) -> list[int]:
        with store.reading() as connection:
            return sorted(connection.scalars(select(self.table.c.position)))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("heard_by", ["a question", "more rows", "the commit"])
def test_what_is_refused_is_laid_to_the_read_model_that_wrote_it(
    store: Store, heard_by: str
) -> None:
    growing = GrowingLog()
    growing.grow(5)
    writes, other = Positions("writes"), Positions("other", asks=heard_by == "a question")
    models = [other, writes] if heard_by == "the commit" else [writes, other]
    runner = Runner(growing.log, store, models, clock=system_clock)
    runner.start()
    with store.writing() as connection:
        insert(connection, writes.table, [(3,)])
    while runner.step():
        pass
    assert [(each.read_model, each.position) for each in runner.quarantined()] == [("writes", 3)]
    assert writes.rows(store) == other.rows(store) == [1, 2, 3, 4, 5]


def test_a_refusal_that_nobody_asked_about_fails_the_commit(store: Store) -> None:
    table = Positions("alone")
    store.create(table.metadata)
    with pytest.raises(IntegrityError), store.folding() as connection:
        insert(connection, table.table, [(1,), (1,)])
    assert table.rows(store) == []
    with store.folding() as connection:
        insert(connection, table.table, [(1,)])
    assert table.rows(store) == [1]


def test_what_is_under_way_when_a_fold_fails_is_undone(store: Store) -> None:
    """The connection is not given up for it: the next transaction is on the same one."""
    table = Positions("undone")
    store.create(table.metadata)
    used = []
    with pytest.raises(ZeroDivisionError), store.folding() as connection:  # noqa: PT012
        used.append(connection.connection.driver_connection)
        insert(connection, table.table, [(1,)])
        raise ZeroDivisionError
    with store.folding() as connection:
        used.append(connection.connection.driver_connection)
        insert(connection, table.table, [(2,)])
    assert table.rows(store) == [2]
    assert used[0] is used[1]


@pytest.mark.postgres
@pytest.mark.timeout(30)
def test_rows_that_the_network_does_not_take_at_once_are_sent_all_the_same(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here nothing waits for the network until the end: then most rows are still to be sent."""

    def hold(writer: LibpqWriter, data: bytes) -> None:
        writer.connection.wait(copy_to(writer.connection.pgconn, data, flush=False))

    monkeypatch.setattr(LibpqWriter, "_put", hold)
    store, table = Store(fresh_database), Positions("many")
    store.create(table.metadata)
    with store.folding() as connection:
        insert(connection, table.table, [(number,) for number in range(1_000_000)])
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(table.table)) == 1_000_000
    store.close()
