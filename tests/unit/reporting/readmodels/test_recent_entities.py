"""What a fold remembers between its runs is what the database holds, or it is forgotten."""

from pathlib import Path

from services.reporting.readmodels.parts.entities import RecentEntities
from shared.readmodel.decoded_events import facts_of
from tests.support.cloudevents import COUNTRY, received, registration
from tests.support.figures_of_events import Projecting


def test_a_run_that_was_undone_leaves_nothing_behind(tmp_path: Path) -> None:
    projecting = Projecting(f"sqlite:///{tmp_path / 'r.db'}").given(
        received("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}),
        received("ModelRegistered", registration("1")),
    )
    projecting.history.given(
        received("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"})
    )
    model = projecting.catalog.registrations
    withdrawn = facts_of(projecting.log.read(projecting.runner.position, 1))
    with projecting.store.writing() as connection:
        model.fold(withdrawn, connection)
        connection.rollback()
    model.forget()
    projecting.project()
    assert not projecting.runner.quarantined()
    assert projecting.measures() == {"withdrawn": 1}
    (item,) = projecting.list("registrations")
    assert item["withdrawn"] is True


def test_what_was_touched_last_is_kept_and_the_rest_let_go() -> None:
    remembered: RecentEntities[int] = RecentEntities()
    remembered.keep({str(n): n for n in range(10)}, run=2)
    assert remembered.take(["3"]) == {}, "three runs of two keep six"
    assert remembered.take(["4", "9"]) == {"4": 4, "9": 9}
    assert remembered.take(["9"]) == {}, "who takes one has it until it is kept again"
    remembered.keep({"5": 50, "4": 40}, run=2)
    remembered.keep({"new-1": 1, "new-2": 2, "new-3": 3}, run=2)
    assert remembered.take(["6"]) == {}
    assert remembered.take(["5", "4", "new-3"]) == {"5": 50, "4": 40, "new-3": 3}
    remembered.forget()
    assert remembered.take(["new-1"]) == {}
