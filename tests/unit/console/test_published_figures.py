"""The 68 published figures become claims in the words of the contract, numbers untouched."""

import json
from pathlib import Path
from typing import Any

import services.console.datasets.sample
from services.console.datasets.sample import sample_events
from shared.vocabulary import Dimension, Measure, PeriodKind

FILE = Path(services.console.datasets.sample.__file__).with_name("figures.json")
FIGURES = {f"press-{f['id']}": f for f in json.loads(FILE.read_text("utf-8"))["figures"]}

# The names that events.md has; what is not here keeps its own, and is free.
METRICS = {
    "models_registered": "registered",
    "models_eligible": "eligible",
    "units_inspected": "inspected_units",
    "party_organizations_with_recognized_models": "recognized_organizations",
    "enterprises_with_recognized_models": "recognized_organizations",
    "land_donated": "land_donated_m2",
    "workdays_contributed": "workdays",
}


def asserted() -> dict[str, dict[str, Any]]:
    data = (e["data"] for e in sample_events() if e["type"] == "dvk.FigureAsserted.v1")
    return {one["figure_id"]: one for one in data}


def test_every_figure_is_asserted_with_its_number_and_qualifier() -> None:
    told = {key: (one["value"], one["qualifier"]) for key, one in asserted().items()}
    assert told == {key: (one["value"], one["qualifier"]) for key, one in FIGURES.items()}
    assert len(told) == 68


def test_metrics_bear_the_names_of_the_contract() -> None:
    for key, one in asserted().items():
        published = FIGURES[key]
        if published["metric"] == "models_recognized":
            exemplary = published["dims"].get("tier") == "exemplary"
            assert one["metric"] == ("exemplary" if exemplary else "recognized")
        elif published["metric"] == "models_maintained_stock":
            kept = (one["metric"], one["dimensions"], one["period"]["kind"])
            assert kept == ("registered", {"registration_kind": "maintained"}, "as_of")
        else:
            assert one["metric"] == METRICS.get(published["metric"], published["metric"])
    measures = {one["metric"] for one in asserted().values()} & set(Measure)
    assert measures == {
        "registered", "eligible", "recognized", "exemplary", "inspected_units",
        "recognized_organizations", "awards_granted", "awards_presented",
    }  # fmt: skip


def test_dimensions_bear_the_names_and_codes_of_the_contract() -> None:
    dimensions = {key for one in asserted().values() for key in one["dimensions"]}
    assert dimensions & set(Dimension) == {
        "field", "block", "registration_kind", "owner_kind", "award_form", "recipient_kind",
    }  # fmt: skip
    assert dimensions - set(Dimension) == {
        "award_name", "basis", "grantor", "presenter_on_behalf_of", "programme",
    }  # fmt: skip
    forms = {one["dimensions"].get("award_form") for one in asserted().values()} - {None}
    assert forms == {"giay_khen", "bang_khen", "ky_niem_chuong"}
    registered = [e["data"] for e in sample_events() if e["type"] == "dvk.ModelRegistered.v1"]
    for key in ("field", "block"):
        stated = {one["dimensions"].get(key) for one in asserted().values()}
        used = {one[f"{key}_code"] for one in registered}
        assert stated - {None, "armed_forces"} == used


def test_places_and_periods_are_those_of_the_figures() -> None:
    for key, one in asserted().items():
        published = FIGURES[key]
        assert one["unit_id"] == f"gso-2004-{published['place']['code']}"
        assert one["period"]["kind"] in set(PeriodKind)
        for end in ("from", "to"):
            assert one["period"][end] == published["period"][end]
    assert asserted()["press-000-07"]["period"]["kind"] == "event"
    assert asserted()["press-002-01"]["period"]["kind"] == "as_of"
    assert asserted()["press-002-01"]["unit_id"] == "gso-2004-24"


def test_the_units_are_those_of_before_july_2025() -> None:
    units = {
        e["data"]["unit_id"]: (e["data"]["name"], e["data"]["kind"], e["data"]["parent_id"])
        for e in sample_events()
        if e["type"] == "dvk.UnitOpened.v1"
    }
    city = "gso-2004-058"
    assert units == {
        "vn": ("Việt Nam", "quốc gia", None),
        "gso-2004-06": ("Bắc Kạn", "tỉnh", "vn"),
        "gso-2004-12": ("Lai Châu", "tỉnh", "vn"),
        "gso-2004-24": ("Bắc Giang", "tỉnh", "vn"),
        city: ("Thành phố Bắc Kạn", "thành phố", "gso-2004-06"),
        "gso-2004-01834": ("Phường Nguyễn Thị Minh Khai", "phường", city),
        "gso-2004-01837": ("Phường Sông Cầu", "phường", city),
        "gso-2004-01840": ("Phường Đức Xuân", "phường", city),
        "gso-2004-01843": ("Phường Phùng Chí Kiên", "phường", city),
        "gso-2004-01846": ("Phường Huyền Tụng", "phường", city),
        "gso-2004-01849": ("Xã Dương Quang", "xã", city),
        "gso-2004-01852": ("Xã Nông Thượng", "xã", city),
        "gso-2004-01855": ("Phường Xuất Hóa", "phường", city),
    }
