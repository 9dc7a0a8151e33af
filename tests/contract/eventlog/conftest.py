"""The logs that every contract test of this folder runs against."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.eventlog.protocol import EventLog
from shared.eventlog.sql import SqlEventLog, open_log
from shared.vocabulary import Family
from tests.support.memory_log import MemoryEventLog

Opener = Callable[[Family], EventLog]


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def open_as(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """One log; each call opens it as one service."""
    if request.param == "memory":
        yield MemoryEventLog().as_family
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'log.db'}"
    else:
        url = request.getfixturevalue("make_database")()
    opened: list[SqlEventLog] = []

    def opener(family: Family) -> EventLog:
        opened.append(open_log(url, family=family))
        return opened[-1]

    yield opener
    for log in opened:
        log.close()


@pytest.fixture
def log(open_as: Opener) -> EventLog:
    """The log as registry sees it."""
    return open_as(Family.REGISTRY)
