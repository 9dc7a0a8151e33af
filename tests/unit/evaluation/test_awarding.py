"""events.md, Accepting: awards are proposed, declined, granted, amended, presented, revoked."""

from typing import Any

import pytest

from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import (
    DECISION,
    closed,
    for_registrations,
    granted,
    of_award,
    proposed,
    published,
    registered,
    retracted,
    withdrawn,
)
from tests.support.scenarios import History, given

COUNTRY = country()
declined = of_award("AwardDeclined", reason="không đủ điều kiện")
presented = of_award("AwardPresented")
revoked = of_award("AwardRevoked", reason="hủy quyết định")


def amended(occurred_on: str = "2022-12-10", **changes: Any) -> ReceivedEvent:
    """Say that award a-1 is corrected."""
    return of_award("AwardAmended", reason="sửa", changes=changes, occurred_on=occurred_on)


AMENDED = amended(award_name="Bằng khen")

NEW = given(COUNTRY)
PROPOSED = given(COUNTRY, proposed())
DECLINED = given(COUNTRY, proposed(), declined)
GRANTED = given(COUNTRY, granted())
GRANTED_AS_PROPOSED = given(COUNTRY, proposed(), granted())
PRESENTED = given(COUNTRY, granted(), presented)
REVOKED = given(COUNTRY, granted(), revoked)
REVOKED_AFTER_ALL = given(COUNTRY, granted(), presented, revoked)


@pytest.mark.parametrize("event", [declined, AMENDED, presented, revoked], ids=lambda e: e.type)
def test_what_happens_to_an_award_waits_for_it(event: ReceivedEvent) -> None:
    assert NEW.when(event).waiting_for == {("award", "a-1")}


@pytest.mark.parametrize(
    ("history", "event", "code"),
    [
        (NEW, proposed(), None),
        (PROPOSED, proposed(), "award_id_used"),
        (DECLINED, proposed(), "award_id_used"),
        (GRANTED, proposed(), "award_id_used"),
        (REVOKED, proposed(), "award_id_used"),
        (PROPOSED, declined, None),
        (DECLINED, declined, "award_not_open"),
        (GRANTED, declined, "award_not_open"),
        (GRANTED_AS_PROPOSED, declined, "award_not_open"),
        (NEW, granted(), None),
        (PROPOSED, granted(), None),
        (DECLINED, granted(), "award_settled"),
        (GRANTED, granted(), "award_settled"),
        (REVOKED, granted(), "award_settled"),
        (PROPOSED, AMENDED, "award_not_granted"),
        (DECLINED, AMENDED, "award_not_granted"),
        (GRANTED, AMENDED, None),
        (PRESENTED, AMENDED, None),
        (REVOKED, AMENDED, "award_revoked"),
        (PROPOSED, presented, "award_not_granted"),
        (GRANTED, presented, None),
        (PRESENTED, presented, "award_presented"),
        (REVOKED, presented, "award_revoked"),
        (REVOKED_AFTER_ALL, presented, "award_revoked"),
        (PROPOSED, revoked, "award_not_granted"),
        (GRANTED, revoked, None),
        (PRESENTED, revoked, None),
        (REVOKED, revoked, "award_revoked"),
    ],
)
def test_an_award_goes_step_by_step(
    history: History, event: ReceivedEvent, code: str | None
) -> None:
    assert history.when(event).code == code
    assert history.restarted().when(event).code == code


def test_a_revoked_award_is_not_amended_in_any_field() -> None:
    for changes in ({"plan_year": 2021}, {"award_form": "bang_khen"}, {"unit_id": "vn"}):
        assert REVOKED.when(amended(**changes)).code == "award_revoked"


def test_what_happens_to_an_award_does_not_happen_in_the_future() -> None:
    for name, more in (("AwardPresented", {}), ("AwardRevoked", {"reason": "hủy"})):
        event = of_award(name, **{**more, "occurred_on": "2999-01-01"})
        assert GRANTED.when(event).code == "occurred_in_future"


def test_a_refusal_names_both_sides() -> None:
    assert GRANTED_AS_PROPOSED.when(granted()).says == (
        "Award a-1 cannot be granted any more: AwardGranted at position 3."
    )
    assert PRESENTED.when(presented).says == "Award a-1 was presented at position 3 already."


@pytest.mark.parametrize("event", [proposed, granted])
def test_an_award_waits_for_every_registration_it_is_for(event: Any) -> None:
    award = event(basis=for_registrations("1", "2"))
    assert given(COUNTRY, registered()).when(award).waiting_for == {("registration", "r-2")}
    assert given(COUNTRY, registered(), registered("2")).when(award).accepted


def test_a_corrected_award_waits_for_its_registrations_and_units() -> None:
    event = amended(basis=for_registrations("1"), recipient={"kind": "household", "unit_id": "x"})
    assert GRANTED.when(event).waiting_for == {("registration", "r-1"), ("unit", "x")}


def test_an_award_may_be_for_a_withdrawn_registration() -> None:
    history = given(COUNTRY, registered(), withdrawn())
    assert history.when(granted(basis=for_registrations("1"))).accepted


@pytest.mark.parametrize("event", [proposed, granted])
def test_an_award_has_the_year_of_its_registrations_if_they_agree(event: Any) -> None:
    history = given(COUNTRY, registered(), registered("2"), registered("3", plan_year=2023))
    same = for_registrations("1", "2")
    assert history.when(event(basis=same)).accepted
    verdict = history.when(event(basis=same, plan_year=2023))
    assert verdict.code == "derived_field_differs"
    assert "registration/r-1, registration/r-2" in verdict.says
    various = for_registrations("1", "3")
    assert history.when(event(basis=various, plan_year=2021)).accepted


def test_an_award_has_the_programme_of_its_registrations_if_they_agree() -> None:
    army = "don_vi_dan_van_tot"
    history = given(COUNTRY, registered(programme=army), registered("2"))
    assert history.when(granted(basis=for_registrations("1"), programme=army)).accepted
    assert history.when(granted(basis=for_registrations("1"))).accepted
    wrong = granted(basis=for_registrations("1"), programme="dan_van_kheo")
    assert history.when(wrong).code == "derived_field_differs"
    assert history.when(granted(basis=for_registrations("1", "2"), programme="x")).accepted


def test_the_unit_of_an_award_may_differ_from_that_of_its_registration() -> None:
    history = given(COUNTRY, unit("xa-1"), registered(unit_id="xa-1"))
    history.given(closed("xa-1", "2022-07-01"))
    assert history.when(granted(basis=for_registrations("1"), unit_id="vn")).accepted
    verdict = history.when(granted(basis=for_registrations("1"), unit_id="xa-1"))
    assert verdict.code == "unit_does_not_exist"


@pytest.mark.parametrize(
    ("field", "stated"), [("plan_year", 2023), ("programme", "don_vi_dan_van_tot")]
)
def test_a_grant_has_the_year_and_programme_of_its_proposal(field: str, stated: Any) -> None:
    verdict = PROPOSED.when(granted(**{field: stated}))
    assert verdict.code == "derived_field_differs"
    assert "by award/a-1" in verdict.says


def test_a_grant_takes_the_programme_of_its_proposal_or_states_it() -> None:
    for history in (
        given(COUNTRY, proposed(programme="x"), granted()),
        given(COUNTRY, proposed(programme="x"), granted(programme="x")),
        given(COUNTRY, granted(programme="x")),
    ):
        assert history.when(of_award("AwardPresented", programme="x")).accepted
        assert history.when(of_award("AwardPresented", programme="dan_van_kheo")).code is not None


def test_a_later_event_has_the_year_and_programme_of_its_award_but_its_own_unit() -> None:
    history = given(COUNTRY, unit("xa-1"), granted())
    assert history.when(of_award("AwardPresented", plan_year=2022, unit_id="xa-1")).accepted
    verdict = history.when(of_award("AwardPresented", plan_year=2023))
    assert verdict.code == "derived_field_differs"
    verdict = history.when(of_award("AwardRevoked", reason="hủy", programme="x"))
    assert verdict.code == "derived_field_differs"
    history.given(amended(plan_year=2023, programme="x"))
    assert history.when(of_award("AwardPresented", plan_year=2023, programme="x")).accepted


def test_an_award_without_a_programme_has_that_of_its_registrations() -> None:
    army = "don_vi_dan_van_tot"
    history = given(COUNTRY, registered(programme=army), granted(basis=for_registrations("1")))
    assert history.when(of_award("AwardPresented", programme=army)).accepted
    assert history.when(of_award("AwardPresented", programme="dan_van_kheo")).code is not None


def test_a_correction_states_what_is_so() -> None:
    stated: dict[str, Any] = {"reason": "sửa", "changes": {"award_name": "Bằng khen"}}
    assert GRANTED.when(of_award("AwardAmended", **stated, plan_year=2022)).accepted
    verdict = GRANTED.when(of_award("AwardAmended", **stated, plan_year=2023))
    assert verdict.code == "derived_field_differs"


def test_the_corrected_precision_says_on_which_days_it_may_have_happened() -> None:
    history = given(COUNTRY, unit("xa-1"), closed("xa-1", "2022-07-01"))
    history.given(granted(unit_id="xa-1", occurred_precision="year"))
    assert history.when(amended(occurred_precision="month")).code == "unit_does_not_exist"
    assert history.when(amended(occurred_precision=None)).code == "unit_does_not_exist"
    assert history.when(amended(occurred_precision="period")).accepted


def test_the_corrected_year_fits_the_registrations() -> None:
    history = given(COUNTRY, registered(), granted(basis=for_registrations("1")))
    assert history.when(amended(plan_year=2023)).code == "derived_field_differs"
    assert history.when(amended(plan_year=2023, basis={"kind": "career"})).accepted


def test_the_corrected_registrations_fit_the_year() -> None:
    history = given(COUNTRY, registered(plan_year=2021), granted())
    verdict = history.when(amended(basis=for_registrations("1")))
    assert verdict.code == "derived_field_differs"
    assert history.when(amended(basis=for_registrations("1"), plan_year=2021)).accepted


def test_null_clears_the_stated_programme() -> None:
    history = given(COUNTRY, granted(programme="x"), amended(programme=None))
    assert history.when(of_award("AwardPresented", programme="dan_van_kheo")).accepted


@pytest.mark.parametrize("event", [proposed, granted])
def test_a_form_outside_the_taxonomy_in_force_is_accepted(event: Any) -> None:
    """The rows of awards name no taxonomy, and nothing else is refused (events.md, Accepting)."""
    assert NEW.when(event(award_form="anything")).accepted
    history = given(COUNTRY, published("award_form", "giay_khen", "bang_khen"))
    assert history.when(event(award_form="anything")).accepted


def test_the_corrected_award_happened_where_and_when_it_could() -> None:
    history = given(COUNTRY, unit("xa-1"), closed("xa-1", "2022-07-01"), granted())
    assert history.when(amended(unit_id="xa-1")).code == "unit_does_not_exist"
    in_june = {"occurred_on": "2022-06-30", "unit_id": "xa-1"}
    event = of_award("AwardAmended", reason="sửa", changes=in_june)
    assert history.when(event).accepted
    assert history.given(event).when(_dated("2022-07-01")).code == "unit_does_not_exist"
    assert history.when(_dated("2999-01-01")).code == "occurred_in_future"


def test_the_corrected_decision_is_not_signed_in_the_future() -> None:
    event = amended(decision={**DECISION, "signed_on": "2999-01-01"})
    assert GRANTED.when(event).code == "signed_in_future"


@pytest.mark.parametrize("event", [proposed(), granted()], ids=lambda e: e.type)
def test_an_award_is_revoked_and_not_retracted(event: ReceivedEvent) -> None:
    verdict = given(COUNTRY, event).when(retracted(event), service=Family.EVALUATION)
    assert verdict.code == "event_not_retractable"


def _dated(day: str) -> ReceivedEvent:
    return of_award("AwardAmended", reason="sửa ngày", changes={"occurred_on": day})
