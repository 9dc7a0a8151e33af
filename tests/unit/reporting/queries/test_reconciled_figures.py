"""events.md, HTTP: which figures `GET /reconciliation` lists, as known when; none is ever added."""

from typing import Any

import pytest

from shared.errors import NotFound
from shared.vocabulary import Family
from shared.web.answers.pagination import Page
from tests.support.asserted_figures import YEAR_2022, figure, page, told, years
from tests.support.event_builders import (
    registered,
    retracted,
)
from tests.support.figures_of_events import Projecting

# Which figures, as known when


def test_a_later_figure_replaces_and_a_retraction_brings_the_earlier_back(
    city: Projecting,
) -> None:
    later = figure(value=3)
    city.given(figure(value=2), later)
    city.given(retracted(later), service=Family.REPORTING)
    assert [told(city, known_at=position) for position in (8, 9, 10, 11)] == [
        [],
        [("agrees", 2, 0, None)],
        [("differs", 2, -1, None)],
        [("agrees", 2, 0, None)],
    ]


def test_a_retracted_figure_is_not_reconciled(city: Projecting) -> None:
    mistake = figure()
    city.given(mistake)
    city.given(retracted(mistake), service=Family.REPORTING)
    assert told(city) == []


def test_figures_and_log_are_of_the_same_position(city: Projecting) -> None:
    city.given(figure(), registered("3", unit_id="bk-1"))
    assert told(city, known_at=9) == [("agrees", 2, 0, None)]
    assert told(city) == [("differs", 3, 1, None)]


@pytest.mark.parametrize(
    ("year", "touching"),
    [
        (2020, ["f-2", "f-4"]),
        (2021, ["f-2", "f-3", "f-4"]),
        (2022, ["f-1", "f-3", "f-4", "f-6"]),
        (2024, ["f-4"]),
        (2019, []),
    ],
)
def test_a_year_asks_for_the_figures_whose_period_touches_it(
    city: Projecting, year: int, touching: list[str]
) -> None:
    city.given(
        figure(1),
        figure(2, period={"from": "2019-12-31", "to": "2021-01-01", "kind": "relative"})
        if year != 2019
        else figure(2, period=years(2020, 2021)),
        figure(3, period=years(2021, 2022)),
        figure(4, period={"from": "2020-07-01", "to": None, "kind": "as_of"}),
        figure(5, period={"kind": "unstated"}),
        figure(6, period={"kind": "unstated"}, plan_year=2022),
    )
    assert [each["figure_id"] for each in page(city, year=year).items] == touching


def test_a_unit_asks_for_its_figures_and_all_below(city: Projecting) -> None:
    city.given(figure(1), figure(2, unit_id="bk-1"), figure(3, unit_id="vn"))
    city.given(figure(4, unit_id="tn"))
    found = [each["figure_id"] for each in page(city, unit_id="bk").items]
    assert found == ["f-1", "f-2"]
    assert len(page(city).items) == 4
    with pytest.raises(NotFound):
        page(city, unit_id="nowhere")


def test_pages_together_are_the_whole_list(city: Projecting) -> None:
    city.given(*(figure(number, value=number) for number in range(5)))
    found, place = [], None
    for _ in range(3):
        listed = page(city, page=Page(2, place))
        found += [each["figure_id"] for each in listed.items]
        place = listed.after
    assert found == [f"f-{number}" for number in range(5)]
    assert place is None


def test_nothing_that_is_asserted_is_ever_added(city: Projecting) -> None:
    by = ("unit", "field,tier", "award_form,recipient_kind")
    asked = [(unit, year) for unit in (None, "bk", "bk-1", "tn") for year in (2021, 2022, 2023)]

    def figures() -> list[dict[str, Any]]:
        summaries = [city.summary(unit, year, by=by) for unit, year in asked]
        return [
            {key: value for key, value in each.items() if key not in {"known_at", "digest"}}
            for each in summaries
        ]

    before, known_years = figures(), city.reads.years()
    measures = ("registered", "awards_granted", "inspected_units", "land_donated_m2", "free")
    for number, metric in enumerate(measures):
        for unit_id in ("vn", "bk", "bk-1"):
            for period in (YEAR_2022, years(2021, 2023), {"kind": "as_of"}):
                claim = {"metric": metric, "unit_id": unit_id, "period": period, "value": 1_000}
                city.given(figure(number, **claim))
    assert figures() == before
    assert city.reads.years() == known_years
