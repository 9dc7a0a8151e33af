"""A ledger on one machine that has been stopped, as the doctor finds it."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from services.console.doctor.finding import Finding
from services.console.doctor.run import examined
from services.registry.decider import RegistryDecider
from services.reporting.projection.service import ReadModelService
from services.sealer.app import opened
from services.sealer.sealer import Sealer
from shared.appending.appender import Appender
from shared.clock import MICROSECONDS, system_clock
from shared.errors import LedgerError
from shared.eventlog.sql import open_log
from shared.readmodel.store import Store
from shared.settings import Settings
from shared.telemetry.metrics import Metrics
from shared.trust.keys import SecretKey
from shared.trust.memory import CheckpointMemory
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, registration

NOBODY = "http://127.0.0.1:9"
"""A port at which nothing listens: the services are not what these tests look at."""


class Stopped:
    """A ledger on one machine that has been stopped: its files, and who looks at them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.settings = Settings.from_environment({"DVK_HOME": str(home)})

    def append(self, models: int) -> None:
        """Append some registrations, and bring the read models to the head."""
        log = open_log(self.settings.log_url, family=Family.REGISTRY)
        appender = Appender(log, RegistryDecider())
        start = log.head().position
        first = [] if start else [country()]
        numbers = range(start + 1, start + 1 + models)
        appender.submit(
            [*first, *(received("ModelRegistered", registration(str(n))) for n in numbers)]
        )
        appender.step()
        store = Store(self.settings.reporting_url)
        projection = ReadModelService(log, store, clock=system_clock, metrics=Metrics())
        projection.start()
        while projection.step():
            pass
        store.close()
        self.seal()
        log.close()

    def seal(self) -> None:
        """Seal what was appended, as the sealer does; it refuses a log that was set back."""
        seals = opened(self.settings)
        memory = CheckpointMemory(self.settings.seal_memory)
        key = SecretKey.kept_at(self.settings.seal_key)
        with suppress(LedgerError):
            Sealer(seals, memory, key, clock=system_clock).step()
        seals.close()

    def change(self, file: str, *statements: str) -> None:
        """Change a database behind the back of the ledger, past the guards of its tables."""
        with closing(sqlite3.connect(self.home / file)) as database, database:
            for name, kind in database.execute("SELECT name, type FROM sqlite_master").fetchall():
                if kind == "trigger":
                    database.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert database.execute(statement).rowcount

    def found(self, *, ahead_seconds: int = 0, deep: bool = False) -> dict[str, Finding]:
        """Return what the doctor finds, by check."""

        def clock() -> int:
            return system_clock() + ahead_seconds * MICROSECONDS

        findings = examined(self.settings, NOBODY, clock=clock, deep=deep)
        return {each.check: each for each in findings}

    def ill(self, **how: int) -> set[str]:
        """Return the checks that are not well; Redis and the services do not run here."""
        found = self.found(**how).values()  # type: ignore[arg-type]
        return {each.check for each in found if each.level} - {"services", "redis"}
