"""A service whose read models are rebuilt: every request is answered, by one fill, rightly."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import text

from services.reporting.map_snapshots import MapSnapshots
from services.reporting.projection.service import ReadModelService
from services.reporting.queries.filters import Filters
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.telemetry.metrics import Metrics
from shared.web.answers.as_of_parameters import map_choice
from tests.integration.reporting.conftest import BOTH
from tests.support.rebuildable_ledger import Rebuilding, answers, record


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_reads_and_appends_go_on_and_no_answer_is_a_mixture(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    expected = {position: answers(ledger.reads, position) for position in (head, head // 2)}
    ended = Event()
    seen: set[int] = set()

    def read() -> int:
        count = 0
        while not ended.is_set():
            for position, right in expected.items():
                reads, as_of = ledger.projection.pin(str(position))
                assert answers(reads, as_of.position) == right
                count += 1
            seen.add(ledger.generation("registrations"))
        return count

    def fold() -> int:
        grown = 0
        while not ended.is_set():
            record(ledger, grown)
            grown += 1
            ledger.project()
        return grown

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read), pool.submit(read)]
        folder = pool.submit(fold)
        try:
            for generation in (2, 3):
                done = ledger.rebuilt("registrations")
                assert done.new.generation == generation
                while ledger.generation("registrations") != generation and not folder.done():
                    pass
        finally:
            ended.set()
        assert all(reader.result() > 0 for reader in readers)
        assert folder.result() > 0
    assert ledger.projection.position > head
    assert 3 in seen | {ledger.generation("registrations")}
    ledger.project()
    assert ledger.projection.position == ledger.log.head().position


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_a_request_that_began_on_the_old_tables_ends_on_them(ledger: Rebuilding) -> None:
    with ledger.store.writing() as connection:
        connection.execute(text("UPDATE rm_registrations_titles SET title = 'viết sai'"))
    map_ = map_choice("recorded", system_clock)
    filters = Filters(None, None, None, map_)
    reads, began = ledger.projection.pin()
    ledger.rebuilt("registrations", accept=["registrations/*"])
    ledger.project()
    titles = {item["title"] for item in reads.listed("registrations", filters, began).items}
    assert titles == {"viết sai"}
    reads, later = ledger.projection.pin()
    assert later.position == began.position
    assert "viết sai" not in {
        i["title"] for i in reads.listed("registrations", filters, later).items
    }
    # Other figures for the same position: who has the old answer must not be told 304.
    assert later.edition != began.edition


def test_who_waits_for_a_position_on_pinned_reads_is_told_as_it_is_reached(
    ledger: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, as_of = ledger.projection.pin()
    monkeypatch.setattr(reads._moments, "_patience", 60)
    with ThreadPoolExecutor(1) as pool:
        record(ledger, 1)
        waiting = pool.submit(reads.as_of, str(as_of.position + 1))
        ledger.project()
        assert waiting.result(timeout=20).position == as_of.position + 1


def test_a_release_of_another_definition_waits_for_the_rebuild_and_then_begins(
    ledger: Rebuilding,
) -> None:
    expected = answers(ledger.reads, ledger.projection.position)
    with ledger.store.writing() as connection:
        connection.execute(text("UPDATE read_models SET version = 0 WHERE name = 'outcomes'"))
    release = ReadModelService(ledger.log, ledger.store, clock=system_clock, metrics=Metrics())
    release.start()
    with pytest.raises(LedgerError, match="dvk rebuild outcomes"):
        release.check()
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        release.pin()
    ledger.rebuilt("outcomes")
    release.step()
    release.check()
    assert answers(release.now.reads, release.position) == expected


def test_nobody_waits_for_the_map_whenever_a_fill_begins_to_answer(
    ledger: Rebuilding, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[tuple[int, int]] = []
    fold = MapSnapshots._fold
    monkeypatch.setattr(
        MapSnapshots, "_fold", lambda atlas, key: folded.append(key) or fold(atlas, key)
    )
    later = ReadModelService(ledger.log, ledger.store, clock=system_clock, metrics=Metrics())
    later.start()
    assert len(folded) == 1
    answers(later.now.reads, later.position)
    ledger.rebuilt("units")
    later.step()
    assert len(folded) == 2
    answers(later.now.reads, later.position)
    assert len(folded) == 2
