"""The read models of reporting on a log in memory, folded by hand and started again at will."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from services.reporting.projection.service import ReadModelService
from shared.readmodel.store import Store
from shared.telemetry.metrics import Metrics
from shared.vocabulary import Family
from tests.support.cloudevents import received, registration
from tests.support.prometheus import Prometheus, page_of
from tests.support.scenarios import History

if TYPE_CHECKING:
    from pathlib import Path


class Projected:
    """The read models of reporting on a log in memory, folded by hand and started again at will."""

    def __init__(self, home: Path) -> None:
        self.file = home / "reporting.db"
        self.history = History()
        self.log = self.history.log.as_family(Family.REPORTING)
        self.prometheus = Prometheus(reporting=self.page)
        self.start()

    def start(self) -> None:
        """Start, as a process does."""
        self.store = Store(f"sqlite:///{self.file}")
        self.metrics = Metrics()
        self.projection = ReadModelService(
            self.log, self.store, clock=self.prometheus.microseconds, metrics=self.metrics
        )
        self.projection.start()

    def stop(self) -> None:
        """Stop, as a process does."""
        self.store.close()

    def fold(self) -> None:
        """Bring the read models to the head."""
        while self.projection.step():
            pass

    def register(self, *numbers: int) -> None:
        """Append registrations."""
        for number in numbers:
            self.history.given(received("ModelRegistered", registration(str(number))))

    def change(self, statement: str) -> None:
        """Change the tables behind the back of the service, which is stopped meanwhile."""
        self.stop()
        with closing(sqlite3.connect(self.file)) as tables, tables:
            assert tables.execute(statement).rowcount > 0
        self.start()

    def page(self) -> str:
        """Return what reporting answers at /metrics."""
        self.metrics.log_at(self.log.head().position)
        self.projection.measure()
        return page_of(self.metrics.registry)()
