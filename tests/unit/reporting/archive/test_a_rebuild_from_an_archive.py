"""Read models filled from an archive have every row of those that were folded event by event."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.reporting.archive.layout import Storage
from services.reporting.archive.rebuild import fill, loading, row_fold
from services.reporting.archive.rebuild.fill import ArchiveFill
from services.reporting.archive.rebuild.workers import Workers
from services.reporting.archive.writer import archive
from services.reporting.readmodels.catalog import made
from services.reporting.readmodels.parts.latest_statement import LatestStatements
from services.reporting.readmodels.registrations.state import RegistrationRow
from shared.errors import LedgerError
from shared.readmodel import generations, quarantine
from shared.readmodel.rebuild.stages import Stage
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import amended, granted, registered, retracted
from tests.support.naive_finding import organization
from tests.support.random_maps import Intent, build, intents
from tests.support.random_years import lived
from tests.support.rebuildable_ledger import NAMES, Rebuilding, random_history, record
from tests.support.redactions import redacts
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLD = "Việc của bà Lò Thị Hòa"
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: a history that fails is named by its seed."""


@settings(max_examples=4, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 60))
def test_every_row_of_any_history_is_that_of_the_daily_fold(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _same_rows(lived(build(tried).events, seed, facts_each=8), seed, positions)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=300, deadline=None, phases=PHASES)
@given(intents, st.integers(0, 2**32), st.integers(1, 60))
def test_every_row_of_hundreds_of_histories_is_that_of_the_daily_fold(
    tried: Sequence[Intent], seed: int, positions: int
) -> None:
    _same_rows(lived(build(tried).events, seed, facts_each=8), seed, positions)


def _same_rows(history: History, seed: int, positions: int) -> None:
    together, at_once = Random(seed).choice((1, 5, 1_000)), Random(seed).choice((3, 10_000))
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_fold, "TOGETHER", together)
        patch.setattr(loading, "AT_ONCE", at_once)
        ledger, from_archive = _archived(Path(folder), history, positions)
        before = _rows(ledger)
        ledger.rebuild(*NAMES, fill_ahead=from_archive).rebuild()
        assert _rows(ledger.project()) == before
        ledger.store.close()


def _archived(folder: Path, history: History, positions: int) -> tuple[Rebuilding, ArchiveFill]:
    """Return a projected history, and what fills read models from its archive."""
    ledger = Rebuilding(f"sqlite:///{folder / 'r.db'}", history).project()
    head = ledger.log.head().position
    archive(ledger.log, Storage(f"{folder}/archive"), min(positions, head))
    return ledger, ArchiveFill(f"{folder}/archive", 1)


def _rows(ledger: Rebuilding) -> dict[str, list[Any]]:
    """Return every row of the generations that answer, by table without its generation."""
    found = {}
    with ledger.store.reading() as connection:
        for name in NAMES:
            generation = ledger.generation(name)
            prefix = generations.prefix_of(name, generation)
            for table in made(name, generation).metadata.sorted_tables:
                rows = map(tuple, connection.execute(select(table)))
                found[f"{name}/{table.name.removeprefix(prefix)}"] = sorted(rows, key=repr)
    return found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[tuple[Rebuilding, ArchiveFill]]:
    """Give a history with an archive that ends below the head."""
    opened, from_archive = _archived(tmp_path, random_history(7, facts_each=25), 30)
    yield opened, from_archive
    opened.store.close()


def test_events_after_the_archive_and_those_of_meanwhile_are_folded_from_the_log(
    ledger: tuple[Rebuilding, ArchiveFill],
) -> None:
    opened, from_archive = ledger
    reached = []

    def appending(now: Stage, done: int, _of: int) -> None:
        reached.append(done)
        if now is Stage.FILLED:
            record(opened, 1)
            opened.project()

    names = ("registrations", "search", "units")
    done = opened.rebuild(*names, fill_ahead=from_archive, on_progress=appending).rebuild()
    assert {each.position for each in done.each} == {opened.log.head().position}
    assert {each.findings.total for each in done.each} == {0}
    assert [opened.project().generation(name) for name in (*names, "awards")] == [2, 2, 2, 1]


def test_what_one_event_changes_in_many_folds_has_the_numbers_of_one_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_fold, "TOGETHER", 1)
    owned = [registered(f"{n}", unit_id="a", owner_org_id="o-1") for n in (5, 3, 9, 1, 7, 2, 8)]
    defined, renamed = organization(1, "Hội Nông dân"), organization(1, "Hội Phụ nữ")
    history = History().given(country(), unit("vn-1"), unit("a"), *owned, defined)
    history.given(*(amended(n, title="Khéo") for n in ("2", "9", "5")), renamed, retracted(renamed))
    opened, from_archive = _archived(tmp_path, history, 100)
    before = _rows(opened)
    opened.rebuild(*NAMES, fill_ahead=from_archive).rebuild()
    assert _rows(opened.project()) == before
    known = [row for row in before["registrations/deltas"] if row[1] == len(owned) + 4]
    assert [row[2] for row in known] == list(range(7))
    opened.store.close()


def test_a_redacted_text_is_in_no_row(tmp_path: Path) -> None:
    history = History().given(country(), unit("a"))
    award = granted("1", unit_id="a", award_name=OLD)
    history.given(registered("1", unit_id="a", title=OLD), award, amended("1", title=OLD + " 2"))
    for event in history.log.as_family(Family.REPORTING).read(2, 3):
        field = {"r": "/title", "a": "/award_name"}[event.subject[0]]
        field = "/changes/title" if b"changes" in event.body else field
        family = Family.EVALUATION if event.subject.startswith("award/") else None
        history.given(redacts(event, {field: "Việc tốt"}), service=family)
    opened, from_archive = _archived(tmp_path, history, 100)
    before = _rows(opened)
    opened.rebuild(*NAMES, fill_ahead=from_archive).rebuild()
    after = _rows(opened.project())
    assert after == before
    assert "Việc tốt" in str(after["registrations/titles"])
    assert not [table for table, rows in after.items() if OLD in str(rows)]
    opened.store.close()


def test_an_archive_of_another_log_a_changed_file_or_none_fills_nothing(
    ledger: tuple[Rebuilding, ArchiveFill], tmp_path: Path
) -> None:
    opened, _ = ledger
    other = tmp_path / "other"
    other.mkdir()
    stranger, of_other = _archived(other, random_history(8, facts_each=25), 30)
    stranger.store.close()
    longer = _longer(tmp_path / "longer", opened)
    changed = next((tmp_path / "archive" / "log").iterdir())
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    for refused, code in (
        (of_other, "archive_of_another_log"),
        (longer, "archive_of_another_log"),
        (ArchiveFill(f"{tmp_path}/archive", 1), "archive_faulty"),
        (ArchiveFill(f"{tmp_path}/nowhere", 1), "archive_not_readable"),
        (ArchiveFill("gopher://x", 1), "archive_not_readable"),
    ):
        with pytest.raises(LedgerError, match=code):
            opened.rebuild("registrations", fill_ahead=refused).rebuild()
    assert _generations(opened) == {1}


def _longer(folder: Path, opened: Rebuilding) -> ArchiveFill:
    """Return the fill of an archive that goes on where the log of a ledger ends."""
    grown = opened.history.copied()
    grown.record(unit("longer", name="Xã Bình Văn"))
    log = grown.log.as_family(Family.REPORTING)
    archive(log, Storage(str(folder)), log.head().position)
    return ArchiveFill(str(folder), 1)


def test_what_cannot_be_folded_and_what_was_discarded_are_left_to_an_ordinary_rebuild(
    ledger: tuple[Rebuilding, ArchiveFill], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, from_archive = ledger
    with monkeypatch.context() as patch:
        patch.setattr(RegistrationRow, "bits", lambda _row: 1 // 0)
        with pytest.raises(LedgerError, match="archive_cannot_be_folded"):
            opened.rebuild("registrations", fill_ahead=from_archive).rebuild()
    with monkeypatch.context() as patch:
        patch.setattr(LatestStatements, "prepare", lambda *_: 1 // 0)
        with pytest.raises(LedgerError, match="archive_cannot_be_folded"):
            opened.rebuild("plans", fill_ahead=from_archive).rebuild()
    monkeypatch.setattr(quarantine, "discarded", lambda _: {("plans", "plan/o/2022"): None})
    with pytest.raises(LedgerError, match="rebuild_holds_subjects"):
        opened.rebuild("plans", fill_ahead=from_archive).rebuild()
    assert _generations(opened) == {1}


def test_an_interrupted_one_leaves_no_table_and_the_next_begins_again(
    ledger: tuple[Rebuilding, ArchiveFill], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, from_archive = ledger

    def interrupted(_task: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fill, "load", interrupted)
        with pytest.raises(KeyboardInterrupt):
            opened.rebuild("search", "plans", fill_ahead=from_archive).rebuild()
    assert _generations(opened) == {1}
    done = opened.rebuild("search", "plans", fill_ahead=from_archive).rebuild()
    assert {each.findings.total for each in done.each} == {0}


def test_a_killed_process_ends_the_fill_with_its_reason() -> None:
    with Workers(2) as workers, pytest.raises(LedgerError, match="rebuild_process_died"):
        list(workers.map(os._exit, [1]))


def _generations(ledger: Rebuilding) -> set[int]:
    """Return the generations of which there are tables."""
    with ledger.store.reading() as connection:
        return {each for name in NAMES for each in generations.filled(connection, name)}
