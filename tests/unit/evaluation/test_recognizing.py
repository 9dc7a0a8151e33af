"""events.md, Accepting: ModelRecognized, RecognitionDeclined, RecognitionRevoked."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import (
    amended,
    published,
    recognized,
    registered,
    revoked,
    withdrawn,
)
from tests.support.scenarios import given

COUNTRY = country()


def declined(**data: Any) -> ReceivedEvent:
    """Say that recognition of registration r-1 is declined."""
    return received("RecognitionDeclined", {"registration_id": "r-1", "reason": "chưa đạt", **data})


@pytest.mark.parametrize("event", [recognized(), declined(), revoked()], ids=lambda e: e.type)
def test_a_model_cannot_be_recognized_before_it_is_registered(event: ReceivedEvent) -> None:
    assert given(COUNTRY).when(event).waiting_for == {("registration", "r-1")}


@pytest.mark.parametrize("event", [recognized(), declined(), revoked()], ids=lambda e: e.type)
def test_a_withdrawn_registration_is_not_recognized(event: ReceivedEvent) -> None:
    verdict = given(COUNTRY, registered(), withdrawn()).when(event)
    assert verdict.code == "registration_withdrawn"


@pytest.mark.parametrize("tier", ["recognized", "exemplary"])
def test_a_registration_is_recognized_in_a_tier(tier: str) -> None:
    assert given(COUNTRY, registered()).when(recognized(tier=tier)).accepted


def test_without_a_taxonomy_there_are_two_tiers() -> None:
    verdict = given(COUNTRY, registered()).when(recognized(tier="gold"))
    assert verdict.code == "tier_not_named"


def test_the_tiers_are_those_of_the_taxonomy_in_force() -> None:
    history = given(COUNTRY, unit("p-1"), registered(unit_id="p-1"), registered("2"))
    history.given(published("tier", "recognized", "gold", jurisdiction_unit_id="p-1"))
    assert history.when(recognized(tier="gold")).accepted
    assert history.when(recognized(tier="exemplary")).code == "code_not_in_force"
    assert history.when(recognized("2", tier="gold")).code == "tier_not_named"


def test_the_tier_in_force_is_not_given_again() -> None:
    history = given(COUNTRY, registered(), recognized())
    verdict = history.when(recognized())
    assert verdict.code == "tier_in_force"
    assert "recognized already (position 3)" in verdict.says.replace("tier ", "")


def test_another_tier_supersedes_the_one_in_force() -> None:
    history = given(COUNTRY, registered(), recognized())
    assert history.given(recognized(tier="exemplary")).when(recognized()).accepted


def test_a_revoked_tier_may_be_given_again() -> None:
    assert given(COUNTRY, registered(), recognized(), revoked()).when(recognized()).accepted


def test_a_tier_may_require_another_to_be_in_force() -> None:
    gold = {"code": "gold", "name": "Vàng", "attributes": {"requires": "silver"}}
    history = given(COUNTRY, published("tier", "recognized", "silver", gold), registered())
    assert history.when(recognized(tier="gold")).code == "tier_required"
    history.given(recognized(tier="recognized"))
    verdict = history.when(recognized(tier="gold"))
    assert verdict.code == "tier_required"
    assert verdict.says.endswith("to be recognized as silver; it is recognized.")
    assert history.given(recognized(tier="silver")).when(recognized(tier="gold")).accepted


def test_the_taxonomy_of_tiers_is_that_of_the_day() -> None:
    history = given(COUNTRY, published("tier", "recognized", "gold", valid_from="2022-06-01"))
    history.given(registered())
    on: dict[str, Any] = {"decision": {"kind": "decision", "number": "1"}}
    assert history.when(recognized(tier="gold", occurred_on="2022-05-31", **on)).code is not None
    assert history.when(recognized(tier="gold", occurred_on="2022-06-01", **on)).accepted


def test_the_taxonomy_of_tiers_is_that_of_the_unit_as_amended() -> None:
    history = given(COUNTRY, unit("p-1"), registered())
    history.given(published("tier", "gold", jurisdiction_unit_id="p-1"))
    assert history.when(recognized(tier="gold")).code == "tier_not_named"
    assert history.given(amended(unit_id="p-1")).when(recognized(tier="gold")).accepted


def test_recognition_is_declined_where_none_is_in_force() -> None:
    history = given(COUNTRY, registered())
    assert history.when(declined()).accepted
    assert history.given(declined()).when(declined()).accepted
    verdict = history.given(recognized()).when(declined())
    assert verdict.code == "recognition_in_force"
    assert "(position 4)" in verdict.says


def test_a_declined_registration_may_be_recognized_later() -> None:
    assert given(COUNTRY, registered(), declined()).when(recognized()).accepted


def test_recognition_is_revoked_where_one_is_in_force() -> None:
    history = given(COUNTRY, registered())
    assert history.when(revoked()).code == "no_recognition_in_force"
    history.given(recognized())
    assert history.when(revoked()).accepted
    assert history.given(revoked()).when(revoked()).code == "no_recognition_in_force"


@pytest.mark.parametrize("name", [recognized, revoked])
def test_a_recognition_has_the_year_of_its_registration(name: Any) -> None:
    history = given(COUNTRY, registered(), recognized())
    event = name(tier="exemplary", plan_year=2023) if name is recognized else name(plan_year=2023)
    verdict = history.when(event)
    assert verdict.code == "derived_field_differs"
