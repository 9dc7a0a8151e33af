"""A read model is rebuilt beside the one that answers, compared, swapped, and rolled back."""

from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, table, text

from services.reporting.readmodels.registrations.readmodel import Registrations
from services.reporting.readmodels.registrations.state import RegistrationRow
from shared.errors import LedgerError
from shared.readmodel import checkpoints, generations, quarantine
from shared.readmodel.decoded_events import fact_of
from shared.readmodel.rebuild.stages import Differs, Stage
from tests.integration.reporting.conftest import BOTH
from tests.support.rebuildable_ledger import NAMES, Rebuilding, answers, failing_at, maker, record

SEED = 7  # that of the fixture


def _tables(ledger: Rebuilding, name: str) -> set[int]:
    with ledger.store.reading() as connection:
        return set(generations.filled(connection, name))


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_a_rebuilt_read_model_answers_as_the_live_one_did(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    random = Random(SEED)
    asked = [head, *(random.randint(1, head) for _ in range(5))]
    before = [answers(ledger.reads, position) for position in asked]
    for name in NAMES:
        done = ledger.rebuilt(name)
        assert (done.position, done.old.generation, done.new.generation) == (head, 1, 2)
        assert done.findings.accepted_total == done.findings.unaccepted_total == 0
    ledger.project()
    assert [ledger.generation(name) for name in NAMES] == [2] * len(NAMES)
    assert [answers(ledger.reads, position) for position in asked] == before
    listed = ledger.reads.completeness()["read_models"]
    assert [(m["name"], m["equal"]) for m in listed] == [(name, True) for name in NAMES]


def test_every_kind_of_row_that_there_is_was_compared(ledger: Rebuilding) -> None:
    done = ledger.rebuilt("registrations")
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
        ledger.rebuilt("registrations")
    assert [(d.name, d.kind) for d in raised.value.found[0].findings.unaccepted] == [
        (f"registrations/{subject}", "titles")
    ]
    assert _tables(ledger, "registrations") == {1}
    ledger.project()
    assert ledger.generation("registrations") == 1


NEXT = Registrations.version + 1


def _changed(model: Any) -> None:
    """Make a second definition: registrations of 2020 are not counted."""
    model.version = NEXT
    fold = model.fold

    def refuse(facts: Any, connection: Any) -> None:
        before = RegistrationRow.bits
        RegistrationRow.bits = lambda self: before(self) & ~(33 if self.plan_year == 2020 else 0)  # type: ignore[method-assign]
        try:
            fold(facts, connection)
        finally:
            RegistrationRow.bits = before  # type: ignore[method-assign]

    model.fold = refuse


def test_a_changed_rule_is_noticed_refused_and_accepted_by_name(ledger: Rebuilding) -> None:
    make = maker("registrations", _changed)
    with pytest.raises(Differs) as raised:
        ledger.rebuilt("registrations", make=make)
    names = {each.name for each in raised.value.found[0].findings.unaccepted}
    sums = {name for name in names if name.startswith("registrations/sums/")}
    assert sums
    assert all(name.startswith("registrations/sums/2020/") for name in sums)
    assert any(name.startswith("registrations/registration/r-") for name in names)
    with pytest.raises(Differs):
        ledger.rebuilt("registrations", make=make, accept=["registrations/sums/*"])
    done = ledger.rebuilt("registrations", make=make, accept=sorted(names))
    assert (done.new.generation, done.new.version) == (2, NEXT)
    assert done.findings.accepted_total == raised.value.found[0].findings.unaccepted_total
    # The older release, which runs here, stands still from now on and says why.
    position = ledger.projection.position
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        ledger.projection.step()
    with pytest.raises(LedgerError, match="read_model_of_other_version"):
        ledger.projection.check()
    assert ledger.reads.as_of().position == position
    # Back at the old definition it goes on.
    rolled_back = ledger.rebuild("registrations", make=make).roll_back()
    assert (rolled_back.new.generation, rolled_back.new.version) == (1, NEXT - 1)
    ledger.project()
    ledger.projection.check()
    assert ledger.generation("registrations") == 1


@pytest.mark.parametrize(
    "stage", [Stage.BEGUN, Stage.FILLING, Stage.FILLED, Stage.COMPARED, Stage.SWAPPING]
)
def test_a_failure_at_any_point_leaves_the_old_serving(ledger: Rebuilding, stage: Stage) -> None:
    before = answers(ledger.reads, ledger.projection.position)
    with pytest.raises(RuntimeError, match=stage):
        ledger.rebuilt("awards", on_progress=failing_at(stage))
    assert _tables(ledger, "awards") == {1}
    ledger.project()
    assert answers(ledger.reads, ledger.projection.position) == before
    assert ledger.rebuilt("awards").new.generation == 2


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_a_rollback_answers_with_all_that_came_since(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    ledger.rebuilt("registrations")
    ledger.project()
    with ledger.store.reading() as connection:
        stood = checkpoints.load(connection)["registrations.kept"].position
    assert stood == head
    for number in range(30):
        record(ledger, number)
    ledger.project()
    before = answers(ledger.reads, ledger.projection.position)
    done = ledger.rebuild("registrations").roll_back()
    assert (done.old.generation, done.new.generation) == (2, 1)
    assert done.position == head + 30, "no read may go back in time"
    ledger.project()
    assert ledger.generation("registrations") == 1
    assert answers(ledger.reads, ledger.projection.position) == before
    again = ledger.rebuilt("registrations")
    assert again.new.generation == 3
    assert _tables(ledger, "registrations") == {1, 3}, "the one that answered is kept, no other"
    ledger.rebuilt("registrations")
    assert _tables(ledger, "registrations") == {3, 4}


def test_without_the_previous_one_there_are_never_three(ledger: Rebuilding) -> None:
    seen = []

    def on_progress(now: Stage, _done: int, _of: int) -> None:
        if now is Stage.COMPARED:
            seen.append(_tables(ledger, "awards"))

    ledger.rebuilt("awards")
    ledger.rebuild("awards", on_progress=on_progress).rebuild()
    ledger.rebuild("awards", on_progress=on_progress).rebuild(keep_previous=False)
    # On SQLite the new one is in a file of its own until the swap.
    assert [tables & {1, 2, 3} for tables in seen] in ([{1, 2, 3}, {3}], [{1, 2}, {3}])
    assert ledger.rebuild("awards").roll_back().new.generation == 3


def test_without_an_earlier_fill_there_is_no_way_back(ledger: Rebuilding) -> None:
    with pytest.raises(LedgerError, match="nothing_to_roll_back"):
        ledger.rebuild("plans").roll_back()


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_a_second_rebuild_at_the_same_time_is_refused(ledger: Rebuilding) -> None:
    refused = []

    def on_progress(now: Stage, _done: int, _of: int) -> None:
        if now is Stage.FILLED:
            with pytest.raises(LedgerError, match="rebuild_under_way") as raised:
                ledger.rebuilt("plans")
            refused.append(raised)

    ledger.rebuilt("awards", on_progress=on_progress)
    assert len(refused) == 1
    ledger.rebuilt("plans")


def test_a_subject_that_only_the_old_has_set_aside_is_a_difference(ledger: Rebuilding) -> None:
    fact = next(e for e in ledger.log.read(0, 10_000) if e.subject.startswith("award/"))
    with ledger.store.writing() as connection:
        quarantine.put(connection, "awards", fact_of(fact), "broken", 0)
    with pytest.raises(Differs) as raised:
        ledger.rebuilt("awards")
    (found,) = raised.value.found[0].findings.unaccepted
    assert (found.name, found.kind) == (f"awards/{fact.subject}", "quarantine")
    assert "broken" in found.old


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
def test_what_a_killed_rebuild_left_is_dropped_by_the_next(ledger: Rebuilding) -> None:
    left = maker("awards")(2)
    ledger.store.create(left.metadata)
    with ledger.store.writing() as connection:
        checkpoints.enter(connection, ["awards_g2"])
        connection.execute(text("INSERT INTO rm_awards_g2_years VALUES (1, 1999)"))
    done = ledger.rebuilt("awards")
    assert done.findings.unaccepted_total == 0
    assert done.new.generation == 2


def test_another_shape_of_the_tables_is_a_difference_with_a_name(ledger: Rebuilding) -> None:
    with ledger.store.writing() as connection:
        connection.execute(text("ALTER TABLE rm_plans_statements ADD COLUMN region TEXT"))
    with pytest.raises(Differs) as raised:
        ledger.rebuilt("plans")
    assert [d.name for d in raised.value.found[0].findings.unaccepted] == [
        "plans/shape/statements.region"
    ]
    ledger.rebuilt("plans", accept=["plans/shape/*"])
