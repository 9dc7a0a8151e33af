"""What a registration counts for, as event follows event (events.md, What is counted)."""

import json

from services.reporting.audit.independent_reading import IndependentReading
from shared.events.recorded import feed_item
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    discontinued,
    recognized,
    registered,
    retracted,
    revoked,
    withdrawn,
)
from tests.support.figures_of_events import Projecting


def _assessed(number: str = "1", *, eligible: bool) -> object:
    data = {"registration_id": f"r-{number}", "eligible": eligible, "occurred_on": "2022-10-01"}
    return received("EligibilityAssessed", data)


def test_a_registration_counts_in_its_year_only(projecting: Projecting) -> None:
    projecting.given(registered(), registered("2", plan_year=2021))
    assert projecting.measures(year=2022) == {"registered": 1}
    assert projecting.measures(year=2021) == {"registered": 1}
    assert projecting.measures(year=2020) == {}


def test_a_withdrawn_registration_is_counted_as_withdrawn_alone(projecting: Projecting) -> None:
    projecting.given(registered(), _assessed(eligible=True), withdrawn())
    assert projecting.measures() == {"withdrawn": 1}


def test_the_latest_assessment_counts(projecting: Projecting) -> None:
    projecting.given(registered(), _assessed(eligible=True))
    assert projecting.measures() == {"registered": 1, "eligible": 1}
    projecting.given(_assessed(eligible=False))
    assert projecting.measures() == {"registered": 1}


def test_an_exemplary_model_is_recognized_too(projecting: Projecting) -> None:
    projecting.given(registered(owner_org_id="o-1"), recognized(tier="exemplary"))
    assert projecting.measures() == {
        "registered": 1,
        "recognized": 1,
        "exemplary": 1,
        "recognized_organizations": 1,
    }


def test_a_recognition_taken_back_and_given_again_is_not_revoked(projecting: Projecting) -> None:
    projecting.given(registered(), recognized(), revoked())
    assert projecting.measures() == {"registered": 1, "revoked": 1}
    projecting.given(recognized())
    assert projecting.measures() == {"registered": 1, "recognized": 1}


def test_two_registrations_of_one_organization_are_one_organization(
    projecting: Projecting,
) -> None:
    for number in "123":
        owner = "o-1" if number < "3" else "o-2"
        projecting.given(registered(number, owner_org_id=owner), recognized(number))
    assert projecting.measures()["recognized_organizations"] == 2
    projecting.given(revoked("1"))
    assert projecting.measures()["recognized_organizations"] == 2
    projecting.given(revoked("2"))
    assert projecting.measures()["recognized_organizations"] == 1


def test_an_amendment_moves_a_registration_and_all_it_counts_for(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"), recognized(), amended(unit_id="tn-1"))
    assert projecting.measures("bk") == {}
    assert projecting.measures("tn") == {"registered": 1, "recognized": 1}
    assert projecting.measures("bk", known_at=8) == {"registered": 1, "recognized": 1}


def test_a_discontinued_model_counts_where_its_latest_registration_stands(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", model_id="m", plan_year=2020, unit_id="bk-1"),
        registered("2", model_id="m", plan_year=2021, unit_id="bk-2", registration_kind="new"),
        registered("3", model_id="m", plan_year=2023, unit_id="tn-1", registration_kind="new"),
        received("ModelDiscontinued", {"model_id": "m", "plan_year": 2022, "reason": "dừng"}),
    )
    assert projecting.rows("unit", "bk")[0]["unit"] == "bk-2"
    assert projecting.measures() == {"discontinued": 1}


def test_a_discontinued_model_follows_its_registration(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"), discontinued(), amended(unit_id="tn-1"))
    assert projecting.measures("tn") == {"registered": 1, "discontinued": 1}
    projecting.given(recognized())
    (row,) = [row for row in projecting.rows("tier") if row["discontinued"]]
    assert row["tier"] == "recognized"


def test_of_a_withdrawn_and_a_standing_registration_a_discontinued_model_takes_the_standing(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", model_id="m", unit_id="bk-1"),
        withdrawn("1"),
        registered("2", model_id="m", unit_id="tn-1"),
        received("ModelDiscontinued", {"model_id": "m", "plan_year": 2022, "reason": "dừng"}),
    )
    assert projecting.measures("tn")["discontinued"] == 1
    projecting.given(withdrawn("2"))
    assert projecting.measures("tn")["discontinued"] == 1
    assert "discontinued" not in projecting.measures("bk")


def test_a_retracted_discontinuation_no_longer_counts(projecting: Projecting) -> None:
    mistake = discontinued()
    projecting.given(registered(), mistake)
    assert projecting.measures()["discontinued"] == 1
    projecting.given(retracted(mistake))
    assert projecting.measures() == {"registered": 1}
    assert projecting.measures(known_at=8)["discontinued"] == 1


def test_a_force_may_be_named_by_its_role_alone(projecting: Projecting) -> None:
    forces = [{"role": "chủ trì"}, {"org_id": None, "role": "góp công"}, {"org_id": "o-1"}]
    projecting.given(registered(forces=forces), registered("2"), amended("2", forces=forces[:2]))
    assert projecting.runner.quarantined() == []
    assert projecting.measures() == {"registered": 2}
    assert projecting.summary()["quality"]["flags"] == [
        {"code": "unknown_organization", "count": 1}
    ]
    events = projecting.log.read(0, 100)
    second = IndependentReading(json.loads(feed_item(event)) for event in events)
    assert second.counted(None, 2022, "unknown_organization", day=None) == ["registration/r-1"]


def test_doubts_are_flagged_as_long_as_they_last(projecting: Projecting) -> None:
    decision = {"kind": "quyết định"}
    projecting.given(registered(owner_org_id="o-1"), recognized(decision=decision))
    assert projecting.summary()["quality"]["flags"] == [
        {"code": "recognized_without_eligible", "count": 1},
        {"code": "decision_without_number", "count": 1},
        {"code": "unknown_organization", "count": 1},
    ]
    organization = received(
        "OrganizationDefined",
        {"org_id": "o-1", "name": "Chi bộ tổ 4", "kind": "chi bộ", "unit_id": "bk-1"},
    )
    projecting.given(organization, _assessed(eligible=True))
    assert projecting.summary()["quality"]["flags"] == [
        {"code": "decision_without_number", "count": 1}
    ]
    projecting.given(retracted(organization))
    assert projecting.summary()["quality"]["flags"][-1]["code"] == "unknown_organization"
    projecting.given(revoked())
    # The organisation that owns the model is still unknown.
    assert projecting.summary()["quality"]["flags"] == [
        {"code": "unknown_organization", "count": 1}
    ]


def test_a_table_by_unit_has_children_the_scope_itself_and_nothing_else(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", unit_id="bk-2"),
        registered("2", unit_id="bk-1"),
        registered("3", unit_id="bk"),
    )
    rows = projecting.rows("unit", "bk")
    assert [(row["unit"], row["unit_name"], row["registered"]) for row in rows] == [
        ("bk-1", "Phường Đức Xuân", 1),
        ("bk-2", "Phường Sông Cầu", 1),
        ("bk", "Bắc Kạn", 1),
    ]
    assert {"awards_granted", "inspected_units"} <= rows[0].keys()


def test_a_cross_table_has_the_measures_of_its_dimensions(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        registered("2", unit_id="bk-1", owner_kind="household", registration_kind="pre_existing"),
    )
    rows = projecting.rows("owner_kind,registration_kind")
    assert [(r["owner_kind"], r["registration_kind"], r["registered"]) for r in rows] == [
        ("collective", "new", 1),
        ("household", "pre_existing", 1),
    ]
    assert "awards_granted" not in rows[0]
    assert "inspected_units" not in rows[0]


def test_another_programme_is_counted_by_itself(projecting: Projecting) -> None:
    projecting.given(registered(), registered("2", programme="don_vi_dan_van_tot"))
    assert projecting.measures() == {"registered": 1}
    assert projecting.measures(programme="don_vi_dan_van_tot") == {"registered": 1}
