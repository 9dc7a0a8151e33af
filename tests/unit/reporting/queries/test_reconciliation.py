"""events.md, HTTP: `GET /reconciliation`, each result and each reason."""

import pytest

from tests.support.asserted_figures import cannot, figure, inspected, outcome, page, told, years
from tests.support.event_builders import (
    discontinued,
    granted,
    of_award,
    recognized,
    registered,
    withdrawn,
)
from tests.support.figures_of_events import Projecting

# Results


def test_an_item_says_what_was_asserted_and_what_the_log_says(city: Projecting) -> None:
    city.given(figure(value=5, dimensions={"owner_kind": "household"}))
    assert page(city).items == [
        {
            "figure_id": "f-1",
            "unit_id": "bk",
            "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
            "metric": "registered",
            "dimensions": {"owner_kind": "household"},
            "asserted": {"value": 5, "qualifier": "exact"},
            "log": 1,
            "result": "differs",
            "difference": -4,
            "reason": None,
        }
    ]


@pytest.mark.parametrize(
    ("qualifier", "value", "result"),
    [
        ("exact", 20, "agrees"),
        ("exact", 19, "differs"),
        ("exact", 21, "differs"),
        ("more_than", 19, "agrees"),
        ("more_than", 20, "differs"),
        ("more_than", 21, "differs"),
        ("approx", 20, "agrees"),  # value ≤ log
        ("approx", 20.001, "differs"),
        ("approx", 2.001, "agrees"),  # log < 10 × value
        ("approx", 2, "differs"),
        ("approx", 0, "differs"),
    ],
)
def test_a_qualifier_says_which_numbers_agree(
    projecting: Projecting, qualifier: str, value: float, result: str
) -> None:
    projecting.given(outcome(1, 20))
    claim = {"metric": "land_donated_m2", "qualifier": qualifier, "value": value}
    projecting.given(figure(**claim))
    assert told(projecting) == [(result, 20, round(20 - value, 3), None)]


def test_decimals_are_compared_and_subtracted_exactly(projecting: Projecting) -> None:
    projecting.given(outcome(1, 0.1), outcome(2, 0.2))
    projecting.given(figure(metric="land_donated_m2", value=0.3))
    projecting.given(figure(2, metric="land_donated_m2", value=0.1))
    assert told(projecting) == [("agrees", 0.3, 0, None), ("differs", 0.3, 0.2, None)]


def test_a_sum_of_the_log_that_is_itself_more_than_is_compared_by_its_value(
    projecting: Projecting,
) -> None:
    projecting.given(outcome(1, 7, qualifier="more_than"), outcome(2, 3, qualifier="approx"))
    projecting.given(figure(metric="land_donated_m2", value=10))
    assert told(projecting) == [("agrees", 10, 0, None)]


def test_a_flow_over_several_years_is_the_sum_over_them(city: Projecting) -> None:
    city.given(
        registered("3", unit_id="bk-1", plan_year=2021, occurred_on="2021-03-01"),
        registered("4", unit_id="bk-1", plan_year=2020, occurred_on="2020-03-01"),
        outcome(1, 5),
        outcome(2, 0.5, plan_year=2021),
    )
    city.given(figure(1, period=years(2021, 2022), value=3))
    city.given(figure(2, period=years(2021, 2022), value=5.5, metric="land_donated_m2"))
    city.given(figure(3, period=years(2019, 2022), value=3))
    city.given(figure(4, period=years(2021, 2022), dimensions={"owner_kind": "household"}))
    assert told(city) == [
        ("agrees", 3, 0, None),
        ("agrees", 5.5, 0, None),
        ("differs", 4, 1, None),
        ("differs", 1, -1, None),
    ]


def test_measures_of_awards_and_inspections_are_compared_by_their_own_dimensions(
    projecting: Projecting,
) -> None:
    projecting.given(granted("1", unit_id="bk"), granted("2", unit_id="bk-1"))
    projecting.given(of_award("AwardPresented", "1"), inspected(1), inspected(2, org_id="o-1"))
    form = {"award_form": "giay_khen", "recipient_kind": "collective"}
    projecting.given(figure(1, metric="awards_granted", dimensions=form))
    projecting.given(figure(2, metric="awards_presented", dimensions={"unit": "bk"}, value=1))
    projecting.given(figure(3, metric="awards_granted", dimensions={"award_form": "bang_khen"}))
    projecting.given(figure(4, metric="inspected_units"))
    projecting.given(figure(5, metric="inspected_units", dimensions={"unit": "bk-1"}))
    assert told(projecting) == [
        ("agrees", 2, 0, None),
        ("agrees", 1, 0, None),
        ("differs", 0, -2, None),
        ("agrees", 2, 0, None),
        ("agrees", 2, 0, None),
    ]


def test_a_cell_of_a_cross_table_is_compared_and_an_empty_value_is_none(city: Projecting) -> None:
    city.given(recognized("1"))
    cell = {"owner_kind": "collective", "registration_kind": "new", "unit": "bk-2"}
    city.given(figure(1, dimensions=cell, value=1))
    city.given(figure(2, dimensions={"tier": None}, value=1))
    city.given(figure(3, dimensions={"tier": "recognized"}, metric="recognized", value=1))
    assert [each[0] for each in told(city)] == ["agrees"] * 3


def test_a_figure_of_another_programme_is_held_against_that_programme(city: Projecting) -> None:
    city.given(registered("3", unit_id="bk-1", programme="don_vi_dan_van_tot"))
    city.given(figure(value=1, programme="don_vi_dan_van_tot"), figure(2))
    assert told(city) == [("agrees", 1, 0, None), ("agrees", 2, 0, None)]


def test_nothing_of_what_was_asked_for_is_zero_where_there_is_something(city: Projecting) -> None:
    city.given(figure(1, metric="recognized", value=0), withdrawn("1"), withdrawn("2"))
    city.given(figure(2, value=0))
    assert told(city) == [("agrees", 0, 0, None), ("agrees", 0, 0, None)]


# Reasons


@pytest.mark.parametrize("metric", ["exemplars", "models_commended", "trees_planted"])
def test_what_is_neither_a_measure_nor_reported_is_an_unknown_metric(
    city: Projecting, metric: str
) -> None:
    # The first reason is given: the other things are wrong as well.
    wrong = {"dimensions": {"grantor": "x"}, "period": {"kind": "as_of"}}
    city.given(figure(metric=metric, **wrong))
    assert told(city) == cannot("unknown_metric")


def test_a_metric_is_known_from_its_first_report_on(city: Projecting) -> None:
    city.given(figure(metric="trees_planted"), outcome(1, 2, metric="trees_planted"))
    city.given(figure(2, metric="trees_planted", unit_id="tn"))
    assert told(city) == [("agrees", 2, 0, None), *cannot("no_events")]
    assert told(city, known_at=9) == cannot("unknown_metric")


@pytest.mark.parametrize("metric", ["land_donated_m2", "workdays", "money_vnd"])
def test_a_metric_that_the_contract_names_is_known_unreported(
    city: Projecting, metric: str
) -> None:
    city.given(figure(metric=metric))
    assert told(city) == cannot("no_events")


@pytest.mark.parametrize(
    ("metric", "dimensions"),
    [
        ("registered", {"grantor": "x"}),
        ("registered", {"field": "economy", "grantor": "x"}),
        ("registered", {"award_form": "giay_khen"}),
        ("registered", {"field": "economy", "award_form": "giay_khen"}),
        ("awards_granted", {"field": "economy"}),
        ("inspected_units", {"field": "economy"}),
        ("inspected_units", {"unit": "bk-1", "field": "economy"}),
        ("recognized_organizations", {"recipient_kind": "collective"}),
        ("land_donated_m2", {"unit": "bk-1"}),
    ],
)
def test_a_dimension_that_no_table_has_with_the_metric_is_unknown(
    city: Projecting, metric: str, dimensions: dict[str, str]
) -> None:
    city.given(
        outcome(1, 2), figure(metric=metric, dimensions=dimensions, period={"kind": "as_of"})
    )
    assert told(city) == cannot("unknown_dimension")


def test_what_stands_on_a_day_is_a_stock(city: Projecting) -> None:
    as_of = {"from": None, "to": "2022-12-31", "kind": "as_of"}
    city.given(figure(1, period=as_of))
    city.given(outcome(1, 2, metric="members", nature="stock"))
    city.given(figure(2, metric="members"), figure(3, metric="members", period={"kind": "event"}))
    assert told(city) == cannot("stock") * 3


def test_a_metric_that_only_others_report_as_a_flow_is_a_stock_here(city: Projecting) -> None:
    city.given(outcome(1, 2, nature="stock"), outcome(2, 2, unit_id="tn-1"))
    city.given(figure(1, metric="land_donated_m2"))
    city.given(figure(2, metric="land_donated_m2", unit_id="tn"))
    assert told(city) == [*cannot("stock"), ("agrees", 2, 0, None)]


@pytest.mark.parametrize("metric", ["inspected_units", "recognized_organizations"])
def test_a_distinct_count_is_not_summed_over_years(projecting: Projecting, metric: str) -> None:
    projecting.given(registered("1", unit_id="bk-1", owner_org_id="o-1"), recognized("1"))
    projecting.given(inspected(1))
    projecting.given(figure(1, metric=metric, value=1, period=years(2021, 2022)))
    projecting.given(figure(2, metric=metric, value=1, period=years(2022, 2022)))
    assert told(projecting) == [*cannot("stock"), ("agrees", 1, 0, None)]


@pytest.mark.parametrize(
    "period",
    [
        {"kind": "relative", "from": "2022-01-01", "to": "2022-12-31"},
        {"kind": "unstated"},
        {"kind": "event", "from": "2022-01-01", "to": "2022-12-31"},
        {"kind": "year"},
        {"kind": "multi_year", "from": "2021-01-01"},
        {"kind": "multi_year", "to": "2022-12-31"},
        {"kind": "year", "from": "2022-01-01", "to": "2022-12-30"},
        {"kind": "year", "from": "2022-01-02", "to": "2022-12-31"},
        {"kind": "multi_year", "from": "2021-07-01", "to": "2022-06-30"},
    ],
)
def test_a_period_that_is_not_of_whole_stated_years_is_unstated(
    city: Projecting, period: dict[str, str]
) -> None:
    city.given(figure(1, period=period), figure(2, period=period, metric="land_donated_m2"))
    assert told(city) == cannot("unstated_period") * 2


def test_where_nothing_was_recorded_nothing_can_be_checked(city: Projecting) -> None:
    city.given(
        figure(1, unit_id="tn"),
        figure(2, period=years(2021, 2021, "year")),
        figure(3, period=years(1900, 2021)),
        figure(4, metric="awards_granted"),
        figure(5, metric="inspected_units"),
        figure(6, metric="workdays"),
        figure(7, programme="don_vi_dan_van_tot"),
    )
    assert told(city) == cannot("no_events") * 7


def test_a_discontinued_model_and_a_revoked_award_are_events(projecting: Projecting) -> None:
    old = {"plan_year": 2021, "occurred_on": "2021-03-01"}
    projecting.given(registered("1", unit_id="bk-1", **old), discontinued("1"))
    projecting.given(granted("1", unit_id="bk"), of_award("AwardRevoked", "1", reason="thu hồi"))
    projecting.given(figure(1), figure(2, metric="awards_granted"))
    assert told(projecting) == [("differs", 0, -2, None)] * 2
