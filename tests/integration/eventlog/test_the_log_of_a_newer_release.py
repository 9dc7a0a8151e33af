"""A release that does not know the tables of the log appends nothing to them, and says why."""

from pathlib import Path

import pytest
from sqlalchemy import Table, create_engine, select
from sqlalchemy.exc import IntegrityError

from services.console.local.data_directory import CannotStart
from services.console.local.version_checks import require_known_log
from shared.errors import LedgerError
from shared.eventlog.sql import open_log
from shared.eventlog.tables import SCHEMA, SEALS
from shared.events.envelope import NO_CHAIN, link
from shared.events.recorded import RecordedEvent
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.earlier_logs import as_of_an_earlier_release
from tests.support.sealed_log import SealedLog


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


def test_a_log_of_the_first_schema_gets_the_tables_of_seals_and_keeps_its_events(url: str) -> None:
    log = open_log(url, family=Family.REGISTRY)
    with log.append_session() as session:
        session.insert([(recorded_country(), 1)])
    log.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        as_of_an_earlier_release(connection)
        for table in SEALS:
            table.drop(connection)
        connection.execute(SCHEMA.delete().where(SCHEMA.c.version >= 2))
    again = open_log(url, family=None)
    assert again.head().position == 1
    assert again.seals("o").last() is None
    again.close()
    open_log(url, family=None).close()
    with engine.connect() as connection:
        versions = connection.scalars(select(SCHEMA.c.version).order_by(SCHEMA.c.version))
        assert list(versions) == [1, 2, 3, 4]
    engine.dispose()


@pytest.mark.parametrize("table", SEALS, ids=lambda table: table.name)
def test_a_file_refuses_to_change_or_to_drop_what_was_sealed(tmp_path: Path, table: Table) -> None:
    url = f"sqlite:///{tmp_path / 'log.db'}"
    log = SealedLog(url, tmp_path / "seal")
    log.sealed(3)
    log.store.add_cosignature(3, "w", "line")
    log.close()
    engine = create_engine(url)
    for statement in (table.delete(), table.update().values(origin="other")):
        with engine.connect() as connection, pytest.raises(IntegrityError, match="insert only"):
            connection.execute(statement)
    engine.dispose()


def recorded_country() -> RecordedEvent:
    event = country()
    chain = link(NO_CHAIN, 1, 1, event.digest)
    return RecordedEvent(
        1, event.key, event.type, event.subject, 1, event.digest, chain, event.body
    )
