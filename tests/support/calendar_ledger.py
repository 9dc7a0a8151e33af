"""A small ledger whose days pass as a test says, with a signal that a deadline begins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.clock import HANOI, to_microseconds
from tests.support.cloudevents import COUNTRY, received
from tests.support.dashboard_pages import Paging
from tests.support.figures_of_events import Projecting

if TYPE_CHECKING:
    from pathlib import Path

    from shared.events.envelope import ReceivedEvent


class Calendar:
    """A ledger whose days pass as a test says.

    It has a province with an organisation that a plan of 10 February names, without its own.
    """

    def __init__(self, folder: Path) -> None:
        self.now = to_microseconds(datetime(2022, 1, 1, 12, tzinfo=HANOI))
        url = f"sqlite:///{folder / 'reporting.db'}"
        self.projecting = Projecting(url, clock=lambda: self.now, run=100)
        self.paging = Paging(self.projecting)
        since = {"occurred_on": "2004-01-01", "codes": []}
        opened = {"level": "province", "parent_id": "vn", **since}
        committee = {"org_id": "o-2", "name": "Chi bộ 2", "kind": "chi bộ", "unit_id": "bk"}
        first = "2022-02-10"
        self.on(
            first,
            event("UnitOpened", first, {**COUNTRY, **since}),
            event("UnitOpened", first, {"unit_id": "bk", "name": "Bắc Kạn", **opened}),
            event("UnitOpened", first, {"unit_id": "tn", "name": "Thái Nguyên", **opened}),
            event("OrganizationDefined", first, committee),
            plan(first, "o-9", "o-2"),
        )

    def on(self, day: str, *events: ReceivedEvent) -> None:
        """Record events at noon of a day; their `time` is when they are recorded."""
        self.now = to_microseconds(datetime.fromisoformat(f"{day}T12:00+07:00"))
        self.projecting.given(*events)


def event(name: str, day: str, data: dict[str, Any]) -> ReceivedEvent:
    """Return an event that occurs and is recorded on a day."""
    return received(name, {"occurred_on": day, **data}, time=f"{day}T05:00:00Z")


def plan(day: str, org_id: str, *scope: str) -> ReceivedEvent:
    """Return the plan of 2022 of an organisation, which names others."""
    document = {"kind": "plan", "number": "1-KH"}
    stated = {"org_id": org_id, "plan_year": 2022, "unit_id": "bk", "document": document}
    return event("PlanIssued", day, {**stated, "scope_org_ids": list(scope)})
