"""Each alarm about writing fires when what it is about really happens, and only then.

Everything is real (SQLite log, appender, rules, /metrics); only the clock is made up.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import start_http_server

from shared.appending.decider import Decision
from shared.appending.lock_wait import LockWait
from shared.events.envelope import ReceivedEvent
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from shared.web.publishing.writing_service import writing
from tests.support.alarm_scenarios import Alarmed, broken_event
from tests.support.cloudevents import cloudevent, country, unit
from tests.support.memory_log import MemoryEventLog
from tests.support.prometheus import Prometheus, page_of
from tests.support.small_rules import FewRules

DAY = 86_400
FULL = Path("/proc")
"""A file system in which there is no room at all, on every Linux."""


@contextmanager
def held_lock(home: Path) -> Iterator[None]:
    """Hold the append lock, as another process does that is stopped in the middle of an append."""
    handle = os.open(home / "log.db.lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def over_a_socket(port: int) -> str:
    """Return what answers at /metrics of a port."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def test_a_service_that_is_gone_does_not_answer() -> None:
    metrics = Metrics()
    server, thread = start_http_server(0, "127.0.0.1", metrics.registry)
    prometheus = Prometheus(evaluation=partial(over_a_socket, server.server_port))
    assert prometheus.watch(120).firing("ServiceDoesNotAnswer") == []
    server.shutdown()
    server.server_close()
    thread.join()
    assert prometheus.watch(45).firing("ServiceDoesNotAnswer") == []  # a restart is no alarm
    (fired,) = prometheus.watch(45).firing("ServiceDoesNotAnswer")
    assert fired["service"] == "evaluation"
    port = server.server_port
    server, thread = start_http_server(port, "127.0.0.1", metrics.registry)
    assert prometheus.watch(15).firing("ServiceDoesNotAnswer") == []
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_writer_that_waits_for_the_lock_is_seen_while_it_waits(
    service: Alarmed, tmp_path: Path
) -> None:
    service.append(country())
    assert service.watch(180).firing("LogWriterWaiting") == []
    with held_lock(tmp_path):
        service.appender.submit([unit("a")])
        waiting = threading.Thread(target=service.appender.step)
        waiting.start()
        while service.appender.lock_wait.seconds == 0:
            service.prometheus.now += 0.001  # until the other thread stands before the lock
        (fired,) = service.watch(150).firing("LogWriterWaiting")
        assert fired["service"] == "registry"
    waiting.join()
    assert service.log.head().position == 2
    assert service.watch(75).firing("LogWriterWaiting") == []


def test_waits_that_end_in_vain_count_too(service: Alarmed, tmp_path: Path) -> None:
    service.append(country())
    wait = LockWait(service.prometheus.seconds)

    class Refused:
        """A session that comes too late, after a made-up wait."""

        def __enter__(self) -> None:
            service.prometheus.now += 5
            raise TimeoutError

        def __exit__(self, *_: object) -> None:
            """Nothing was entered."""

    for times in (1, 2):
        with pytest.raises(TimeoutError), wait.until(Refused()):
            pass
        assert wait.seconds == 5 * times


def test_a_log_set_back_to_an_older_state_is_an_alarm_until_the_service_starts_anew(
    tmp_path: Path,
) -> None:
    store = MemoryEventLog()
    service = Alarmed(tmp_path, store.as_family(Family.REGISTRY))
    service.append(country())
    older = store.store.trial()
    service.append(unit("a"))
    assert service.watch(60).firing("LogRestored") == []
    store.store.__dict__.update(older.__dict__)
    service.appender.submit([unit("b")])
    with pytest.raises(Exception, match="log_restored"):
        service.appender.step()
    (fired,) = service.watch(15).firing("LogRestored")
    assert fired["service"] == "registry"
    again = Alarmed(tmp_path, store.as_family(Family.REGISTRY))
    again.append(unit("b"))
    assert again.watch(15).firing("LogRestored") == []


def test_groups_that_take_long_are_slow(service: Alarmed, tmp_path: Path) -> None:
    for name in ("a", "b"):
        service.append(country() if name == "a" else unit(name))
        service.watch(15)
    assert service.watch(600, 30).firing("AppendSlow") == []
    for name in ("c", "d"):
        real = LockWait()
        service.appender.lock_wait = real
        with held_lock(tmp_path):
            service.appender.submit([unit(name)])
            appending = threading.Thread(target=service.appender.step)
            appending.start()
            while real.seconds < 0.12:
                threading.Event().wait(0.005)
        appending.join()
        service.watch(240, 30)
    (fired,) = service.watch(15).firing("AppendSlow")
    assert fired == {"service": "registry"}
    assert service.watch(600, 30).firing("AppendSlow") == []


def test_a_queue_that_is_half_full_is_long(service: Alarmed) -> None:
    assert service.watch(120).firing("AppendQueueLong") == []
    one = unit("nobody", "unknown")
    service.appender.submit([one] * 10_001)
    assert service.watch(45).firing("AppendQueueLong") == []
    (fired,) = service.watch(45).firing("AppendQueueLong")
    assert fired["service"] == "registry"
    service.appender.step()
    assert service.watch(15).firing("AppendQueueLong") == []


def test_publishers_that_are_told_to_wait_are_seen(service: Alarmed) -> None:
    event = cloudevent("UnitOpened", {**VIETNAM, "occurred_on": "2004-01-01"})
    service.appender._queue._limit = 1
    service.appender.submit([country()])
    assert service.watch(660, 30).firing("PublishersToldToWait") == []
    for _ in range(22):
        assert service.send([event]) == 429
        service.watch(30)
    assert service.firing("PublishersToldToWait") == [{"service": "registry"}]
    service.appender.step()
    assert service.watch(330, 30).firing("PublishersToldToWait") == []


VIETNAM = {"unit_id": "vn", "name": "Việt Nam", "level": "country", "parent_id": None, "codes": []}


def test_errors_that_are_answered_are_seen_with_where_they_came_from(
    service: Alarmed, tmp_path: Path
) -> None:
    assert service.ask("/parked").status_code == 200
    assert service.watch(660, 30).firing("ErrorsAnswered") == []
    tables = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    tables.execute("ALTER TABLE registry_parked RENAME TO gone")
    for _ in range(22):
        assert service.ask("/parked").status_code == 503
        service.watch(30)
    route = {"service": "registry", "route": "/parked", "status": "503"}
    assert route in service.firing("ErrorsAnswered")
    tables.execute("ALTER TABLE gone RENAME TO registry_parked")
    tables.close()
    assert service.ask("/parked").status_code == 200
    assert service.watch(330, 30).firing("ErrorsAnswered") == []


def test_an_event_that_waits_for_days_is_told_until_what_it_names_has_come(
    service: Alarmed,
) -> None:
    service.append(country(), unit("b", "a"))
    assert service.watch(60).firing("EventsParkedForDays") == []
    service.prometheus.now += 2 * DAY
    (fired,) = service.watch(15).firing("EventsParkedForDays")
    assert fired["service"] == "registry"
    service.append(unit("a"))
    assert service.log.head().position == 3
    assert service.watch(15).firing("EventsParkedForDays") == []


def test_ever_more_parked_events_are_an_alarm_and_a_file_in_the_wrong_order_is_none(
    service: Alarmed,
) -> None:
    hour, every = 3_600, 240.0
    service.append(country())
    service.append(*(unit(f"child-{n}", "late") for n in range(150)))
    service.watch(1_200, every)
    service.append(unit("late"))
    assert service.watch(6.5 * hour, every).firing("ParkedGrowing") == []
    service.append(*(unit(f"orphan-{n}", "never") for n in range(101)))
    (fired,) = service.watch(2_400, every).firing("ParkedGrowing")
    assert fired["service"] == "registry"
    service.append(unit("never"))
    assert service.watch(every, every).firing("ParkedGrowing") == []


def test_many_refusals_within_an_hour_are_an_alarm(service: Alarmed) -> None:
    service.append(country(), *(country() for _ in range(50)))
    assert service.watch(900, 60).firing("EventsRefused") == []
    service.append(*(country() for _ in range(101)))
    assert service.watch(900, 60).firing("EventsRefused") == [{"service": "registry"}]
    assert service.watch(3_600, 60).firing("EventsRefused") == []


def test_many_events_that_are_not_of_the_contract_are_an_alarm(service: Alarmed) -> None:
    assert service.send([broken_event()]) in {200, 422}
    assert service.watch(900, 60).firing("EventsInvalid") == []
    service.send([broken_event() for _ in range(101)])
    (fired,) = service.watch(900, 60).firing("EventsInvalid")
    assert fired == {"service": "registry", "face": "http"}
    assert service.watch(3_600, 60).firing("EventsInvalid") == []


def test_a_log_that_is_ahead_of_the_clock_means_that_clocks_disagree(service: Alarmed) -> None:
    service.append(country())
    assert service.watch(120).firing("ClocksDisagree") == []
    service.prometheus.now += 600  # this clock runs ahead, appends, and is set right
    service.append(unit("a"))
    service.prometheus.now -= 600
    assert service.watch(45).firing("ClocksDisagree") == []
    (fired,) = service.watch(45).firing("ClocksDisagree")
    assert fired["service"] == "registry"
    assert service.watch(600).firing("ClocksDisagree") == []


def test_a_disk_without_room_is_an_alarm_before_it_is_an_error() -> None:
    prometheus = Prometheus(registry=lambda: "")
    for home, expected in ((Path.cwd(), 0), (FULL, 1)):
        metrics = Metrics()
        settings = Settings.from_environment({"DVK_HOME": str(home)})
        log = MemoryEventLog().as_family(Family.REGISTRY)
        writing(settings, log, FewRules(), clock=prometheus.microseconds, metrics=metrics)
        watching = Prometheus(registry=page_of(metrics.registry))
        assert len(watching.watch(120).firing("DiskNearlyFull")) == expected


def test_the_room_of_another_machine_is_no_alarm() -> None:
    watching = Prometheus(registry=page_of(Metrics().registry))
    assert watching.watch(120).firing("DiskNearlyFull") == []


def test_a_fault_of_the_rules_is_told_and_what_they_cannot_decide_is_in_quarantine(
    service: Alarmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.append(country(), unit("b", "a"))
    assert service.watch(660).firing("DecisionFaults") == []
    assert service.firing("StreamsInQuarantine") == []
    decide = FewRules.decide

    def faulty(self: FewRules, event: ReceivedEvent, recorded_us: int) -> Decision:
        if event.subject in {"unit/b", "unit/c"}:
            raise ZeroDivisionError(event.subject)
        return decide(self, event, recorded_us)

    with monkeypatch.context() as release:  # one with a fault
        release.setattr(FewRules, "decide", faulty)
        service.append(unit("c"))
        assert len(service.watch(30).firing("DecisionFaults")) == 1
        assert service.firing("StreamsInQuarantine") == []
        service.append(unit("a"))  # what waits for it can be decided now, and is not
        assert len(service.watch(15).firing("StreamsInQuarantine")) == 1
    service.appender.retry_quarantined()
    service.appender.step()
    assert service.watch(15).firing("StreamsInQuarantine") == []
    assert service.log.head().position == 3
    assert service.watch(660).firing("DecisionFaults") == []
