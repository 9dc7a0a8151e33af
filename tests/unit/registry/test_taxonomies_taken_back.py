"""events.md, EventRetracted: a taxonomy of tiers stays as long as a tier rests on it."""

import pytest

from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import country, unit
from tests.support.event_builders import amended, published, recognized, registered, retracted
from tests.support.scenarios import given

COUNTRY = country()
XA = unit("xa-1")


def test_a_taxonomy_is_not_taken_back_while_a_tier_that_only_it_names_is_in_force() -> None:
    tiers = published("tier", "recognized", "gold")
    history = given(COUNTRY, tiers, registered(), recognized(tier="gold"))
    verdict = history.when(retracted(tiers))
    assert verdict.code == "tier_still_in_force"
    assert "position 4" in verdict.says
    assert history.given(recognized(tier="recognized")).when(retracted(tiers)).accepted


def test_a_taxonomy_is_taken_back_when_another_names_its_tiers() -> None:
    tiers = published("tier", "gold")
    history = given(COUNTRY, tiers, published("tier", "gold", version="2"), registered())
    assert history.given(recognized(tier="gold")).when(retracted(tiers)).accepted


@pytest.mark.parametrize(
    "other",
    [
        published("tier", "silver"),
        published("field", "gold"),
        published("tier", "gold", jurisdiction_unit_id="xa-1"),
    ],
)
def test_another_taxonomy_helps_only_if_it_names_the_tier_there(other: ReceivedEvent) -> None:
    tiers = published("tier", "gold", version="2")
    history = given(COUNTRY, XA, other, tiers, registered(field_code="gold"))
    history.given(recognized(tier="gold"))
    assert history.when(retracted(tiers)).code == "tier_still_in_force"


def test_a_tier_rests_on_the_taxonomy_of_the_day_of_its_recognition() -> None:
    """The registration is of 1 March, the recognition of 1 December."""
    spring = published("tier", "gold", valid_to="2022-07-01")
    autumn = published("tier", "gold", version="2", valid_from="2022-07-01")
    history = given(COUNTRY, spring, autumn, registered(), recognized(tier="gold"))
    assert history.when(retracted(autumn)).code == "tier_still_in_force"
    assert history.when(retracted(spring)).accepted


def test_a_taxonomy_published_after_the_recognition_is_taken_back() -> None:
    first = published("tier", "gold")
    history = given(COUNTRY, first, registered(), recognized(tier="gold"))
    second = published("tier", "gold", version="2")
    history.given(second)
    assert history.when(retracted(second)).accepted
    # Either alone would do, and the first judged it.
    assert history.when(retracted(first)).accepted
    silver = published("tier", "silver", version="3")
    assert history.given(silver).when(retracted(first)).code == "tier_still_in_force"


def test_a_taxonomy_of_elsewhere_is_taken_back() -> None:
    tiers = published("tier", "gold", jurisdiction_unit_id="xa-1")
    history = given(COUNTRY, XA, tiers, registered(unit_id="xa-1"), recognized(tier="gold"))
    assert history.when(retracted(tiers)).code == "tier_still_in_force"
    assert history.given(amended(unit_id="vn")).when(retracted(tiers)).accepted
