"""Processes over their lives: what meets them at every point, and how hard a seed is to them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.clock import MICROSECONDS
from shared.vocabulary import Family
from tests.simulation import fault_points

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.simulation.ledger import Process
    from tests.simulation.world import Simulation


class Temper:
    """How hard a seed is: some are calm, so that histories come far; some are not."""

    def __init__(self, random: Random) -> None:
        self.crash = random.choice([0, 0.005, 0.01, 0.03])
        self.interrupt = random.choice([0.05, 0.2, 0.4])
        self.database = random.choice([0, 0.02, 0.06])
        self.answer_lost = random.choice([0, 0.03, 0.08])
        self.delivery = random.choice([0, 0.1, 0.4])
        self.happenings = random.choice([0.5, 1, 2])

    def of_fault(self, fault: str) -> float:
        """Return how likely a fault is where it may strike."""
        if fault in {
            fault_points.DOUBLED,
            fault_points.LATE,
            fault_points.REORDERED,
            fault_points.LOST,
        }:
            return self.delivery
        return {
            fault_points.REDIS_AWAY: 1,
            fault_points.COMMIT_FAILED: self.database,
            fault_points.ROWS_FAILED: self.database,
        }.get(fault, self.answer_lost)


class Actor:
    """One process of the ledger over its lives, and the fate that meets it at every point."""

    def __init__(self, simulation: Simulation, name: str) -> None:
        self.name = name
        self.family = Family(name.partition(" ")[0])
        self.process: Process | None = None
        self._simulation = simulation
        self._skew_us = simulation.random.randrange(-3, 4) * MICROSECONDS

    def clock(self) -> int:
        """Return the time as this machine has it: a few seconds off."""
        return self._simulation.now_us + self._skew_us

    def at(self, point: str) -> None:
        self._simulation.at(self, point)

    def strikes(self, fault: str) -> bool:
        return self._simulation.strikes(self, fault)

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the append lock: nobody else may."""
        before, self._simulation.holder = self._simulation.holder, self.name
        if before is not None:
            self._simulation.find(f"{before} and {self.name} held the append lock at once")
        try:
            yield
        finally:
            self._simulation.holder = before
