"""A ledger whose read models can be rebuilt, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.rebuilding import Rebuilding, random_history

SEED = 7


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rebuilding]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'r.db'}"
    else:
        make: Callable[[], str] = request.getfixturevalue("make_database")
        url = make()
    opened = Rebuilding(url, random_history(SEED)).project()
    yield opened
    opened.store.close()
