"""An event of an archive that no fold can take in is named, with its position and its file."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.reporting.archive.engines import local
from services.reporting.archive.layout import Storage
from services.reporting.archive.replay import replayed
from services.reporting.archive.unfoldable import CANNOT_BE_FOLDED
from services.reporting.archive.writer import archive
from shared.errors import LedgerError
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import amended, granted, recognized, registered
from tests.support.scenarios import History

EVENTS = {
    "ModelAmended": (6, "changes"),
    "ModelRecognized": (7, "tier"),
    "AwardGranted": (8, "award_form"),
    "InspectionConducted": (9, "unit_id"),
}


def history() -> History:
    """Return a log with an event of each kind that is folded, at known positions."""
    inspection = {"inspection_id": "i-1", "scopes": ["DVK"], "unit_id": "a", "plan_year": 2022}
    return History().given(
        country(),
        unit("a"),
        *(registered(f"{n}", unit_id="a") for n in range(3)),
        amended("1", unit_id="a"),
        recognized("2"),
        granted("1", unit_id="a"),
        received("InspectionConducted", inspection),
        *(amended(f"{n}", unit_id="a") for n in range(3)),
    )


def without(event: RecordedEvent, field: str) -> RecordedEvent:
    """Return an event without a field of its data, as no release has recorded one."""
    stated: dict[str, Any] = json.loads(event.body)
    del stated["data"][field]
    return RecordedEvent.of({**vars(event), "body": json.dumps(stated).encode()})


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_that_cannot_be_folded_is_named(name: str, tmp_path: Path) -> None:
    position, field = EVENTS[name]
    ledger = history()
    events = ledger.log.store.events
    assert f".{name}." in events[position - 1].type
    events[position - 1] = without(events[position - 1], field)
    storage = Storage(f"{tmp_path}/archive")
    manifest = archive(ledger.log.as_family(Family.REPORTING), storage, 4)
    with (
        pytest.raises(LedgerError) as refused,
        replayed(storage, local(1), lambda log: log.head().position),
    ):
        pass
    problem = refused.value.problem
    assert problem.rule is CANNOT_BE_FOLDED
    assert problem.params["position"] == position
    assert problem.params["file"] == manifest.files[(position - 1) // 4].name
    assert problem.params["event"] == name
    assert field in str(problem.params["reason"])
