"""The rules of registrations and awards once more, naively: every question reads the whole log.

Written from events.md (Accepting) alone and sharing no code with the deciders, which remember
streams, forget them and load them again. Units: `vn` is always there, `xa-9` until it is closed, all
others are unknown. Taxonomies: of fields, of the country, without an end. Days are exact.
"""

from typing import Any

Event = dict[str, Any]
"""What was accepted: its `name`, `key` and `data`."""

ACCEPTED, PARKED, REFUSED = "accepted", "parked", "refused"
DEFAULT = "dan_van_kheo"
UNITS = {"vn", "xa-9"}
RETRACTABLE = {
    "ModelDiscontinued",
    "PlanIssued",
    "OutcomeReported",
    "ModelReplicated",
    "UnitClosed",
    "TaxonomyPublished",
}


class NaiveRules:
    """Answers for the next event from the list of all that were accepted."""

    def __init__(self) -> None:
        self.log: list[Event] = []

    def decide(self, name: str, data: dict[str, Any]) -> str:
        if self._waits(name, data):
            return PARKED
        rule = getattr(self, f"_{name}", _always)
        return ACCEPTED if self._named_exist(name, data) and rule(data) else REFUSED

    def accept(self, name: str, data: dict[str, Any], key: str) -> None:
        self.log.append({"name": name, "key": key, "data": data})

    def _waits(self, name: str, data: dict[str, Any]) -> bool:
        changes = data.get("changes", {})
        wanted = [data.get("registration_id") if name != "ModelRegistered" else None]
        wanted += [data.get("previous_registration_id"), changes.get("previous_registration_id")]
        for basis in (data.get("basis"), changes.get("basis")):
            wanted += (basis or {}).get("registration_ids", [])
        units = {data.get("unit_id"), changes.get("unit_id")} - {None, *UNITS}
        unknown = any(r and self._registration(r) is None for r in wanted)
        if name in {"ModelDiscontinued", "ModelReplicated"}:
            model = data.get("model_id") or data.get("source_model_id")
            unknown = unknown or not self._of("ModelRegistered", model_id=model)
        if name.startswith("Award") and name not in {"AwardProposed", "AwardGranted"}:
            unknown = unknown or self._award(data["award_id"]) is None
        return unknown or bool(units)

    def _named_exist(self, name: str, data: dict[str, Any]) -> bool:
        """Whether each unit that the event names exists on its day; a correction changes its own."""
        named = {data.get("unit_id"), (data.get("recipient") or {}).get("unit_id")} - {None}
        if name in {"ModelAmended", "UnitClosed"}:
            return True
        if name == "AwardAmended":
            named -= {(self._award(data["award_id"]) or {}).get("unit_id")}
        return all(self._exists(unit, data["occurred_on"]) for unit in named)

    # What the log says

    def _standing(self, name: str) -> list[dict[str, Any]]:
        taken = {at for at, _ in self._retracted()}
        return [self.log[at]["data"] for at in self._of(name) if at not in taken]

    def _exists(self, unit: str, day: str) -> bool:
        ends = [each["occurred_on"] for each in self._standing("UnitClosed")]
        return unit == "vn" or not ends or day < ends[0]

    def _listed(self, field_code: str, day: str) -> bool:
        in_force = [t for t in self._standing("TaxonomyPublished") if t["valid_from"] <= day]
        return not in_force or field_code in {e["code"] for e in in_force[-1]["entries"]}

    def _of(self, name: str, **equal: Any) -> list[int]:
        return [
            at
            for at, event in enumerate(self.log)
            if event["name"] == name
            and all(event["data"].get(field) == value for field, value in equal.items())
        ]

    def _registration(self, registration_id: str) -> dict[str, Any] | None:
        found = self._of("ModelRegistered", registration_id=registration_id)
        if not found:
            return None
        state = dict(self.log[found[0]]["data"])
        for at in self._of("ModelAmended", registration_id=registration_id):
            state.update(self.log[at]["data"]["changes"])
        state["withdrawn"] = bool(
            self._of("RegistrationWithdrawn", registration_id=registration_id)
        )
        state["tier"] = None
        for event in self.log:
            if event["data"].get("registration_id") == registration_id:
                if event["name"] == "ModelRecognized":
                    state["tier"] = event["data"]["tier"]
                if event["name"] == "RecognitionRevoked":
                    state["tier"] = None
        return state

    def _award(self, award_id: str) -> dict[str, Any] | None:
        state: dict[str, Any] | None = None
        for event in self.log:
            if event["data"].get("award_id") != award_id:
                continue
            name, data = event["name"], event["data"]
            if name in {"AwardProposed", "AwardGranted"}:
                steps = (state or {}).get("steps", [])
                programme = data.get("programme") or (state or {}).get("programme")
                state = {"basis": None, **data, "programme": programme, "steps": steps}
            assert state is not None
            if name == "AwardAmended":
                state.update(data["changes"])
            state["steps"] = [*state["steps"], name]
        return state

    # One row of the contract each

    def _ModelRegistered(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return (
            self._registration(data["registration_id"]) is None
            and self._is_free(data)
            and self._listed(data["field_code"], data["occurred_on"])
            and self._may_be_maintained(data)
        )

    def _ModelAmended(self, data: dict[str, Any]) -> bool:  # noqa: N802
        """What the correction touches passes the rules; what it leaves as it was is not judged."""
        current = self._registration(data["registration_id"])
        assert current is not None
        wanted = {**current, **data["changes"]}
        other = {name for name in wanted if wanted[name] != current.get(name)}
        if not self._fits(data):
            return False
        if other & {"unit_id", "occurred_on"} and not self._exists(
            wanted["unit_id"], wanted["occurred_on"]
        ):
            return False
        if other & {"unit_id", "occurred_on", "field_code"} and not self._listed(
            wanted["field_code"], wanted["occurred_on"]
        ):
            return False
        return not other & {"registration_kind", "origin"} or self._may_be_maintained(wanted)

    def _is_free(self, wanted: dict[str, Any]) -> bool:
        return all(each["plan_year"] != wanted["plan_year"] for each in self._others(wanted))

    def _may_be_maintained(self, wanted: dict[str, Any]) -> bool:
        earlier = any(each["plan_year"] < wanted["plan_year"] for each in self._others(wanted))
        legacy = (wanted.get("origin") or {}).get("kind") == "legacy"
        return wanted["registration_kind"] != "maintained" or legacy or earlier

    def _others(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the registrations of the same model that are not withdrawn."""
        others = [
            self.log[at]["data"] for at in self._of("ModelRegistered", model_id=wanted["model_id"])
        ]
        return [
            other
            for other in others
            if other["registration_id"] != wanted["registration_id"]
            and not self._registration(other["registration_id"])["withdrawn"]  # type: ignore[index]
        ]

    def _fits(self, data: dict[str, Any]) -> bool:
        """Whether the registration stands, and what is stated of it is so."""
        current = self._registration(data["registration_id"])
        assert current is not None
        current = {**current, "programme": current.get("programme") or DEFAULT}
        stated = ("unit_id", "plan_year", "programme")
        agrees = all(data.get(name) in {None, current[name]} for name in stated)
        return agrees and not current["withdrawn"]

    def _tier(self, data: dict[str, Any]) -> str | None:
        current = self._registration(data["registration_id"])
        assert current is not None
        tier: str | None = current["tier"]
        return tier

    def _RegistrationWithdrawn(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._fits(data) and self._tier(data) is None

    def _EligibilityAssessed(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._fits(data)

    def _ModelRecognized(self, data: dict[str, Any]) -> bool:  # noqa: N802
        known = data["tier"] in {"recognized", "exemplary"}
        return self._fits(data) and known and self._tier(data) != data["tier"]

    def _RecognitionDeclined(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._fits(data) and self._tier(data) is None

    def _RecognitionRevoked(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._fits(data) and self._tier(data) is not None

    def _ModelDiscontinued(self, data: dict[str, Any]) -> bool:  # noqa: N802
        taken = {at for at, _ in self._retracted()}
        ends = self._of("ModelDiscontinued", model_id=data["model_id"])
        latest = self._of("ModelRegistered", model_id=data["model_id"])[-1]
        return not any(at > latest for at in ends if at not in taken)

    def _UnitClosed(self, _data: dict[str, Any]) -> bool:  # noqa: N802
        return not self._standing("UnitClosed")

    def _retracted(self) -> list[tuple[int, str]]:
        keys = {e["data"]["retracts"]["id"] for e in self.log if e["name"] == "EventRetracted"}
        return [(at, e["key"]) for at, e in enumerate(self.log) if e["key"] in keys]

    def _EventRetracted(self, data: dict[str, Any]) -> bool:  # noqa: N802
        key = data["retracts"]["id"]
        found = [event for event in self.log if event["key"] == key]
        gone = any(key == taken for _, taken in self._retracted())
        return bool(found) and found[0]["name"] in RETRACTABLE and not gone

    def _AwardProposed(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._award(data["award_id"]) is None and self._agrees(data)

    def _AwardGranted(self, data: dict[str, Any]) -> bool:  # noqa: N802
        award = self._award(data["award_id"])
        if award is None:
            return self._agrees(data)
        return (
            award["steps"] == ["AwardProposed"]
            and self._repeats(data, award)
            and self._agrees(data)
        )

    def _agrees(self, award: dict[str, Any]) -> bool:
        """Whether year and programme are those of its registrations, if they all agree."""
        for field in ("plan_year", "programme"):
            derived = self._derived(award, field)
            if derived is not None and award.get(field) not in {None, derived}:
                return False
        return True

    def _derived(self, award: dict[str, Any], field: str) -> Any:
        ids = (award.get("basis") or {}).get("registration_ids", [])
        found = {(self._registration(r) or {}).get(field) or DEFAULT for r in ids}
        return found.pop() if len(found) == 1 else None

    def _repeats(self, data: dict[str, Any], award: dict[str, Any]) -> bool:
        programme = award.get("programme") or self._derived(award, "programme") or DEFAULT
        return data.get("plan_year") in {None, award["plan_year"]} and data.get("programme") in {
            None,
            programme,
        }

    def _in_force(self, data: dict[str, Any]) -> bool:
        award = self._award(data["award_id"])
        assert award is not None
        steps = award["steps"]
        in_force = "AwardGranted" in steps and "AwardRevoked" not in steps
        return in_force and self._repeats(data, award)

    def _AwardDeclined(self, data: dict[str, Any]) -> bool:  # noqa: N802
        award = self._award(data["award_id"])
        assert award is not None
        return award["steps"] == ["AwardProposed"] and self._repeats(data, award)

    def _AwardAmended(self, data: dict[str, Any]) -> bool:  # noqa: N802
        award = self._award(data["award_id"])
        assert award is not None
        wanted = {**award, **data["changes"]}
        other = {name for name in wanted if wanted[name] != award.get(name)}
        # A year or programme that the correction leaves was judged when it was stated.
        judged = {"plan_year", "programme"} if "basis" in other else other
        if not self._in_force(data) or not self._agrees(
            {**wanted, **{f: None for f in ("plan_year", "programme") if f not in judged}}
        ):
            return False
        units = {
            "unit_id": (award["unit_id"], wanted["unit_id"]),
            "recipient": tuple(each["recipient"].get("unit_id") for each in (award, wanted)),
        }
        return all(
            self._exists(after, wanted["occurred_on"])
            for before, after in units.values()
            if after is not None and (after != before or "occurred_on" in other)
        )

    def _AwardRevoked(self, data: dict[str, Any]) -> bool:  # noqa: N802
        return self._in_force(data)

    def _AwardPresented(self, data: dict[str, Any]) -> bool:  # noqa: N802
        award = self._award(data["award_id"])
        assert award is not None
        return self._in_force(data) and "AwardPresented" not in award["steps"]


def _always(_data: dict[str, Any]) -> bool:
    return True
