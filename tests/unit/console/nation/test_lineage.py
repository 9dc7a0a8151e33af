"""The map of the country says what its files say, row for row, and what was published of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.console.datasets.nation import nation_events
from services.console.datasets.sample import sample_events
from shared.territory import Territory
from shared.vocabulary import AdministrativeLevel
from tests.support.national_map import (
    COMMUNES,
    DISTRICTS,
    LATER_COMMUNES,
    LATER_PROVINCES,
    PROVINCES,
    commune_rows,
    national_events,
    province_rows,
)
from tests.support.unit_events import recorded

Json = dict[str, Any]
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
GOLDEN = Path(__file__).parents[3] / "golden" / "sample_units.jsonl"
LARGEST = 64 * 1024
DIGEST = "e84cc1232a0297cc5c94e530cbe6653881c7f9c6a5a2158b40bf2bda24984ba9"


@pytest.fixture(scope="module")
def events() -> list[Json]:
    return list(nation_events())


@pytest.fixture(scope="module")
def territory() -> Territory:
    territory = Territory()
    territory.fold(recorded(national_events()))
    return territory


@cache
def by_code(territory: Territory, day: date) -> dict[str, tuple[str, str]]:
    """Return the unit id and the name behind each code on a day; no code may stand twice."""
    found: dict[str, tuple[str, str]] = {}
    for unit in territory.units(day):
        for scheme, code in unit.codes:
            assert scheme == "gso"
            assert code not in found
            found[code] = (unit.unit_id, unit.name)
    return found


def test_the_map_before_the_day_has_the_published_size(territory: Territory) -> None:
    assert Counter(unit.level for unit in territory.units(BEFORE)) == {
        AdministrativeLevel.COUNTRY: 1,
        AdministrativeLevel.PROVINCE: PROVINCES,
        AdministrativeLevel.DISTRICT: DISTRICTS,
        AdministrativeLevel.COMMUNE: COMMUNES,
    }


def test_the_map_of_the_day_has_the_published_kinds_of_units(territory: Territory) -> None:
    # Published: 28 provinces and 6 cities; 2,621 xã, 687 phường, 13 đặc khu; and no district.
    assert Counter((unit.level.value, unit.kind) for unit in territory.units(AFTER)) == {
        ("country", "quốc gia"): 1,
        ("province", "tỉnh"): 28,
        ("province", "thành phố"): 6,
        ("commune", "xã"): 2_621,
        ("commune", "phường"): 687,
        ("commune", "đặc khu"): 13,
    }
    assert LATER_PROVINCES == 28 + 6
    assert LATER_COMMUNES == 2_621 + 687 + 13


def test_every_row_of_the_files_is_found_again_in_the_map(territory: Territory) -> None:
    codes = {unit_id: code for code, (unit_id, _) in by_code(territory, AFTER).items()}
    told: dict[str, set[str]] = {}
    for row in province_rows():
        told.setdefault(row["old_code"], set()).add(row["new_code"])
    for row in commune_rows():
        old = row["old_commune_code"] or row["old_district_code"]
        told.setdefault(old, set()).add(row["new_commune_code"])
    assert len(told) == PROVINCES + COMMUNES + 5
    before = by_code(territory, BEFORE)
    for old, new in told.items():
        lying = territory.lies(before[old][0], AFTER)
        assert {codes[unit_id] for unit_id in lying} == new, old


def test_whole_and_part_are_as_the_files_have_them(events: list[Json]) -> None:
    stated = Counter(
        (
            source["unit_id"].rpartition("-")[2],
            target["unit_id"].rpartition("-")[2],
            source["share"],
        )
        for event in events
        if event["type"] == "dvk.UnitsReorganized.v1"
        for target in event["data"]["targets"]
        for source in target["from"]
    )
    rows = [(row["old_code"], row["new_code"], "whole") for row in province_rows()]
    rows += [
        (row["old_commune_code"] or row["old_district_code"], row["new_commune_code"], row["share"])
        for row in commune_rows()
    ]
    assert stated == Counter(rows)


def test_only_what_went_on_whole_alone_and_under_its_code_continues(territory: Territory) -> None:
    sources: dict[str, list[tuple[str, str]]] = {}
    for row in province_rows():
        sources.setdefault(row["new_code"], []).append((row["old_code"], "whole"))
    for row in commune_rows():
        old = row["old_commune_code"] or row["old_district_code"]
        sources.setdefault(row["new_commune_code"], []).append((old, row["share"]))
    after = by_code(territory, AFTER)
    continuing = {code for code, drawn in sources.items() if drawn == [(code, "whole")]}
    assert len(continuing) == 11 + 132
    for code in sources:
        unit_id = after[code][0]
        assert (territory.first_day(unit_id) == AFTER) != (code in continuing), code
        assert unit_id == f"gso-{'2004' if code in continuing else '2025'}-{code}"
    assert after["19"] == ("gso-2025-19", "Thái Nguyên")


def test_every_unit_stands_under_the_parent_of_the_files(territory: Territory) -> None:
    before, after = by_code(territory, BEFORE), by_code(territory, AFTER)
    for row in commune_rows():
        district, province = before[row["old_district_code"]], before[row["old_province_code"]]
        assert territory.parent(district[0], BEFORE) == province[0]
        assert territory.parent(province[0], BEFORE) == "vn"
        if row["old_commune_code"]:
            old = before[row["old_commune_code"]][0]
            assert territory.path(old, BEFORE) == ("vn", province[0], district[0], old)
        new, later = after[row["new_commune_code"]][0], after[row["new_province_code"]][0]
        assert territory.path(new, AFTER) == ("vn", later, new), row


def test_the_names_are_those_of_the_files_on_each_side_of_the_day(territory: Territory) -> None:
    before, after = by_code(territory, BEFORE), by_code(territory, AFTER)
    for row in province_rows():
        assert before[row["old_code"]][1] == row["old_name"]
        assert after[row["new_code"]][1] == row["new_name"]
    for row in commune_rows():
        # The files write both Thị Trấn and Thị trấn.
        assert before[row["old_district_code"]][1].lower() == row["old_district"].lower()
        if row["old_commune_code"]:
            assert before[row["old_commune_code"]][1].lower() == row["old_commune"].lower()
        assert after[row["new_commune_code"]][1] == row["new_commune"]


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("15", "Yên Bái", "Lào Cai"),
        ("24", "Bắc Giang", "Bắc Ninh"),
        ("44", "Quảng Bình", "Quảng Trị"),
        ("52", "Bình Định", "Gia Lai"),
        ("80", "Long An", "Tây Ninh"),
        ("82", "Tiền Giang", "Đồng Tháp"),
        ("91", "Kiên Giang", "An Giang"),
    ],
)
def test_a_reused_code_of_a_province_means_another_one_on_each_side_of_the_day(
    territory: Territory, code: str, before: str, after: str
) -> None:
    first, second = by_code(territory, BEFORE)[code], by_code(territory, AFTER)[code]
    assert (first[1], second[1]) == (before, after)
    assert first[0] != second[0]
    assert not territory.exists(first[0], AFTER)
    assert not territory.exists(second[0], BEFORE)


def test_the_codes_of_communes_are_nearly_all_reused(territory: Territory) -> None:
    before, after = by_code(territory, BEFORE), by_code(territory, AFTER)
    codes = {row["new_commune_code"] for row in commune_rows()}
    reused = codes & set(before)
    assert (len(reused), len(codes)) == (3_316, 3_321)
    same = {code for code in reused if before[code][0] == after[code][0]}
    assert len(same) == 132


@pytest.mark.parametrize(
    ("island", "zone", "name"),
    [
        ("318", "11948", "Đặc khu Bạch Long Vĩ"),
        ("471", "19742", "Đặc khu Cồn Cỏ"),
        ("498", "20333", "Đặc khu Hoàng Sa"),
        ("536", "21548", "Đặc khu Lý Sơn"),
        ("755", "26732", "Đặc khu Côn Đảo"),
    ],
)
def test_an_island_district_became_a_special_zone(
    territory: Territory, island: str, zone: str, name: str
) -> None:
    district = by_code(territory, BEFORE)[island][0]
    became = by_code(territory, AFTER)[zone]
    assert became[1] == name
    assert territory.followed_by(district) == (became[0],)
    assert territory.preceded_by(became[0]) == (district,)


def test_the_other_districts_end_without_a_successor(territory: Territory) -> None:
    districts = [u for u in territory.units(BEFORE) if u.level is AdministrativeLevel.DISTRICT]
    assert all(unit.valid_to == AFTER for unit in districts)
    closed = [unit for unit in districts if not territory.followed_by(unit.unit_id)]
    assert len(closed) == DISTRICTS - 5
    # What was recorded in the city of Bắc Kạn lies where its eight communes went.
    lying = territory.lies("gso-2004-058", AFTER)
    rows = [row for row in commune_rows() if row["old_district_code"] == "058"]
    assert set(lying) == {f"gso-2025-{row['new_commune_code']}" for row in rows}


def test_each_connected_part_of_the_lineage_is_one_event(events: list[Json]) -> None:
    parts: list[set[str]] = []
    for event in events:
        if event["type"] == "dvk.UnitsReorganized.v1":
            data = event["data"]
            targets = {f"to {each['unit_id'].rpartition('-')[2]}" for each in data["targets"]}
            parts.append({source.rpartition("-")[2] for source in data["sources"]} | targets)
    provinces = [(row["old_code"], f"to {row['new_code']}") for row in province_rows()]
    communes = [
        (row["old_commune_code"] or row["old_district_code"], f"to {row['new_commune_code']}")
        for row in commune_rows()
    ]
    wanted = [*connected(provinces), *connected(communes)]
    assert sorted(map(sorted, parts)) == sorted(map(sorted, wanted))
    assert len(connected(communes)) == 3_012
    assert len(connected(provinces)) == LATER_PROVINCES


def connected(pairs: list[tuple[str, str]]) -> list[set[str]]:
    """Return the connected parts, by walking from each unit to its neighbours."""
    beside: dict[str, set[str]] = {}
    for one, other in pairs:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    parts, met = [], set[str]()
    for start in beside:
        if start not in met:
            part, to_visit = set[str](), [start]
            while to_visit:
                unit = to_visit.pop()
                if unit not in part:
                    part.add(unit)
                    to_visit += beside[unit]
            met |= part
            parts.append(part)
    return parts


def test_the_law_is_named_where_it_is_known_and_the_source_where_it_is_not(
    events: list[Json],
) -> None:
    on_the_day = [event["data"] for event in events if event["data"]["occurred_on"] == str(AFTER)]
    assert {data["origin"]["ref"] for data in on_the_day} == {"vietnamadminunits 1.0.4"}
    laws = Counter(
        (data.get("legal_basis") or [{"number": None}])[0]["number"] for data in on_the_day
    )
    assert laws == {"202/2025/QH15": 34, "203/2025/QH15": DISTRICTS - 5, None: 3_012 + 12}


def test_no_event_is_larger_than_the_door_lets_in(events: list[Json]) -> None:
    assert max(len(orjson.dumps(event)) for event in events) <= LARGEST


def test_the_same_bytes_come_out_each_time_and_in_every_release(events: list[Json]) -> None:
    # An id once published may never stand for other content: a ledger would refuse the map.
    written = b"\n".join(map(orjson.dumps, nation_events()))
    assert written == b"\n".join(map(orjson.dumps, events))
    assert sha256(written).hexdigest() == DIGEST
    keys = [(event["source"], event["id"]) for event in events]
    assert len(set(keys)) == len(keys) == 14_544


def test_the_sample_still_opens_the_units_that_it_first_published() -> None:
    golden = {line["id"]: line for line in map(orjson.loads, GOLDEN.read_bytes().splitlines())}
    assert {event["id"]: event for event in _openings(sample_events())} == golden
    mapped = {event["id"]: event for event in _openings(nation_events())}
    assert {event_id: mapped[event_id] for event_id in golden} == golden


def _openings(events: Iterator[Json]) -> list[Json]:
    return [event for event in events if event["type"] == "dvk.UnitOpened.v1"]
