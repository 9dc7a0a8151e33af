"""The events on which a year's figures depend, so that a year can be exported without others.

These are the whole map, taxonomies and organisations, keys and grants; the streams of the year's
registrations, awards, inspections and outcomes; and the streams of other years that these name.
Once trust began, also the other registrations of their models: a publisher of a model must have a
right for the units of all of them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ALWAYS = ("unit/", "reorganization/", "taxonomy/", "organization/", "trust/", "publisher/")


class YearSelection:
    """Reads every event of the log once; then says of each subject whether it is selected.

    A subject is selected with its whole stream, retractions included, as events supersede others.
    """

    def __init__(self, plan_year: int) -> None:
        self._year = plan_year
        self._chosen: set[str] = set()
        self._registrations_of: defaultdict[str, set[str]] = defaultdict(set)
        self._stated: set[str] = set()
        self._of_no_stated_year: set[str] = set()
        self._awards: defaultdict[str, set[str]] = defaultdict(set)
        self._reporters: defaultdict[str, set[str]] = defaultdict(set)
        self._named: set[str] = set()
        self._inspections: defaultdict[str, set[str]] = defaultdict(set)
        self._trust_began = False

    def see(self, subject: str, data: Mapping[str, Any]) -> None:
        """Read an event; `data` is its payload, of any version."""
        kind = subject.partition("/")[0]
        stated = {**data, **(data.get("changes") or {})}
        of_the_year = stated.get("plan_year") == self._year
        registrations = _registrations(stated)
        if kind == "registration" and "model_id" in data:
            self._registrations_of[data["model_id"]].add(data["registration_id"])
        elif kind == "award":
            self._awards[subject] |= registrations
        elif kind == "outcome":
            self._reporters[subject] |= registrations
        elif kind == "inspection":
            self._inspections[subject] |= registrations
        elif kind == "model" and of_the_year:
            self._stated.add(subject.removeprefix("model/"))
        elif kind == "model" and stated.get("plan_year") is None:
            self._of_no_stated_year.add(subject.removeprefix("model/"))
        elif kind == "figure" and self._touches(data):
            self._chosen.add(subject)
        elif kind == "trust":
            self._trust_began = True
        if of_the_year:
            self._chosen.add(subject)

    def settle(self) -> None:
        """Add the subjects that the selected ones name, after the last event."""
        chosen = (named for each, named in self._inspections.items() if each in self._chosen)
        self._named.update(*chosen)
        own = {each.removeprefix("registration/") for each in self._chosen}
        for model_id in self._of_no_stated_year:
            # Its year is that of one of the model's registrations.
            if self._registrations_of[model_id] & own:
                self._chosen.add(f"model/{model_id}")
                self._stated.add(model_id)
        for model_id in self._stated:
            # It counts under one of the model's registrations, of any year.
            self._named |= self._registrations_of[model_id]
        for outcome, registrations in self._reporters.items():
            if registrations & own:
                self._chosen.add(outcome)
            if outcome in self._chosen:
                self._named |= registrations
        named = {r for award in self._awards if award in self._chosen for r in self._awards[award]}
        for award, registrations in self._awards.items():
            # One that shares a registration may be a duplicate of this award.
            if registrations & named:
                self._chosen.add(award)
                self._named |= registrations
        self._chosen |= {f"registration/{each}" for each in self._named}
        if self._trust_began:
            self._add_models()

    def _add_models(self) -> None:
        """Add all registrations of the models of those selected, and what was stated of them."""
        for model_id, registrations in self._registrations_of.items():
            subjects = {f"registration/{each}" for each in registrations}
            if subjects & self._chosen or f"model/{model_id}" in self._chosen:
                self._chosen |= subjects

    def chooses(self, subject: str) -> bool:
        """Say whether the events of a subject belong to the selection."""
        return subject.startswith(_ALWAYS) or subject in self._chosen

    def _touches(self, data: Mapping[str, Any]) -> bool:
        period = data.get("period") or {}
        first, last = ((period.get(end) or "")[:4] for end in ("from", "to"))
        return (first or last) <= str(self._year) <= (last or first)


def _registrations(data: Mapping[str, Any]) -> set[str]:
    """Return the registrations that an event names."""
    basis: Mapping[str, Any] = data.get("basis") or {}
    found: Iterable[str] = (
        *(data.get("registration_ids") or ()),
        *(basis.get("registration_ids") or ()),
    )
    return {*found, *((data["registration_id"],) if data.get("registration_id") else ())}
