"""The runner: rows and checkpoint move together, once, whatever else runs, fails or is poison."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, select
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from shared.clock import system_clock
from shared.database.bulk_write import insert
from shared.errors import Unavailable
from shared.eventlog.checkpoint import CheckpointConflict, LogMismatch
from shared.eventlog.protocol import EventLog
from shared.readmodel.decoded_events import DecodedEvent
from shared.readmodel.protocol import ReadModel
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from tests.support.growing_log import GrowingLog

POISON = "unit/poison"


class Names:
    """A read model of one table: the position and subject of every unit that was opened."""

    version = 1
    events = frozenset({"UnitOpened"})

    def __init__(self, name: str = "names", poison: frozenset[str] = frozenset()) -> None:
        self.name = name
        self.poison = poison
        self.forgotten = 0
        self.heard: list[tuple[int, int]] = []
        self.metadata = MetaData()
        self.table = Table(
            f"rm_{name}_rows",
            self.metadata,
            Column("position", BigInteger, primary_key=True),
            Column("subject", Text),
        )

    def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        insert(connection, self.table, [(fact.position, fact.subject) for fact in facts])
        for fact in facts:
            if fact.subject in self.poison:
                message = "this unit cannot be folded"
                raise ValueError(message)

    def forget(self) -> None:
        self.forgotten += 1

    def committed(self, after: int, until: int) -> None:
        self.heard.append((after, until))

    def rows(self, store: Store) -> list[int]:
        with store.reading() as connection:
            return sorted(connection.scalars(select(self.table.c.position)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'read.db'}")
    yield opened
    opened.close()


def _runner(log: EventLog, store: Store, *models: Names, run: int = 10) -> Runner:
    runner = Runner(log, store, models, clock=system_clock, run=run)
    runner.start()
    return runner


def _to_head(runner: Runner) -> None:
    while runner.step():
        pass


def test_every_event_is_folded_once_in_runs(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(25)
    runner = _runner(growing.log, store, names)
    assert runner.step() == 10
    assert runner.position == 10
    _to_head(runner)
    growing.grow(3)
    _to_head(runner)
    assert names.rows(store) == list(range(1, 29))
    assert runner.checkpoints()["names"].events_handled == 28


def test_a_read_model_hears_of_each_run_that_is_committed_and_of_no_other(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(3)
    runner = _runner(growing.log, store, names, run=2)
    _to_head(runner)
    assert names.heard == [(0, 2), (2, 3)]
    assert runner.recorded_us(3) == growing.log.head().recorded_us
    assert runner.recorded_us(2) is None
    late = Names()
    _to_head(_runner(growing.log, store, late))
    assert late.heard == []


def test_a_restarted_runner_goes_on_where_the_rows_end(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(15)
    _runner(growing.log, store, names).step()
    _to_head(_runner(growing.log, store, names))
    assert names.rows(store) == list(range(1, 16))


def test_a_second_runner_cannot_apply_twice(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(12)
    first, second = (_runner(growing.log, store, names) for _ in range(2))
    first.step()
    events = growing.log.read(0, 10)
    with pytest.raises(CheckpointConflict):
        second.apply(events, first.checkpoint())
    assert names.rows(store) == list(range(1, 11))
    _to_head(second)
    assert names.rows(store) == list(range(1, 13))


def test_a_failed_run_leaves_neither_rows_nor_checkpoint(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(5)
    runner = _runner(growing.log, store, names)
    with store.writing() as connection:
        insert(connection, names.table, [(5, "in the way")])
    _to_head(runner)
    # The row in the way breaks the fold of position 5: its subject is set aside, the others go on.
    assert [each.position for each in runner.quarantined()] == [5]
    assert names.rows(store) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("sickness", [OperationalError, InterfaceError, InternalError])
def test_no_event_is_blamed_for_a_database_that_is_not_well(
    store: Store, sickness: type[DBAPIError]
) -> None:
    class Sick(Names):
        well = False

        def fold(self, facts: Sequence[DecodedEvent], connection: Connection) -> None:
            if not self.well:
                raise sickness("INSERT", None, Exception("read-only, or a quota is reached"))
            super().fold(facts, connection)

    growing, names = GrowingLog(), Sick()
    growing.grow(5)
    runner = _runner(growing.log, store, names)
    with pytest.raises(Unavailable):
        runner.step()
    assert runner.quarantined() == []
    names.well = True
    _to_head(runner)
    assert names.rows(store) == [1, 2, 3, 4, 5]


def test_a_poison_event_stops_its_own_subject_and_nothing_else(store: Store) -> None:
    growing = GrowingLog()
    growing.grow(20)
    poison = growing.log.read(0, 20)[12].subject
    names, others = Names(poison=frozenset({poison})), Names("others")
    runner = _runner(growing.log, store, names, others)
    _to_head(runner)
    (aside,) = runner.quarantined()
    assert (aside.read_model, aside.subject, aside.position) == ("names", poison, 13)
    assert aside.reason == "ValueError: this unit cannot be folded"
    assert aside.events_held == 1
    assert names.rows(store) == [position for position in range(1, 21) if position != 13]
    assert others.rows(store) == list(range(1, 21))
    handled = {name: each.events_handled for name, each in runner.checkpoints().items()}
    assert handled == {"names": 19, "others": 20}


def test_several_poisons_in_one_run_are_all_found(store: Store) -> None:
    growing = GrowingLog()
    growing.grow(20)
    subjects = [event.subject for event in growing.log.read(0, 20)]
    names = Names(poison=frozenset({subjects[0], subjects[7], subjects[19]}))
    runner = _runner(growing.log, store, names, run=20)
    _to_head(runner)
    assert [each.position for each in runner.quarantined()] == [1, 8, 20]
    assert len(names.rows(store)) == 17


def test_what_is_in_quarantine_stays_there_after_a_restart(store: Store) -> None:
    growing = GrowingLog()
    growing.grow(3)
    poison = growing.log.read(0, 1)[0].subject
    _to_head(_runner(growing.log, store, Names(poison=frozenset({poison}))))
    runner = _runner(growing.log, store, Names())
    growing.grow(2)
    _to_head(runner)
    assert [each.subject for each in runner.quarantined()] == [poison]
    assert runner.checkpoints()["names"].events_handled == 4


def test_a_new_read_model_catches_up_alone_and_then_goes_with_the_others(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(15)
    _to_head(_runner(growing.log, store, names))
    growing.grow(10)
    late = Names("late")
    runner = _runner(growing.log, store, names, late, run=100)
    assert runner.position == 0
    _to_head(runner)
    assert names.rows(store) == late.rows(store) == list(range(1, 26))


def test_a_log_restored_to_an_older_state_is_noticed(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(10)
    runner = _runner(growing.log, store, names)
    _to_head(runner)
    restored = growing.restored_to(6)
    with pytest.raises(LogMismatch):
        _runner(restored.log, store, names)
    restored.grow(9)
    with pytest.raises(LogMismatch):
        _runner(restored.log, store, names)
    moved = Runner(restored.log, store, [names], clock=system_clock)
    with pytest.raises(LogMismatch):
        moved.start()


def test_a_log_that_does_not_continue_is_noticed(store: Store) -> None:
    growing, names = GrowingLog(), Names()
    growing.grow(10)
    runner = _runner(growing.log, store, names, run=6)
    runner.step()
    other = growing.restored_to(5)
    other.grow(5)
    runner._log = other.log
    with pytest.raises(LogMismatch):
        runner.step()
    assert names.rows(store) == list(range(1, 7))


class Interrupted(Runner):
    """A runner that lets others go on before, or after, it sets a subject aside."""

    before: Callable[[], object] = staticmethod(lambda: None)
    after: Callable[[], object] = staticmethod(lambda: None)

    def _set_aside(self, model: ReadModel, facts: Sequence[DecodedEvent]) -> None:
        self.before()
        super()._set_aside(model, facts)
        self.after()


def _two_releases(store: Store) -> tuple[str, Interrupted, Runner, Names]:
    """Return a poison subject, the runner of a faulty release, and that of a mended one."""
    growing, mended_names = GrowingLog(), Names()
    growing.grow(10)
    poison = growing.log.read(4, 1)[0].subject
    names = Names(poison=frozenset({poison}))
    faulty = Interrupted(growing.log, store, [names], clock=system_clock, run=10)
    faulty.start()
    return poison, faulty, _runner(growing.log, store, mended_names), mended_names


def test_a_mended_runner_beside_a_faulty_one_holds_what_that_has_set_aside(store: Store) -> None:
    poison, faulty, mended, names = _two_releases(store)

    def mended_goes_on() -> None:
        assert mended.step() == 0, "it sees that the quarantine is another than it knew"
        _to_head(mended)

    faulty.after = mended_goes_on
    _to_head(faulty)
    assert names.rows(store) == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    (aside,) = mended.quarantined()
    assert (aside.subject, aside.events_held) == (poison, 1)
    assert mended.checkpoints()["names"].events_handled == 9


def test_what_a_mended_runner_has_folded_meanwhile_is_not_set_aside(store: Store) -> None:
    _, faulty, mended, names = _two_releases(store)
    faulty.before = lambda: _to_head(mended)
    _to_head(faulty)
    assert names.rows(store) == list(range(1, 11))
    assert mended.quarantined() == []
    assert faulty.checkpoints()["names"].events_handled == 10
