"""What is counted, read straight from the contract, slowly: the oracle for the figures.

Every question goes through the whole log again with plain dictionaries; nothing of the services is
used but the typed payloads. The map is that of `naive_territory`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shared.events.awards import AwardAmended, AwardGranted, AwardPresented, AwardRevoked
from shared.events.inspections import InspectionConducted
from shared.events.organizations import OrganizationDefined
from shared.events.outcomes import OutcomeReported
from shared.events.registrations import (
    ModelAmended,
    ModelDiscontinued,
    ModelRegistered,
    RegistrationWithdrawn,
)
from shared.events.retraction import EventRetracted
from shared.events.reviews import EligibilityAssessed, ModelRecognized, RecognitionRevoked
from tests.support.naive_territory import NaiveMap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from shared.events.envelope import RecordedEvent

DEFAULT = "dan_van_kheo"
_UNIT_STREAMS = ("unit/", "reorganization/")
Cell = tuple[Any, ...]
_Reported = tuple[dict[str, Any], dict[str, Any]]


class NaiveBooks:
    """All that is known after some events of the log."""

    def __init__(self, events: Sequence[RecordedEvent]) -> None:
        retracted = {
            (e.payload.retracts.source, e.payload.retracts.id)
            for e in events
            if isinstance(e.payload, EventRetracted)
        }
        standing = [e for e in events if tuple(e.key) not in retracted]
        units = [e.payload for e in standing if e.subject.startswith(_UNIT_STREAMS)]
        self.map = NaiveMap([u for u in units if not isinstance(u, EventRetracted)])
        self.registrations: dict[str, dict[str, Any]] = {}
        self.discontinued: dict[tuple[str, int], str | None] = {}
        self.awards: dict[str, dict[str, Any]] = {}
        self.inspections: list[dict[str, Any]] = []
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.organizations: set[str] = set()
        for event in standing:
            self._take(event.payload, event.position)

    def _take(self, data: Any, position: int) -> None:
        match data:
            case ModelRegistered():
                self.registrations[data.registration_id] = {
                    **{name: getattr(data, name) for name in ModelRegistered.model_fields},
                    "programme": data.programme or DEFAULT,
                    "recorded": position,
                    "withdrawn": False,
                    "eligible": False,
                    "tier": None,
                    "revoked": False,
                    "decision": None,
                    "decided_by": None,
                }
            case ModelAmended():
                self.registrations[data.registration_id].update(data.changes.stated())
            case RegistrationWithdrawn():
                self.registrations[data.registration_id]["withdrawn"] = True
            case EligibilityAssessed():
                self.registrations[data.registration_id]["eligible"] = data.eligible
            case ModelRecognized():
                self.registrations[data.registration_id].update(
                    tier=data.tier,
                    revoked=False,
                    decision=data.decision,
                    decided_by=data.decided_by_org_id,
                )
            case RecognitionRevoked():
                self.registrations[data.registration_id].update(
                    tier=None, revoked=True, decision=None, decided_by=None
                )
            case ModelDiscontinued():
                self.discontinued[data.model_id, data.plan_year] = data.programme
            case AwardGranted():
                self.awards[data.award_id] = {
                    **{name: getattr(data, name) for name in AwardGranted.model_fields},
                    "recorded": position,
                    "presented": False,
                    "revoked": False,
                }
            case AwardAmended():
                self.awards[data.award_id].update(data.changes.stated())
            case AwardPresented():
                self.awards[data.award_id]["presented"] = True
            case AwardRevoked():
                self.awards[data.award_id]["revoked"] = True
            case InspectionConducted():
                self.inspections.append(
                    {name: getattr(data, name) for name in InspectionConducted.model_fields}
                )
            case OutcomeReported():
                self.outcomes[data.outcome_id] = {
                    **{name: getattr(data, name) for name in OutcomeReported.model_fields},
                    "recorded": position,
                }
            case OrganizationDefined():
                self.organizations.add(data.org_id)
            case _:
                pass

    # -- where

    def row(self, unit_id: str, own_day: date, scope: str, day: date | None) -> Cell | None:
        """Return (row,) of a table by unit of the scope, None when it lies outside."""
        at, allocated, _ = self.map.place(unit_id, day or own_day)
        path = self.map.path(at, day or own_day) if at else ()
        if scope not in path:
            return None
        below = path[path.index(scope) + 1 :]
        if below:
            return (below[0],)
        return (scope if allocated else None,)

    # -- what

    def things(self, year: int) -> Iterator[tuple[dict[str, Any], set[str], Any]]:
        """Yield what counts in a year: its dimensions, its measures and flags, its organisation."""
        for each in self.registrations.values():
            if each["plan_year"] == year:
                yield _dimensions(each), self._registration_counts(each), each["owner_org_id"]
        for (model_id, of_year), programme in self.discontinued.items():
            if of_year == year:
                under = _dimensions(self._nearest(model_id, year))
                yield (
                    {**under, "programme": programme or under["programme"]},
                    {"discontinued"},
                    None,
                )
        for each in self.awards.values():
            if each["plan_year"] == year:
                yield (
                    {
                        "programme": self._award_programme(each),
                        "unit_id": each["unit_id"],
                        "occurred_on": each["occurred_on"],
                        "award_form": each["award_form"],
                        "recipient_kind": each["recipient"].kind,
                    },
                    self._award_counts(each),
                    None,
                )
        for each in self.inspections:
            if each["plan_year"] == year:
                inspected = ("org", each["org_id"]) if each["org_id"] else ("u", each["unit_id"])
                where = {name: each[name] for name in ("unit_id", "occurred_on")}
                programme = each["programme"] or self._joint(each["registration_ids"])
                yield {**where, "programme": programme}, {"inspected_units"}, inspected

    def _nearest(self, model_id: str, year: int) -> dict[str, Any]:
        own = [each for each in self.registrations.values() if each["model_id"] == model_id]
        not_after = [each for each in own if each["plan_year"] <= year]
        if not_after:
            last = max(each["plan_year"] for each in not_after)
        else:
            last = min(each["plan_year"] for each in own)
        of_it = [each for each in own if each["plan_year"] == last]
        return max(of_it, key=lambda each: (not each["withdrawn"], each["recorded"]))

    def _registration_counts(self, each: dict[str, Any]) -> set[str]:
        counts = {"withdrawn"} if each["withdrawn"] else {"registered"}
        if each["eligible"] and not each["withdrawn"]:
            counts.add("eligible")
        if each["tier"]:
            counts |= {"recognized", "recognized_organizations"}
            if each["tier"] == "exemplary":
                counts.add("exemplary")
            if not each["eligible"]:
                counts.add("recognized_without_eligible")
            if not each["decision"].number:
                counts.add("decision_without_number")
        if each["revoked"]:
            counts.add("revoked")
        named = {each["owner_org_id"], each["decided_by"]} - {None}
        named |= {force.org_id for force in each["forces"] or ()}
        if named - self.organizations:
            counts.add("unknown_organization")
        return counts

    def _award_counts(self, each: dict[str, Any]) -> set[str]:
        if each["revoked"]:
            return {"awards_revoked"}
        counts = {"awards_granted"}
        if each["presented"]:
            counts.add("awards_presented")
        if not each["decision"].number:
            counts.add("decision_without_number")
        if {each["grantor_org_id"], each["recipient"].org_id} - {None} - self.organizations:
            counts.add("unknown_organization")
        if any(self._is_same(each, other) for other in self.awards.values()):
            counts.add("possible_duplicate_award")
        return counts

    @staticmethod
    def _is_same(later: dict[str, Any], earlier: dict[str, Any]) -> bool:
        who = later["recipient"]
        return (
            earlier["recorded"] < later["recorded"]
            and not earlier["revoked"]
            and bool(who.org_id or who.person_ref or who.unit_id)
            and earlier["recipient"] == who
            and earlier["award_form"] == later["award_form"]
            and bool(
                {*(earlier["basis"].registration_ids or ())}
                & {*(later["basis"].registration_ids or ())}
            )
        )

    def _award_programme(self, each: dict[str, Any]) -> str:
        return each["programme"] or self._joint(each["basis"].registration_ids)

    def _joint(self, registration_ids: Sequence[str] | None) -> str:
        programmes = {self.registrations[r]["programme"] for r in registration_ids or ()}
        return programmes.pop() if len(programmes) == 1 else DEFAULT

    # -- figures

    def cells(
        self, scope: str, year: int, day: date | None, by: Sequence[str], programme: str = DEFAULT
    ) -> dict[Cell, Counter[str]]:
        """Return the figures of each cell of a table, zeros left out."""
        sums: dict[Cell, Counter[str]] = defaultdict(Counter)
        organizations: dict[tuple[Cell, str], set[Any]] = defaultdict(set)
        for dimensions, counts, organization in self.things(year):
            row = self.row(dimensions["unit_id"], dimensions["occurred_on"], scope, day)
            if row is None or dimensions["programme"] != programme:
                continue
            if not all(each == "unit" or each in dimensions for each in by):
                continue
            cell = tuple(row[0] if each == "unit" else dimensions[each] for each in by)
            for name in counts:
                if name in {"recognized_organizations", "inspected_units"}:
                    if organization is not None:
                        organizations[cell, name].add(organization)
                else:
                    sums[cell][name] += 1
        for (cell, name), different in organizations.items():
            sums[cell][name] = len(different)
        return dict(sums)

    def quality(self, scope: str, year: int, day: date | None) -> tuple[int, bool]:
        """Return how many registrations were carried, and whether anything is approximate."""
        carried, approximate = 0, False
        for each in self.registrations.values():
            if each["plan_year"] != year or each["withdrawn"] or each["programme"] != DEFAULT:
                continue
            if self.row(each["unit_id"], each["occurred_on"], scope, day) is None:
                continue
            _, allocated, near = self.map.place(each["unit_id"], day or each["occurred_on"])
            carried += not allocated
            approximate = approximate or near
        return carried, approximate or carried > 0

    def outcome_sums(
        self, scope: str, year: int, day: date | None
    ) -> dict[tuple[str, str], tuple[Decimal, str]]:
        """Return (value, qualifier) by metric and nature."""
        flows: dict[tuple[str, str], list[_Reported]] = defaultdict(list)
        stocks: dict[tuple[str, Any], list[_Reported]] = defaultdict(list)
        for each in self.outcomes.values():
            home = self.registrations.get(each["registration_id"] or "") or each
            if home["plan_year"] != year or (home["programme"] or DEFAULT) != DEFAULT:
                continue
            if home.get("withdrawn"):
                continue
            if each["nature"] == "flow":
                flows[each["metric"], "flow"].append((each, home))
            else:
                reporter = each["registration_id"] or ("unit", each["unit_id"])
                stocks[each["metric"], reporter].append((each, home))
        for (metric, _), reported in stocks.items():
            latest = max(reported, key=lambda pair: (pair[0]["interval"].to, pair[0]["recorded"]))
            flows[metric, "stock"].append(latest)
        inside = {
            key: [
                each
                for each, home in parts
                if self.row(home["unit_id"], home["occurred_on"], scope, day) is not None
            ]
            for key, parts in flows.items()
        }
        return {key: _joint_sum(parts) for key, parts in inside.items() if parts}


def _dimensions(each: dict[str, Any]) -> dict[str, Any]:
    return {
        "programme": each["programme"],
        "unit_id": each["unit_id"],
        "occurred_on": each["occurred_on"],
        "field": each["field_code"],
        "block": each["block_code"],
        "owner_kind": each["owner_kind"],
        "registration_kind": each["registration_kind"],
        "level": each["level"],
        "tier": each["tier"],
    }


def _joint_sum(parts: Sequence[dict[str, Any]]) -> tuple[Decimal, str]:
    qualifiers = {str(part["qualifier"]) for part in parts}
    joint = "approx" if "approx" in qualifiers else max(qualifiers)  # "more_than" > "exact"
    return sum((part["value"] for part in parts), Decimal(0)), joint
