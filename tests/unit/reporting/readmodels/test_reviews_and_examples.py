"""Evaluations, refusals, replications and commendations: counting rules version 2."""

from typing import Any

from shared.vocabulary import Family
from shared.web.answers.pagination import Page
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    commended,
    declined,
    discontinued,
    evaluated,
    granted,
    of_award,
    proposed,
    recognized,
    registered,
    replicated,
    retracted,
    revoked,
    session_held,
    withdrawn,
)
from tests.support.figures_of_events import Projecting


def _table(projecting: Projecting, by: str, measure: str, unit: str = "vn") -> dict[Any, int]:
    """Return one measure of a table by its first dimension; rows in which it is 0 are left out."""
    (table,) = projecting.summary(unit, by=(by,))["tables"]
    return {row[by]: row[measure] for row in table["rows"] if row[measure]}


def test_the_latest_evaluation_counts_with_its_classification(projecting: Projecting) -> None:
    projecting.given(
        registered("1"), registered("2"), registered("3"), registered("4", plan_year=2021)
    )
    projecting.given(
        evaluated("1", classification="Tốt"), evaluated("2", classification="Tốt"), evaluated("4")
    )
    projecting.given(evaluated("2", classification="Xuất sắc", total=9.5))
    assert projecting.measures() == {"registered": 3, "evaluated": 2}
    assert _table(projecting, "classification", "evaluated") == {"Tốt": 1, "Xuất sắc": 1}
    # What was not evaluated has no classification.
    assert _table(projecting, "classification", "registered") == {
        "Tốt": 1,
        "Xuất sắc": 1,
        None: 1,
    }
    # An evaluation is taken whole: one without a classification takes the earlier one's place.
    projecting.given(evaluated("2"))
    assert _table(projecting, "classification", "evaluated") == {"Tốt": 1, None: 1}


def test_a_withdrawn_registration_is_neither_evaluated_nor_declined(
    projecting: Projecting,
) -> None:
    projecting.given(registered(), evaluated(), declined())
    assert projecting.measures() == {"registered": 1, "evaluated": 1, "declined": 1}
    projecting.given(withdrawn())
    assert projecting.measures() == {"withdrawn": 1}


def test_a_model_that_is_recognized_after_all_is_no_longer_declined(
    projecting: Projecting,
) -> None:
    projecting.given(registered(), declined(), recognized())
    assert projecting.measures() == {"registered": 1, "recognized": 1}
    projecting.given(revoked())
    assert projecting.measures() == {"registered": 1, "revoked": 1}
    # Declined anew after it was revoked it is both: revoked and not given again, and declined.
    projecting.given(declined())
    assert projecting.measures() == {"registered": 1, "revoked": 1, "declined": 1}


def test_a_model_that_is_replicated_several_times_in_a_year_counts_once(
    projecting: Projecting,
) -> None:
    projecting.given(registered(unit_id="bk-1"), registered("2", unit_id="tn-1"))
    projecting.given(replicated("1"), replicated("1", target_unit_id="tn-1"), replicated("2"))
    assert projecting.measures("bk") == {"registered": 1, "replicated": 1}
    assert projecting.measures()["replicated"] == 2


def test_a_replicated_model_counts_where_its_registration_stands_and_follows_it(
    projecting: Projecting,
) -> None:
    projecting.given(registered(unit_id="bk-1"), replicated(plan_year=2022))
    projecting.given(amended(unit_id="tn-1"))
    assert projecting.measures("bk") == {}
    assert projecting.measures("tn") == {"registered": 1, "replicated": 1}


def test_a_replication_states_its_year_or_belongs_to_that_of_the_nearest_registration(
    projecting: Projecting,
) -> None:
    projecting.given(
        registered("1", model_id="m", plan_year=2021), registered("2", model_id="m", plan_year=2022)
    )
    taken_up = {"source_model_id": "m", "occurred_on": "2023-02-01"}
    projecting.given(replicated(**taken_up))
    assert projecting.measures(year=2022) == {"registered": 1, "replicated": 1}
    assert projecting.measures(year=2023) == {}
    projecting.given(replicated(**taken_up, plan_year=2023))
    assert projecting.measures(year=2023) == {"replicated": 1}
    # Its year was decided by what was known: a registration that comes later moves nothing.
    projecting.given(registered("3", model_id="m", plan_year=2023))
    assert projecting.measures(year=2022)["replicated"] == 1
    assert projecting.measures(year=2023) == {"registered": 1, "replicated": 1}


def test_a_replication_that_is_taken_back_counts_no_more_and_leaves_the_others(
    projecting: Projecting,
) -> None:
    first, second = replicated("1"), replicated("1", target_unit_id="bk")
    projecting.given(registered(), discontinued("1"), first, second)
    projecting.given(retracted(first))
    assert projecting.measures() == {"registered": 1, "discontinued": 1, "replicated": 1}
    projecting.given(retracted(second))
    assert projecting.measures() == {"registered": 1, "discontinued": 1}
    assert projecting.measures(known_at=projecting.log.head().position - 1)["replicated"] == 1


def test_a_commendation_counts_under_its_own_unit_by_recipient(projecting: Projecting) -> None:
    person = {"kind": "individual", "person_ref": "p-1"}
    projecting.given(
        commended("1", unit_id="bk"),
        commended("2", unit_id="tn", recipient=person),
        commended("3", unit_id="tn", plan_year=2021),
    )
    assert projecting.measures() == {"commended": 2}
    assert projecting.measures("bk") == {"commended": 1}
    assert _table(projecting, "recipient_kind", "commended") == {"collective": 1, "individual": 1}
    assert _table(projecting, "unit", "commended") == {"bk": 1, "tn": 1}


def test_a_commendation_stated_anew_replaces_the_one_before_until_it_is_taken_back(
    projecting: Projecting,
) -> None:
    again = commended("1", unit_id="tn")
    projecting.given(commended("1", unit_id="bk"), again)
    assert (projecting.measures("bk"), projecting.measures("tn")) == ({}, {"commended": 1})
    projecting.given(retracted(again), service=Family.EVALUATION)
    assert (projecting.measures("bk"), projecting.measures("tn")) == ({"commended": 1}, {})


def test_a_table_of_forms_of_award_has_no_commendations(projecting: Projecting) -> None:
    projecting.given(commended())
    for by in ("award_form", "award_form,recipient_kind"):
        assert projecting.summary("vn", by=(by,))["tables"][0]["rows"] == []


def test_each_is_explained_by_its_events(projecting: Projecting) -> None:
    projecting.given(registered(), evaluated(), declined(), replicated(), commended())
    expected = {
        "evaluated": ("registration/r-1", "ModelEvaluated"),
        "declined": ("registration/r-1", "RecognitionDeclined"),
        "replicated": ("model/m-1", "ModelReplicated"),
        "commended": ("commendation/c-1", "ExemplarCommended"),
    }
    for measure, (subject, event) in expected.items():
        found = projecting.reads.explain(
            projecting.filters(year=2022), measure, projecting.reads.as_of()
        )
        (item,) = found.items
        assert (found.figure, item["subject"]) == (1, subject)
        assert f"dvk.{event}.v1" in [each["type"] for each in item["events"]]


def test_a_list_of_registrations_says_how_each_was_evaluated(projecting: Projecting) -> None:
    projecting.given(registered("1"), registered("2"), session_held())
    said = {"classification": "Tốt", "total": 8.25, "session_id": "s-1"}
    projecting.given(evaluated("1", **said), declined("2"))
    one, other = projecting.list("registrations")
    assert (one["evaluated_on"], one["classification"]) == ("2022-11-20", "Tốt")
    assert (one["evaluation_total"], one["session_id"]) == (8.25, "s-1")
    assert (one["declined_on"], other["declined_on"]) == (None, "2022-12-01")
    assert other["evaluated_on"] is other["classification"] is other["evaluation_total"] is None


def test_review_sessions_are_listed_with_their_minutes(projecting: Projecting) -> None:
    projecting.given(session_held("1", unit_id="bk"), session_held("2", unit_id="tn"))
    (session,) = projecting.list("reviews", unit_id="bk")
    assert session["session_id"] == "s-1"
    assert (session["minutes_number"], session["minutes_signed_on"]) == ("03-BB/BCĐ", "2022-11-25")
    assert len(projecting.list("reviews")) == 2


def test_commendations_are_listed_with_recipient_and_occasion(projecting: Projecting) -> None:
    projecting.given(commended("1", unit_id="bk"), commended("2", plan_year=2021))
    (item,) = projecting.list("commendations", year=2022)
    assert (item["commendation_id"], item["recipient_org_id"]) == ("c-1", "o-1")
    assert (item["unit_id"], item["occasion"]) == ("bk", "Hội nghị biểu dương")


def test_replications_are_listed_one_by_one_where_their_source_stands(
    projecting: Projecting,
) -> None:
    taken_back = replicated("1", target_unit_id="vn")
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="tn-1"), taken_back)
    projecting.given(
        replicated("1", target_unit_id="tn", how=["học tập", "làm theo"]),
        replicated("2", target_model_id="m-1"),
        retracted(taken_back),
    )
    (item,) = projecting.list("replications", unit_id="bk")
    assert (item["source_model_id"], item["target_unit_id"]) == ("m-1", "tn")
    assert (item["plan_year"], item["unit_id"], item["how"]) == (2022, "bk-1", "học tập\nlàm theo")
    assert [each["source_model_id"] for each in projecting.list("replications", year=2022)] == [
        "m-1",
        "m-2",
    ]
    # As known before the first was taken back there were three, page after page.
    assert len(_page_by_page(projecting, projecting.log.head().position - 1)) == 3


def _page_by_page(projecting: Projecting, known_at: int) -> list[dict[str, Any]]:
    """Return all replications as known at a position, read one by one."""
    as_of, found = projecting.reads.as_of(str(known_at)), []
    place: Any = None
    while True:
        listed = projecting.reads.listed(
            "replications", projecting.filters(), as_of, Page(1, place)
        )
        found += listed.items
        place = listed.after
        if place is None:
            return found


def test_a_proposal_says_what_became_of_it(projecting: Projecting) -> None:
    projecting.given(proposed("1", unit_id="bk"), proposed("2"), proposed("3"), granted("4"))
    projecting.given(
        of_award("AwardDeclined", "2", reason="chưa đủ điều kiện"), granted("3", unit_id="vn")
    )
    items = {each["award_id"]: each for each in projecting.list("proposals", year=2022)}
    # An award that nobody proposed is no proposal.
    assert {name: each["state"] for name, each in items.items()} == {
        "a-1": "proposed",
        "a-2": "declined",
        "a-3": "granted",
    }
    assert items["a-2"]["reason"] == "chưa đủ điều kiện"
    assert items["a-2"]["decided_on"] == "2022-12-10"
    assert (items["a-1"]["decided_on"], items["a-1"]["unit_id"]) == (None, "bk")


def test_an_organization_names_whom_it_succeeded_until_that_is_taken_back(
    projecting: Projecting,
) -> None:
    for org in ("old-1", "old-2", "new"):
        stated = {"org_id": org, "name": "Ban Dân vận", "kind": "ban", "unit_id": "bk"}
        projecting.given(received("OrganizationDefined", stated))
    succession = {"predecessors": ["old-1", "old-2"], "successor": "new"}
    succeeded = received("OrganizationSucceeded", {**succession, "occurred_on": "2022-03-01"})
    projecting.given(succeeded)
    items = {each["org_id"]: each for each in projecting.list("organizations", unit_id="bk")}
    assert items["new"]["predecessors"] == ["old-1", "old-2"]
    assert (items["old-1"]["successors"], items["new"]["successors"]) == (["new"], [])
    projecting.given(retracted(succeeded))
    items = {each["org_id"]: each for each in projecting.list("organizations")}
    assert items["new"]["predecessors"] == items["old-1"]["successors"] == []
