"""What two fills are compared by: rows, not numbers; what has no past; and nobody waits for it."""
# ruff: noqa: S608  the names of tables are the test's own

from pathlib import Path

import pytest
from sqlalchemy import text

from shared.readmodel.rebuild.stages import Differs, Stage
from tests.integration.reporting.conftest import BOTH
from tests.support.rebuildable_ledger import Rebuilding, record


def _said(ledger: Rebuilding, statement: str) -> None:
    with ledger.store.writing() as connection:
        assert connection.execute(text(statement)).rowcount > 0


def _found(ledger: Rebuilding, name: str) -> set[tuple[str, str]]:
    with pytest.raises(Differs) as raised:
        ledger.rebuilt(name)
    (differing,) = raised.value.found
    return {(each.name, each.kind) for each in differing.findings.unaccepted}


def test_other_numbers_for_the_same_things_are_no_difference(ledger: Rebuilding) -> None:
    for table in ("statements", "versions", "deltas"):
        _said(ledger, f"UPDATE rm_organizations_{table} SET thing = thing + 1000")
    for table, column in (("units", "id"), ("deltas", "unit")):
        _said(ledger, f"UPDATE rm_awards_{table} SET {column} = {column} + 1000")
    assert ledger.rebuilt("organizations").findings.total == 0
    assert ledger.rebuilt("awards").findings.total == 0


def test_a_row_of_other_numbers_that_says_something_else_is_named(ledger: Rebuilding) -> None:
    for table in ("statements", "versions", "deltas"):
        _said(ledger, f"UPDATE rm_organizations_{table} SET thing = thing + 1000")
    _said(
        ledger,
        "UPDATE rm_organizations_statements SET name = 'khác' "
        "WHERE position = (SELECT min(position) FROM rm_organizations_statements)",
    )
    with ledger.store.reading() as connection:
        subject = connection.scalar(
            text("SELECT subject FROM rm_organizations_statements WHERE name = 'khác'")
        )
    assert _found(ledger, "organizations") == {(f"organizations/{subject}", "statements")}


def test_the_same_numbers_for_other_words_are_a_difference(ledger: Rebuilding) -> None:
    with ledger.store.reading() as connection:
        words = connection.execute(text("SELECT id, unit_id FROM rm_registrations_units")).all()
    (first, one), (second, other) = words[:2]
    _said(ledger, f"UPDATE rm_registrations_units SET unit_id = '{other}' WHERE id = {first}")
    _said(ledger, f"UPDATE rm_registrations_units SET unit_id = '{one}' WHERE id = {second}")
    assert {kind for _, kind in _found(ledger, "registrations")} == {"deltas"}


@pytest.mark.parametrize("kind", ["waiting", "definitions"])
def test_what_only_a_fold_remembers_is_compared(ledger: Rebuilding, kind: str) -> None:
    first = f"(SELECT min(org_id) FROM rm_registrations_{kind})"
    with ledger.store.reading() as connection:
        org_id = connection.scalar(text(f"SELECT {first}"))
    _said(ledger, f"DELETE FROM rm_registrations_{kind} WHERE org_id = {first}")
    assert (f"registrations/organization/{org_id}", kind) in _found(ledger, "registrations")


@pytest.mark.parametrize("ledger", BOTH, indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rm_registrations_titles WHERE thing = 1",
        "INSERT INTO rm_registrations_titles VALUES (1, 3, 'thừa', 'thua')",
        "UPDATE rm_registrations_deltas SET after = after + 1 WHERE thing = 1",
    ],
)
def test_a_row_too_few_too_many_or_other_is_named(ledger: Rebuilding, statement: str) -> None:
    with ledger.store.reading() as connection:
        subject = connection.scalar(
            text("SELECT subject FROM rm_registrations_things WHERE thing = 1")
        )
    _said(ledger, statement)
    found = _found(ledger, "registrations")
    kind = statement.partition("rm_registrations_")[2].partition(" ")[0]
    assert (f"registrations/{subject}", kind) in found
    assert {each for each, _ in found if "/sums/" not in each} == {f"registrations/{subject}"}


def test_what_answers_goes_on_while_it_is_compared(ledger: Rebuilding) -> None:
    head = ledger.projection.position
    reached: list[int] = []

    def on_progress(now: Stage, _done: int, _of: int) -> None:
        if now is Stage.COMPARING:
            record(ledger, len(reached))
            ledger.project()
            reached.append(ledger.projection.position)

    done = ledger.rebuilt("registrations", on_progress=on_progress)
    assert reached == list(range(head + 1, head + 1 + len(reached)))
    assert len(reached) > 5
    assert done.findings.total == 0
    assert done.position == reached[-1]


def test_the_file_of_a_killed_rebuild_is_removed_by_the_next(
    tmp_path: Path, ledger: Rebuilding
) -> None:
    for left in ("r.db.filling-1", "r.db.filling-1-journal", "r.db.filling-2"):
        (tmp_path / left).write_bytes(b"half a fill")
    assert ledger.rebuilt("awards").new.generation == 2
    if ledger.store.is_sqlite:
        assert not list(tmp_path.glob("*filling*"))
