"""The independent reading: the contract's figures, computed naively from the events.

It shares no line with the read models, so that an auditor can compare the two. Each rule reads
like its sentence in the contract ("What is counted"); results are only cached. It imports the
standard library, `independent_map` and `independent_organizations`, and nothing else.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

from services.reporting.audit.independent_map import Data, MapReading, TaxonomyReading, day_of
from services.reporting.audit.independent_organizations import UNKNOWN_KIND, OrganizationReading

ONE_DAY = timedelta(days=1)
REGISTRATION_MEASURES = (
    *("registered", "eligible", "recognized", "exemplary", "revoked", "withdrawn"),
    *("discontinued", "recognized_organizations", "evaluated", "declined", "replicated"),
)
AWARD_MEASURES = ("awards_granted", "awards_presented", "awards_revoked")
MEASURES = (*REGISTRATION_MEASURES, *AWARD_MEASURES, "inspected_units", "commended")
FLAGS = (
    *("recognized_without_eligible", "decision_without_number"),
    *("possible_duplicate_award", "unknown_organization"),
)
TAXONOMIES = ("field", "block", "tier")
REGISTRATION_DIMENSIONS = (
    *(*TAXONOMIES, "unit", "owner_kind", "registration_kind", "level"),
    "classification",
)
AWARD_DIMENSIONS = ("unit", "award_form", "recipient_kind")
DEFAULT_PROGRAMME = "dan_van_kheo"
RULES = 2
NEW_IN_RULES = {2: ("evaluated", "declined", "replicated", "commended")}
"""The measures that each later version of the counting rules added to those of version 1."""


@dataclass(slots=True)
class NaiveRegistration:
    """A registration as amended, with the decisions about it."""

    data: dict[str, Any]
    withdrawn: bool = False
    eligible: bool = False
    recognition: Data | None = None
    revoked: bool = False
    evaluation: Data | None = None
    declined: bool = False


@dataclass(slots=True)
class NaiveAward:
    """A granted award as amended."""

    data: dict[str, Any]
    presented: bool = False
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class CountedEntity:
    """An entity that is counted: its unit and day, its cells, and its measures.

    `counted` maps each measure and flag of the entity to the subject that is counted; a figure is
    the number of different subjects, for distinct counts and all others alike.
    """

    kind: str
    year: int
    programme: str
    unit: str
    day: date
    cells: Mapping[str, str | None] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    outcome: Data | None = None
    recognized_on: date | None = None


class Placed(NamedTuple):
    """An entity under a scope, with its row of a table by unit; null if carried to the scope."""

    entity: CountedEntity
    row: str | None
    carried: bool


class IndependentReading:
    """The figures of the ledger, computed from the given events.

    `events` are decoded feed items in log order, up to the position of interest. Unknown fields
    and unknown types of events are ignored.
    """

    def __init__(self, events: Iterable[Data]) -> None:
        self.map = MapReading()
        self.taxonomies = TaxonomyReading(self.map)
        self._registrations: dict[str, NaiveRegistration] = {}
        self._of_model: dict[str, list[NaiveRegistration]] = {}
        self._model_statements: dict[tuple[str, str, int], Data] = {}
        self.organizations = OrganizationReading(self.map, self.taxonomies)
        self._outcomes: dict[str, Data] = {}
        self._inspections: list[Data] = []
        self._proposed: dict[str, Data] = {}
        self._awards: dict[str, NaiveAward] = {}
        self._commendations: dict[str, Data] = {}
        self._closings: dict[tuple[str, int], dict[str, Any]] = {}
        self._fold(list(events))
        self._entities: dict[tuple[int, str], list[CountedEntity]] = {}
        for entity in self._all_entities():
            self._entities.setdefault((entity.year, entity.programme), []).append(entity)
        self._cached: dict[tuple[int, str, date | None], dict[str, list[Placed]]] = {}

    # ---- Folding the events

    def _fold(self, events: Sequence[Data]) -> None:
        """Fold all events except retracted ones, which are ignored entirely."""
        retracted = {
            (event["data"]["retracts"]["source"], event["data"]["retracts"]["id"])
            for event in events
            if event["type"] == "dvk.EventRetracted.v1"
        }
        for event in events:
            if (event["source"], event["id"]) not in retracted:
                self.map.take(event)
                self.taxonomies.take(event)
                self.organizations.take(event)
                self._take_of_registrations(event["type"], event["data"])
                self._take_of_awards(event["type"], event["data"])
                self._take_others(event["type"], event["data"], int(event["sequence"]))

    def _take_of_registrations(self, event_type: str, data: Data) -> None:
        registration_id = data.get("registration_id", "")
        match event_type:
            case "dvk.ModelRegistered.v1":
                registration = self._registrations[registration_id] = NaiveRegistration(dict(data))
                self._of_model.setdefault(data["model_id"], []).append(registration)
            case "dvk.ModelAmended.v1":
                self._registrations[registration_id].data.update(data["changes"])
            case "dvk.RegistrationWithdrawn.v1":
                self._registrations[registration_id].withdrawn = True
            case "dvk.EligibilityAssessed.v1":
                self._registrations[registration_id].eligible = data["eligible"]
            case "dvk.ModelEvaluated.v1":
                self._registrations[registration_id].evaluation = data
            case "dvk.RecognitionDeclined.v1":
                self._registrations[registration_id].declined = True
            case "dvk.ModelRecognized.v1":
                self._registrations[registration_id].recognition = data
                self._registrations[registration_id].revoked = False
                self._registrations[registration_id].declined = False
            case "dvk.RecognitionRevoked.v1":
                self._registrations[registration_id].recognition = None
                self._registrations[registration_id].revoked = True

    def _take_of_awards(self, event_type: str, data: Data) -> None:
        award_id = data.get("award_id", "")
        match event_type:
            case "dvk.AwardProposed.v1":
                self._proposed[award_id] = data
            case "dvk.AwardGranted.v1":
                # A field missing in the grant may be stated in its proposal.
                programme = data.get("programme") or self._proposed.get(award_id, {}).get(
                    "programme"
                )
                self._awards[award_id] = NaiveAward({**data, "programme": programme})
            case "dvk.AwardAmended.v1":
                self._awards[award_id].data.update(data["changes"])
            case "dvk.AwardPresented.v1":
                self._awards[award_id].presented = True
            case "dvk.AwardRevoked.v1":
                self._awards[award_id].revoked = True
            case "dvk.ExemplarCommended.v1":
                self._commendations[data["commendation_id"]] = data

    def _take_others(self, event_type: str, data: Data, position: int) -> None:
        match event_type:
            case "dvk.ModelDiscontinued.v1":
                self._model_statements["discontinued", data["model_id"], data["plan_year"]] = data
            case "dvk.ModelReplicated.v1":
                model, year = data["source_model_id"], self._year_of_replication(data)
                self._model_statements["replicated", model, year] = data
            case "dvk.InspectionConducted.v1":
                self._inspections.append(data)
            case "dvk.OutcomeReported.v1":  # replaces an earlier one with the same id
                self._outcomes.pop(data["outcome_id"], None)
                self._outcomes[data["outcome_id"]] = data
            case "dvk.PeriodClosed.v1":
                closing = {"position": data["position"], "digest": data["digest"]}
                closing["event_position"] = position
                self._closings[data["unit_id"], data["plan_year"]] = closing
            case "dvk.PeriodReopened.v1":
                self._closings.pop((data["unit_id"], data["plan_year"]), None)

    # ---- The measures of each entity

    def _all_entities(self) -> Iterator[CountedEntity]:
        for registration in self._registrations.values():
            yield self._registration(registration)
        for (measure, model, year), data in self._model_statements.items():
            yield self._model_statement(measure, model, year, data)
        duplicates = self._possible_duplicates()
        for award_id, award in self._awards.items():
            yield self._award(award_id, award, is_duplicate=award_id in duplicates)
        for commendation in self._commendations.values():
            yield self._commendation(commendation)
        for inspection in self._inspections:
            yield self._inspection(inspection)
        yield from self._reported()

    def _registration(self, registration: NaiveRegistration) -> CountedEntity:
        data, recognition = registration.data, registration.recognition
        subject = f"registration/{data['registration_id']}"
        named = {data.get("owner_org_id"), *(f.get("org_id") for f in data.get("forces") or ())}
        decision_has_number = True
        if recognition is not None:
            named.add(recognition["decided_by_org_id"])
            decision_has_number = bool(recognition["decision"].get("number"))
        counts = {
            "registered": not registration.withdrawn,
            "eligible": not registration.withdrawn and registration.eligible,
            "evaluated": not registration.withdrawn and registration.evaluation is not None,
            "declined": not registration.withdrawn and registration.declined,
            "recognized": recognition is not None,
            "exemplary": recognition is not None and recognition["tier"] == "exemplary",
            "revoked": registration.revoked,
            "withdrawn": registration.withdrawn,
            "recognized_without_eligible": recognition is not None and not registration.eligible,
            "decision_without_number": not decision_has_number,
            "unknown_organization": self.organizations.any_unknown(named),
        }
        counted = {measure: subject for measure, does in counts.items() if does}
        if recognition is not None and data.get("owner_org_id"):
            counted["recognized_organizations"] = f"organization/{data['owner_org_id']}"
        return CountedEntity(
            kind="registration",
            year=data["plan_year"],
            programme=_programme(data),
            unit=data["unit_id"],
            day=day_of(data),
            cells={
                "field": data["field_code"],
                "block": data["block_code"],
                "owner_kind": data["owner_kind"],
                "registration_kind": data["registration_kind"],
                "level": data.get("level"),
                "tier": None if recognition is None else recognition["tier"],
                "classification": (registration.evaluation or {}).get("classification"),
            },
            counted=counted,
            recognized_on=None if recognition is None else day_of(recognition),
        )

    def _year_of_replication(self, data: Data) -> int:
        """Return the stated plan year, else that of the registration nearest in time.

        Only registrations that precede it in the log count.
        """
        stated: int | None = data.get("plan_year")
        return stated or self._nearest_year(data["source_model_id"], day_of(data).year)

    def _nearest_year(self, model: str, year: int) -> int:
        """Find the largest plan year of the model's registrations not after it, else the least."""
        years: set[int] = {each.data["plan_year"] for each in self._of_model[model]}
        return max((each for each in years if each <= year), default=min(years))

    def _model_statement(self, measure: str, model: str, year: int, data: Data) -> CountedEntity:
        """Count under the dimensions of the model's registration of the nearest year.

        Of several in that year prefer one not withdrawn, then the latest recorded.
        """
        nearest = self._nearest_year(model, year)
        in_year = [each for each in self._of_model[model] if each.data["plan_year"] == nearest]
        not_withdrawn = [each for each in in_year if not each.withdrawn]
        like = self._registration((not_withdrawn or in_year)[-1])
        counted = {measure: f"model/{model}"}
        programme = data.get("programme") or like.programme
        return replace(like, kind=measure, year=year, programme=programme, counted=counted)

    def _commendation(self, data: Data) -> CountedEntity:
        return CountedEntity(
            kind="commendation",
            year=data["plan_year"],
            programme=_programme(data),
            unit=data["unit_id"],
            day=day_of(data),
            cells={"recipient_kind": data["recipient"]["kind"]},
            counted={"commended": f"commendation/{data['commendation_id']}"},
        )

    def _award(self, award_id: str, award: NaiveAward, *, is_duplicate: bool) -> CountedEntity:
        data, subject, in_force = award.data, f"award/{award_id}", not award.revoked
        named = {data["grantor_org_id"], data["recipient"].get("org_id")}
        counts = {
            "awards_granted": in_force,
            "awards_presented": in_force and award.presented,
            "awards_revoked": award.revoked,
            "decision_without_number": in_force and not data["decision"].get("number"),
            "possible_duplicate_award": in_force and is_duplicate,
            "unknown_organization": in_force and self.organizations.any_unknown(named),
        }
        basis = data["basis"].get("registration_ids")
        return CountedEntity(
            kind="award",
            year=data["plan_year"],
            programme=data["programme"] or self._agreed(basis),
            unit=data["unit_id"],
            day=day_of(data),
            cells={"award_form": data["award_form"], "recipient_kind": data["recipient"]["kind"]},
            counted={measure: subject for measure, does in counts.items() if does},
        )

    def _possible_duplicates(self) -> set[str]:
        """Find the later of two in force with one recipient, form and common registration."""
        earlier: set[tuple[str | None, ...]] = set()
        duplicates = set()
        for award_id, award in self._awards.items():
            to = award.data["recipient"]
            who = [to.get("org_id"), to.get("person_ref"), to.get("unit_id")]
            if award.revoked or not any(who):
                continue
            same = {
                (award.data["award_form"], to["kind"], *who, registration)
                for registration in award.data["basis"].get("registration_ids") or ()
            }
            if same & earlier:
                duplicates.add(award_id)
            earlier |= same
        return duplicates

    def _inspection(self, data: Data) -> CountedEntity:
        org, unit = data.get("org_id"), data["unit_id"]
        subject = f"organization/{org}" if org else f"unit/{unit}"
        programme = data.get("programme") or self._agreed(data.get("registration_ids"))
        counted = {"inspected_units": subject}
        year = data["plan_year"]
        return CountedEntity("inspection", year, programme, unit, day_of(data), counted=counted)

    def _reported(self) -> Iterator[CountedEntity]:
        """Yield all flows; of stocks each reporter's latest by end of interval, then log order."""
        taken: dict[tuple[object, ...], CountedEntity] = {}
        in_order = sorted(self._outcomes.values(), key=lambda each: str(each["interval"]["to"]))
        for data in in_order:
            entity, reporter = self._outcome(data), data.get("registration_id")
            if reporter and self._registrations[reporter].withdrawn:
                continue
            by = ("registration", reporter) if reporter else ("unit", data["unit_id"])
            flow = data["outcome_id"] if data["nature"] == "flow" else None
            taken[entity.year, entity.programme, data["metric"], *by, flow] = entity
        yield from taken.values()

    def _outcome(self, data: Data) -> CountedEntity:
        """Count the outcome of a registration where the registration counts."""
        if not data.get("registration_id"):
            programme, unit, year = _programme(data), data["unit_id"], data["plan_year"]
            return CountedEntity("outcome", year, programme, unit, day_of(data), outcome=data)
        of = self._registration(self._registrations[data["registration_id"]])
        return CountedEntity("outcome", of.year, of.programme, of.unit, of.day, outcome=data)

    def _agreed(self, registration_ids: Sequence[str] | None) -> str:
        """Return the common programme of the named registrations, else the default."""
        programmes = {_programme(self._registrations[each].data) for each in registration_ids or ()}
        return programmes.pop() if len(programmes) == 1 else DEFAULT_PROGRAMME

    # ---- Access to the map

    def units(self) -> list[str]:
        """Return the ids of all units that were ever opened."""
        return sorted(self.map.opened)

    def exists(self, unit_id: str, day: date) -> bool:
        """Say whether a unit exists on a day."""
        return self.map.exists(unit_id, day)

    def interesting_days(self) -> list[date]:
        """Return all days with unit events, and the days before and after them."""
        return sorted({day + ONE_DAY * step for day in self.map.days for step in (-1, 0, 1)})

    def _scope(self, unit_id: str | None, day: date | None) -> str | None:
        if unit_id is None:
            return self.map.country(day)
        if unit_id not in self.map.opened:
            raise LookupError(f"There is no unit {unit_id}.")
        if day is not None and not self.map.exists(unit_id, day):
            raise LookupError(f"The unit {unit_id} does not exist on {day}.")
        return unit_id

    def _under(
        self, scope: str | None, year: int, programme: str, day: date | None
    ) -> list[Placed]:
        """Find the entities of a year under a scope, each with its row of the table by unit."""
        key = (year, programme, day)
        if key not in self._cached:
            placed: dict[str, list[Placed]] = {}
            for entity in self._entities.get((year, programme), ()):
                on = day or entity.day
                place, carried = self.map.place(entity.unit, on)
                row = None if carried else place
                for unit in [] if place is None else self.map.path(place, on):
                    placed.setdefault(unit, []).append(Placed(entity, row, carried))
                    row = unit
            self._cached[key] = placed
        return [] if scope is None else self._cached[key].get(scope, [])

    # ---- Queries

    def summary(
        self,
        unit_id: str | None,
        year: int,
        *,
        day: date | None,
        programme: str = DEFAULT_PROGRAMME,
        by: Sequence[Sequence[str]] = (),
    ) -> dict[str, Any]:
        """Return the contract's scope, measures, tables, outcomes and quality of a year.

        `day` is the date of the map, None for `map=recorded`; `unit_id` None is the nation.
        Rows come in any order and without names; empty ones are left out. Raises LookupError for a
        scope that is not on the map, ValueError for a combination of dimensions that no table has.
        """
        scope = self._scope(unit_id, day)
        placed = self._under(scope, year, programme, day)
        flags = _figures(placed, FLAGS)
        flags[UNKNOWN_KIND] = len(self.organizations.of_unknown_kind(scope, day))
        return {
            "scope": None if scope is None else {"unit_id": scope},
            "measures": _figures(placed, MEASURES),
            "tables": [
                {"by": list(each), "rows": self._rows(placed, each, scope, year)} for each in by
            ],
            "outcomes": _sums([each.entity.outcome for each in placed if each.entity.outcome]),
            "quality": {
                **self._quality(
                    [each for each in placed if "registered" in each.entity.counted], day
                ),
                "flags": [{"code": code, "count": n} for code, n in flags.items() if n],
            },
        }

    def _quality(self, registered: Sequence[Placed], day: date | None) -> dict[str, Any]:
        """Count the carried registrations, and check for approximation; withdrawn ones excluded."""
        unallocated = sum(each.carried for each in registered)
        entities = [each.entity for each in registered]
        parted = any(self.map.has_given_a_part(each.unit, day or each.day) for each in entities)
        return {"unallocated": unallocated, "approximate": unallocated > 0 or parted}

    def _rows(
        self, placed: Iterable[Placed], by: Sequence[str], scope: str | None, year: int
    ) -> list[dict[str, Any]]:
        measures = _measures_of_table(by)
        cells: dict[tuple[str | None, ...], list[Placed]] = {}
        for each in placed:
            if _has(each.entity, by):
                values = self._values(each, by, scope, year)
                cells.setdefault(tuple(values.values()), []).append(each)
        rows = [(cell, _figures(entities, measures)) for cell, entities in cells.items()]
        return [
            {**dict(zip(by, cell, strict=True)), **figures}
            for cell, figures in rows
            if any(figures.values())
        ]

    def _values(
        self, placed: Placed, by: Iterable[str], scope: str | None, year: int
    ) -> dict[str, str | None]:
        """Use the taxonomy in force for the scope on the last day of the year.

        The codes of an entity are those of the taxonomy of its unit on its own day, its tier that
        of the day of its recognition.
        """
        values = {}
        for dimension in by:
            entity = placed.entity
            value = placed.row if dimension == "unit" else entity.cells[dimension]
            if dimension in TAXONOMIES and scope is not None:
                said_on = (entity.recognized_on if dimension == "tier" else None) or entity.day
                own = self.taxonomies.in_force(dimension, entity.unit, said_on)
                target = self.taxonomies.in_force(dimension, scope, date(year, 12, 31))
                value = self.taxonomies.carried(value, own, target)
            values[dimension] = value
        return values

    def counted(
        self,
        unit_id: str | None,
        year: int,
        measure: str,
        *,
        day: date | None,
        programme: str = DEFAULT_PROGRAMME,
        cell: Mapping[str, str | None] | None = None,
    ) -> list[str]:
        """Return the subjects that a measure or a flag counts in a cell, as many as the figure.

        Raises LookupError for a scope that is not on the map.
        """
        scope, wanted = self._scope(unit_id, day), dict(cell or {})
        if measure == UNKNOWN_KIND:
            return self.organizations.of_unknown_kind(scope, day, wanted)
        placed = self._under(scope, year, programme, day)
        subjects = {
            each.entity.counted[measure]
            for each in placed
            if measure in each.entity.counted
            and _has(each.entity, wanted)
            and self._values(each, wanted, scope, year) == wanted
        }
        return sorted(subjects)

    def digest(
        self,
        unit_id: str | None,
        year: int,
        position: int,
        *,
        map_stated: str = "recorded",
        day: date | None = None,
        programme: str = DEFAULT_PROGRAMME,
        rules: int = RULES,
    ) -> str:
        """Return the digest of a summary: SHA-256 of its canonical form.

        For an earlier version of the rules the measures added later are left out. With integers
        and plain keys only, sorted JSON without blanks is the canonical form of RFC 8785.
        """
        summary = self.summary(unit_id, year, day=day, programme=programme)
        later = {name for new, names in NEW_IN_RULES.items() if new > rules for name in names}
        measures = {name: n for name, n in summary["measures"].items() if name not in later}
        stated = {
            "unit_id": summary["scope"] and summary["scope"]["unit_id"],
            "map": map_stated,
            "programme": programme,
            "year": year,
            "position": position,
            "rules": rules,
            "measures": measures,
        }
        canonical = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return f"sha256:{sha256(canonical.encode()).hexdigest()}"

    def closing(self, unit_id: str, year: int) -> dict[str, Any] | None:
        """Return the closing of a year in force: `position`, `digest`, `event_position`."""
        return self._closings.get((unit_id, year))


def _programme(data: Data) -> str:
    return data.get("programme") or DEFAULT_PROGRAMME


def _figures(placed: Iterable[Placed], measures: Sequence[str]) -> dict[str, int]:
    """Return for each measure the number of different subjects."""
    subjects: dict[str, set[str]] = {measure: set() for measure in measures}
    for each in placed:
        for measure, subject in each.entity.counted.items():
            if measure in subjects:
                subjects[measure].add(subject)
    return {measure: len(counted) for measure, counted in subjects.items()}


def _measures_of_table(by: Sequence[str]) -> tuple[str, ...]:
    """Return the measures of a table: of registrations or of awards; by `unit` alone both."""
    if set(by) == {"unit"}:
        return MEASURES
    if by and set(by) <= set(REGISTRATION_DIMENSIONS):
        return REGISTRATION_MEASURES
    if by and set(by) <= set(AWARD_DIMENSIONS):
        return (*AWARD_MEASURES, *(["commended"] if "award_form" not in by else []))
    raise ValueError(f"No table has the dimensions {', '.join(by)}.")


def _has(entity: CountedEntity, dimensions: Iterable[str]) -> bool:
    return all(dimension == "unit" or dimension in entity.cells for dimension in dimensions)


def _sums(outcomes: Iterable[Data]) -> list[dict[str, Any]]:
    """Sum the reported values by metric and nature."""
    parts: dict[tuple[str, str], list[Data]] = {}
    for outcome in outcomes:
        parts.setdefault((outcome["metric"], outcome["nature"]), []).append(outcome)
    return [_sum(metric, nature, of) for (metric, nature), of in sorted(parts.items())]


def _sum(metric: str, nature: str, parts: Sequence[Data]) -> dict[str, Any]:
    """Sum up: exact if all are; more_than if some are and none is approx; else approx."""
    qualifiers = {part["qualifier"] for part in parts}
    qualifier = (
        "exact" if qualifiers == {"exact"} else "approx" if "approx" in qualifiers else "more_than"
    )
    value = sum((Fraction(str(part["value"])) for part in parts), Fraction())
    return {"metric": metric, "nature": nature, "value": _number(value), "qualifier": qualifier}


def _number(value: Fraction) -> int | float:
    """Write an integral value as an integer."""
    return value.numerator if value.denominator == 1 else float(value)
