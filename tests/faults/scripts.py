"""What the publishers of the fault tests tell: small lives of registrations, each in its own order.

The lives of two publishers that belong together meet: one registers, the other assesses and awards.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.support.cloudevents import COUNTRY, recognition, registration

Event = dict[str, Any]
Life = Callable[[str, int], "Iterator[Event]"]
YEARS = (2022, 2023)
UNITS = tuple(f"xa-{n}" for n in range(6))


def _said(publisher: str, id_: str, name: str, subject: str, data: Mapping[str, Any]) -> Event:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": f"/publishers/{publisher}",
        "type": f"dvk.{name}.v1",
        "subject": subject,
        "time": datetime.now(UTC).isoformat(),
        "data": {"occurred_on": "2022-03-01", **data},
    }


def the_map() -> list[Event]:
    """Return the country, two provinces and their communes: what every life stands on."""
    units: list[dict[str, Any]] = [dict(COUNTRY)]
    units += [_unit(f"tinh-{n}", "vn", "province") for n in range(2)]
    units += [_unit(unit, f"tinh-{n % 2}", "commune") for n, unit in enumerate(UNITS)]
    return [
        _said("map", unit["unit_id"], "UnitOpened", f"unit/{unit['unit_id']}",
              {**unit, "occurred_on": "2004-01-01"})
        for unit in units
    ]  # fmt: skip


def _unit(unit_id: str, parent_id: str, level: str) -> dict[str, Any]:
    return {"unit_id": unit_id, "name": f"Xã {unit_id}", "level": level,
            "parent_id": parent_id, "codes": []}  # fmt: skip


def registering(publisher: str, number: int) -> Iterator[Event]:
    """Register; of some amend, report an outcome, withdraw."""
    one = f"{publisher}-{number}"
    subject = f"registration/r-{one}"
    # Decomposed letters are the same content as composed ones (events.md, Positions).
    title = unicodedata.normalize("NFD" if number % 2 else "NFC", f"Mô hình khéo số {one}")
    data = registration(
        one,
        UNITS[number % len(UNITS)],
        plan_year=YEARS[number % 2],
        title=title,
        registration_kind=("new", "pre_existing")[number % 3 % 2],
        owner_kind=("collective", "individual", "household")[number % 3],
        owner_org_id=f"o-{number % 5}",
    )
    yield _said(publisher, f"reg-{number}", "ModelRegistered", subject, data)
    name = {"registration_id": f"r-{one}"}
    if number % 3 == 0:
        changes = {"unit_id": UNITS[(number + 1) % len(UNITS)]}
        amended = {**name, "reason": "ghi nhầm xã", "changes": changes}
        yield _said(publisher, f"amend-{number}", "ModelAmended", subject, amended)
    if number % 4 == 1:
        reported = {**name, "outcome_id": f"x-{one}", "metric": "workdays", "value": number + 0.5,
                    "qualifier": "exact", "nature": "flow",
                    "interval": {"from": "2022-01-01", "to": "2022-06-30"}}  # fmt: skip
        yield _said(publisher, f"out-{number}", "OutcomeReported", f"outcome/x-{one}", reported)
    if number % 7 == 0:
        withdrawn = {**name, "reason": "rút đăng ký"}
        yield _said(publisher, f"back-{number}", "RegistrationWithdrawn", subject, withdrawn)


def deciding_on(partner: str) -> Life:
    """Return lives that decide on the registrations of another publisher, if these still stand."""

    def deciding(publisher: str, number: int) -> Iterator[Event]:
        one = f"{partner}-{number}"
        subject = f"registration/r-{one}"
        if number % 7:
            assessed = {"registration_id": f"r-{one}", "eligible": number % 5 != 0}
            yield _said(publisher, f"fit-{number}", "EligibilityAssessed", subject, assessed)
            tier = "exemplary" if number % 8 == 3 else "recognized"
            recognized = {**recognition(one, tier), "occurred_on": "2022-12-01"}
            yield _said(publisher, f"rec-{number}", "ModelRecognized", subject, recognized)
        if number % 7 and number % 4 == 1:
            granted = {
                "award_id": f"a-{one}", "award_form": "giay_khen", "grantor_org_id": "o-1",
                "unit_id": UNITS[number % len(UNITS)], "plan_year": YEARS[number % 2],
                "recipient": {"kind": "collective", "org_id": f"o-{number % 5}"},
                "basis": {"kind": "model", "registration_ids": [f"r-{one}"]},
                "decision": {"kind": "decision", "number": f"{number}-QĐ/TU"},
            }  # fmt: skip
            yield _said(publisher, f"award-{number}", "AwardGranted", f"award/a-{one}", granted)
        if number % 9 == 0:
            visited = {
                "inspection_id": f"i-{one}", "plan_year": YEARS[number % 2], "scopes": ["DVK"],
                "unit_id": UNITS[number % len(UNITS)],
            }  # fmt: skip
            about = f"inspection/i-{one}"
            yield _said(publisher, f"visit-{number}", "InspectionConducted", about, visited)

    return deciding


def asserting(publisher: str, number: int) -> Iterator[Event]:
    """Claim a figure of the press; it is never added to anything."""
    figure = f"{publisher}-{number}"
    data = {
        "figure_id": figure, "metric": "registered", "unit_id": "vn", "value": number,
        "qualifier": "approx", "source": {"kind": "press", "title": "Báo cáo"},
        "period": {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"},
    }  # fmt: skip
    yield _said(publisher, f"fig-{number}", "FigureAsserted", f"figure/{figure}", data)
