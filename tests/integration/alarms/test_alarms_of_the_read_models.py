"""Each alarm about read models fires when one really is behind, wrong or poisoned, and only then.

The read models are reporting's own on a SQLite file; only the clock is made up.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.reporting.readmodels import catalog
from shared.readmodel.decoded_events import DecodedEvent
from tests.support.cloudevents import country
from tests.support.folded_models import Projected

ALARMS = ("ReadModelBehind", "CompletenessUnequal", "SubjectsInQuarantine")


def fired(projected: Projected, seconds: float) -> dict[str, list[str]]:
    """Let time pass; return for which read models each alarm fires."""
    projected.prometheus.watch(seconds)
    found = {name: projected.prometheus.firing(name) for name in ALARMS}
    return {
        name: sorted(each["read_model"] for each in labels)
        for name, labels in found.items()
        if labels
    }


@pytest.fixture
def projected(tmp_path: Path) -> Iterator[Projected]:
    started = Projected(tmp_path)
    started.history.given(country())
    started.register(1, 2, 3)
    started.fold()
    yield started
    started.stop()


def test_read_models_that_stand_still_are_behind_until_they_move(projected: Projected) -> None:
    everyone = sorted(model.name for model in catalog.Catalog().all())
    assert fired(projected, 180) == {}
    projected.register(4)
    assert fired(projected, 60) == {}  # within a minute is no alarm
    assert fired(projected, 90) == {"ReadModelBehind": everyone, "CompletenessUnequal": everyone}
    projected.fold()
    assert fired(projected, 15) == {}


@pytest.mark.parametrize("wrong", ["- 1", "+ 1"])
def test_an_event_lost_or_counted_twice_is_unequal_and_a_restart_does_not_hide_it(
    projected: Projected, wrong: str
) -> None:
    assert fired(projected, 180) == {}
    counted = (
        "UPDATE read_model_checkpoints SET events_handled = events_handled {} WHERE name = 'awards'"
    )
    projected.change(counted.format(wrong))
    projected.fold()
    assert fired(projected, 45) == {}
    assert fired(projected, 45) == {"CompletenessUnequal": ["awards"]}
    projected.change(counted.format({"- 1": "+ 1", "+ 1": "- 1"}[wrong]))
    projected.fold()
    assert fired(projected, 15) == {}


def test_a_poisoned_subject_is_in_quarantine_and_counts_as_accounted_for(
    projected: Projected, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fired(projected, 60) == {}
    model = type(next(m for m in catalog.Catalog().all() if m.name == "registrations"))
    fold = model.fold

    def poisoned(self: object, facts: Sequence[DecodedEvent], connection: Connection) -> None:
        if any(fact.position == 5 for fact in facts):
            raise ZeroDivisionError
        fold(self, facts, connection)  # type: ignore[arg-type]

    with monkeypatch.context() as faulty:  # a release with a fault
        faulty.setattr(model, "fold", poisoned)
        projected.register(4, 5)
        projected.fold()
    assert fired(projected, 150) == {"SubjectsInQuarantine": ["registrations"]}
    # A release without the fault, and the read models filled anew.
    projected.stop()
    projected.file.unlink()
    projected.start()
    projected.fold()
    assert fired(projected, 15) == {}
