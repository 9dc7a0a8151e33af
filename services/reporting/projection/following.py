"""A reporting that follows: instead of a runner it has a replica that another process fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import inspect

from shared.database.postgres.replica import Replica
from shared.errors import Problem, Unavailable, declare
from shared.eventlog.sql import SqlEventLog
from shared.readmodel import checkpoints, generations
from shared.readmodel.followed_server import FollowedServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.reporting.readmodels.catalog import Catalog
    from shared.clock import Clock
    from shared.eventlog.protocol import EventLog
    from shared.readmodel.store import Store
    from shared.settings import Settings
    from shared.telemetry.metrics import Metrics

NOT_MADE_YET = declare(
    "read_models_not_made_yet",
    503,
    vi="Bản sao này chưa có đủ các bảng tổng hợp: tiến trình tổng hợp chính chưa lập chúng.",
    en="This replica does not have all read models yet: the reporting that folds has not made "
    "them.",
)
FOLLOW_SECONDS = 0.2
"""How often a replica is read again."""
_RETRY_SECONDS = 5


@dataclass(frozen=True)
class Following:
    """A replica, the server it is on, and the restart of this process once its log is another."""

    replica: Replica
    server: FollowedServer
    start_again: Callable[[], object]


def following(
    settings: Settings,
    log: EventLog,
    store: Store,
    clock: Clock,
    metrics: Metrics,
    *,
    start_again: Callable[[], object],
) -> Following | None:
    """Return what a reporting that follows needs, None for one that folds."""
    if not settings.follow or not isinstance(log, SqlEventLog):
        return None
    server = FollowedServer(log.engine, store.engine)
    replica = Replica(store.reading, clock, most_seconds=settings.follow_seconds, shows=server.show)
    metrics.ask(replica_behind=lambda: replica.behind_seconds)
    return Following(replica, server, start_again)


def lacking(store: Store, catalog: Catalog) -> Unavailable | None:
    """Return the problem while the process that folds has not made all tables yet."""
    with store.reading() as connection:
        made = inspect(connection).has_table(generations.READ_MODELS.name)
        pointers = generations.load(connection) if made else {}
        begun = checkpoints.load(connection) if made else {}
    names = {model.name for model in catalog.all()}
    keys = {pointer.key for pointer in pointers.values()}
    if names <= pointers.keys() and keys <= begun.keys():
        return None
    return Unavailable(Problem(NOT_MADE_YET), _RETRY_SECONDS)
