"""What publishers want to say: a small country's two years, in an order in which it could happen.

Publishers speak at once, so much of it comes before what it names, and much contradicts.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.cloudevents import COUNTRY, recognition, registration

if TYPE_CHECKING:
    from random import Random

SENT_AT = "2026-01-01T00:00:00Z"
PUBLISHERS = ("bac-kan", "cao-bang", "ha-giang")
YEARS = (2021, 2022)
SERVICES = {
    "registry": {
        *("UnitOpened", "UnitRenamed", "OrganizationDefined", "ModelRegistered", "ModelAmended"),
        *("RegistrationWithdrawn", "ModelDiscontinued", "OutcomeReported"),
    },
    "reporting": {"FigureAsserted"},
}
DECISION = {"kind": "decision", "number": "01-QĐ/TU", "signed_on": "2022-12-01"}
OF_REGISTRATIONS = (
    *["assess"] * 3, *["recognize"] * 3, "revoke", "decline", "amend", *["withdraw"] * 2,
    "discontinue", *["report"] * 2, "evaluate",
)  # fmt: skip
OF_AWARDS = ("propose", "grant", "grant", "amend award", "present", "revoke award")


class Said(NamedTuple):
    """One event as a publisher means it: the service that takes it, and its CloudEvent."""

    service: str
    event: dict[str, Any]

    @property
    def key(self) -> str:
        """Return the publisher's name for it."""
        return str(self.event["id"])


class Histories:
    """Makes the events of one seed and gives each to a publisher."""

    def __init__(self, random: Random, length: int) -> None:
        self._random = random
        self._scripts: dict[str, list[Said]] = {publisher: [] for publisher in PUBLISHERS}
        self._provinces = [f"p-{n}" for n in range(1, 3)]
        self._communes = [f"c-{n}" for n in range(1, 4)]
        self._registrations = [f"{n}" for n in range(1, 6)]
        self._awards = [f"a-{n}" for n in range(1, 4)]
        self._land()
        for number in self._registrations:
            self._register(number)
        while self._count() < length:
            self._fact()

    def scripts(self) -> dict[str, list[Said]]:
        """Return what each publisher says, in its order, a few of them exchanged."""
        for script in self._scripts.values():
            for at in range(1, len(script)):
                if self._random.random() < 0.1:
                    script[at - 1], script[at] = script[at], script[at - 1]
        return self._scripts

    def _count(self) -> int:
        return sum(map(len, self._scripts.values()))

    def _say(self, name: str, subject: str, /, **data: Any) -> None:
        publisher = self._random.choice(PUBLISHERS)
        script = self._scripts[publisher]
        event = {
            "specversion": "1.0",
            "id": f"{publisher}-{len(script) + 1}",
            "source": f"/publishers/{publisher}",
            "type": f"dvk.{name}.v1",
            "subject": subject,
            "time": SENT_AT,
            "data": {"occurred_on": "2022-03-01", **data},
        }
        if self._random.random() < 0.06:
            event["expectedversion"] = self._random.randrange(3)
        service = next((s for s, names in SERVICES.items() if name in names), "evaluation")
        script.append(Said(service, event))

    def _land(self) -> None:
        self._open("vn", "Việt Nam", "country", None)
        for unit in self._provinces:
            self._open(unit, f"Tỉnh {unit}", "province", "vn")
        for unit in self._communes:
            self._open(unit, f"Xã {unit}", "commune", self._random.choice(self._provinces))
        renamed = self._random.choice(self._communes)
        name = unicodedata.normalize("NFD", "Xã Bình Văn")
        self._say(
            "UnitRenamed",
            f"unit/{renamed}",
            unit_id=renamed,
            name=name,
            occurred_on="2020-01-01",
        )
        org = {"org_id": "o-1", "name": "Ban Dân vận", "kind": "ban", "unit_id": "vn"}
        self._say("OrganizationDefined", "organization/o-1", **org)

    def _open(self, unit: str, name: str, level: str, parent: str | None) -> None:
        data = {**COUNTRY, "unit_id": unit, "name": name, "level": level, "parent_id": parent}
        self._say("UnitOpened", f"unit/{unit}", **data, occurred_on="2004-01-01")

    def _register(self, number: str) -> None:
        """Register; two numbers share a model, so that only one may stand in a year."""
        pick = self._random.choice
        data = registration(
            number,
            pick([*self._communes, *self._provinces]),
            model_id=f"m-{pick('123')}",
            plan_year=pick(YEARS),
            registration_kind=pick(["new", "pre_existing"]),
            owner_kind=pick(["collective", "individual"]),
            field_code=pick(["economy", "culture"]),
            owner_org_id=pick(["o-1", "o-2"]),
            title=pick(["Đường hoa", unicodedata.normalize("NFD", "Đường hoa Bắc Kạn")]),
        )
        self._say("ModelRegistered", f"registration/r-{number}", **data)

    def _fact(self) -> None:
        kind = self._random.choice(
            [*OF_REGISTRATIONS * 2, *OF_AWARDS, "inspect", "assert", "again"]
        )
        if kind == "again":
            return self._register(self._random.choice([*self._registrations, "9"]))
        if kind in {"inspect", "assert"}:
            return self._of_a_unit(kind)
        return self._of_an_award(kind) if kind in OF_AWARDS else self._of_a_registration(kind)

    def _of_a_registration(self, kind: str) -> None:
        pick = self._random.choice
        number = pick(self._registrations)
        registered = {"registration_id": f"r-{number}"}
        because = {**registered, "reason": "vì vậy"}
        subject = f"registration/r-{number}"
        match kind:
            case "assess":
                eligible = pick([True, True, False])
                self._say("EligibilityAssessed", subject, **registered, eligible=eligible)
            case "evaluate":
                self._say("ModelEvaluated", subject, **registered, criteria_version="1", total=80)
            case "recognize":
                data = recognition(number, pick(["recognized", "exemplary"]))
                self._say("ModelRecognized", subject, **data)
            case "revoke":
                self._say("RecognitionRevoked", subject, **because, occurred_on="2022-12-20")
            case "decline":
                self._say("RecognitionDeclined", subject, **because)
            case "amend":
                changes = {"field_code": pick(["economy", "culture"])}
                self._say("ModelAmended", subject, **because, changes=changes)
            case "withdraw":
                self._say("RegistrationWithdrawn", subject, **because)
            case "discontinue":
                data = {"model_id": f"m-{pick('123')}", "plan_year": pick(YEARS), "reason": "dừng"}
                self._say("ModelDiscontinued", f"model/{data['model_id']}", **data)
            case _:
                self._report(pick([registered, {"unit_id": "p-1", "plan_year": pick(YEARS)}]))

    def _report(self, reporter: dict[str, Any]) -> None:
        outcome = f"x-{self._random.randrange(1, 4)}"
        self._say(
            "OutcomeReported",
            f"outcome/{outcome}",
            **reporter,
            outcome_id=outcome,
            metric="workdays",
            value=self._random.choice([7, 1.5, 0.125]),
            qualifier="exact",
            nature=self._random.choice(["flow", "stock"]),
            interval={"from": "2021-01-01", "to": "2021-12-31"},
        )

    def _of_an_award(self, kind: str) -> None:
        pick = self._random.choice
        award = pick(self._awards)
        subject, named = f"award/{award}", {"award_id": award, "occurred_on": "2022-12-10"}
        stated = {
            **named,
            "award_form": pick(["giay_khen", "bang_khen"]),
            "recipient": {"kind": "collective", "org_id": "o-1"},
            "unit_id": pick(self._provinces),
            "plan_year": pick(YEARS),
        }
        match kind:
            case "propose":
                self._say("AwardProposed", subject, **stated)
            case "grant":
                granted = {"grantor_org_id": "o-1", "basis": {"kind": "period"}}
                self._say("AwardGranted", subject, **stated, **granted, decision=DECISION)
            case "amend award":
                changes = {"unit_id": pick(self._provinces)}
                self._say("AwardAmended", subject, **named, reason="sửa", changes=changes)
            case "present":
                self._say("AwardPresented", subject, **named)
            case _:
                self._say("AwardRevoked", subject, **named, reason="hủy")

    def _of_a_unit(self, kind: str) -> None:
        unit, year = self._random.choice(self._communes), self._random.choice(YEARS)
        name = f"{self._count()}"
        if kind == "inspect":
            data = {"inspection_id": name, "plan_year": year, "unit_id": unit, "scopes": ["DVK"]}
            self._say("InspectionConducted", f"inspection/{name}", **data)
            return
        self._say(
            "FigureAsserted",
            f"figure/{name}",
            figure_id=name,
            metric="registered",
            unit_id=unit,
            period={"from": f"{year}-01-01", "to": f"{year}-12-31", "kind": "year"},
            value=1,
            qualifier="exact",
            source={"kind": "báo cáo", "title": "Báo cáo tổng kết"},
        )
