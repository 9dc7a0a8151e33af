"""What an award counts for, and the doubt that one was given twice."""

from typing import Any

from tests.support.cloudevents import received
from tests.support.event_builders import for_registrations, granted, of_award, proposed, registered
from tests.support.figures_of_events import Projecting


def _award_amended(number: str = "1", **changes: Any) -> Any:
    return of_award("AwardAmended", number, reason="ghi nhầm", changes=changes)


def _duplicates(projecting: Projecting) -> int:
    flags = {each["code"]: each["count"] for each in projecting.summary()["quality"]["flags"]}
    return flags.get("possible_duplicate_award", 0)


def test_three_medals_may_be_presented_of_thirty_three_granted(projecting: Projecting) -> None:
    numbers = [str(number) for number in range(33)]
    projecting.given(*(granted(number) for number in numbers))
    projecting.given(*(of_award("AwardPresented", number) for number in numbers[:3]))
    assert projecting.measures() == {"awards_granted": 33, "awards_presented": 3}


def test_a_revoked_award_is_neither_granted_nor_presented(projecting: Projecting) -> None:
    projecting.given(granted(), of_award("AwardPresented"))
    projecting.given(of_award("AwardRevoked", reason="sai đối tượng"))
    assert projecting.measures() == {"awards_revoked": 1}


def test_an_award_that_is_only_proposed_counts_nowhere(projecting: Projecting) -> None:
    proposal = {
        "award_id": "a-1",
        "award_form": "giay_khen",
        "recipient": {"kind": "collective"},
        "unit_id": "bk",
        "plan_year": 2022,
    }
    projecting.given(received("AwardProposed", proposal))
    assert projecting.measures() == {}
    assert projecting.list("awards") == []


def test_an_award_counts_under_its_own_unit_and_year_as_amended(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"))
    projecting.given(granted(unit_id="tn-1"))
    assert projecting.measures("bk") == {"registered": 1}
    assert projecting.measures("tn") == {"awards_granted": 1}
    projecting.given(_award_amended(plan_year=2023, unit_id="bk-2"))
    assert projecting.measures("tn") == {}
    assert projecting.measures("bk", year=2023) == {"awards_granted": 1}
    assert projecting.measures("tn", known_at=8) == {"awards_granted": 1}


def test_a_table_of_awards_has_forms_and_recipients(projecting: Projecting) -> None:
    projecting.given(
        granted("1"),
        granted("2", award_form="bang_khen"),
        granted("3", recipient={"kind": "household", "person_ref": "p-1"}),
    )
    rows = projecting.rows("award_form,recipient_kind")
    assert [(r["award_form"], r["recipient_kind"], r["awards_granted"]) for r in rows] == [
        ("bang_khen", "collective", 1),
        ("giay_khen", "collective", 1),
        ("giay_khen", "household", 1),
    ]
    assert set(rows[0]) == {
        "award_form",
        "recipient_kind",
        "awards_granted",
        "awards_presented",
        "awards_revoked",
    }


def test_an_award_takes_the_programme_of_its_registrations_when_they_agree(
    projecting: Projecting,
) -> None:
    other = "don_vi_dan_van_tot"
    projecting.given(
        registered("1", programme=other), registered("2", programme=other), registered("3")
    )
    projecting.given(
        granted("1", basis=for_registrations("1", "2")),
        granted("2", basis=for_registrations("1", "3"), programme=other),
    )
    assert projecting.measures(programme=other)["awards_granted"] == 2
    assert projecting.measures() == {"registered": 1}


def test_an_award_takes_the_programme_that_its_proposal_states(projecting: Projecting) -> None:
    other = "don_vi_dan_van_tot"
    projecting.given(proposed("1", programme=other))
    projecting.given(granted("1"), proposed("2", programme=other), granted("2"))
    assert projecting.measures(programme=other)["awards_granted"] == 2
    assert projecting.measures() == {}


def test_the_second_award_of_one_form_for_one_model_is_flagged(projecting: Projecting) -> None:
    projecting.given(registered("1"), registered("2"))
    projecting.given(
        granted("1", basis=for_registrations("1")),
        granted("2", basis=for_registrations("1", "2")),
        granted("3", basis=for_registrations("1"), award_form="bang_khen"),
        granted("4", basis=for_registrations("2"), recipient={"kind": "collective"}),
    )
    assert _duplicates(projecting) == 1
    flagged = [
        each["award_id"]
        for each in projecting.list("awards")
        if each["flags"][:1] == ["possible_duplicate_award"]
    ]
    assert flagged == ["a-2"]


def test_the_flag_goes_when_the_first_award_is_revoked_or_becomes_another(
    projecting: Projecting,
) -> None:
    projecting.given(registered("1"), registered("2"))
    projecting.given(
        granted("1", basis=for_registrations("1")),
        granted("2", basis=for_registrations("1")),
        granted("3", basis=for_registrations("2")),
    )
    assert _duplicates(projecting) == 1
    projecting.given(of_award("AwardRevoked", "1", reason="sai"))
    assert _duplicates(projecting) == 0
    projecting.given(_award_amended("2", basis=for_registrations("2")))
    assert _duplicates(projecting) == 1
    projecting.given(_award_amended("2", award_form="bang_khen"))
    assert _duplicates(projecting) == 0
