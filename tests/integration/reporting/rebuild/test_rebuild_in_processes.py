"""A log in a database, or its archive, is folded by processes into the same rows as every day."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import text

from services.reporting.archive.layout import Storage
from services.reporting.archive.rebuild.fill import ArchiveFill
from services.reporting.archive.writer import archive
from services.reporting.projection.rebuild import rebuilding
from services.reporting.readmodels.catalog import Catalog
from shared.clock import system_clock
from shared.eventlog.checkpoint import LogMismatch
from shared.eventlog.sql import SqlEventLog, open_log
from shared.readmodel import generations
from shared.readmodel.rebuild.stages import Differs
from shared.readmodel.runner import Runner
from shared.readmodel.store import Store
from tests.benchmarks.growing import append_synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVENTS = 1_500
DEFINITIONS = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE tbl_name LIKE 'rm_%' AND sql IS NOT NULL",
    "postgresql": "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'rm_%' UNION ALL "
    "SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conrelid::regclass::text LIKE 'rm_%'",
}


class Deployed(NamedTuple):
    """A log in a database, and the read models that were folded from it."""

    log: SqlEventLog
    store: Store
    folder: Path

    def generations(self) -> set[int]:
        with self.store.reading() as connection:
            return {pointer.generation for pointer in generations.load(connection).values()}


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployed]:
    if request.param == "sqlite":
        log_url, url = f"sqlite:///{tmp_path / 'log.db'}", f"sqlite:///{tmp_path / 'reporting.db'}"
    else:
        make: Callable[[], str] = request.getfixturevalue("make_database")
        log_url = url = make()
    assert append_synthetic(log_url, EVENTS).position == EVENTS
    log, store = open_log(log_url, family=None), Store(url)
    runner = Runner(log, store, Catalog().all(), clock=system_clock)
    runner.start()
    while runner.step():
        pass
    yield Deployed(log, store, tmp_path)
    store.close()
    log.close()


def test_two_processes_fill_what_the_service_has_folded(deployed: Deployed) -> None:
    done = rebuilding(deployed.log, deployed.store).rebuild()
    assert [each.new.name for each in done.each] == [model.name for model in Catalog().all()]
    assert {each.position for each in done.each} == {EVENTS}
    compared = {each.new.name: each.findings.rows for each in done.each}
    assert compared["registrations"]["versions"] > compared["registrations"]["things"] > 0
    assert compared["units"]["events"] > 0
    assert not [path for path in deployed.folder.iterdir() if "filling" in path.name]
    assert gc.isenabled()


def test_an_archive_fills_what_the_service_has_folded(deployed: Deployed) -> None:
    archive(deployed.log, Storage(f"{deployed.folder}/archive"), 1_000)
    processes = 1 if deployed.store.is_sqlite else 2
    from_archive = ArchiveFill(f"{deployed.folder}/archive", processes)
    before = _keys_and_indexes(deployed, 1)
    done = rebuilding(deployed.log, deployed.store, fill_ahead=from_archive).rebuild()
    assert {(each.position, each.findings.total) for each in done.each} == {(EVENTS, 0)}
    assert _keys_and_indexes(deployed, 2) == before
    assert len(before) > 60


def _keys_and_indexes(deployed: Deployed, generation: int) -> list[str]:
    """Return the definitions of all keys and indexes, without the generation in their names."""
    with deployed.store.reading() as connection:
        found = connection.scalars(text(DEFINITIONS[connection.dialect.name]))
        of_second = {each: "_g2_" in each for each in found}
    chosen = [each for each, second in of_second.items() if second is (generation == 2)]
    return sorted(each.replace("_g2_", "_") for each in chosen)


def test_one_difference_keeps_every_read_model_as_it_was(deployed: Deployed) -> None:
    with deployed.store.writing() as connection:
        connection.execute(text("UPDATE rm_plans_statements SET document_title = 'khác'"))
    with pytest.raises(Differs) as raised:
        rebuilding(deployed.log, deployed.store).rebuild()
    assert [each.read_model for each in raised.value.found] == ["plans"]
    assert deployed.generations() == {1}
    with deployed.store.reading() as connection:
        assert all(set(generations.filled(connection, name)) == {1} for name in Catalog.names())
    rebuilding(deployed.log, deployed.store, accept=["plans/*"]).rebuild()
    assert deployed.generations() == {2}


def test_a_log_that_is_another_one_is_found_out(deployed: Deployed) -> None:
    with deployed.store.writing() as connection:
        connection.execute(text("UPDATE read_model_checkpoints SET position = position + 5"))
    with pytest.raises(LogMismatch):
        rebuilding(deployed.log, deployed.store).rebuild()
    assert deployed.generations() == {1}
