"""A registry that began trust before a real Redis: its intake moved by hand, two publishers."""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from redis import Redis

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.bus.intake import Intake
from shared.bus.receipts import Receipts
from shared.bus.stream_limits import StreamLimits
from shared.bus.streams import intake
from shared.clock import system_clock
from shared.events.envelope import ReceivedEvent
from shared.trust.signature_check import SignatureCheck
from shared.vocabulary import Family
from tests.support.cloudevents import registration
from tests.support.intake_scenario import answers
from tests.support.trusted import signed
from tests.support.two_provinces import ledger

OF_A = intake(Family.REGISTRY, "p-a")
OF_B = intake(Family.REGISTRY, "p-b")
SHARED = intake(Family.REGISTRY)


class PublisherStreams:
    """An intake of a ledger with the publishers `p-a` and `p-b`, whose provinces are a and b."""

    def __init__(self, redis: Redis, **limits: int) -> None:
        self.redis = redis
        self.now = system_clock()
        self.history = ledger()
        self.log = self.history.log.as_family(Family.REGISTRY)
        self.head = self.log.head().position
        self.appender = Appender(self.log, RegistryDecider(), clock=lambda: self.now)
        self.receipts = Receipts(redis)
        self.appender.hooks.after_release.append(self.receipts.send)
        self.signatures = SignatureCheck(
            lambda: self.appender.decider.authority, self.appender.catch_up
        )
        self.limits = StreamLimits(redis, Family.REGISTRY, clock=lambda: self.now, **limits)
        self.intake = self.intake_to(self.submit)

    def intake_to(self, submit: Any) -> Intake:
        """Return an intake that hands events to a function."""
        return Intake(
            self.redis,
            Family.REGISTRY,
            submit,
            self.receipts,
            clock=lambda: self.now,
            signatures=self.signatures,
            limits=self.limits,
        )

    def submit(self, events: Sequence[ReceivedEvent]) -> Future[Any]:
        """Submit events, and append what is submitted."""
        future = self.appender.submit(events)
        self.appender.step()
        return future

    def drain(self) -> None:
        """Take in all that is there."""
        while self.intake.step():
            pass

    def look(self) -> None:
        """Let half a second pass, after which the streams are looked at."""
        self.now += 600_000
        self.intake.step()

    def accepted(self) -> list[str]:
        """Return the ids of the events that came in."""
        return [event.key.id for event in self.log.read(self.head, 100_000)]

    def receipts_of(self, publisher: str) -> list[tuple[str | None, str]]:
        """Return the receipts of a publisher: the id of the event, and the status or the code."""
        found = answers(self.redis, f"dvk:receipts:{publisher}")
        return [
            (each["id"], (each["problem"] or {}).get("code") or each["status"]) for each in found
        ]


def registers(number: str, unit_id: str, publisher: str, **options: Any) -> dict[str, Any]:
    """Return the signed event with which a publisher registers a model of a unit."""
    name = f"{publisher}-{number}"
    return signed("ModelRegistered", registration(name, unit_id), publisher, id=name, **options)


def entry(*events: dict[str, Any]) -> dict[str, str]:
    """Return the fields of an entry."""
    (one, *more) = events
    return {"events": json.dumps(events)} if more else {"event": json.dumps(one)}
