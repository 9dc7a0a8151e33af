"""The ledger of processes for the fault tests, on each database, and what the tests have seen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.databases import SqliteFiles, postgres_cluster
from tests.faults.ledger import Ledger, running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for the files and the words of the processes."""
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def sqlite_ledger(home: Path) -> Iterator[Ledger]:
    """Give a whole ledger that runs on files."""
    with running(SqliteFiles(home), home) as started:
        yield started


@pytest.fixture(scope="module")
def postgres_ledger(home: Path) -> Iterator[Ledger]:
    """Give a whole ledger that runs on a cluster of its own, with the roles of a data centre."""
    with postgres_cluster() as cluster, running(cluster, home) as started:
        yield started


@pytest.fixture
def seen(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Give a function that says what a test has measured, at the end of the whole run."""
    return lambda figures: record_property("seen", figures)
