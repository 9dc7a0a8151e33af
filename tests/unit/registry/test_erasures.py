"""An erasure is accepted for a unit of the past too; its reference and days are as the contract."""

import json
from typing import Any

import pytest

from shared.clock import system_clock
from shared.errors import BrokenContract
from shared.events.acceptance.receive import receive
from shared.vocabulary import Family
from tests.support.cloudevents import cloudevent, country, received, unit
from tests.support.event_builders import closed
from tests.support.scenarios import given

REFERENCE = "p-abcdefghijklmnopqrstuvwx27"
ERASED = {
    "person_ref": REFERENCE,
    "ground": "request",
    "requested_on": "2026-03-02",
    "occurred_on": "2026-03-03",
}


@pytest.mark.parametrize("of", [{}, {"unit_id": "a"}])
def test_a_unit_that_has_ended_still_erases_its_persons(of: dict[str, str]) -> None:
    history = given(country(), unit("a"), closed("a", "2025-07-01"))
    assert history.when(received("PersonErased", {**ERASED, **of})).accepted


def test_the_unit_must_be_known() -> None:
    verdict = given(country()).when(received("PersonErased", {**ERASED, "unit_id": "a"}))
    assert verdict.waiting_for == {("unit", "a")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"person_ref": "LoThiHoa"},
        {"person_ref": REFERENCE.upper()},
        {"ground": "theo đơn"},
        {"requested_on": "2026-03-04"},
        {"name": "Lò Thị Hòa"},
    ],
)
def test_the_door_takes_no_name_no_other_ground_and_no_later_request(wrong: dict[str, Any]) -> None:
    event = cloudevent("PersonErased", ERASED, subject=f"person/{REFERENCE}")
    event["data"] = {**ERASED, **wrong}
    with pytest.raises(BrokenContract) as refused:
        receive(json.dumps(event).encode(), now_us=system_clock(), family=Family.REGISTRY)
    assert refused.value.problem.rule.status == 422
