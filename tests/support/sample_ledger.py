"""The read models over the sample, every event decided by the rules, and their pages and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.console.datasets.sample import sample_events
from shared.clock import system_clock
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family
from tests.support.figures_of_events import Projecting
from tests.support.scenarios import History

if TYPE_CHECKING:
    from pathlib import Path

    from shared.events.envelope import ReceivedEvent

CITY = "gso-2004-058"
"""Bắc Kạn city, the one complete account."""
AWARD = {
    "award_id": "a-1",
    "award_form": "giay_khen",
    "grantor_org_id": "bk-058-bcd",
    "unit_id": "gso-2004-058",
    "plan_year": 2022,
    "recipient": {"kind": "collective", "org_id": "bk-058-ward-01834"},
    "basis": {"kind": "model", "registration_ids": ["bk-058-2022-001"]},
    "decision": {"kind": "decision", "number": "07-QĐ/TU", "signed_on": "2022-12-31"},
    "occurred_on": "2022-12-31",
}
"""An award to add: the sample has none."""


def received(event: dict[str, Any]) -> ReceivedEvent:
    """Return a published event as the family that takes it received it."""
    family = next(f for f in Family if f in CATALOGUE[event["type"]].families)
    return receive(json.dumps(event).encode(), now_us=system_clock(), family=family)


def sample_ledger(folder: Path, *more: ReceivedEvent) -> Projecting:
    """Return the sample, and further events after it, as read models in a folder."""
    history = History().given(*map(received, sample_events()), *more)
    url = f"sqlite:///{folder / 'reporting.db'}"
    return Projecting(url, history=history, run=500).project()
