"""A scope is the nation or a unit of the map; figures follow the units to any day."""

import pytest

from shared.errors import NotFound
from tests.support import unit_events as say
from tests.support.event_builders import granted, registered
from tests.support.figures_of_events import Projecting


def test_before_there_is_a_country_the_nation_is_nothing(projecting: Projecting) -> None:
    summary = projecting.summary(known_at=0)
    assert summary["scope"] is None
    assert set(summary["measures"].values()) == {0}
    assert summary["known_at"] == {"position": 0, "time": None}
    projecting.given(registered())
    assert projecting.summary(map="1999-01-01")["scope"] is None
    assert projecting.measures(map="1999-01-01") == {}


def test_a_unit_that_nobody_opened_is_no_scope(projecting: Projecting) -> None:
    with pytest.raises(NotFound) as error:
        projecting.summary("hn")
    assert error.value.problem.params["preceded_by"] == []


def test_a_unit_that_has_ended_is_no_scope_but_names_its_successors(
    projecting: Projecting,
) -> None:
    merged = say.reorganized(
        "m-1", "2025-07-01", {"new": ["bk", "tn"]}, opens=[say.opening("new", "vn", "province")]
    )
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="tn"), merged)
    with pytest.raises(NotFound) as error:
        projecting.summary("bk", map="2025-07-01")
    assert error.value.problem.params["followed_by"] == ["new"]
    with pytest.raises(NotFound) as error:
        projecting.summary("new", map="2025-06-30")
    assert sorted(error.value.problem.params["preceded_by"]) == ["bk", "tn"]
    assert projecting.measures("new", map="2025-07-01") == {"registered": 2}
    assert projecting.measures("bk", map="2025-06-30") == {"registered": 1}
    assert projecting.measures("bk") == {"registered": 1}
    assert projecting.measures("new") == {}


def test_what_cannot_be_placed_counts_at_the_common_ancestor_and_is_unallocated_below(
    projecting: Projecting,
) -> None:
    divided = say.reorganized(
        "d-1",
        "2023-01-01",
        {"bk-8": ["bk-1"], "bk-9": ["bk-1"]},
        opens=[say.opening("bk-8", "bk"), say.opening("bk-9", "bk")],
    )
    projecting.given(registered("1", unit_id="bk-1"), registered("2", unit_id="bk-2"), divided)
    projecting.given(granted(unit_id="bk-1"))
    rows = projecting.rows("unit", "bk", map="2023-01-01")
    assert [(row["unit"], row["registered"], row["awards_granted"]) for row in rows] == [
        ("bk-2", 1, 0),
        (None, 1, 1),
    ]
    quality = projecting.summary("bk", map="2023-01-01")["quality"]
    assert (quality["unallocated"], quality["approximate"]) == (1, True)
    nation = projecting.summary(map="2023-01-01")["quality"]
    assert (nation["unallocated"], nation["approximate"]) == (1, True)
    assert projecting.summary("bk")["quality"]["unallocated"] == 0


def test_a_late_reorganization_changes_the_map_only_as_it_is_known(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1"))
    merged = say.reorganized("m-1", "2022-06-01", {"bk-2": ["bk-1"]})
    projecting.given(merged)
    assert projecting.measures("bk-2", map="2023-01-01") == {"registered": 1}
    assert projecting.measures("bk-2", map="2023-01-01", known_at=7) == {}


def test_a_scope_bears_the_name_of_its_day(projecting: Projecting) -> None:
    projecting.given(say.renamed("bk", "2024-01-01", "Bắc Kạn mới"))
    assert projecting.summary("bk", year=2023)["scope"]["name"] == "Bắc Kạn"
    assert projecting.summary("bk", year=2024)["scope"]["name"] == "Bắc Kạn mới"
    assert projecting.summary("bk", map="2023-12-31")["scope"]["name"] == "Bắc Kạn"
