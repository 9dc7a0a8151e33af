"""The peer of the read models: the package's projection, each event in a transaction of its own.

It keeps one row for each registration; the position that it has read is committed with the row.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from eventsourcing.application import Application
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from tests.benchmarks.peers.eventsourcing_log import Registered, environment, registered

if TYPE_CHECKING:
    from eventsourcing.persistence import Tracking

WAIT_SECONDS = 600.0


class Registrations(PostgresTrackingRecorder):
    """One table, and the tracking of the package beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS registrations"
                " (id text PRIMARY KEY, unit_id text, plan_year integer)"
            )
        )

    def put(self, event: Registered.Registered, tracking: Tracking) -> None:
        """Keep a registration and where it was read, in one transaction."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO registrations VALUES (%s, %s, %s)",
                (event.registration_id, event.unit_id, event.plan_year),
            )


class Registry(Application):
    """The application that the projection follows."""

    name = "Registry"


class Registering(Projection[Registrations]):
    """Takes each event as it comes."""

    name = "registrations"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Take one event."""
        self.view.put(domain_event, tracking)


def fill(url: str, first: int, count: int) -> int:
    """Append events for a projection to read; return the last notification id."""
    app = Registry(env=environment(url))
    recordings = []
    for start in range(first, first + count, 500):
        recordings = app.save(
            *(registered(number) for number in range(start, min(start + 500, first + count)))
        )
    app.close()
    return recordings[-1].notification.id


def project(url: str, until: int, count: int) -> float:
    """Project what was appended since, up to a notification id; return events a second."""
    runner = ProjectionRunner(
        application_class=Registry,
        projection_class=Registering,
        view_class=Registrations,
        env=environment(url),
    )
    started = perf_counter()
    with runner:
        runner.wait(until, timeout=WAIT_SECONDS)
        return count / (perf_counter() - started)
