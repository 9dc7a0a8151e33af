"""A table by field, block or tier speaks the taxonomy of its scope on the last day of the year."""

from typing import Any

from tests.support.cloudevents import received
from tests.support.happenings import recognized, registered
from tests.support.projecting import Projecting


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
