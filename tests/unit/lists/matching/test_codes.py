"""Words become codes by the taxonomy in force nearest to the unit on the day."""

from datetime import date

import pytest

from services.lists.matching.codes import (
    CodeList,
    ListedTaxonomies,
    NamedCode,
    PublishedTaxonomy,
    contract_codes,
)
from services.lists.matching.units import ListUnit, UnitsOfDay

UNITS = UnitsOfDay(
    [
        ListUnit("vn", "Việt Nam", "country", None),
        ListUnit("t-1", "Tỉnh Một", "province", "vn"),
        ListUnit("x-1", "Xã Một", "commune", "t-1"),
    ]
)


def version(
    where: str, first: str, last: str | None, position: int, name: str
) -> PublishedTaxonomy:
    entries = (NamedCode(f"code-{position}", name),)
    end = date.fromisoformat(last) if last else None
    return PublishedTaxonomy("field", where, date.fromisoformat(first), end, entries, position)


TAXONOMIES = ListedTaxonomies(
    [
        version("vn", "2009-01-01", None, 1, "Kinh tế"),
        version("t-1", "2022-01-01", "2023-01-01", 2, "Kinh tế"),
        version("t-1", "2022-01-01", "2023-01-01", 3, "Kinh tế"),
    ]
)


@pytest.mark.parametrize(
    ("day", "code"),
    [("2021-12-31", "code-1"), ("2022-01-01", "code-3"), ("2023-01-01", "code-1")],
)
def test_the_latest_version_of_the_nearest_jurisdiction_is_in_force(day: str, code: str) -> None:
    codes = TAXONOMIES.in_force("field", "x-1", date.fromisoformat(day), UNITS)
    found = codes.find("2. KINH TẾ").found
    assert found is not None
    assert found.code == code


def test_without_a_taxonomy_only_a_code_is_taken() -> None:
    codes = TAXONOMIES.in_force("block", "x-1", date(2022, 5, 1), UNITS)
    assert codes.find("khoi-1").found == NamedCode("khoi-1", "khoi-1")
    assert codes.find("Khối hành chính").found is None


def test_a_word_that_is_nearly_a_name_is_suggested() -> None:
    codes = CodeList((name, NamedCode(name, name)) for name in ("Kinh tế", "Văn hóa", "Quốc phòng"))
    match = codes.find("Kinh té xã hội")
    assert (match.found, match.suggestions) == (None, (NamedCode("Kinh tế", "Kinh tế"),))


@pytest.mark.parametrize(
    ("column", "word", "code"),
    [
        ("registration_kind", "đăng ký mới", "new"),
        ("registration_kind", "Duy trì", "maintained"),
        ("owner_kind", "TẬP THỂ", "collective"),
        ("owner_kind", "hộ gia đình", "household"),
        ("level", "Cấp tỉnh", "province"),
        ("tier", "Điển hình", "exemplary"),
        ("award_form", "bằng khen", "bang_khen"),
        ("qualifier", "hơn", "more_than"),
        ("metric", "ngày công", "workdays"),
    ],
)
def test_the_words_of_offices_are_codes_of_the_contract(column: str, word: str, code: str) -> None:
    found = contract_codes(column).find(word).found
    assert found is not None
    assert found.code == code
