"""events.md, What is counted, Units: which units there are on a day, and where the others lie."""

from datetime import date

import pytest

from shared.events.envelope import ReceivedEvent
from shared.territory import BorneName, Place, Territory, UnitCodeOf
from tests.support.unit_events import (
    closed,
    divided,
    merged,
    moved,
    opened,
    opening,
    recorded,
    renamed,
    reorganized,
    retracted,
    territory_of,
)

COUNTRY = opened("vn", "2004-01-01", None)
BEFORE, CHANGE, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1)


def _province_and_two_wards() -> list[ReceivedEvent]:
    return [
        COUNTRY,
        opened("bac-kan", "2004-01-01", level="province"),
        opened("ward-1", "2004-01-01", "bac-kan"),
        opened("ward-2", "2004-01-01", "bac-kan"),
    ]


def test_a_unit_exists_from_its_opening_to_the_day_before_it_ends() -> None:
    territory = territory_of(COUNTRY, opened("ward", "2010-05-02"), closed("ward", "2025-07-01"))
    lives = {date(2010, 5, 1): False, date(2010, 5, 2): True, BEFORE: True, CHANGE: False}
    assert {day: territory.exists("ward", day) for day in lives} == lives
    assert territory.first_day("ward") == date(2010, 5, 2)
    assert territory.last_day("ward") == BEFORE


def test_what_was_merged_lies_in_what_came_of_it_and_the_other_way_round() -> None:
    territory = territory_of(
        *_province_and_two_wards(), merged(CHANGE, ["ward-1", "ward-2"], "new")
    )
    assert territory.place("ward-1", AFTER) == Place("new", allocated=True, approximate=False)
    assert territory.lies("new", BEFORE) == ("ward-1", "ward-2")
    assert territory.preceded_by("new") == ("ward-1", "ward-2")
    assert territory.followed_by("ward-1") == ("new",)


def test_what_was_divided_counts_at_the_nearest_common_ancestor_and_is_unallocated_below() -> None:
    parts = [opening("east", "bac-kan"), opening("west", "bac-kan")]
    division = reorganized("r", CHANGE, {"east": ["ward-1"], "west": ["ward-1"]}, opens=parts)
    territory = territory_of(*_province_and_two_wards(), division)
    assert territory.lies("ward-1", AFTER) == ("east", "west")
    assert territory.place("ward-1", AFTER) == Place("bac-kan", allocated=False, approximate=False)


def test_a_source_that_goes_on_keeps_its_history_and_is_approximate_from_then_on() -> None:
    territory = territory_of(COUNTRY, opened("a", "2004-01-01"), divided(CHANGE, "a", "a", "b"))
    assert territory.place("a", BEFORE) == Place("a", allocated=True, approximate=False)
    assert territory.place("a", AFTER) == Place("a", allocated=True, approximate=True)
    assert territory.place("b", BEFORE) == Place("a", allocated=True, approximate=False)
    assert territory.first_day("a") == date(2004, 1, 1)


def test_a_unit_that_only_takes_in_another_is_not_approximate() -> None:
    territory = territory_of(
        COUNTRY,
        opened("a", "2004-01-01"),
        opened("b", "2004-01-01"),
        reorganized("r", CHANGE, {"a": ["a", "b"]}),
    )
    assert territory.place("a", AFTER) == Place("a", allocated=True, approximate=False)
    assert territory.place("b", AFTER) == Place("a", allocated=True, approximate=False)


def test_a_closed_district_lies_where_its_communes_of_its_last_day_lie() -> None:
    territory = territory_of(
        COUNTRY,
        opened("province", "2004-01-01"),
        opened("district", "2004-01-01", "province"),
        opened("x", "2004-01-01", "district"),
        opened("y", "2004-01-01", "district"),
        reorganized("r", CHANGE, {"xy": ["x", "y"]}, opens=[opening("xy", "province")]),
        closed("district", CHANGE),
    )
    assert territory.lies("district", AFTER) == ("xy",)
    assert territory.children("province", BEFORE) == ("district",)
    assert territory.children("province", AFTER) == ("xy",)


def test_a_district_counts_the_same_whether_it_is_closed_before_or_after_its_communes() -> None:
    before = [
        COUNTRY,
        opened("province", "2004-01-01"),
        opened("district", "2004-01-01", "province"),
        opened("x", "2004-01-01", "district"),
    ]
    same_day = territory_of(*before, closed("x", CHANGE), closed("district", CHANGE))
    other_way = territory_of(*before, closed("district", CHANGE), closed("x", CHANGE))
    day_after = territory_of(*before, closed("district", CHANGE), closed("x", "2025-07-02"))
    for territory in (same_day, other_way, day_after):
        assert territory.lies("district", AFTER) == territory.lies("x", AFTER) == ("province",)


def test_a_childless_closed_unit_lies_at_its_parent_even_if_that_has_ended_too() -> None:
    territory = territory_of(
        COUNTRY,
        opened("a", "2004-01-01"),
        opened("b", "2004-01-01"),
        opened("island", "2004-01-01", "a"),
        closed("island", "2010-01-01"),
        merged(CHANGE, ["a", "b"], "ab"),
    )
    assert territory.lies("island", BEFORE) == ("a",)
    assert territory.lies("island", AFTER) == ("ab",)


def test_a_unit_opened_without_sources_lay_where_its_parent_at_opening_lay() -> None:
    territory = territory_of(
        COUNTRY,
        opened("old", "2004-01-01"),
        reorganized("r", "2010-01-01", {"new": ["old"]}, opens=[opening("new", "vn")]),
        opened("zone", "2020-01-01", "new"),
    )
    assert territory.lies("zone", date(2015, 1, 1)) == ("new",)
    assert territory.lies("zone", date(2005, 1, 1)) == ("old",)


def test_the_parent_is_the_successor_of_one_that_ended_or_else_its_parent() -> None:
    merger = territory_of(*_province_and_two_wards(), opened("thai", "2004-01-01"))
    merger.fold(recorded([merged(CHANGE, ["bac-kan", "thai"], "thai-nguyen")], first=6))
    assert merger.parent("ward-1", AFTER) == "thai-nguyen"
    assert merger.path("ward-1", AFTER) == ("vn", "thai-nguyen", "ward-1")
    division = territory_of(*_province_and_two_wards(), divided(CHANGE, "bac-kan", "n", "s"))
    assert division.parent("ward-1", AFTER) == "vn"


def test_the_parent_is_the_latest_stated_by_day_and_on_one_day_by_the_log() -> None:
    territory = territory_of(
        COUNTRY,
        *(opened(unit, "2004-01-01") for unit in ("a", "b", "c", "d")),
        opened("ward", "2004-01-01", "a"),
        moved("ward", "2020-01-01", "b"),
        moved("ward", "2010-01-01", "c"),
        moved("ward", "2020-01-01", "d"),
    )
    days = (date(2009, 12, 31), date(2010, 1, 1), date(2020, 1, 1))
    assert [territory.parent("ward", day) for day in days] == ["a", "c", "d"]


def test_a_unit_bears_what_was_stated_last_and_keeps_what_was_not_restated() -> None:
    code = [{"scheme": "gso-2024", "code": "24"}]
    territory = territory_of(
        COUNTRY,
        opened("city", "2004-01-01", name="Thị xã", kind="thị xã", codes=code),
        renamed("city", "2020-01-01", "Thành phố"),
        renamed("city", "2015-03-11", "Thị xã Mới", kind="thị xã mới"),
    )
    state = territory.unit("city", AFTER)
    assert state is not None
    assert (state.name, state.kind) == ("Thành phố", "thị xã mới")
    assert state.codes == (UnitCodeOf("gso-2024", "24"),)
    assert territory.names("city") == (
        BorneName("Thị xã", date(2004, 1, 1), date(2015, 3, 11)),
        BorneName("Thị xã Mới", date(2015, 3, 11), date(2020, 1, 1)),
        BorneName("Thành phố", date(2020, 1, 1), None),
    )


def test_a_name_given_on_the_day_of_the_end_was_never_borne() -> None:
    territory = territory_of(
        COUNTRY, opened("a", "2004-01-01"), closed("a", CHANGE), renamed("a", CHANGE, "late")
    )
    assert territory.names("a") == (BorneName("a", date(2004, 1, 1), CHANGE),)


def test_a_retracted_event_leaves_the_map_as_if_it_had_never_been() -> None:
    base = [*_province_and_two_wards(), opened("thai", "2004-01-01"), opened("x", CHANGE)]
    merger = merged(CHANGE, ["bac-kan", "thai"], "new")
    log = recorded([*base, merger, retracted(merger)])
    territory = Territory()
    territory.fold(log[:-1])
    assert territory.path("ward-1", AFTER) == ("vn", "new", "ward-1")
    assert territory.place("bac-kan", AFTER).unit_id == "new"
    territory.fold(log)
    assert territory.place("bac-kan", AFTER).unit_id == "bac-kan"
    assert not territory.known("new")
    assert territory.place("ward-1", AFTER) == Place("ward-1", allocated=True, approximate=False)
    assert territory.path("ward-1", AFTER) == ("vn", "bac-kan", "ward-1")
    assert set(territory.units(AFTER)) == set(territory_of(*base).units(AFTER))


def test_the_state_at_a_position_knows_only_the_retractions_until_then() -> None:
    closing = closed("ward-1", CHANGE)
    log = recorded([*_province_and_two_wards(), closing, retracted(closing)])
    territory = Territory()
    territory.fold(log[:5])
    earlier = territory.copy()
    territory.fold(log)
    assert (earlier.last_position, territory.last_position) == (5, 6)
    assert not earlier.exists("ward-1", AFTER)
    assert territory.exists("ward-1", AFTER)


def test_an_event_folded_twice_counts_once_and_others_do_not_matter() -> None:
    closing = closed("ward-1", CHANGE)
    log = recorded([*_province_and_two_wards(), closing, retracted(closing)])
    territory = Territory()
    territory.fold(log)
    territory.fold(log)
    assert territory.last_position == 6
    assert territory.exists("ward-1", AFTER)


def test_before_there_is_a_country_everything_lies_nowhere() -> None:
    territory = territory_of(*_province_and_two_wards())
    day = date(2003, 12, 31)
    assert territory.country(day) is None
    assert territory.country(CHANGE) == "vn"
    assert territory.lies("ward-1", day) == ()
    assert territory.place("ward-1", day) == Place(None, allocated=False, approximate=False)
    assert list(territory.units(day)) == []


@pytest.mark.parametrize(
    ("first", "last", "exists"),
    [
        ("2003-01-01", "2003-12-31", False),
        ("2003-12-01", "2004-01-01", True),
        ("2010-01-01", "2010-12-31", True),
        ("2025-06-30", "2025-12-31", True),
        ("2025-07-01", "2025-12-31", False),
        ("2011-01-01", "2010-01-01", False),
    ],
)
def test_a_unit_exists_within_days_if_it_exists_on_one_of_them(
    first: str, last: str, exists: bool
) -> None:
    territory = territory_of(COUNTRY, opened("a", "2004-01-01"), closed("a", CHANGE))
    days = date.fromisoformat(first), date.fromisoformat(last)
    assert territory.exists_within("a", *days) is exists


def test_nothing_is_known_of_a_unit_that_nobody_opened() -> None:
    territory = territory_of(COUNTRY)
    assert not territory.known("x")
    assert territory.unit("x", AFTER) is None
    assert territory.place("x", AFTER).unit_id is None
    assert (territory.path("x", AFTER), territory.children("x", AFTER)) == ((), ())


def test_a_long_line_of_successors_is_followed_to_its_end() -> None:
    # Each unit ends in the next, far more often than a function may call itself.
    days = [date.fromordinal(date(2004, 1, 2).toordinal() + n) for n in range(1_500)]
    line = [merged(day, [f"u{n}"], f"u{n + 1}") for n, day in enumerate(days)]
    territory = territory_of(
        COUNTRY, opened("u0", "2004-01-01"), opened("x", "2004-01-01", "u0"), *line
    )
    assert territory.place("u0", AFTER).unit_id == "u1500"
    assert territory.place("u1500", date(2004, 1, 1)).unit_id == "u0"
    assert territory.path("x", AFTER) == ("vn", "u1500", "x")
    assert territory.children("u1500", AFTER) == ("x",)
