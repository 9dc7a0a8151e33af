"""events.md, HTTP: a summary says "as closed" and "changed since closing" (`closing`)."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from services.reporting.decider import ReportingDecider
from shared.errors import Unavailable
from shared.events.envelope import ReceivedEvent
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    closed,
    commended,
    evaluated,
    granted,
    recognized,
    registered,
    withdrawn,
)
from tests.support.figures_of_events import Projecting

OF_THE_FIRST_RULES = (
    *("registered", "eligible", "recognized", "exemplary", "revoked", "withdrawn", "discontinued"),
    *("awards_granted", "awards_presented", "awards_revoked"),
    *("inspected_units", "recognized_organizations"),
)


def _closing(summary: dict[str, Any], **data: Any) -> ReceivedEvent:
    """Say that the year of a summary is closed with what the summary states."""
    stated = {
        "unit_id": summary["scope"]["unit_id"],
        "plan_year": summary["year"],
        "position": summary["known_at"]["position"],
        "digest": summary["digest"],
        "occurred_on": "2023-01-15",
    }
    return received("PeriodClosed", {**stated, **data})


def _digest(rules: int, position: int, measures: dict[str, int]) -> str:
    """Return the digest of the unit bk in 2022, as the contract says it is made."""
    fixed = {
        "unit_id": "bk",
        "map": "recorded",
        "programme": "dan_van_kheo",
        "year": 2022,
        "position": position,
        "rules": rules,
        "measures": measures,
    }
    form = json.dumps(fixed, sort_keys=True, separators=(",", ":")).encode()
    return f"sha256:{hashlib.sha256(form).hexdigest()}"


def _reopening(unit_id: str = "bk", plan_year: int = 2022) -> ReceivedEvent:
    stated = {"unit_id": unit_id, "plan_year": plan_year, "reason": "bổ sung số liệu"}
    return received("PeriodReopened", {**stated, "occurred_on": "2023-02-01"})


def _checked(projecting: Projecting) -> Projecting:
    """Let closings be held against what the read models recompute, as the service does."""
    decider = projecting.history.deciders["reporting"]  # type: ignore[index]
    assert isinstance(decider, ReportingDecider)
    decider.digests_at = projecting.reads.digests_at
    return projecting


def _closed_year(projecting: Projecting, unit_id: str = "bk") -> dict[str, Any]:
    """Register two models, recognize one, close the year of a unit; return what was closed."""
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="bk-2"))
    summary = _checked(projecting).given(recognized("1")).summary(unit_id)
    projecting.given(_closing(summary))
    return summary


def test_a_summary_of_an_open_year_has_no_closing(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    assert projecting.summary("bk")["closing"] is None


def test_a_closed_year_says_as_what_it_was_closed(projecting: Projecting) -> None:
    summary = _closed_year(projecting)
    assert (summary["known_at"]["position"], summary["measures"]["registered"]) == (9, 2)
    recorded = projecting.summary("bk")["known_at"]["time"]
    assert projecting.summary("bk")["closing"] == {
        "position": 9,
        "digest": summary["digest"],
        "rules": 2,
        "event_position": 10,
        "closed_on": "2023-01-15",
        "recordedtime": recorded,
        "documents": [],
        "measures": summary["measures"],
        "changed": False,
    }


def test_a_year_that_was_closed_by_the_first_rules_stays_closed_by_them(
    projecting: Projecting,
) -> None:
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="bk-2"))
    summary = _checked(projecting).given(recognized("1")).summary("bk")
    first = {name: summary["measures"][name] for name in OF_THE_FIRST_RULES}
    digest = _digest(1, summary["known_at"]["position"], first)
    projecting.given(_closing(summary, digest=digest))
    closing = projecting.summary("bk")["closing"]
    assert (closing["rules"], closing["digest"], closing["changed"]) == (1, digest, False)
    assert closing["measures"] == first
    # What the first rules do not count changes nothing that was closed by them; a withdrawal does.
    projecting.given(evaluated("2"), commended("1", unit_id="bk"))
    now = projecting.summary("bk")
    assert (now["measures"]["evaluated"], now["measures"]["commended"]) == (1, 1)
    assert (now["closing"]["changed"], now["closing"]["measures"]) == (False, first)
    projecting.given(withdrawn("2"))
    assert projecting.summary("bk")["closing"]["changed"] is True


def test_an_evaluation_changes_what_was_closed_by_the_second_rules(
    projecting: Projecting,
) -> None:
    _closed_year(projecting)
    projecting.given(evaluated("2"))
    closing = projecting.summary("bk")["closing"]
    assert (closing["changed"], closing["measures"]["evaluated"]) == (True, 0)


def test_the_digest_is_sha256_of_the_canonical_form_of_seven_members(
    projecting: Projecting,
) -> None:
    summary = _closed_year(projecting)
    assert projecting.summary("bk")["closing"]["digest"] == _digest(2, 9, summary["measures"])


def test_a_late_award_changes_what_was_closed_and_the_closing_keeps_its_figures(
    projecting: Projecting,
) -> None:
    summary = _closed_year(projecting)
    projecting.given(granted("1", unit_id="bk"))
    now = projecting.summary("bk")
    assert now["measures"]["awards_granted"] == 1
    assert now["closing"]["measures"]["awards_granted"] == 0
    assert now["closing"]["changed"] is True
    assert now["closing"]["digest"] == summary["digest"]


def test_a_late_registration_and_its_withdrawal_are_both_changes(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(registered("3", unit_id="bk-1"))
    assert projecting.summary("bk")["closing"]["changed"] is True
    # Withdrawn, it is no longer registered; but `withdrawn` was 0 when the year was closed.
    projecting.given(withdrawn("3"))
    assert projecting.summary("bk")["closing"]["changed"] is True


def test_what_is_undone_again_is_no_change(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(amended("2", unit_id="tn-1"))
    assert projecting.summary("bk")["closing"]["changed"] is True
    projecting.given(amended("2", unit_id="bk-1"))
    assert projecting.summary("bk")["closing"]["changed"] is False


def test_what_changes_elsewhere_changes_no_closing(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(
        registered("3", unit_id="tn-1"), registered("4", unit_id="bk-1", plan_year=2023)
    )
    assert projecting.summary("bk")["closing"]["changed"] is False


def test_the_past_knows_no_later_closing_and_no_later_change(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(granted("1", unit_id="bk"))
    assert projecting.summary("bk", known_at=9)["closing"] is None
    assert projecting.summary("bk", known_at=10)["closing"]["changed"] is False
    assert projecting.summary("bk", known_at=11)["closing"]["changed"] is True
    assert projecting.summary("bk", known_at=10)["closing"]["event_position"] == 10


def test_a_reopened_year_has_no_closing_and_may_be_closed_again(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(granted("1", unit_id="bk"), _reopening())
    again = projecting.summary("bk")
    assert again["closing"] is None
    assert projecting.summary("bk", known_at=11)["closing"]["position"] == 9
    projecting.given(_closing(again))
    closing = projecting.summary("bk")["closing"]
    assert (closing["position"], closing["event_position"], closing["changed"]) == (12, 13, False)
    assert closing["measures"]["awards_granted"] == 1


def test_a_closing_is_of_one_unit_and_one_year(projecting: Projecting) -> None:
    _closed_year(projecting)
    for unit_id in ("bk-1", "tn", None):
        assert projecting.summary(unit_id)["closing"] is None
    assert projecting.summary("bk", 2021)["closing"] is None


def test_the_nation_shows_the_closing_of_the_country(projecting: Projecting) -> None:
    _closed_year(projecting, unit_id="vn")
    assert projecting.summary()["closing"] == projecting.summary("vn")["closing"]
    assert projecting.summary()["closing"]["measures"]["registered"] == 2


def test_a_closing_is_of_the_default_programme(projecting: Projecting) -> None:
    _closed_year(projecting)
    assert projecting.summary("bk", programme="don_vi_dan_van_tot")["closing"] is None
    projecting.given(registered("5", unit_id="bk-1", programme="don_vi_dan_van_tot"))
    assert projecting.summary("bk")["closing"]["changed"] is False


def test_under_any_map_the_closing_is_compared_as_recorded(projecting: Projecting) -> None:
    _closed_year(projecting)
    projecting.given(closed("bk-2", "2023-03-01"))
    moved = {"unit_id": "bk-1", "parent_id": "tn", "occurred_on": "2024-01-01"}
    projecting.given(received("UnitMoved", moved))
    today = projecting.summary("bk", map="2024-06-01")
    assert today["measures"]["registered"] == 1
    assert today["closing"]["measures"]["registered"] == 2
    assert today["closing"]["changed"] is False
    projecting.given(registered("3", unit_id="bk-1"))
    assert projecting.summary("bk", map="2024-06-01")["closing"]["changed"] is True


def test_a_later_unit_event_may_change_what_was_closed(projecting: Projecting) -> None:
    _closed_year(projecting)
    moved = {"unit_id": "bk-1", "parent_id": "tn", "occurred_on": "2021-01-01"}
    projecting.given(received("UnitMoved", moved))
    closing = projecting.summary("bk")["closing"]
    assert closing["measures"]["registered"] == 2  # on the map as it was known when it was closed
    assert closing["changed"] is True


def test_a_closing_that_states_another_digest_is_refused(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    summary = _checked(projecting).summary("bk")
    history = projecting.history
    assert history.when(_closing(summary)).accepted
    for wrong in (
        {"digest": projecting.summary("bk-1")["digest"]},
        {"digest": projecting.summary("bk", map="2023-01-01")["digest"]},
        {"digest": projecting.summary("bk", programme="khac")["digest"]},
        {"position": 6},
        {"plan_year": 2021},
    ):
        assert history.when(_closing(summary, **wrong)).code == "closing_digest_differs", wrong


def test_a_year_is_closed_as_it_was_known_earlier(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    earlier = projecting.summary("bk")
    _checked(projecting).given(registered("2", unit_id="bk-1")).given(_closing(earlier))
    closing = projecting.summary("bk")["closing"]
    assert closing["measures"]["registered"] == 1
    assert closing["changed"] is True


def test_a_unit_that_was_unknown_at_a_position_is_not_closed_at_it(projecting: Projecting) -> None:
    summary = _checked(projecting).summary("bk")
    verdict = projecting.history.when(_closing(summary, position=1))
    assert verdict.code == "closing_not_available"


def test_a_closing_is_counted_before_the_log_is_locked_for_it(
    projecting: Projecting, tmp_path: Path
) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    event = _closing(projecting.summary("bk"))
    cold = Projecting(f"sqlite:///{tmp_path / 'reporting.db'}", history=projecting.history)
    _checked(cold).reads.make_ready([event])
    with cold.store.writing() as connection:
        cold.catalog.registrations.metadata.drop_all(connection)
    assert cold.history.when(event).accepted  # the database is not asked any more
    cold.store.close()


def test_a_closing_at_a_position_that_is_not_yet_read_is_not_refused(
    projecting: Projecting,
) -> None:
    summary = _checked(projecting).summary("bk")
    projecting.history.given(registered("1", unit_id="bk-1"))
    projecting.reads.make_ready([_closing(summary)])
    with pytest.raises(Unavailable):
        projecting.reads.make_ready([_closing(summary, position=7)])
    beyond = _closing(summary, position=8)
    projecting.reads.make_ready([beyond])
    assert projecting.history.when(beyond).code == "closing_beyond_head"
