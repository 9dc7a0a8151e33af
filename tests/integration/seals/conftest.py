"""A sealed log on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sealed_log import SealedLog


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sealed_log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SealedLog]:
    url = (
        f"sqlite:///{tmp_path / 'log.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("make_database")()
    )
    log = SealedLog(url, tmp_path / "seal")
    yield log
    log.close()
