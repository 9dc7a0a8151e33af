"""Lists show what stands behind the figures, page by page, as known at one position."""

from typing import Any

import pytest

from services.reporting.queries.facade import ListName
from shared.errors import BrokenContract, NotFound, Unavailable
from shared.web.answers.pagination import Page
from tests.support import unit_events as say
from tests.support.cloudevents import received
from tests.support.event_builders import (
    amended,
    discontinued,
    for_registrations,
    granted,
    recognized,
    registered,
    withdrawn,
)
from tests.support.figures_of_events import Projecting


def _ids(items: list[dict[str, Any]], name: str = "registration_id") -> list[str]:
    return [item[name] for item in items]


def _pages(projecting: Projecting, name: ListName, limit: int, **filters: Any) -> list[list[str]]:
    """Read all pages; between two of them the log grows."""
    pages, place = [], None
    key = {"registrations": "registration_id", "figures": "figure_id"}[name]
    for number in range(20):
        as_of = projecting.reads.as_of(str(place["at"]) if place else None)
        listed = projecting.reads.listed(
            name, projecting.filters(**filters), as_of, Page(limit, place)
        )
        pages.append([item[key] for item in listed.items])
        place = listed.after
        if place is None:
            return pages
        projecting.given(registered(f"late-{number}", unit_id="bk-1"))
    return pages


def test_a_list_is_in_the_order_of_recording_and_pages_pin_what_is_known(
    projecting: Projecting,
) -> None:
    projecting.given(*(registered(str(number), unit_id="bk-1") for number in range(7)))
    pages = _pages(projecting, "registrations", 3)
    assert pages == [["r-0", "r-1", "r-2"], ["r-3", "r-4", "r-5"], ["r-6"]]


def test_a_list_without_a_year_goes_through_all_years(projecting: Projecting) -> None:
    projecting.given(
        registered("1", plan_year=2023), registered("2", plan_year=2021), registered("3")
    )
    assert _pages(projecting, "registrations", 1, year=None)[:3] == [["r-2"], ["r-3"], ["r-1"]]


def test_a_page_that_ends_exactly_at_the_end_is_the_last(projecting: Projecting) -> None:
    projecting.given(*(registered(str(number)) for number in range(4)))
    assert _pages(projecting, "registrations", 2) == [["r-0", "r-1"], ["r-2", "r-3"]]


def test_a_list_of_a_unit_holds_all_below_it_on_the_map(projecting: Projecting) -> None:
    projecting.given(
        registered("1", unit_id="bk-1"),
        registered("2", unit_id="tn-1"),
        registered("3", unit_id="bk"),
    )
    projecting.given(say.moved("tn-1", "2024-01-01", "bk"))
    assert _ids(projecting.list("registrations", unit_id="bk")) == ["r-1", "r-3"]
    assert _ids(projecting.list("registrations", unit_id="bk", map="2024-01-01")) == [
        "r-1",
        "r-2",
        "r-3",
    ]
    assert _ids(projecting.list("registrations", unit_id="bk", unit="bk")) == ["r-3"]
    assert _ids(projecting.list("registrations", unit_id="bk", unit="bk-1")) == ["r-1"]


def test_an_empty_dimension_means_none(projecting: Projecting) -> None:
    projecting.given(registered("1"), registered("2"), recognized("1"))
    assert _ids(projecting.list("registrations", tier="recognized")) == ["r-1"]
    assert _ids(projecting.list("registrations", tier=None)) == ["r-2"]


def test_a_list_says_what_was_known_then(projecting: Projecting) -> None:
    projecting.given(registered(), amended(title="Trồng quế", unit_id="bk-1"), withdrawn())
    then, between, now = (
        projecting.list("registrations", known_at=position)[0] for position in (7, 8, 9)
    )
    assert (then["title"], then["unit_id"], then["withdrawn"]) == ("Mô hình số 1", "vn", False)
    assert (between["title"], between["unit_name"]) == ("Trồng quế", "Phường Đức Xuân")
    assert (now["title"], now["withdrawn"], now["position"]) == ("Trồng quế", True, 9)
    assert projecting.list("registrations", known_at=6) == []


def test_asserted_figures_are_listed_and_never_added(projecting: Projecting) -> None:
    figure = {
        "figure_id": "f-1",
        "metric": "registered",
        "unit_id": "bk",
        "period": {"from": "2021-01-01", "to": "2021-12-31", "kind": "year"},
        "value": 2059,
        "qualifier": "exact",
        "source": {"kind": "báo cáo", "title": "Báo cáo năm 2021"},
    }
    projecting.given(received("FigureAsserted", figure))
    projecting.given(received("FigureAsserted", {**figure, "qualifier": "more_than"}))
    (item,) = projecting.list("figures", unit_id="bk", year=2021)
    assert (item["value"], item["qualifier"], item["unit_name"]) == (2059, "more_than", "Bắc Kạn")
    assert item["source"] == {"kind": "báo cáo", "title": "Báo cáo năm 2021"}
    assert projecting.measures(year=2021) == {}


def test_a_later_plan_of_an_organization_and_year_replaces_the_earlier(
    projecting: Projecting,
) -> None:
    for number in ("1-KH/TU", "2-KH/TU"):
        plan = {
            "org_id": "o-1",
            "plan_year": 2022,
            "unit_id": "bk",
            "document": {"kind": "kế hoạch", "number": number},
        }
        projecting.given(received("PlanIssued", plan))
    assert _ids(projecting.list("plans", year=2022), "document_number") == ["2-KH/TU"]
    assert projecting.list("plans", year=2021) == []


def test_the_history_of_a_model_has_every_event_about_it(projecting: Projecting) -> None:
    outcome = {
        "outcome_id": "x-1",
        "registration_id": "r-1",
        "metric": "workdays",
        "value": 12,
        "qualifier": "exact",
        "nature": "flow",
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
    }
    projecting.given(
        registered("1"),
        registered("2"),
        recognized("1"),
        granted("1", basis=for_registrations("1")),
        granted("2", basis=for_registrations("2")),
        received("OutcomeReported", outcome),
        discontinued("1"),
    )
    as_of = projecting.reads.as_of()
    listed = projecting.reads.history("m-1", as_of)
    assert [(item["position"], item["type"], item["subject"]) for item in listed.items] == [
        (7, "dvk.ModelRegistered.v1", "registration/r-1"),
        (9, "dvk.ModelRecognized.v1", "registration/r-1"),
        (10, "dvk.AwardGranted.v1", "award/a-1"),
        (12, "dvk.OutcomeReported.v1", "outcome/x-1"),
        (13, "dvk.ModelDiscontinued.v1", "model/m-1"),
    ]
    assert listed.items[1]["decision"]["number"] == "01-QĐ/TU"
    first = projecting.reads.history("m-1", as_of, Page(2))
    second = projecting.reads.history("m-1", as_of, Page(2, first.after))
    assert [item["position"] for item in (*first.items, *second.items)] == [7, 9, 10, 12]
    with pytest.raises(NotFound):
        projecting.reads.history("m-1", projecting.reads.as_of("6"))


def test_a_read_waits_for_the_read_models_and_then_says_when_to_come_again(
    projecting: Projecting,
) -> None:
    projecting.history.given(registered())
    with pytest.raises(Unavailable) as error:
        projecting.summary(known_at=7)
    assert error.value.problem.params == {"reached": 6, "position": 7}
    with pytest.raises(BrokenContract):
        projecting.summary(known_at=8)
    assert projecting.summary()["known_at"]["position"] == 6
    projecting.project()
    assert projecting.measures(known_at=7) == {"registered": 1}


def test_completeness_is_equal_at_rest_and_tells_when_it_is_not(projecting: Projecting) -> None:
    found = projecting.reads.completeness()
    assert found["log"] == {"head": 6, "events": 6}
    assert all(each["equal"] and each["events_handled"] == 6 for each in found["read_models"])
    projecting.history.given(registered())
    assert not any(each["equal"] for each in projecting.reads.completeness()["read_models"])


def test_the_digest_is_that_of_the_summary(projecting: Projecting) -> None:
    projecting.given(registered(unit_id="bk-1"))
    summary = projecting.summary("bk")
    digests = projecting.reads.digests_at("bk", 2022, 7)
    before = projecting.reads.digests_at("bk", 2022, 6)
    assert digests is not None
    assert before is not None
    assert digests[2] == summary["digest"]
    assert not {*before.values()} & {*digests.values()}
    assert projecting.reads.digests_at("bk", 2022, 8) is None
    assert projecting.reads.digests_at("bk", 2022, 1) is None
