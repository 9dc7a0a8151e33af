"""The peer of the log: the package `eventsourcing` on the same PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

if TYPE_CHECKING:
    from collections.abc import Iterator

POOL = 20


class Registered(Aggregate):
    """An aggregate with the data of a registration, one event each."""

    @event("Registered")
    def __init__(
        self, registration_id: str, model_id: str, unit_id: str, title: str, plan_year: int
    ) -> None:
        self.registration_id = registration_id
        self.model_id = model_id
        self.unit_id = unit_id
        self.title = title
        self.plan_year = plan_year
        self.field_code, self.block_code = "economy", "commune"
        self.registration_kind, self.owner_kind = "new", "collective"


def environment(url: str) -> dict[str, str]:
    """Return the package's settings for a database."""
    at = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": at.path.lstrip("/"),
        "POSTGRES_HOST": str(at.hostname),
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": str(at.username),
        "POSTGRES_PASSWORD": str(at.password),
        "POSTGRES_POOL_SIZE": str(POOL),
        "POSTGRES_MAX_OVERFLOW": "60",
    }


@contextmanager
def application(url: str) -> Iterator[Application]:
    """Run an application of the package."""
    with closing(Application(env=environment(url))) as running:
        yield running


def registered(number: int) -> Registered:
    """Return an aggregate that is to be saved."""
    title = f"Mô hình số {number}"
    return Registered(f"r-{number}", f"m-{number}", f"c{number % 200}", title, 2022)


def append(app: Application, first: int, count: int, callers: int) -> tuple[float, list[float]]:
    """Save one event a call from so many threads; return events a second and the seconds of each."""

    def one(number: int) -> float:
        started = perf_counter()
        app.save(registered(number))
        return perf_counter() - started

    with ThreadPoolExecutor(callers) as threads:
        started = perf_counter()
        seconds = list(threads.map(one, range(first, first + count)))
        return count / (perf_counter() - started), seconds
