"""Redis loses its master while events are published over it: each is taken in once, and answered."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared.bus.connections import connect
from tests.e2e.dvk_command import free_ports
from tests.e2e.test_services_as_processes import Running, running, until
from tests.support.cloudevents import COUNTRY, PUBLISHER, cloudevent, registration
from tests.support.sentinels import replicated

pytestmark = [pytest.mark.slow, pytest.mark.redis, pytest.mark.processes]

DOWN_MS = 3_000
"""How long a master is silent before sentinels replace it: what docs/scale.md advises."""
PACE_SECONDS = 0.02
AGAIN_SECONDS = 2.0


class OverSentinels(threading.Thread):
    """A publisher over Redis: it sends again what has no receipt, and notes when receipts come."""

    def __init__(self, url: str) -> None:
        super().__init__(name="over-sentinels")
        self.sent: dict[str, bytes] = {}
        self.moments: list[float] = []
        self.again = 0
        self.ending = threading.Event()
        self._url = url
        self._waiting: dict[str, float] = {}
        self._read = "0"

    def run(self) -> None:
        """Send one event after another until the end, and until each has its receipt."""
        with connect(self._url) as redis:
            while not self.ending.is_set() or self._waiting:
                if not self.ending.is_set():
                    event = cloudevent("ModelRegistered", registration(str(len(self.sent) + 1)))
                    self.sent[event["id"]] = json.dumps(event).encode()
                    self._waiting[event["id"]] = 0
                try:
                    self._send(redis)
                    self._read_receipts(redis)
                except RedisError:
                    self._read = "0"  # another master may not have what was read
                time.sleep(PACE_SECONDS)

    def _send(self, redis: Redis) -> None:
        now = time.monotonic()
        for name in [each for each, at in self._waiting.items() if now - at > AGAIN_SECONDS]:
            self.again += self._waiting[name] > 0
            redis.xadd("dvk:intake:registry", {"event": self.sent[name]})
            self._waiting[name] = now

    def _read_receipts(self, redis: Redis) -> None:
        found: Any = redis.xread({f"dvk:receipts:{PUBLISHER.rpartition('/')[2]}": self._read})
        for entry, fields in found[0][1] if found else ():
            self._read = entry
            item = json.loads(fields[b"item"])
            assert item["status"] in {"accepted", "duplicate"}, item
            if self._waiting.pop(item["id"], None) is not None:
                self.moments.append(time.monotonic())


@contextmanager
def publishing(url: str) -> Iterator[OverSentinels]:
    publisher = OverSentinels(url)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.ending.set()
        publisher.join(60)
    assert not publisher.is_alive(), "an event has no receipt"


def logged(registry: Running) -> list[str]:
    """Return the ids of all events of the log."""
    ids: list[str] = []
    while True:
        _, page = registry.ask(f"/events?after={len(ids)}&limit=500")
        if not page:
            return ids
        ids += [event["id"] for event in page]


def test_a_killed_master_costs_seconds_and_no_event(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        replicated(3, down_ms=DOWN_MS) as redis,
        running("registry", tmp_path, free_ports(), REDIS_URL=redis.url) as registry,
    ):
        registry.publish(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        with publishing(redis.url) as publisher:
            until(lambda: len(publisher.moments) > 100, "receipts come")
            killed, master = time.monotonic(), redis.master()
            master.kill()
            until(lambda: publisher.moments[-1] > killed + DOWN_MS / 1_000, "receipts come again")
            after = len(publisher.moments)
            master.start()
            until(lambda: master.role() == "slave", "the old master is made a replica")
            until(lambda: len(publisher.moments) > after + 100, "publishing goes on")
        silent = max(later - earlier for earlier, later in pairwise(publisher.moments))
        ids = logged(registry)
        _, ready = registry.ask("/readyz")
    assert sorted(ids[1:]) == sorted(publisher.sent)
    assert len(publisher.moments) == len(publisher.sent)
    assert all(check["ok"] for check in ready["checks"].values())
    with capsys.disabled():
        print(  # noqa: T201  the figure of docs/scale.md
            f"\n{len(publisher.sent)} events, {publisher.again} sent again, "
            f"{silent:.1f} s without receipts (sentinels wait {DOWN_MS / 1_000:.0f} s)"
        )
    assert silent < 30
