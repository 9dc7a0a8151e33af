"""Feed items said one after the other, as plain JSON: a log for the independent reading."""

from typing import Any

from services.reporting.audit.independent_reading import IndependentReading

NEW_YEAR = "2004-01-01"


class Said:
    """Feed items in the order in which they are said."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def say(self, event: str, day: str = "2022-03-01", /, **data: Any) -> str:
        """Record an event and return its id."""
        position = len(self.items) + 1
        self.items.append(
            {
                "sequence": f"{position:020}",
                "recordedtime": "2026-01-10T02:00:01.000003Z",
                "chain": "0" * 64,
                "specversion": "1.0",
                "id": f"e-{position}",
                "source": "/publishers/test",
                "type": f"dvk.{event}.v1",
                "subject": "unread",
                "time": "2026-01-10T02:00:00Z",
                "data": {"occurred_on": day, **data},
            }
        )
        return f"e-{position}"

    def open(self, unit_id: str, parent_id: str | None = "vn") -> None:
        """Open a unit on 1 January 2004."""
        self.say("UnitOpened", NEW_YEAR, **opening(unit_id, parent_id))

    def register(self, number: int, unit_id: str = "a", **data: Any) -> None:
        """Register r-<number> of model m-<number> for 2022."""
        self.say(
            "ModelRegistered",
            **{
                "registration_id": f"r-{number}",
                "model_id": f"m-{number}",
                "plan_year": 2022,
                "unit_id": unit_id,
                "registration_kind": "new",
                "owner_kind": "collective",
                "field_code": "economy",
                "block_code": "commune",
                "title": "Mô hình",
                **data,
            },
        )

    def recognize(self, number: int, tier: str = "recognized", **data: Any) -> None:
        """Recognize r-<number>."""
        stated = {"registration_id": f"r-{number}", "tier": tier, "level": "grassroots"}
        decision = {"decided_by_org_id": "o", "decision": {"kind": "decision", "number": "1"}}
        self.say("ModelRecognized", **{**stated, **decision, **data})

    def grant(self, number: int, **data: Any) -> None:
        """Grant a-<number> for r-1."""
        self.say(
            "AwardGranted",
            **{
                "award_id": f"a-{number}",
                "award_form": "giay_khen",
                "grantor_org_id": "o",
                "unit_id": "a",
                "plan_year": 2022,
                "recipient": {"kind": "collective", "org_id": "o"},
                "basis": {"kind": "model", "registration_ids": ["r-1"]},
                "decision": {"kind": "decision", "number": "1"},
                **data,
            },
        )

    def report(self, number: int, value: float, **data: Any) -> str:
        """Report outcome x-<number> of r-1 and return the event's id."""
        stated = {"outcome_id": f"x-{number}", "metric": "workdays", "value": value}
        stated |= {"qualifier": "exact", "nature": "flow", "registration_id": "r-1"}
        stated["interval"] = {"from": "2022-01-01", "to": "2022-06-30"}
        return self.say("OutcomeReported", **{**stated, **data})

    def retract(self, event_id: str) -> None:
        """Take an event back."""
        retracts = {"source": "/publishers/test", "id": event_id}
        self.say("EventRetracted", retracts=retracts, reason="nhầm")

    def assert_figure(self, metric: str, value: float, **data: Any) -> None:
        """Assert a figure of the country for 2022."""
        period = {"from": "2022-01-01", "to": "2022-12-31", "kind": "year"}
        stated = {"figure_id": f"f-{len(self.items)}", "metric": metric, "value": value}
        stated |= {"unit_id": "vn", "period": period, "qualifier": "exact"}
        self.say("FigureAsserted", **{**stated, **data})

    def read(self) -> IndependentReading:
        """Read all that was said."""
        return IndependentReading(self.items)


def opening(unit_id: str, parent_id: str | None) -> dict[str, Any]:
    level = "country" if parent_id is None else "commune"
    return {
        "unit_id": unit_id,
        "name": unit_id,
        "level": level,
        "parent_id": parent_id,
        "codes": [],
    }
