"""What was inspected counts once; flows are summed, of stocks each reporter's latest."""

from typing import Any

from shared.vocabulary import Family
from tests.support.cloudevents import received
from tests.support.event_builders import amended, registered, retracted, withdrawn
from tests.support.figures_of_events import Projecting


def _conducted(number: int, org_id: str | None = None, unit_id: str = "bk-1", **data: Any) -> Any:
    stated = {
        "inspection_id": f"i-{number}",
        "plan_year": 2022,
        "unit_id": unit_id,
        "scopes": ["DVK", "QCDC"],
        "org_id": org_id,
        "occurred_on": "2022-08-15",
        **data,
    }
    return received("InspectionConducted", stated)


def _outcome(number: int, value: float, **data: Any) -> Any:
    reporter = {} if "unit_id" in data else {"registration_id": "r-1"}
    stated = {
        "outcome_id": f"x-{number}",
        "metric": "land_donated_m2",
        "value": value,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
        "occurred_on": "2022-12-31",
        **reporter,
        **data,
    }
    return received("OutcomeReported", stated)


def _sums(projecting: Projecting, unit_id: str | None = None, **how: Any) -> list[tuple[Any, ...]]:
    outcomes = projecting.summary(unit_id, **how)["outcomes"]
    return [tuple(each.values()) for each in outcomes]


def test_an_organization_inspected_twice_is_one(projecting: Projecting) -> None:
    projecting.given(
        _conducted(1, "o-1"), _conducted(2, "o-1"), _conducted(3), _conducted(4, unit_id="bk-2")
    )
    assert projecting.measures() == {"inspected_units": 3}
    rows = projecting.rows("unit", "bk")
    assert [(row["unit"], row["inspected_units"]) for row in rows] == [("bk-1", 2), ("bk-2", 1)]


def test_an_inspection_that_is_only_planned_counts_nothing(projecting: Projecting) -> None:
    plan = {
        "inspection_id": "i-1",
        "plan_year": 2022,
        "unit_id": "bk",
        "document": {"kind": "kế hoạch", "number": "85-KH/TU"},
        "scopes": ["DVK"],
    }
    projecting.given(received("InspectionPlanned", plan))
    assert projecting.measures() == {}
    (item,) = projecting.list("inspections", unit_id="bk", year=2022)
    assert (item["state"], item["document_number"]) == ("planned", "85-KH/TU")


def test_a_retracted_inspection_no_longer_counts(projecting: Projecting) -> None:
    first, second = _conducted(1, "o-1"), _conducted(2, "o-1")
    projecting.given(first, second).given(retracted(first), service=Family.EVALUATION)
    assert projecting.measures() == {"inspected_units": 1}
    projecting.given(retracted(second), service=Family.EVALUATION)
    assert projecting.measures() == {}
    assert [each["inspection_id"] for each in projecting.list("inspections")] == []


def test_flows_are_summed_exactly(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"))
    projecting.given(_outcome(1, 0.1), _outcome(2, 0.2), _outcome(3, 9_007_199_254_740_991))
    assert _sums(projecting) == [("land_donated_m2", "flow", 9_007_199_254_740_991.3, "exact")]
    projecting.given(*(_outcome(number, 9_007_199_254_740_991) for number in range(4, 24)))
    assert projecting.summary()["outcomes"][0]["value"] == 21 * 9_007_199_254_740_991 + 0.3


def test_a_sum_is_as_exact_as_its_parts(projecting: Projecting) -> None:
    projecting.given(
        registered(unit_id="bk-1"), _outcome(1, 5), _outcome(2, 7, qualifier="more_than")
    )
    assert _sums(projecting) == [("land_donated_m2", "flow", 12, "more_than")]
    projecting.given(_outcome(3, 1, qualifier="approx"))
    assert _sums(projecting) == [("land_donated_m2", "flow", 13, "approx")]


def test_a_stock_is_never_summed_over_time(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"))
    for month, value in ((1, 100), (3, 300), (2, 200)):
        interval = {"from": f"2022-0{month}-01", "to": f"2022-0{month}-28"}
        projecting.given(_outcome(month, value, nature="stock", interval=interval))
    assert _sums(projecting) == [("land_donated_m2", "stock", 300, "exact")]


def test_stocks_of_several_reporters_are_summed(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"), _outcome(1, 100, nature="stock"))
    projecting.given(_outcome(2, 20, nature="stock", unit_id="bk-1", plan_year=2022))
    assert _sums(projecting, "bk") == [("land_donated_m2", "stock", 120, "exact")]


def test_a_later_report_with_the_same_id_replaces_the_earlier(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"), _outcome(1, 100), _outcome(1, 40))
    assert _sums(projecting) == [("land_donated_m2", "flow", 40, "exact")]


def test_an_outcome_that_is_a_units_now_no_longer_follows_its_registration(
    projecting: Projecting,
) -> None:
    """The unit's later stock counts; that the registration of old is amended changes nothing."""
    of_unit: dict[str, Any] = {"nature": "stock", "unit_id": "bk-1", "plan_year": 2022}
    later = {"from": "2022-01-01", "to": "2023-01-31"}
    projecting.given(registered(unit_id="bk-1"), _outcome(1, 100, nature="stock"))
    projecting.given(_outcome(1, 20, **of_unit), _outcome(2, 30, interval=later, **of_unit))
    for _ in range(2):
        assert _sums(projecting) == [("land_donated_m2", "stock", 30, "exact")]
        listed = projecting.list("outcomes")
        assert [(i["outcome_id"], i["counted"]) for i in listed] == [("x-1", False), ("x-2", True)]
        projecting.given(amended(unit_id="tn-1"))


def test_a_retracted_report_brings_the_one_before_it_back(projecting: Projecting) -> None:
    mistake = _outcome(1, 40)
    projecting.given(registered(unit_id="bk-1"), _outcome(1, 100), mistake, retracted(mistake))
    assert _sums(projecting) == [("land_donated_m2", "flow", 100, "exact")]
    assert _sums(projecting, known_at=9) == [("land_donated_m2", "flow", 40, "exact")]


def test_an_outcome_lies_where_its_registration_does(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"), _outcome(1, 100), amended(unit_id="tn-1"))
    assert _sums(projecting, "bk") == []
    assert _sums(projecting, "tn") == [("land_donated_m2", "flow", 100, "exact")]
    projecting.given(withdrawn())
    assert _sums(projecting, "tn") == []
    (item,) = projecting.list("outcomes", unit_id="tn")
    assert (item["outcome_id"], item["value"], item["counted"]) == ("x-1", 100, False)
