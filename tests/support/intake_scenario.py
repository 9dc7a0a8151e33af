"""A log with its appender and the intake before it, moved by hand, and a publisher's view of it."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from redis import Redis

from shared.appending.appender import Appender
from shared.bus.intake import Intake
from shared.bus.receipts import Receipts
from shared.clock import system_clock
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.memory_log import MemoryEventLog
from tests.support.small_rules import FewRules

STREAM = "dvk:intake:registry"
RECEIPTS = "dvk:receipts:bac-kan"
SOURCE = "/publishers/bac-kan"


class Scenario:
    """A log with its appender and the intake before it, all moved by hand."""

    def __init__(self, redis: Redis, *, receipts: Receipts | None = None) -> None:
        self.redis = redis
        self.now = system_clock()
        self.log = MemoryEventLog().as_family(Family.REGISTRY)
        self.appender = Appender(self.log, FewRules(), clock=lambda: self.now, park_days=30)
        self.receipts = receipts or Receipts(redis)
        self.appender.hooks.after_release.append(self.receipts.send)
        self.metrics = Metrics()
        self.intake = self.intake_to(self.submit)

    def intake_to(self, submit: Callable[..., Any], **options: Any) -> Intake:
        return Intake(
            self.redis,
            Family.REGISTRY,
            submit,
            self.receipts,
            clock=lambda: self.now,
            on_taken=self.metrics.intake,
            **options,
        )

    def submit(self, events: Any) -> Future[Any]:
        future = self.appender.submit(events)
        self.appender.step()
        return future

    def counted(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    def ids(self) -> list[str]:
        return [event.key.id for event in self.log.read(0, 10_000)]


def opened(unit_id: str, parent_id: str | None = "vn", **attributes: Any) -> dict[str, Any]:
    data = {**COUNTRY, "unit_id": unit_id, "parent_id": parent_id, "occurred_on": "2004-01-01"}
    if parent_id is not None:
        data["level"] = "province"
    return cloudevent(
        "UnitOpened", data, **{"source": SOURCE, "id": f"open-{unit_id}", **attributes}
    )


def sent(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def answers(redis: Redis, stream: str = RECEIPTS) -> list[dict[str, Any]]:
    found = []
    for _, fields in redis.xrange(stream):
        assert list(fields) == [b"item"]
        found.append(json.loads(fields[b"item"]))
    return found
