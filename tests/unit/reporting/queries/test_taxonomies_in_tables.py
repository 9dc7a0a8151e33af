"""A table by field, block or tier speaks the taxonomy of its scope on the last day of the year."""

import json
from typing import Any

import pytest

from services.reporting.audit.independent_reading import IndependentReading
from shared.events.recorded import feed_item
from tests.support.cloudevents import received
from tests.support.event_builders import recognized, registered, revoked
from tests.support.figures_of_events import Projecting


def _published(unit_id: str, *entries: dict[str, Any], taxonomy: str = "field", **data: Any) -> Any:
    stated = {
        "taxonomy": taxonomy,
        "jurisdiction_unit_id": unit_id,
        "version": "1",
        "valid_from": "2020-01-01",
        "entries": [{"name": entry["code"], **entry} for entry in entries],
        **data,
    }
    return received("TaxonomyPublished", stated)


def _by_field(projecting: Projecting, unit_id: str | None = None) -> list[tuple[Any, int]]:
    return [(row["field"], row["registered"]) for row in projecting.rows("field", unit_id)]


def test_without_a_taxonomy_codes_are_grouped_as_they_are(projecting: Projecting) -> None:
    projecting.given(
        registered("1", field_code="b"),
        registered("2", field_code="a"),
        registered("3", field_code="a"),
    )
    assert _by_field(projecting) == [("a", 2), ("b", 1)]


def test_a_code_of_another_jurisdiction_is_carried_by_its_crosswalk(
    projecting: Projecting,
) -> None:
    projecting.given(
        _published("vn", {"code": "kinh_te", "order": 2}, {"code": "van_hoa", "order": 1}),
        _published(
            "bk",
            {"code": "trong_que", "crosswalk": {"vn": "kinh_te"}},
            {"code": "khac", "crosswalk": {"vn": None}},
        ),
        registered("1", unit_id="bk-1", field_code="trong_que"),
        registered("2", unit_id="bk-1", field_code="khac"),
        registered("3", unit_id="tn-1", field_code="kinh_te"),
        registered("4", unit_id="tn-1", field_code="van_hoa"),
    )
    assert _by_field(projecting) == [("van_hoa", 1), ("kinh_te", 2), (None, 1)]
    assert _by_field(projecting, "bk") == [("khac", 1), ("trong_que", 1)]


def test_a_list_is_filtered_in_the_words_of_the_table(projecting: Projecting) -> None:
    projecting.given(
        _published("vn", {"code": "kinh_te"}),
        _published("bk", {"code": "trong_que", "crosswalk": {"vn": "kinh_te"}}),
        registered("1", unit_id="bk-1", field_code="trong_que"),
        registered("2", unit_id="tn-1", field_code="kinh_te"),
    )
    found = projecting.list("registrations", year=2022, field="kinh_te")
    assert [each["field_code"] for each in found] == ["trong_que", "kinh_te"]


def test_a_taxonomy_counts_from_the_position_at_which_it_is_known(projecting: Projecting) -> None:
    projecting.given(registered("1", unit_id="bk-1", field_code="cu"))
    projecting.given(_published("vn", {"code": "moi"}))
    # The code was said where no taxonomy was known that has it: it has no place in the new words.
    assert _by_field(projecting) == [("cu", 1)]
    assert [(r["field"], r["registered"]) for r in projecting.rows("field", known_at=7)] == [
        ("cu", 1)
    ]


def test_a_table_of_a_unit_with_nothing_in_it_is_empty_where_a_taxonomy_is_in_force(
    projecting: Projecting,
) -> None:
    projecting.given(_published("vn", {"code": "kinh_te"}))
    projecting.given(registered("1", unit_id="bk-1", field_code="kinh_te"))
    assert _by_field(projecting, "tn") == []


def test_tiers_are_carried_too(projecting: Projecting) -> None:
    projecting.given(
        _published("vn", {"code": "recognized"}, {"code": "exemplary"}, taxonomy="tier"),
        _published("bk", {"code": "gioi", "crosswalk": {"vn": "exemplary"}}, taxonomy="tier"),
        registered("1", unit_id="bk-1"),
        recognized("1", "gioi"),
        registered("2", unit_id="tn-1"),
    )
    rows = projecting.rows("tier")
    assert [(row["tier"], row["registered"], row["exemplary"]) for row in rows] == [
        ("exemplary", 1, 0),
        (None, 1, 0),
    ]


def _tiers_of_the_province(*, valid_from: str, **data: Any) -> Any:
    entries = [{"code": "gioi", "crosswalk": {"vn": "exemplary"}}, {"code": "recognized"}]
    return _published("bk", *entries, taxonomy="tier", valid_from=valid_from, **data)


def _tiers(projecting: Projecting) -> list[tuple[str | None, int]]:
    rows = [(row["tier"], row["recognized"]) for row in projecting.rows("tier")]
    second = IndependentReading(json.loads(feed_item(e)) for e in projecting.log.read(0, 1_000))
    table = second.summary(None, 2022, day=None, by=(("tier",),))["tables"][0]["rows"]
    assert sorted(rows, key=str) == sorted(((r["tier"], r["recognized"]) for r in table), key=str)
    return rows


@pytest.mark.parametrize("valid_from", ["2022-06-01", "2022-12-01"])
def test_a_tier_is_said_in_the_taxonomy_of_the_day_of_its_recognition(
    projecting: Projecting, valid_from: str
) -> None:
    """The registration is of 1 March: then nobody but the country had named tiers."""
    projecting.given(
        _published("vn", {"code": "recognized"}, {"code": "exemplary"}, taxonomy="tier"),
        _tiers_of_the_province(valid_from=valid_from),
        registered("1", unit_id="bk-1", occurred_on="2022-03-01"),
        recognized("1", "gioi", occurred_on="2022-12-01"),
    )
    assert _tiers(projecting) == [("exemplary", 1)]


def test_a_tier_of_before_the_taxonomy_is_said_in_the_one_of_then(projecting: Projecting) -> None:
    """What the province means by `recognized` later is another word."""
    projecting.given(
        _published("vn", {"code": "recognized"}, {"code": "exemplary"}, taxonomy="tier"),
        _tiers_of_the_province(valid_from="2022-11-01"),
        registered("1", unit_id="bk-1", occurred_on="2022-03-01"),
        recognized("1", occurred_on="2022-10-31"),
        registered("2", unit_id="bk-1", occurred_on="2022-03-01"),
        recognized("2", occurred_on="2022-11-01"),
    )
    assert _tiers(projecting) == [("recognized", 1), (None, 1)]


def test_a_tier_given_again_is_said_in_the_taxonomy_of_that_day(projecting: Projecting) -> None:
    projecting.given(
        _published("vn", {"code": "recognized"}, {"code": "exemplary"}, taxonomy="tier"),
        _tiers_of_the_province(valid_from="2022-11-01"),
        registered("1", unit_id="bk-1", occurred_on="2022-03-01"),
        recognized("1", occurred_on="2022-10-31"),
        revoked("1", occurred_on="2022-11-02"),
    )
    assert _tiers(projecting) == [(None, 0)]
    projecting.given(recognized("1", "gioi", occurred_on="2022-11-03"))
    assert _tiers(projecting) == [("exemplary", 1)]


def test_fields_and_blocks_are_said_on_the_day_of_the_registration(projecting: Projecting) -> None:
    projecting.given(
        _published("vn", {"code": "economy"}),
        _published(
            "bk", {"code": "kinh_te", "crosswalk": {"vn": "economy"}}, valid_from="2022-06-01"
        ),
        registered("1", unit_id="bk-1", occurred_on="2022-03-01", field_code="economy"),
        recognized("1", occurred_on="2022-12-01"),
    )
    assert [(row["field"], row["recognized"]) for row in projecting.rows("field")] == [
        ("economy", 1)
    ]
