"""CloudEvents as a publisher would send them, for tests of every layer."""

import itertools
import json
import os
from typing import Any

from shared.clock import rfc3339, system_clock
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family

PUBLISHER = "/publishers/test"
_counter = itertools.count(1)


def cloudevent(name: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return the event as JSON; the subject follows from the data unless it is stated."""
    type_ = f"dvk.{name}.v1"
    envelope = {
        "specversion": "1.0",
        "id": f"{name}-{os.getpid()}-{next(_counter)}",
        "source": PUBLISHER,
        "type": type_,
        "time": rfc3339(system_clock()),
        "data": {"occurred_on": "2022-03-01", **data},
        **attributes,
    }
    if "subject" not in envelope:
        envelope["subject"] = _subject(type_, envelope["data"])
    return envelope


def received(name: str, data: dict[str, Any], **attributes: Any) -> ReceivedEvent:
    """Return the event as it comes from the door of the service that accepts it."""
    event = cloudevent(name, data, **attributes)
    family = next(f for f in Family if f in CATALOGUE[event["type"]].families)
    return receive(json.dumps(event).encode(), now_us=system_clock(), family=family)


COUNTRY = {"unit_id": "vn", "name": "Việt Nam", "level": "country", "parent_id": None, "codes": []}


def country(**attributes: Any) -> ReceivedEvent:
    """The country opens; every other unit lies in it."""
    return received("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}, **attributes)


def unit(
    unit_id: str, parent_id: str = "vn", level: str = "province", **data: Any
) -> ReceivedEvent:
    """A unit opens on 1 January 2004."""
    opened = {
        "unit_id": unit_id,
        "name": data.pop("name", unit_id),
        "level": level,
        "parent_id": parent_id,
        "codes": [],
        "occurred_on": "2004-01-01",
        **data,
    }
    return received("UnitOpened", opened)


def registration(number: str, unit_id: str = "vn", **data: Any) -> dict[str, Any]:
    """Return the data of a new registration of 2022."""
    return {
        "registration_id": f"r-{number}",
        "model_id": f"m-{number}",
        "plan_year": 2022,
        "unit_id": unit_id,
        "registration_kind": "new",
        "owner_kind": "collective",
        "field_code": "economy",
        "block_code": "commune",
        "title": f"Mô hình số {number}",
        **data,
    }


def recognition(number: str, tier: str = "recognized", **data: Any) -> dict[str, Any]:
    """Return the data of a recognition of that registration."""
    return {
        "registration_id": f"r-{number}",
        "occurred_on": "2022-12-01",
        "tier": tier,
        "level": "grassroots",
        "decided_by_org_id": "o-1",
        "decision": {"kind": "decision", "number": "01-QĐ/TU", "signed_on": "2022-12-01"},
        **data,
    }


def _subject(type_: str, data: dict[str, Any]) -> str:
    payload = CATALOGUE[type_].validator.validate_json(json.dumps(data))
    subject: str = payload.subject()
    return subject
