"""A consumer takes in each event once and in order, whatever the stream delivers."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.consumer import Consumer, Entry
from shared.eventlog.checkpoint import CheckpointConflict, LogMismatch, LogPosition
from shared.eventlog.protocol import EventLog, Head
from shared.events.recorded import RecordedEvent
from tests.support.growing_log import GrowingLog
from tests.support.memory_target import Shelf, entries


class CountedReads:
    """A log that counts how often events are read from it."""

    def __init__(self, log: EventLog) -> None:
        self.reads = 0
        self._log = log

    def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        self.reads += 1
        return self._log.read(after, limit)

    def at(self, position: int) -> Head | None:
        return self._log.at(position)


@pytest.fixture
def source() -> GrowingLog:
    log = GrowingLog()
    log.grow(10)
    return log


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def holes() -> list[None]:
    return []


@pytest.fixture
def log(source: GrowingLog) -> CountedReads:
    return CountedReads(source.log)


@pytest.fixture
def consumer(log: CountedReads, shelf: Shelf, holes: list[None]) -> Consumer:
    return Consumer(log, shelf, on_hole=lambda: holes.append(None))  # type: ignore[arg-type]


def take_all(consumer: Consumer) -> None:
    while consumer.step():
        pass


def test_entries_that_continue_are_taken_without_reading_them_from_the_log(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, log: CountedReads
) -> None:
    assert consumer.step(entries(source.log.read(0, 4))) == 4
    assert consumer.step(entries(source.log.read(4, 6))) == 6
    assert shelf.events == list(source.log.read(0, 10))
    assert log.reads == 0


def test_without_any_entry_the_log_is_read_in_runs(source: GrowingLog, shelf: Shelf) -> None:
    consumer = Consumer(source.log, shelf, group=4)
    assert [consumer.step(), consumer.step(), consumer.step(), consumer.step()] == [4, 4, 2, 0]
    assert shelf.events == list(source.log.read(0, 10))


def test_redelivered_entries_are_dropped(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    delivered = entries(source.log.read(0, 10))
    consumer.step(delivered[:6])
    assert consumer.step(delivered[2:8]) == 2
    assert consumer.step(delivered[:8]) == 2, "nothing new in them: the log is asked"
    assert shelf.positions == list(range(1, 11))
    assert holes == []


def test_a_hole_is_filled_from_the_log_and_counted(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    delivered = entries(source.log.read(0, 10))
    assert consumer.step([*delivered[:3], *delivered[5:]]) == 3
    take_all(consumer)
    assert shelf.positions == list(range(1, 11))
    assert len(holes) == 1


def test_entries_that_begin_behind_a_hole_are_read_from_the_log_at_once(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    assert consumer.step(entries(source.log.read(7, 2))) == 10
    assert shelf.positions == list(range(1, 11))
    assert len(holes) == 1


@pytest.mark.parametrize("item", [b"", b"{}", b"\xff\xfe", b'{"sequence":', b"null"], ids=repr)
def test_an_entry_that_cannot_be_read_is_read_from_the_log(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None], item: bytes
) -> None:
    delivered = entries(source.log.read(0, 10))
    delivered[4] = Entry(delivered[4].id, item)
    consumer.step(delivered)
    take_all(consumer)
    assert shelf.events == list(source.log.read(0, 10))
    assert len(holes) == 1


def test_an_entry_whose_record_was_changed_is_read_from_the_log(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    delivered = entries(source.log.read(0, 10))
    changed = delivered[4].item.replace("Xã Bình Văn".encode(), "Xã Bình Vân".encode())
    assert changed != delivered[4].item
    delivered[4] = Entry(delivered[4].id, changed)
    consumer.step(delivered)
    take_all(consumer)
    assert shelf.events == list(source.log.read(0, 10))
    assert len(holes) == 1


def test_entries_of_another_log_are_not_taken(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    consumer.step(entries(source.log.read(0, 5)))
    other = source.restored_to(3)
    other.grow(5)
    consumer.step(entries(other.log.read(5, 3)))
    take_all(consumer)
    assert shelf.events == list(source.log.read(0, 10))
    assert len(holes) == 1


def test_forged_entries_that_continue_the_chain_are_not_taken(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, holes: list[None]
) -> None:
    consumer.step(entries(source.log.read(0, 5)))
    forged = source.restored_to(5)  # whoever can read the stream can go on from its chain
    forged.grow(9)
    consumer.step(entries(forged.log.read(5, 5)))
    take_all(consumer)
    consumer.step(entries(forged.log.read(10, 4)))
    take_all(consumer)
    source.grow(2)
    take_all(consumer)
    assert shelf.events == list(source.log.read(0, 12))
    assert len(holes) == 2


def test_a_log_restored_to_an_older_state_stops_the_consumer(
    source: GrowingLog, shelf: Shelf, consumer: Consumer
) -> None:
    take_all(consumer)
    shorter = Consumer(source.restored_to(6).log, shelf)
    with pytest.raises(LogMismatch, match="up to position 10"):
        shorter.step()
    assert shelf.positions == list(range(1, 11))


@pytest.mark.parametrize("grown", [4, 9], ids=["as long as before", "longer than before"])
def test_a_restored_log_that_has_grown_again_stops_the_consumer(
    source: GrowingLog, shelf: Shelf, consumer: Consumer, grown: int
) -> None:
    take_all(consumer)
    restored = source.restored_to(6)
    restored.grow(grown)
    with pytest.raises(LogMismatch):
        Consumer(restored.log, shelf).step(entries(restored.log.read(6, grown)))
    assert shelf.positions == list(range(1, 11))


def test_what_a_second_consumer_has_taken_is_not_taken_again(source: GrowingLog) -> None:
    class Late(Shelf):
        """A shelf whose checkpoint moves after it was read, once."""

        def checkpoint(self) -> LogPosition:
            read = super().checkpoint()
            if not self.events:
                super().apply(source.log.read(0, 6), LogPosition(6, source.log.read(5, 1)[0].chain))
            return read

    shelf = Late()
    consumer = Consumer(source.log, shelf)
    assert consumer.step() == 0
    take_all(consumer)
    assert shelf.positions == list(range(1, 11))


def test_a_target_that_fails_gets_the_same_events_again(source: GrowingLog) -> None:
    class Failing(Shelf):
        """A shelf that fails once, before anything is kept."""

        failed = False

        def apply(self, events: Sequence[RecordedEvent], checkpoint: LogPosition) -> None:
            if not self.failed:
                self.failed = True
                raise OSError("the disk is full")
            super().apply(events, checkpoint)

    shelf = Failing()
    consumer = Consumer(source.log, shelf)
    with pytest.raises(OSError, match="full"):
        consumer.step(entries(source.log.read(0, 10)))
    take_all(consumer)
    assert shelf.positions == list(range(1, 11))


@given(
    deliveries=st.lists(st.lists(st.integers(0, 29), max_size=12), max_size=20),
    spoiled=st.sets(st.integers(0, 29), max_size=5),
    grown=st.lists(st.integers(0, 3), min_size=20, max_size=20),
)
def test_any_delivery_ends_in_each_event_once_and_in_order(
    deliveries: list[list[int]], spoiled: set[int], grown: list[int]
) -> None:
    """Whatever is lost, doubled, reordered or spoiled on the way, while the log grows."""
    source, shelf = GrowingLog(), Shelf()
    source.grow(30)
    everything = source.log.read(0, 30)
    delivered = entries(everything)
    for number in spoiled:
        delivered[number] = Entry(delivered[number].id, sha256(delivered[number].item).digest())
    consumer = Consumer(source.log, shelf, group=5)
    for numbers, more in zip(deliveries, grown, strict=False):
        consumer.step([delivered[number] for number in numbers])
        source.grow(more)
    take_all(consumer)
    assert shelf.events == list(source.log.read(0, 1_000))


def test_overtaken_is_what_a_target_says_when_somebody_was_faster(source: GrowingLog) -> None:
    shelf = Shelf()
    with pytest.raises(CheckpointConflict):
        shelf.apply(source.log.read(3, 2), LogPosition(5, bytes(32)))
