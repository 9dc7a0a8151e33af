"""Random years: registrations and all that follows them, on a random map, in any order of recording.

The rules of the services decide what can happen; what they refuse is left out.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from shared.appending.decider import NotLoaded
from shared.vocabulary import Family
from tests.support import event_builders as say
from tests.support.cloudevents import received
from tests.support.random_maps import DAYS, FIRST_DAY
from tests.support.random_reviews import PROGRAMMES, YEARS, review
from tests.support.scenarios import History

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.events.envelope import ReceivedEvent

_FACTS = (
    *["register"] * 6,
    *["amend"] * 3,
    *["withdraw"] * 2,
    *["assess"] * 3,
    *["recognize"] * 4,
    *["revoke"] * 2,
    *["evaluate"] * 3,
    *["decline"] * 2,
    "discontinue",
    *["replicate"] * 3,
    *["commend"] * 3,
    *["grant"] * 3,
    *["of award"] * 4,
    "propose",
    *["inspect"] * 2,
    *["report"] * 3,
    *["publish"] * 4,
    *["define"] * 2,
    *["retract"] * 2,
)
_RETRACTABLE = {
    "ModelDiscontinued",
    "OutcomeReported",
    "InspectionConducted",
    "OrganizationDefined",
    "TaxonomyPublished",
    "ModelReplicated",
    "ExemplarCommended",
    "ReviewSessionHeld",
}
_CODES = {
    "field": ("economy", "culture", "security"),
    "block": ("commune", "school"),
    "tier": ("recognized", "exemplary", "model_of_models"),
    "organization_kind": ("chi_bo", "hoi"),
}
_KINDS = ("chi_bo", "Chi_Bo", "hoi", "hội", "chi_boo")


def lived(map_events: Sequence[ReceivedEvent], seed: int, facts_each: int = 4) -> History:
    """Return a history in which facts are recorded between the events of the map."""
    return _Life(seed).live(map_events, facts_each)


class _Life:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.history = History()
        self.retractable: list[ReceivedEvent] = []
        self.units: list[str] = []
        self.count = 0

    def live(self, map_events: Sequence[ReceivedEvent], facts_each: int) -> History:
        for event in map_events:
            if not self._may(event):
                continue  # a unit that a fact names by now cannot be taken back
            self.history.record(event)
            opened = getattr(event.payload, "opened_ids", set)()
            self.units += [*opened, *([event.payload.unit_id] if event.payload.unit_id else [])]
            for _ in range(facts_each):
                fact = self._fact(self.random.choice(_FACTS))
                if fact is not None and self._may(fact):
                    recorded = self.history.record(fact, service=_service(fact))
                    if recorded.type.split(".")[1] in _RETRACTABLE:
                        self.retractable.append(fact)
        return self.history

    def _may(self, fact: ReceivedEvent) -> bool:
        try:
            return self.history.when(fact, service=_service(fact)).accepted
        except NotLoaded:
            return False

    def _day(self) -> str:
        return (FIRST_DAY + timedelta(days=self.random.randrange(DAYS + 2))).isoformat()

    def _registration(self) -> str:
        return str(self.random.randrange(1, 9))

    def _award(self) -> str:
        return str(self.random.randrange(1, 5))

    def _org(self) -> str | None:
        return self.random.choice(["o-1", "o-2", "o-3", None])

    def _unit(self) -> str:
        return self.random.choice(self.units)

    def _fact(  # noqa: PLR0911  one return for each kind of event
        self, kind: str
    ) -> ReceivedEvent | None:
        pick, day = self.random.choice, self._day()
        match kind:
            case "register":
                return self._register(day)
            case "amend":
                changes = pick(
                    [
                        {"unit_id": self._unit()},
                        {"occurred_on": self._day()},
                        {"field_code": pick(_CODES["field"]), "block_code": pick(_CODES["block"])},
                        {"owner_org_id": self._org()},
                        {"level": None},
                        {"forces": [{"org_id": "o-3"}]},
                    ]
                )
                data = {"registration_id": f"r-{self._registration()}", "reason": "sửa"}
                return received("ModelAmended", {**data, "changes": changes, "occurred_on": day})
            case "withdraw":
                return say.withdrawn(self._registration(), occurred_on=day)
            case "assess":
                data = {"registration_id": f"r-{self._registration()}", "occurred_on": day}
                return received("EligibilityAssessed", {**data, "eligible": pick([True, False])})
            case "recognize":
                decision = {"kind": "decision", **pick([{}, {"number": "01-QĐ/TU"}])}
                tier, org = pick(_CODES["tier"]), pick(["o-1", "o-2"])
                return say.recognized(
                    self._registration(),
                    tier,
                    occurred_on=day,
                    decision=decision,
                    decided_by_org_id=org,
                )
            case "revoke":
                return say.revoked(self._registration(), occurred_on=day)
            case "evaluate" | "decline" | "replicate" | "commend":
                return review(kind, day, self.random, self.units)
            case "discontinue":
                stated = {"plan_year": pick(YEARS), "occurred_on": day, **pick(PROGRAMMES)}
                return say.discontinued(pick("123"), **stated)
            case "propose":
                stated = {"unit_id": self._unit(), "plan_year": pick(YEARS), **pick(PROGRAMMES)}
                return say.proposed(self._award(), occurred_on=day, **stated)
            case "grant":
                return self._grant(day)
            case "of award":
                return self._of_award(day)
            case "inspect":
                return self._inspect(day)
            case "report":
                return self._report(day)
            case "publish":
                return self._publish(day)
            case "define":
                org = pick(["o-1", "o-2", "o-3"])
                data = {"org_id": org, "name": org, "kind": pick(_KINDS), "unit_id": self._unit()}
                return received("OrganizationDefined", {**data, "occurred_on": day})
            case _:
                return self._retract()

    def _register(self, day: str) -> ReceivedEvent:
        pick = self.random.choice
        return say.registered(
            self._registration(),
            model_id=f"m-{pick('123')}",
            plan_year=pick(YEARS),
            unit_id=self._unit(),
            occurred_on=day,
            registration_kind=pick(["new", "pre_existing"]),
            owner_kind=pick(["collective", "individual"]),
            owner_org_id=self._org(),
            field_code=pick(_CODES["field"]),
            block_code=pick(_CODES["block"]),
            level=pick(["grassroots", None]),
            **pick(PROGRAMMES),
        )

    def _grant(self, day: str) -> ReceivedEvent:
        pick = self.random.choice
        numbers = self.random.sample("12345678", pick([0, 1, 1, 2]))
        return say.granted(
            self._award(),
            unit_id=self._unit(),
            plan_year=pick(YEARS),
            occurred_on=day,
            award_form=pick(["giay_khen", "bang_khen"]),
            grantor_org_id=pick(["o-1", "o-2"]),
            recipient={"kind": "collective", **pick([{}, {"org_id": "o-1"}, {"org_id": "o-3"}])},
            basis=say.for_registrations(*numbers),
            decision={"kind": "decision", **pick([{}, {"number": "02-QĐ/UBND"}])},
        )

    def _of_award(self, day: str) -> ReceivedEvent:
        pick = self.random.choice
        name = pick(["AwardAmended", "AwardAmended", "AwardPresented", "AwardRevoked"])
        more: dict[str, Any] = {} if name == "AwardPresented" else {"reason": "vì vậy"}
        if name == "AwardAmended":
            more["changes"] = pick(
                [
                    {"unit_id": self._unit()},
                    {"plan_year": pick(YEARS)},
                    {"award_form": "bang_khen"},
                    {"basis": say.for_registrations(self._registration())},
                    {"recipient": {"kind": "household", "org_id": "o-1"}},
                ]
            )
        return say.of_award(name, self._award(), occurred_on=day, **more)

    def _inspect(self, day: str) -> ReceivedEvent:
        pick = self.random.choice
        data = {
            "inspection_id": f"i-{self._registration()}",
            "plan_year": pick(YEARS),
            "unit_id": self._unit(),
            "scopes": ["DVK"],
            "org_id": self._org(),
            "registration_ids": [f"r-{self._registration()}" for _ in range(pick([0, 0, 1, 2]))],
            "occurred_on": day,
            **pick(PROGRAMMES),
        }
        return received("InspectionConducted", data)

    def _report(self, day: str) -> ReceivedEvent:
        pick = self.random.choice
        reporter = pick(
            [
                {"registration_id": f"r-{self._registration()}"},
                {"unit_id": self._unit(), "plan_year": pick(YEARS), **pick(PROGRAMMES)},
            ]
        )
        data = {
            "outcome_id": f"x-{pick('12345')}",
            "metric": pick(["workdays", "money_vnd"]),
            "value": pick([0, 7, 1.5, 0.125, 9_007_199_254_740_991]),
            "qualifier": pick(["exact", "exact", "more_than", "approx"]),
            "nature": pick(["flow", "stock"]),
            "interval": {"from": "2020-01-01", "to": pick(["2020-06-30", "2020-12-31"])},
            "occurred_on": day,
        }
        return received("OutcomeReported", {**reporter, **data})

    def _publish(self, day: str) -> ReceivedEvent:
        """Publish a taxonomy of any unit, with a crosswalk to those of some others."""
        pick = self.random.choice
        kind = pick(list(_CODES))
        codes = self.random.sample(_CODES[kind], pick([1, *[len(_CODES[kind])] * 3]))
        data = {
            "taxonomy": kind,
            "jurisdiction_unit_id": pick([self.units[0], self._unit()]),
            "version": str(pick([1, 2])),
            "valid_from": pick([FIRST_DAY.isoformat(), self._day()]),
            "valid_to": pick([None, None, self._day(), "2020-12-31", "2021-01-01", "2021-12-31"]),
            "entries": [
                {
                    "code": code,
                    "name": code,
                    "crosswalk": {
                        unit: pick([*_CODES[kind], None])
                        for unit in self.random.sample(
                            self.units, pick([0, *[len(self.units)] * 3])
                        )
                    },
                }
                for code in codes
            ],
            "occurred_on": day,
        }
        return received("TaxonomyPublished", data)

    def _retract(self) -> ReceivedEvent | None:
        if not self.retractable:
            return None
        event = self.retractable.pop(self.random.randrange(len(self.retractable)))
        return say.retracted(event)


def _service(fact: ReceivedEvent) -> Family | None:
    """Return who takes a retraction back: the service that accepted the event."""
    of_evaluation = ("inspection/", "commendation/", "session/")
    return Family.EVALUATION if fact.subject.startswith(of_evaluation) else None
