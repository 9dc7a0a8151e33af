"""A worker goes on after errors, stops for those that are fatal, and never works in a busy loop."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from shared.bus.consumer import Entry
from shared.bus.wakeable_worker import StreamBuffer, Worker

LONG = 3_600.0


@contextmanager
def working(worker: Worker) -> Iterator[Worker]:
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


class Steps:
    """A step that does as it is told, one word after another, then nothing more."""

    def __init__(self, *words: int | Exception) -> None:
        self.calls = 0
        self.idle = threading.Event()
        self._words = list(words)

    def __call__(self) -> int:
        self.calls += 1
        if not self._words:
            self.idle.set()
            return 0
        word = self._words.pop(0)
        if isinstance(word, Exception):
            raise word
        return word


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    while not true():
        pause.wait(0.001)


def test_it_works_until_there_is_nothing_more_to_do() -> None:
    steps = Steps(5, 5, 1)
    with working(Worker("test", steps, every_seconds=LONG)):
        assert steps.idle.wait(10)
    assert steps.calls == 4


def test_a_wake_makes_it_look_at_once() -> None:
    steps = Steps()
    with working(Worker("test", steps, every_seconds=LONG)) as worker:
        assert steps.idle.wait(10)
        wait_until(lambda: steps.calls == 1)
        worker.wake()
        wait_until(lambda: steps.calls == 2)


def test_it_looks_once_in_a_while_though_nobody_wakes_it() -> None:
    steps = Steps()
    with working(Worker("test", steps, every_seconds=0.001)):
        wait_until(lambda: steps.calls >= 5)


def test_it_goes_on_after_an_error_and_says_it_once(caplog: pytest.LogCaptureFixture) -> None:
    gone = ConnectionError("Redis is gone")
    steps = Steps(gone, gone, gone, 1)
    with caplog.at_level(logging.INFO), working(Worker("relay", steps, every_seconds=0.001)) as at:
        assert steps.idle.wait(10)
        wait_until(lambda: at.trouble is None)
    assert [record.getMessage() for record in caplog.records] == [
        "relay waits: ConnectionError: Redis is gone",
        "relay continues",
    ]


def test_wakes_do_not_make_a_busy_loop_of_trouble() -> None:
    steps = Steps(*[ConnectionError("gone")] * 100)
    with working(Worker("test", steps, every_seconds=LONG)) as worker:
        wait_until(lambda: worker.trouble is not None)
        for _ in range(100):
            worker.wake()
        assert not steps.idle.wait(0.05)
    assert steps.calls == 1


def test_a_fatal_error_ends_the_work_and_is_kept() -> None:
    foreign = LookupError("another log")
    steps = Steps(1, foreign, 1)
    with working(Worker("test", steps, every_seconds=0.001, fatal=(LookupError,))) as worker:
        wait_until(lambda: worker.failure is not None)
    assert worker.failure is foreign
    assert steps.calls == 2


def test_an_inbox_gives_entries_in_order_and_once() -> None:
    inbox = StreamBuffer()
    first, second = Entry(b"1-0", b"a"), Entry(b"2-0", b"b")
    inbox.put([first])
    inbox.put([second])
    assert inbox.take() == [first, second]
    assert inbox.take() == []


def test_a_full_inbox_forgets_everything_because_the_log_has_it() -> None:
    inbox = StreamBuffer(limit_bytes=100)
    inbox.put(Entry(b"%d-0" % n, b"x" * 30) for n in range(1, 4))
    inbox.put([Entry(b"4-0", b"x" * 30)])
    assert inbox.take() == []
    inbox.put([Entry(b"5-0", b"x" * 30)])
    assert [entry.id for entry in inbox.take()] == [b"5-0"]
