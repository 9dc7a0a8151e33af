"""Codes by the words of offices: taxonomies in force, and the closed lists of the contract."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.lists.matching.candidates import Match, by_plain_name, nearest
from services.lists.matching.units import UnitsOfDay
from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary.code_words import CODE_WORDS
from shared.vocabulary.vietnamese import plain

_CODE = re.compile(ID_PATTERN)
_NUMBERED = re.compile(r"^\s*(?:\d{1,2}|[ivx]{1,5}|[a-z])\s*[.)/-]\s*", re.IGNORECASE)
_OFFICE_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "registration_kind": {
        "new": ("mới", "đăng ký mới", "xây dựng mới", "mô hình mới", "làm mới"),
        "maintained": ("duy trì", "tiếp tục duy trì", "duy trì, nhân rộng", "tiếp tục", "cũ"),
        "pre_existing": ("đã có", "đã có từ trước", "có sẵn"),
    },
    "owner_kind": {
        "collective": ("tập thể", "tt"),
        "individual": ("cá nhân", "cn"),
        "household": ("hộ gia đình", "hộ", "gia đình"),
    },
    "level": {
        "grassroots": ("cơ sở", "cấp cơ sở", "cấp xã", "xã"),
        "district": ("huyện", "cấp huyện"),
        "province": ("tỉnh", "cấp tỉnh", "thành phố"),
        "centre": ("trung ương", "cấp trung ương"),
    },
    "subject_form": {
        "model": ("mô hình", "mh"),
        "exemplar": ("điển hình", "đh", "gương điển hình"),
    },
    "tier": {
        "recognized": ("công nhận", "được công nhận", "khéo"),
        "exemplary": ("điển hình", "tiêu biểu"),
    },
    "basis_kind": {
        "model": ("mô hình", "theo mô hình"),
        "career": ("quá trình", "cống hiến", "quá trình cống hiến"),
        "contest": ("cuộc thi", "hội thi"),
        "period": ("giai đoạn", "tổng kết giai đoạn"),
    },
    "qualifier": {
        "exact": ("đúng", "chính xác", ""),
        "more_than": ("hơn", "trên", "hơn, trên"),
        "approx": ("khoảng", "gần", "ước"),
    },
    "nature": {
        "flow": ("trong kỳ", "phát sinh", "cộng dồn được"),
        "stock": ("hiện có", "đến nay", "lũy kế"),
    },
}
"""Further words for codes of the contract, besides those of `shared/vocabulary/code_words.py`."""


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code and the name under which the reader knows it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PublishedTaxonomy:
    """A version of a taxonomy as the registry lists it; `valid_to` is exclusive."""

    taxonomy: str
    jurisdiction_unit_id: str
    valid_from: date
    valid_to: date | None
    entries: tuple[NamedCode, ...]
    position: int

    def holds_on(self, day: date) -> bool:
        """Say whether the version is valid on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class CodeList:
    """Codes that a cell may mean, found by code or by name.

    An open list takes any text with the form of a code: no taxonomy is in force, or localities may
    add codes of their own.
    """

    def __init__(self, named: Iterable[tuple[str, NamedCode]], *, is_open: bool = False) -> None:
        pairs = list(named)
        self._is_open = is_open
        self.codes: tuple[NamedCode, ...] = tuple(dict.fromkeys(code for _, code in pairs))
        self._by_name = by_plain_name(pairs)
        self._by_code = {code.code: code for code in self.codes}

    def find(self, text: str) -> Match[NamedCode]:
        """Return the code that a text means; a number before a name is passed over."""
        if text in self._by_code:
            return Match(self._by_code[text])
        for reading in (text, _NUMBERED.sub("", text)):
            found = self._by_name.get(plain(reading), ())
            if len(found) == 1:
                return Match(found[0])
            if found:
                return Match(None, tuple(found))
        if self._is_open and _CODE.fullmatch(text):
            return Match(NamedCode(text, text))
        return Match(None, nearest(text, self._by_name))


class ListedTaxonomies:
    """All published taxonomies: which one is in force for a unit on a day."""

    def __init__(self, versions: Sequence[PublishedTaxonomy]) -> None:
        self._versions = sorted(versions, key=lambda each: -each.position)

    def in_force(self, taxonomy: str, unit_id: str, day: date, units: UnitsOfDay) -> CodeList:
        """Return the codes of the nearest jurisdiction upward; without one, those of the contract.

        The rule is the contract's: of the versions valid on the day the latest recorded holds.
        """
        for jurisdiction in units.path(unit_id):
            for version in self._versions:
                place = (version.taxonomy, version.jurisdiction_unit_id)
                if place == (taxonomy, jurisdiction) and version.holds_on(day):
                    return CodeList((entry.name, entry) for entry in version.entries)
        return contract_codes(taxonomy, is_open=True)


def contract_codes(column: str, *, is_open: bool = False) -> CodeList:
    """Return the codes that the contract has for a column, by every word that offices use."""
    named = []
    for code, (vi, en) in CODE_WORDS.get(column, {}).items():
        entry = NamedCode(code, vi)
        words = _OFFICE_WORDS.get(column, {}).get(code, ())
        named += [(word, entry) for word in (vi, en, *words)]
    return CodeList(named, is_open=is_open)
