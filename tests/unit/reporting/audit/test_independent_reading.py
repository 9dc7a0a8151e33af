"""The independent reading of small histories, with figures that were counted by hand from the contract."""

import hashlib
from datetime import date
from typing import Any

import pytest

from services.reporting.audit.independent_reading import IndependentReading
from tests.support.feed_items import Said, opening

MERGED = date(2025, 7, 1)


@pytest.fixture
def log() -> Said:
    """Give a log with a country vn, in it a province p, and in that the communes a and b."""
    started = Said()
    for unit_id, parent_id in (("vn", None), ("p", "vn"), ("a", "p"), ("b", "p")):
        started.open(unit_id, parent_id)
    return started


def standing(figures: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in figures.items() if value}


def test_what_a_divided_commune_recorded_is_unallocated_below_the_province(log: Said) -> None:
    log.register(1)
    log.register(2, "b")
    opens = [opening("a1", "p"), opening("a2", "p")]
    parts = [{"unit_id": "a", "share": "part"}]
    targets = [{"unit_id": each, "from": parts} for each in ("a1", "a2")]
    stated = {"sources": ["a"], "targets": targets, "opens": opens}
    log.say("UnitsReorganized", "2025-07-01", reorganization_id="d", **stated)
    reading = log.read()
    later = reading.summary("p", 2022, day=MERGED, by=[["unit"]])
    rows = {row["unit"]: row["registered"] for row in later["tables"][0]["rows"]}
    assert rows == {None: 1, "b": 1}
    assert later["quality"] == {"unallocated": 1, "approximate": True, "flags": []}
    assert reading.summary("vn", 2022, day=MERGED)["quality"]["unallocated"] == 1
    earlier = reading.summary("p", 2022, day=None, by=[["unit"]])
    assert {r["unit"]: r["registered"] for r in earlier["tables"][0]["rows"]} == {"a": 1, "b": 1}
    with pytest.raises(LookupError):
        reading.summary("a", 2022, day=MERGED)


def test_a_closed_district_counts_where_its_communes_lie_and_then_at_the_country(log: Said) -> None:
    log.register(1, "p")
    log.say("UnitMoved", "2025-07-01", unit_id="b", parent_id="vn")
    log.say("UnitClosed", "2025-07-01", unit_id="p", reason="giải thể")
    reading = log.read()
    assert reading.map.place("p", MERGED) == ("vn", True)
    assert reading.map.parent("a", MERGED) == "vn"
    assert reading.summary(None, 2022, day=MERGED)["quality"]["unallocated"] == 1


def test_the_later_recorded_event_of_a_registration_supersedes(log: Said) -> None:
    for number in (1, 2, 3):
        log.register(number, owner_org_id="o")
    log.say("OrganizationDefined", org_id="o", name="o", kind="chi bộ", unit_id="a")
    for eligible in (True, False):
        log.say("EligibilityAssessed", registration_id="r-1", eligible=eligible)
    log.recognize(1)
    log.recognize(2, "exemplary", decision={"kind": "decision"})
    log.recognize(3)
    log.say("RecognitionRevoked", registration_id="r-3", reason="sai")
    summary = log.read().summary("a", 2022, day=None, by=[["tier"]])
    assert standing(summary["measures"]) == {
        "registered": 3,
        "recognized": 2,
        "exemplary": 1,
        "revoked": 1,
        "recognized_organizations": 1,
    }
    assert summary["quality"]["flags"] == [
        {"code": "recognized_without_eligible", "count": 2},
        {"code": "decision_without_number", "count": 1},
    ]
    registered = {r["tier"]: r["registered"] for r in summary["tables"][0]["rows"]}
    assert registered == {"recognized": 1, "exemplary": 1, None: 1}


def test_a_discontinued_model_counts_under_its_latest_registration_of_that_year(log: Said) -> None:
    log.register(1, model_id="m", plan_year=2021)
    log.register(2, "b", model_id="m", field_code="culture")
    log.say("RegistrationWithdrawn", registration_id="r-2", reason="rút")
    log.register(3, "b", model_id="m", field_code="security")
    log.say("ModelDiscontinued", model_id="m", plan_year=2023, reason="xong")
    log.say("ModelDiscontinued", model_id="m", plan_year=2020, reason="xong")
    reading = log.read()
    in_2023 = reading.summary("p", 2023, day=None, by=[["unit", "field"]])["tables"][0]["rows"]
    assert [(r["unit"], r["field"], r["discontinued"]) for r in in_2023] == [("b", "security", 1)]
    assert reading.counted("a", 2020, "discontinued", day=None) == ["model/m"]


def test_the_later_of_two_equal_awards_is_doubted_while_both_are_in_force(log: Said) -> None:
    log.register(1)
    log.register(2)
    log.grant(1)
    log.grant(2, basis={"kind": "model", "registration_ids": ["r-2", "r-1"]})
    log.grant(3, recipient={"kind": "collective"})
    log.grant(4, recipient={"kind": "collective"})
    log.say("AwardPresented", award_id="a-2", presenter_role="Chủ tịch")
    reading = log.read()
    assert reading.counted("a", 2022, "possible_duplicate_award", day=None) == ["award/a-2"]
    assert reading.counted("a", 2022, "awards_presented", day=None) == ["award/a-2"]
    log.say("AwardRevoked", award_id="a-1", reason="sai")
    assert log.read().counted("a", 2022, "possible_duplicate_award", day=None) == []


def test_an_award_without_a_programme_has_that_of_its_proposal_or_registrations(log: Said) -> None:
    stated: dict[str, Any] = {"programme": "don_vi_dan_van_tot"}
    log.register(1, **stated)
    log.register(2)
    log.grant(1)
    log.grant(2, basis={"kind": "model", "registration_ids": ["r-1", "r-2"]})
    log.say("AwardProposed", award_id="a-3", **stated)
    log.grant(3, basis={"kind": "career"})
    reading = log.read()
    found = reading.counted("a", 2022, "awards_granted", day=None, **stated)
    assert found == ["award/a-1", "award/a-3"]
    assert reading.counted("a", 2022, "awards_granted", day=None) == ["award/a-2"]


def test_a_stock_is_each_reporters_latest_and_a_sum_is_exact_to_the_thousandth(log: Said) -> None:
    log.register(1)
    log.register(2)
    stock: dict[str, Any] = {"nature": "stock", "metric": "households"}
    late = {"from": "2022-01-01", "to": "2022-12-31"}
    log.report(1, 0.1)
    log.report(2, 0.2, registration_id="r-2", qualifier="more_than")
    log.report(3, 70, interval=late, **stock)
    log.report(4, 50, **stock)
    log.report(5, 5, registration_id="r-2", **stock)
    assert log.read().summary("a", 2022, day=None)["outcomes"] == [
        {"metric": "households", "nature": "stock", "value": 75, "qualifier": "exact"},
        {"metric": "workdays", "nature": "flow", "value": 0.3, "qualifier": "more_than"},
    ]


def test_a_retracted_event_is_as_if_it_had_not_been(log: Said) -> None:
    log.register(1)
    log.report(1, 10)
    log.retract(log.report(1, 1_000))
    assert log.read().summary("a", 2022, day=None)["outcomes"][0]["value"] == 10


def test_a_code_of_another_jurisdiction_is_carried_by_its_crosswalk(log: Said) -> None:
    published = {"taxonomy": "field", "version": "1", "valid_from": "2022-01-01"}
    ours = [{"code": "kinh_te", "name": "Kinh tế"}]
    theirs = [{"code": "ruong", "name": "Ruộng", "crosswalk": {"vn": "kinh_te"}}]
    theirs.append({"code": "khac", "name": "Khác"})
    log.say("TaxonomyPublished", jurisdiction_unit_id="vn", entries=ours, **published)
    log.say("TaxonomyPublished", jurisdiction_unit_id="p", entries=theirs, **published)
    log.register(1, field_code="ruong")
    log.register(2, field_code="khac")
    log.register(3, "vn", field_code="kinh_te")
    reading = log.read()

    def by_field(unit_id: str, year: int = 2022) -> dict[str, int]:
        table = reading.summary(unit_id, year, day=None, by=[["field"]])["tables"][0]
        return {row["field"]: row["registered"] for row in table["rows"]}

    assert by_field("vn") == {"kinh_te": 2, None: 1}
    assert by_field("p") == {"ruong": 1, "khac": 1}
    cell = {"field": None}
    assert reading.counted("vn", 2022, "registered", day=None, cell=cell) == ["registration/r-2"]


def test_the_digest_is_that_of_the_canonical_form_by_either_version_of_the_rules(log: Said) -> None:
    log.register(1)
    first = (
        '{"awards_granted":0,"awards_presented":0,"awards_revoked":0,"discontinued":0,'
        '"eligible":0,"exemplary":0,"inspected_units":0,"recognized":0,'
        '"recognized_organizations":0,"registered":1,"revoked":0,"withdrawn":0}'
    )
    second = (
        '{"awards_granted":0,"awards_presented":0,"awards_revoked":0,"commended":0,"declined":0,'
        '"discontinued":0,"eligible":0,"evaluated":0,"exemplary":0,"inspected_units":0,'
        '"recognized":0,"recognized_organizations":0,"registered":1,"replicated":0,"revoked":0,'
        '"withdrawn":0}'
    )
    for rules, measures in ((1, first), (2, second)):
        canonical = (
            f'{{"map":"recorded","measures":{measures},"position":5,"programme":"dan_van_kheo",'
            f'"rules":{rules},"unit_id":"vn","year":2022}}'
        )
        expected = f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
        assert log.read().digest(None, 2022, 5, rules=rules) == expected
        assert log.read().digest("vn", 2022, 5, rules=rules) == expected
    assert log.read().digest("vn", 2022, 5) == expected  # the last is the one in use


def test_a_closing_is_in_force_until_the_year_is_opened_again(log: Said) -> None:
    year: dict[str, Any] = {"unit_id": "p", "plan_year": 2022}
    log.say("PeriodClosed", position=4, digest="sha256:0", **year)
    expected = {"position": 4, "digest": "sha256:0", "event_position": 5}
    assert log.read().closing("p", 2022) == expected
    log.say("PeriodReopened", reason="bổ sung", **year)
    assert log.read().closing("p", 2022) is None


def test_before_there_is_a_country_the_nation_is_nothing() -> None:
    summary = IndependentReading([]).summary(None, 2022, day=None, by=[["unit"]])
    assert summary["scope"] is None
    assert standing(summary["measures"]) == {}
    assert summary["tables"] == [{"by": ["unit"], "rows": []}]


def test_no_table_mixes_registrations_and_awards(log: Said) -> None:
    with pytest.raises(ValueError, match="field, award_form"):
        log.read().summary("p", 2022, day=None, by=[["field", "award_form"]])
