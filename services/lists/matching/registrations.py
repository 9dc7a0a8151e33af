"""Registrations by id, or by what a row says of them: title, owner and unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.lists.matching.candidates import Match, by_plain_name, nearest
from shared.vocabulary.vietnamese import plain


@dataclass(frozen=True, slots=True)
class ListedRegistration:
    """A registration as the ledger lists it; `position` is that of its last change."""

    registration_id: str
    model_id: str
    title: str
    unit_id: str
    owner_org_id: str | None
    position: int


class YearRegistrations:
    """The registrations of a year within a unit that are not withdrawn."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        listed = [
            ListedRegistration(
                row["registration_id"],
                row["model_id"],
                row["title"],
                row["unit_id"],
                row["owner_org_id"],
                row["position"],
            )
            for row in rows
            if not row["withdrawn"]
        ]
        self.by_id = {each.registration_id: each for each in listed}
        self._by_title = by_plain_name((each.title, each) for each in listed)

    def find(
        self, title: str, unit_id: str | None, owner_org_id: str | None
    ) -> Match[ListedRegistration]:
        """Return the registration of a title; unit and owner decide between several."""
        found: Sequence[ListedRegistration] = self._by_title.get(plain(title), [])
        if unit_id is not None:
            found = [each for each in found if each.unit_id == unit_id] or found
        if owner_org_id is not None:
            found = [each for each in found if each.owner_org_id == owner_org_id] or found
        if len(found) == 1:
            return Match(found[0])
        return Match(None, tuple(found[:3]) or nearest(title, self._by_title))
