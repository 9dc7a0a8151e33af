"""Titles that are nearly those of registrations of the same owner, as a correction leaves them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from services.lists.matching.registrations import ListedRegistration
from shared.vocabulary.vietnamese import plain

LIKENESS = 0.85
"""The likeness of plain titles (difflib's ratio) from which they may be one."""
_ALL_COMPARED = 30
_NEIGHBOURS = 6


class NearTitles:
    """Registrations by unit and owner, to be found by a title like theirs."""

    def __init__(self, registrations: Iterable[ListedRegistration]) -> None:
        owned: dict[tuple[str, str | None], list[ListedRegistration]] = {}
        for each in registrations:
            owned.setdefault((each.unit_id, each.owner_org_id), []).append(each)
        self._of_owners = {owner: _OwnersTitles(listed) for owner, listed in owned.items()}

    def find(self, title: str, unit_id: str, owner_org_id: str | None) -> ListedRegistration | None:
        """Return the registration whose title is most like this one; None where none is near."""
        of_owner = self._of_owners.get((unit_id, owner_org_id))
        return of_owner.nearest(plain(title)) if of_owner else None

    def remove(self, registration: ListedRegistration) -> None:
        """Leave out a registration that a row was found to be."""
        self._of_owners[registration.unit_id, registration.owner_org_id].remove(registration)


class _OwnersTitles:
    """The titles of one owner; of very many only the neighbours in the alphabet are compared.

    What is so much alike begins or ends alike.
    """

    def __init__(self, listed: Sequence[ListedRegistration]) -> None:
        self._forward = sorted((plain(each.title), each.registration_id) for each in listed)
        self._backward = sorted((title[::-1], identity) for title, identity in self._forward)
        self._by_id = {each.registration_id: each for each in listed}

    def nearest(self, title: str) -> ListedRegistration | None:
        neighbours = {identity: known for known, identity in _around(self._forward, title)}
        for known, identity in _around(self._backward, title[::-1]):
            neighbours[identity] = known[::-1]
        matcher = SequenceMatcher(None, "", title, autojunk=False)
        best, found = LIKENESS, None
        for identity, known in sorted(neighbours.items()):
            if identity not in self._by_id:
                continue
            matcher.set_seq1(known)
            if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
                continue
            likeness = matcher.ratio()
            if likeness > best or (likeness == best and found is None):
                best, found = likeness, self._by_id[identity]
        return found

    def remove(self, registration: ListedRegistration) -> None:
        self._by_id.pop(registration.registration_id, None)


def _around(titles: Sequence[tuple[str, str]], title: str) -> Sequence[tuple[str, str]]:
    if len(titles) <= _ALL_COMPARED:
        return titles
    at = bisect_left(titles, (title, ""))
    return titles[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
