"""A read model is rebuilt beside the one that answers, compared, swapped, and rolled back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from sqlalchemy import func, select, table, text

from services.reporting.cross_tables import read_by
from services.reporting.listing import Filters
from services.reporting.projection import Projection, ServedReads
from services.reporting.readmodels.registration_state import Registration
from services.reporting.reads import Question, Reads
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.readmodel import checkpoints, generations, quarantine
from shared.readmodel.facts import fact_of
from shared.readmodel.rebuild import Differs, Stage
from shared.telemetry.metrics import Metrics
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.moments import map_choice
from tests.support.cloudevents import unit
from tests.support.random_years import YEARS
from tests.support.rebuilding import NAMES, Rebuilding, failing_at, maker, random_history

SEED = 7
BY = ("unit", "field,tier", "owner_kind", "award_form,recipient_kind")
LISTS = ("registrations", "awards", "plans", "inspections", "outcomes", "figures")


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


def _answers(reads: Reads, position: int) -> list[Any]:
    as_of = reads.as_of(str(position))
    map_ = map_choice("recorded", system_clock)
    summaries = [
        reads.summary(Question(None, year, DEFAULT_PROGRAMME, map_, read_by(BY)), as_of)
        for year in YEARS
    ]
    lists = [
        list(getattr(reads, name)(Filters(None, None, None, map_), as_of).items) for name in LISTS
    ]
    return [*summaries, *lists]


def _tables(ledger: Rebuilding, name: str) -> set[int]:
    with ledger.store.reading() as connection:
        return set(generations.filled(connection, name))


def test_a_rebuilt_read_model_answers_as_the_live_one_did(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    random = Random(SEED)
    asked = [head, *(random.randint(1, head) for _ in range(5))]
    before = [_answers(ledger.reads, position) for position in asked]
    for name in NAMES:
        done = ledger.rebuild(name).rebuild()
        assert (done.position, done.old.generation, done.new.generation) == (head, 1, 2)
        assert done.findings.accepted_total == done.findings.unaccepted_total == 0
    ledger.project()
    assert [ledger.generation(name) for name in NAMES] == [2] * len(NAMES)
    assert [_answers(ledger.reads, position) for position in asked] == before
    listed = ledger.reads.completeness()["read_models"]
    assert [(m["name"], m["equal"]) for m in listed] == [(name, True) for name in NAMES]


def test_every_kind_of_row_that_there_is_was_compared(ledger: Rebuilding) -> None:
    done = ledger.rebuild("registrations").rebuild()
    with ledger.store.reading() as connection:
        for kind in ("things", "versions", "titles", "deltas", "definitions", "waiting"):
            stored = connection.scalar(
                select(func.count()).select_from(table(f"rm_registrations_{kind}"))
            )
            assert stored
            assert done.findings.rows[kind] == stored, kind


def test_a_row_that_was_tampered_with_is_named_and_the_rebuild_abandoned(
    ledger: Rebuilding,
) -> None:
    with ledger.store.writing() as connection:
        connection.execute(
            text("UPDATE rm_registrations_titles SET title = 'khác' WHERE thing = 1")
        )
        subject = connection.scalar(
            text("SELECT subject FROM rm_registrations_things WHERE thing = 1")
        )
    with pytest.raises(Differs) as raised:
        ledger.rebuild("registrations").rebuild()
    assert [(d.name, d.kind) for d in raised.value.findings.unaccepted] == [
        (f"registrations/{subject}", "titles")
    ]
    assert _tables(ledger, "registrations") == {1}
    ledger.project()
    assert ledger.generation("registrations") == 1


def _changed(model: Any) -> None:
    """Make a second definition: registrations of 2020 are not counted."""
    model.version = 2
    fold = model.fold

    def refuse(facts: Any, connection: Any) -> None:
        before = Registration.bits
        Registration.bits = lambda self: before(self) & ~(33 if self.plan_year == 2020 else 0)  # type: ignore[method-assign]
        try:
            fold(facts, connection)
        finally:
            Registration.bits = before  # type: ignore[method-assign]

    model.fold = refuse


def test_a_changed_rule_is_noticed_refused_and_accepted_by_name(ledger: Rebuilding) -> None:
    make = maker("registrations", _changed)
    with pytest.raises(Differs) as raised:
        ledger.rebuild("registrations", make=make).rebuild()
    names = {each.name for each in raised.value.findings.unaccepted}
    sums = {name for name in names if name.startswith("registrations/sums/")}
    assert sums
    assert all(name.startswith("registrations/sums/2020/") for name in sums)
    assert any(name.startswith("registrations/registration/r-") for name in names)
    with pytest.raises(Differs):
        ledger.rebuild("registrations", make=make, accept=["registrations/sums/*"]).rebuild()
    done = ledger.rebuild("registrations", make=make, accept=sorted(names)).rebuild()
    assert (done.new.generation, done.new.version) == (2, 2)
    assert done.findings.accepted_total == raised.value.findings.unaccepted_total
    # The older release, which runs here, stands still from now on and says why.
    position = ledger.projection.position
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        ledger.projection.step()
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        ledger.projection.check()
    assert ledger.reads.as_of().position == position
    # Back at the old definition it goes on.
    rolled_back = ledger.rebuild("registrations", make=make).roll_back()
    assert (rolled_back.new.generation, rolled_back.new.version) == (1, 1)
    ledger.project()
    ledger.projection.check()
    assert ledger.generation("registrations") == 1


@pytest.mark.parametrize(
    "stage", [Stage.BEGUN, Stage.FILLING, Stage.FILLED, Stage.COMPARED, Stage.SWAPPING]
)
def test_a_failure_at_any_point_leaves_the_old_serving(ledger: Rebuilding, stage: Stage) -> None:
    before = _answers(ledger.reads, ledger.projection.position)
    with pytest.raises(RuntimeError, match=stage):
        ledger.rebuild("awards", told=failing_at(stage)).rebuild()
    assert _tables(ledger, "awards") == {1}
    ledger.project()
    assert _answers(ledger.reads, ledger.projection.position) == before
    assert ledger.rebuild("awards").rebuild().new.generation == 2


def test_a_rollback_answers_with_all_that_came_since(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    ledger.rebuild("registrations").rebuild()
    ledger.project()
    with ledger.store.reading() as connection:
        stood = checkpoints.load(connection)["registrations.kept"].position
    assert stood == head
    for number in range(30):
        _record(ledger, number)
    ledger.project()
    before = _answers(ledger.reads, ledger.projection.position)
    done = ledger.rebuild("registrations").roll_back()
    assert (done.old.generation, done.new.generation) == (2, 1)
    ledger.project()
    assert ledger.generation("registrations") == 1
    assert _answers(ledger.reads, ledger.projection.position) == before
    again = ledger.rebuild("registrations").rebuild()
    assert again.new.generation == 3
    # What is neither answering nor kept stays for those who still read it, until the next one.
    assert _tables(ledger, "registrations") == {1, 2, 3}
    ledger.rebuild("registrations").rebuild()
    assert _tables(ledger, "registrations") == {1, 3, 4}


def _record(ledger: Rebuilding, number: int) -> None:
    """Append an event, as somebody else would."""
    ledger.history.record(unit(f"more-{number}", name="Xã Bình Văn"))


def test_without_an_earlier_fill_there_is_no_way_back(ledger: Rebuilding) -> None:
    with pytest.raises(LedgerError, match="nothing_to_roll_back"):
        ledger.rebuild("plans").roll_back()


def test_a_second_rebuild_at_the_same_time_is_refused(ledger: Rebuilding) -> None:
    refused = []

    def told(now: Stage, _done: int, _of: int) -> None:
        if now is Stage.FILLED:
            with pytest.raises(LedgerError, match="rebuild_under_way") as raised:
                ledger.rebuild("plans").rebuild()
            refused.append(raised)

    ledger.rebuild("awards", told=told).rebuild()
    assert len(refused) == 1
    ledger.rebuild("plans").rebuild()


def test_a_subject_that_only_the_old_has_set_aside_is_a_difference(ledger: Rebuilding) -> None:
    fact = next(e for e in ledger.log.read(0, 10_000) if e.subject.startswith("award/"))
    with ledger.store.writing() as connection:
        quarantine.put(connection, "awards", fact_of(fact), "broken", 0)
    with pytest.raises(Differs) as raised:
        ledger.rebuild("awards").rebuild()
    (found,) = raised.value.findings.unaccepted
    assert (found.name, found.kind) == (f"awards/{fact.subject}", "quarantine")
    assert "broken" in found.old


def test_reads_and_appends_go_on_and_no_answer_is_a_mixture(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    expected = {position: _answers(ledger.reads, position) for position in (head, head // 2)}
    ended = Event()
    seen: set[int] = set()

    def read() -> int:
        count = 0
        while not ended.is_set():
            for position, answers in expected.items():
                assert _answers(ledger.reads, position) == answers
                count += 1
            seen.add(ledger.generation("registrations"))
        return count

    def fold() -> int:
        grown = 0
        while not ended.is_set():
            _record(ledger, grown)
            grown += 1
            ledger.project()
        return grown

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read), pool.submit(read)]
        folder = pool.submit(fold)
        try:
            for generation in (2, 3):
                done = ledger.rebuild("registrations").rebuild()
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


def test_what_a_killed_rebuild_left_is_dropped_by_the_next(ledger: Rebuilding) -> None:
    left = maker("awards")(2)
    ledger.store.create(left.metadata)
    with ledger.store.writing() as connection:
        checkpoints.enter(connection, ["awards_g2"])
        connection.execute(text("INSERT INTO rm_awards_g2_years VALUES (1, 1999)"))
    done = ledger.rebuild("awards").rebuild()
    assert done.findings.unaccepted_total == 0
    assert done.new.generation == 2


def test_another_shape_of_the_tables_is_a_difference_with_a_name(ledger: Rebuilding) -> None:
    with ledger.store.writing() as connection:
        connection.execute(text("ALTER TABLE rm_plans_statements ADD COLUMN region TEXT"))
    with pytest.raises(Differs) as raised:
        ledger.rebuild("plans").rebuild()
    assert [d.name for d in raised.value.findings.unaccepted] == ["plans/shape/statements.region"]
    ledger.rebuild("plans", accept=["plans/shape/*"]).rebuild()


def test_a_request_that_began_on_the_old_tables_ends_on_them(ledger: Rebuilding) -> None:
    with ledger.store.writing() as connection:
        connection.execute(text("UPDATE rm_registrations_titles SET title = 'viết sai'"))
    map_ = map_choice("recorded", system_clock)
    filters = Filters(None, None, None, map_)
    began = ledger.reads.as_of()
    ledger.rebuild("registrations", accept=["registrations/*"]).rebuild()
    ledger.project()
    titles = {item["title"] for item in ledger.reads.registrations(filters, began).items}
    assert titles == {"viết sai"}
    later = ledger.reads.as_of()
    assert later.position == began.position
    assert "viết sai" not in {i["title"] for i in ledger.reads.registrations(filters, later).items}
    # Other figures for the same position: who has the old answer must not be told 304.
    assert later.edition != began.edition


def test_a_release_of_another_definition_waits_for_the_rebuild_and_then_begins(
    ledger: Rebuilding,
) -> None:
    expected = _answers(ledger.reads, ledger.projection.position)
    with ledger.store.writing() as connection:
        connection.execute(text("UPDATE read_models SET version = 0 WHERE name = 'outcomes'"))
    release = Projection(ledger.log, ledger.store, clock=system_clock, metrics=Metrics())
    release.start()
    with pytest.raises(LedgerError, match="dvk rebuild outcomes"):
        release.check()
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        release.as_of()
    ledger.rebuild("outcomes").rebuild()
    release.step()
    release.check()
    reads = ServedReads.of(release)
    assert _answers(reads, release.position) == expected
