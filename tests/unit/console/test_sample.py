"""The sample meets every published figure: counted naively, from the file, without our own reader."""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

import services.console.datasets.sample
from services.console.datasets.sample import sample_events
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family
from tests.support.scenarios import History

Json = dict[str, Any]
FILE = Path(services.console.datasets.sample.__file__).with_name("figures.json")
PUBLISHED: Json = json.loads(FILE.read_text("utf-8"))
FIGURES: dict[str, Json] = {figure["id"]: figure for figure in PUBLISHED["figures"]}
CITY = [figure for figure in FIGURES.values() if figure["account"] == "bac-kan-city-2022"]


@cache
def data_of(name: str) -> list[Json]:
    return [event["data"] for event in sample_events() if event["type"] == f"dvk.{name}.v1"]


@cache
def registrations() -> list[Json]:
    """Return each registration with what became of it, joined by hand."""
    eligible = {d["registration_id"]: d["eligible"] for d in data_of("EligibilityAssessed")}
    recognized = {d["registration_id"] for d in data_of("ModelRecognized")}
    return [
        {
            **one,
            "eligible": eligible[one["registration_id"]],
            "recognized": one["registration_id"] in recognized,
        }
        for one in data_of("ModelRegistered")
    ]


def counted(figure: Json) -> int:
    """Count a figure of the city's account in the events."""
    keys = {
        "field": "field_code",
        "block": "block_code",
        "subject": "owner_kind",
        "registration_kind": "registration_kind",
    }
    cell = [
        one
        for one in registrations()
        if all(one[keys[dimension]] == value for dimension, value in figure["dims"].items())
        and (figure["place"]["code"] == "058" or one["unit_id"].endswith(figure["place"]["code"]))
    ]
    match figure["metric"]:
        case "models_registered":
            return len(cell)
        case "models_eligible":
            return sum(one["eligible"] for one in cell)
        case "models_recognized":
            return sum(one["recognized"] for one in cell)
        case "units_inspected":
            return len({one["org_id"] for one in data_of("InspectionConducted")})
        case _:
            return len({one["owner_org_id"] for one in cell if one["recognized"]})


def test_the_file_holds_what_was_published() -> None:
    assert len(FIGURES) == 68
    assert Counter(f["account"] for f in FIGURES.values()) == {
        "bac-kan-province-2021-2022": 9,
        "lai-chau-2016-2020": 9,
        "bac-giang-stock": 3,
        "bac-kan-province-2018-2020": 7,
        "bac-kan-city-2022": 40,
    }


@pytest.mark.parametrize("figure", CITY, ids=lambda figure: figure["id"])
def test_the_events_add_up_to_the_figure_of_the_account(figure: Json) -> None:
    assert counted(figure) == figure["value"]


def test_what_the_account_implies_holds_too() -> None:
    fields = Counter((one["field_code"], one["registration_kind"]) for one in registrations())
    assert fields["bk_city_2022.1_party_building", "maintained"] == 0
    assert len(registrations()) == 191
    assert sum(one["eligible"] for one in registrations()) == 160
    assert all(one["eligible"] for one in registrations() if one["recognized"])
    assert {one["owner_kind"] for one in registrations()} == {"collective", "individual"}
    wards = {one["owner_org_id"] for one in registrations() if one["recognized"]}
    assert sum(org.startswith("bk-058-ward-") for org in wards) == 8


def value(*numbers: int, account: str) -> int:
    return sum(FIGURES[f"{account}-{number:02d}"]["value"] for number in numbers)


CHECKS: dict[str, tuple[int, int]] = {
    "C01": (value(2, 5, account="000"), value(1, account="000")),
    "C02": (value(4, account="000"), value(3, account="000")),
    "C03": (value(8, account="000"), value(7, account="000")),
    "C04": (value(2, account="003"), value(1, account="003")),
    "C05": (value(3, account="003"), value(2, account="003")),
    "C06": (value(4, 5, 6, 7, account="003"), value(3, account="003")),
    "C10": (value(2, 3, account="004"), value(1, account="004")),
    "C11": (value(4, 5, 8, 11, account="004"), value(1, account="004")),
    "C12": (value(6, 9, 12, account="004"), value(2, account="004")),
    "C13": (value(4, 7, 10, 13, account="004"), value(3, account="004")),
    "C14": (value(15, 16, account="004"), value(14, account="004")),
    "C15": (value(14, account="004"), value(1, account="004")),
    "C16": (value(20, 21, 22, 23, account="004"), value(18, account="004")),
    "C17": (value(24, 27, 29, 31, account="004"), value(18, account="004")),
    "C18": (value(*range(32, 40), account="004"), value(31, account="004")),
    "C19": (value(26, 40, account="004"), value(22, 23, account="004")),
    "C20": (value(25, 28, 30, account="004") + 8, value(19, account="004")),
    "C21": (value(18, account="004"), value(14, account="004")),
    "C22": (value(20, 21, account="004"), value(15, account="004")),
    "C23": (value(22, 23, account="004"), value(16, account="004")),
    "C24": (value(20, 22, account="004"), value(2, account="004")),
    "C25": (value(21, 23, account="004"), value(3, account="004")),
}
OPERATORS: dict[str, Callable[[int, int], bool]] = {
    "==": int.__eq__,
    "<=": int.__le__,
    ">": int.__gt__,
}


@pytest.mark.parametrize("check", PUBLISHED["checks"], ids=lambda check: check["id"])
def test_the_published_figures_agree_among_themselves(check: Json) -> None:
    assert (check["lhs"], check["rhs"]) == CHECKS[check["id"]]
    assert OPERATORS[check["op"]](check["lhs"], check["rhs"])


def test_there_are_twenty_two_checks() -> None:
    assert [check["id"] for check in PUBLISHED["checks"]] == list(CHECKS)
    assert len(CHECKS) == 22


def test_every_event_passes_the_door_and_every_rule_without_waiting() -> None:
    history = History()
    for event in sample_events():
        family = next(iter(CATALOGUE[event["type"]].families))
        history.given(receive(orjson.dumps(event), now_us=system_clock(), family=family))
    assert (
        history.log.as_family(Family.REGISTRY).head().position
        == 13 + 2 + 30 + 191 + 16 + 191 + 1 + 129 + 68
    )


def test_the_same_events_come_out_each_time() -> None:
    assert list(sample_events()) == list(sample_events())
    keys = [(event["source"], event["id"]) for event in sample_events()]
    assert len(set(keys)) == len(keys)


def test_a_person_can_see_that_the_models_are_reconstructed() -> None:
    for one in data_of("ModelRegistered"):
        assert one["title"].startswith("Mô hình tái dựng số ")
        assert one["origin"]["kind"] == "legacy"
        assert "Thành phố Bắc Kạn" in one["origin"]["ref"]
        assert "Tái dựng" in one["note"]
        assert "Reconstructed" in one["note"]
    for one in data_of("InspectionConducted"):
        assert "planned" in one["note"]
        assert "kế hoạch" in one["note"]


def test_a_person_is_an_opaque_reference_and_only_of_a_model_of_a_person() -> None:
    for one in data_of("ModelRegistered"):
        assert ("owner_person_ref" in one) == (one["owner_kind"] == "individual")
        assert one["owner_org_id"]


def test_all_text_is_in_one_form() -> None:
    text = "".join(orjson.dumps(event).decode() for event in sample_events())
    assert unicodedata.is_normalized("NFC", text)
    assert unicodedata.is_normalized("NFC", FILE.read_text("utf-8"))
