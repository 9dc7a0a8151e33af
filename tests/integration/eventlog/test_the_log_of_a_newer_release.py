"""A release that does not know the tables of the log appends nothing to them, and says why."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from services.console.local.data_directory import CannotStart
from services.console.local.version_checks import require_known_log
from shared.errors import LedgerError
from shared.eventlog.sql import open_log
from shared.eventlog.tables import SCHEMA
from shared.settings import Settings
from shared.vocabulary import Family


def _upgraded(url: str) -> None:
    """Leave behind what a release of later years has made of the tables."""
    open_log(url, family=None).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(SCHEMA.insert().values(version=99))
    engine.dispose()


def test_a_service_does_not_open_the_log_of_a_newer_release(url: str) -> None:
    _upgraded(url)
    with pytest.raises(LedgerError) as refused:
        open_log(url, family=Family.REGISTRY)
    assert refused.value.problem.rule.code == "log_of_newer_release"
    assert refused.value.problem.params["stored"] == 99


def test_a_ledger_does_not_start_on_the_log_of_a_newer_release(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path)})
    require_known_log(settings)  # nothing is there yet
    assert list(tmp_path.iterdir()) == []
    open_log(settings.log_url, family=None).close()
    require_known_log(settings)
    _upgraded(settings.log_url)
    with pytest.raises(CannotStart, match="newer release"):
        require_known_log(settings)
