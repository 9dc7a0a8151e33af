"""The simulation: one thread and one seed decide who makes the next step, and what befalls him.

`Simulation(seed).run()` returns what an independent checker finds wrong (nothing, it is hoped);
the trace says every step, and is the same each time.
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

from shared.clock import MICROSECONDS
from shared.errors import Unavailable
from shared.eventlog import dialects
from tests.simulation import fault_points
from tests.simulation.actors import Actor, Temper
from tests.simulation.checker import findings_in
from tests.simulation.disturbances import disturb
from tests.simulation.evidence import evidence_of
from tests.simulation.fault_points import Crash
from tests.simulation.histories import Histories
from tests.simulation.ledger import Durable, Process, folder_for_databases
from tests.simulation.publishers import Publisher
from tests.simulation.quiescence import come_to_rest
from tests.simulation.stream_client import StreamClient
from tests.simulation.stream_server import StreamServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START_US = 1_767_312_000 * MICROSECONDS  # 2026-01-02T00:00:00Z, a day after everything was sent


class Simulation:
    """One history under one seed."""

    def __init__(self, seed: int, *, turns: int = 110) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.turns = turns
        self.turn = 0
        self.began_us = self.now_us = START_US
        self.hits: Counter[str] = Counter()
        self.trace: list[str] = []
        self.holder: str | None = None
        self.findings: list[str] = []
        self.temper = Temper(self.random)
        self.calm = False
        self._likelihood = 1.0
        self._acting: list[str] = []

    def run(self) -> list[str]:
        """Live through the history, come to rest, and return what is wrong."""
        folder = folder_for_databases()
        patience = dialects.LOCK_PATIENCE_SECONDS
        # Whoever holds the lock goes on after us, not beside us: waiting would be in vain.
        dialects.LOCK_PATIENCE_SECONDS = 0.0
        try:
            self._begin(folder)
            for turn in range(self.turns):
                self.turn = turn
                self._turn()
            come_to_rest(self)
            if not self.findings:
                self._check()
            self._count_answers()
        finally:
            dialects.LOCK_PATIENCE_SECONDS = patience
            for actor in self.actors:
                if actor.process is not None:
                    actor.process.end()
            shutil.rmtree(folder)
        return self.findings

    def _check(self) -> None:
        try:
            wrong = findings_in(evidence_of(self))
        except Exception as error:  # noqa: BLE001  what cannot even be read is wrong
            wrong = [f"what is left cannot be read: {type(error).__name__}: {error}"]
        for each in wrong:
            self.find(each)

    def _count_answers(self) -> None:
        """Count what publishers were told, so that a seed can be seen to have met it."""
        for note in (note for publisher in self.publishers for note in publisher.notes):
            statuses = [answer["status"] for _, _, answer in note.answers]
            self.hits.update(f"answer: {status}" for status in statuses)
            if "parked" in statuses:
                self.hits.update(f"answer: {status} after it was parked" for status in statuses)
            self.hits.update("answer: id_reused" for _ in note.other_content)

    def find(self, what: str) -> None:
        """Take note of something that is wrong."""
        self.note(f"WRONG: {what}")
        self.findings.append(what)

    def note(self, what: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.turn:4} {'  ' * len(self._acting)}{what}")

    # What befalls an actor

    def at(self, actor: Actor, point: str) -> None:
        """Kill the actor at a point, or let another one make a step first."""
        if self.calm:
            return
        chance = self.random.random()
        if chance < self.temper.crash * self._likelihood * fault_points.WEIGHT.get(point, 1):
            self.hits[fault_points.crash_at(point)] += 1
            self.note(f"{actor.name} dies at {point}")
            raise Crash
        interrupted = chance > 1 - self.temper.interrupt
        if interrupted and point in fault_points.INTERRUPTED and len(self._acting) < 3:
            self._interrupt(actor, point)

    def _interrupt(self, actor: Actor, point: str) -> None:
        """Let somebody else make a whole step, rather one who has something to append."""
        others = {a: a.process for a in self.actors if a.process and a.name not in self._acting}
        if not others:
            return
        rivals = [other for other, process in others.items() if process.appender.waiting]
        self.hits[fault_points.interrupted_at(point)] += 1
        self.note(f"{actor.name} is interrupted at {point}")
        if rivals and self.random.random() < 0.7:
            self.step_of(self.random.choice(rivals), "appends")
        else:
            self.step_of(self.random.choice(list(others)))

    def strikes(self, actor: Actor, fault: str) -> bool:
        """Say whether a fault strikes an actor now."""
        likely = self.temper.of_fault(fault) * self._likelihood
        if self.calm or self.random.random() >= likely:
            return False
        self.hits[fault] += 1
        self.note(f"{actor.name}: {fault}")
        return True

    # Who makes the next step

    def _begin(self, folder: Any) -> None:
        self.server = StreamServer(lambda: self.now_us // 1_000)
        self.redis = StreamClient(self.server, self._line_of_publishers)
        self.durable = Durable(folder, self.server, in_memory=self.random.random() < 0.3)
        twins = [*["registry 2"] * (self.random.random() < 0.6)]
        twins += ["reporting 2"] * (self.random.random() < 0.15)
        names = ["registry 1", "evaluation 1", "reporting 1", *twins]
        self.actors = [Actor(self, name) for name in names]
        scripts = Histories(self.random, self.random.randrange(20, 41)).scripts()
        self.publishers = [Publisher(n, script, self.random) for n, script in scripts.items()]
        self.kept = self.server.copy()

    def _line_of_publishers(self, _commands: Any, execute: Callable[[], list[Any]]) -> list[Any]:
        if self.server.away:
            raise fault_points.MadeRedisError("Connection refused.")
        return execute()

    def _turn(self) -> None:
        self.now_us += self.random.choice([1, 1_000, 250_000])
        if self.server.away and self.random.random() < 0.15:
            self.server.away = False
            self.note("Redis is back")
        if self.random.random() < 0.05 * self.temper.happenings:
            disturb(self)
        elif self.random.random() < 0.4:
            self._publish(self.random.choice(self.publishers))
        else:
            actor = self.random.choice(self.actors)
            if actor.process is None:
                self.start(actor)
            else:
                self.step_of(actor)

    def _publish(self, publisher: Publisher) -> None:
        up = {actor.name: actor.process for actor in self.actors if actor.process is not None}
        self.note(f"{publisher.name} {publisher.step(self.turn, up, self.redis)}")
        self.explain(publisher)

    def explain(self, publisher: Publisher) -> None:
        """See that no request failed but by a fault that was made."""
        for error in publisher.trouble:
            self._meet(publisher.name, error)
        publisher.trouble.clear()

    def start(self, actor: Actor) -> None:
        """Start a process from what is durable; it commits a dozen times, and rarely dies there."""
        self.note(f"{actor.name} starts")
        self._likelihood = 0.1
        try:
            with self._living(actor, "starts"):
                actor.process = Process(self.durable, actor.family, actor, actor.clock, self.random)
        finally:
            self._likelihood = 1.0

    def step_of(self, actor: Actor, what: str | None = None) -> None:
        process = actor.process
        assert process is not None
        what = what or self.random.choice(list(process.steps))
        with self._living(actor, what):
            moved = process.steps[what]()
            self.note(f"{actor.name} {what}: {moved}")

    @contextmanager
    def _living(self, actor: Actor, what: str) -> Iterator[None]:
        """Let an actor act; if it dies, all that it had in memory is gone."""
        self._acting.append(actor.name)
        try:
            yield
        except Crash:
            self._die(actor)
        except Exception as error:  # noqa: BLE001  whatever it is, it must be explained
            self.note(f"{actor.name} {what}: {type(error).__name__}")
            self._meet(actor.name, error)
        finally:
            self._acting.pop()

    def _die(self, actor: Actor) -> None:
        process, actor.process = actor.process, None
        if process is not None:
            process.end()
            for publisher in self.publishers:
                publisher.forget_calls_to(process)

    def _meet(self, name: str, error: BaseException) -> None:
        """Accept an error that a fault explains; any other one is a fault of the ledger."""
        code = error.problem.rule.code if isinstance(error, Unavailable) else None
        if fault_points.is_explained(error) or code in {"log_busy", "too_busy"}:
            return
        self.find(f"{name} met an error that nobody made: {type(error).__name__}: {error}")
