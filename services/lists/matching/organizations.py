"""Organisations by the names that lists write; an unknown one is defined with the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.lists.matching.candidates import Match
from services.lists.matching.ids import key_id
from shared.vocabulary.vietnamese import plain, sort_key

_KINDS = (
    "ban chỉ đạo",
    "ban thường vụ",
    "chi bộ",
    "chi hội",
    "chi đoàn",
    "công an",
    "công đoàn",
    "đảng bộ",
    "đảng ủy",
    "đoàn thanh niên",
    "hội cựu chiến binh",
    "hội liên hiệp phụ nữ",
    "hội phụ nữ",
    "hội nông dân",
    "khối dân vận",
    "mặt trận",
    "trường",
    "ủy ban nhân dân",
    "ban chỉ huy quân sự",
    "doanh nghiệp",
    "công ty",
    "hợp tác xã",
    "thôn",
    "tổ dân phố",
)
"""Kinds of organisation by how their names begin."""

OTHER_KIND = "tập thể"


@dataclass(frozen=True, slots=True)
class ListedOrganization:
    """An organisation as the ledger lists it, or as a list is about to define it."""

    org_id: str
    name: str
    unit_id: str


@dataclass(slots=True)
class OrganizationNames:
    """The organisations of a scope, found by name within a unit.

    `defined` are those that rows of the list named and the ledger does not know.
    """

    known: Iterable[ListedOrganization]
    defined: dict[str, ListedOrganization] = field(default_factory=dict)
    _by_name: dict[str, list[ListedOrganization]] = field(default_factory=dict)
    _by_id: dict[str, ListedOrganization] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for organization in self.known:
            self._by_name.setdefault(sort_key(organization.name), []).append(organization)
            self._by_id[organization.org_id] = organization

    def find(self, text: str, unit_id: str) -> Match[ListedOrganization]:
        """Return the organisation that a text names, by id, or by name nearest to a unit."""
        if text in self._by_id:
            return Match(self._by_id[text])
        named = self._by_name.get(sort_key(text), [])
        here = [each for each in named if each.unit_id == unit_id] or named
        return Match(here[0]) if len(here) == 1 else Match(None, tuple(here[:3]))

    def define(self, name: str, unit_id: str) -> ListedOrganization:
        """Return the organisation that a list brings with it: one for each name and unit."""
        org_id = key_id("o", "organization", unit_id, plain(name))
        return self.defined.setdefault(org_id, ListedOrganization(org_id, name, unit_id))


def kind_of(name: str) -> str:
    """Return the kind of an organisation, by how its name begins."""
    begins = plain(name)
    return next((kind for kind in _KINDS if begins.startswith(plain(kind))), OTHER_KIND)


def definition(organization: ListedOrganization, occurred: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of the event that defines an organisation."""
    return {
        **occurred,
        "org_id": organization.org_id,
        "name": organization.name,
        "kind": kind_of(organization.name),
        "unit_id": organization.unit_id,
    }
