"""A ledger of two provinces that requires sign-in, with officers of every role."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.vocabulary import Family, OfficerRole
from tests.support.cloudevents import COUNTRY, cloudevent, recognition, registration
from tests.support.http_clients import BATCHED
from tests.support.people_pages import Officer, OneBrowser, officer
from tests.support.small_ledger import SmallLedger, small_ledger

OPENED = "2004-01-01"


def _unit(unit_id: str, parent_id: str, level: str) -> dict[str, Any]:
    unit = {"unit_id": unit_id, "name": f"Đơn vị {unit_id}", "level": level, "parent_id": parent_id}
    return cloudevent("UnitOpened", {**unit, "codes": [], "occurred_on": OPENED})


def role_granted(of: Officer, role: OfficerRole, unit_id: str, **days: str) -> dict[str, Any]:
    data = {"officer_ref": of.officer_ref, "role": role.value, "unit_id": unit_id}
    return cloudevent("RoleGranted", {**data, "valid_from": "2022-03-01", **days})


def _organization(unit_id: str) -> dict[str, Any]:
    named = {"org_id": f"o-{unit_id}", "name": f"Đảng ủy {unit_id}", "kind": "đảng ủy"}
    return cloudevent("OrganizationDefined", {**named, "unit_id": unit_id})


LAND: list[dict[str, Any]] = [
    cloudevent("UnitOpened", {**COUNTRY, "occurred_on": OPENED}),
    *(_unit(province, "vn", "province") for province in ("a", "b")),
    *(_unit(f"{province}-{n}", province, "commune") for province in "ab" for n in (1, 2)),
    cloudevent(
        "TaxonomyPublished",
        {
            "taxonomy": "field",
            "jurisdiction_unit_id": "vn",
            "version": "1",
            "valid_from": OPENED,
            "entries": [{"code": "economy", "name": "Kinh tế", "order": 1}],
        },
    ),
    *map(_organization, ("a", "b")),
    *(cloudevent("ModelRegistered", registration(unit, unit)) for unit in ("a-1", "b-1")),
]
AWARDED = [
    cloudevent("ModelRecognized", recognition("b-1")),
    *(
        cloudevent(
            "AwardGranted",
            {
                "award_id": f"kt-{unit}",
                "award_form": "giay_khen",
                "grantor_org_id": f"o-{unit[0]}",
                "unit_id": unit,
                "plan_year": 2022,
                "recipient": {"kind": "collective", "org_id": f"o-{unit[0]}"},
                "basis": {"kind": "model", "registration_ids": [f"r-{unit}"]},
                "decision": {"kind": "quyết định", "number": "1", "signed_on": "2022-12-01"},
            },
        )
        for unit in ("a-1", "b-1")
    ),
]


@dataclass
class Guarded:
    """A ledger that requires sign-in, a browser for each officer, and one without a session."""

    ledger: SmallLedger
    officers: Mapping[str, Officer]
    home: Path

    def browser(self, name: str | None, family: Family = Family.REPORTING) -> OneBrowser:
        """Return a browser at a service, with the session of an officer."""
        signing = OneBrowser(self.ledger.apps[Family.REPORTING], self.ledger.loop)
        asking = OneBrowser(self.ledger.apps[family], self.ledger.loop)
        if name is not None:
            assert signing.sign_in(name).status_code == 303
            asking.carry(signing.token)
        return asking

    def publish(self, event: dict[str, Any]) -> None:
        self.ledger.publish([event])


@contextmanager
def guarded_ledger(home: Path) -> Iterator[Guarded]:
    """Run the ledger with its officers, all of whose events are read."""
    names = (
        "reader-a",
        "reader-b1",
        "clerk-a",
        "operator",
        "operator-a",
        "nobody",
        "past",
        "ahead",
    )
    officers = {name: officer(home, name) for name in names}
    granted = [
        role_granted(officers["reader-a"], OfficerRole.READER, "a"),
        role_granted(officers["reader-b1"], OfficerRole.READER, "b-1"),
        role_granted(officers["clerk-a"], OfficerRole.CLERK, "a"),
        role_granted(officers["operator"], OfficerRole.OPERATOR, "vn"),
        role_granted(officers["operator-a"], OfficerRole.OPERATOR, "a"),
        role_granted(officers["past"], OfficerRole.READER, "vn", valid_to="2022-03-02"),
        role_granted(officers["ahead"], OfficerRole.READER, "vn", valid_from="2999-01-01"),
    ]
    with small_ledger(home, [*LAND, *granted], DVK_REQUIRE_SIGN_IN="1") as ledger:
        content = json.dumps(AWARDED)
        answer = ledger.ask(Family.EVALUATION, "POST", "/events", content=content, headers=BATCHED)
        assert {each["status"] for each in answer.json()["items"]} == {"accepted"}, answer.text
        made = Guarded(ledger, officers, home)
        head = ledger.ask(Family.REPORTING, "GET", "/completeness").json()["log"]["head"]
        ledger.ask(Family.REPORTING, "GET", f"/summaries/national?year=2022&known_at={head}")
        yield made
