"""One registration as a publisher sends it, to be changed in one place by each test."""

import copy
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from shared.clock import to_microseconds
from shared.errors import BrokenContract, Problem
from shared.events.acceptance.receive import receive
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family

NOW = datetime.fromisoformat("2022-03-01T09:00:00+07:00")
NOW_US = to_microseconds(NOW)

_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "0190b8f4-5c1e-7000-8000-000000000001",
    "source": "/publishers/tinh-mau",
    "type": "dvk.ModelRegistered.v1",
    "subject": "registration/r-1",
    "time": "2022-03-01T08:59:00+07:00",
    "data": {
        "occurred_on": "2022-02-15",
        "registration_id": "r-1",
        "model_id": "m-1",
        "plan_year": 2022,
        "unit_id": "u-1",
        "registration_kind": "new",
        "owner_kind": "collective",
        "field_code": "kinh_te",
        "block_code": "xa_phuong",
        "title": "Hiến đất làm đường",
    },
}
_ORGANIZATION: dict[str, Any] = {
    **_EVENT,
    "type": "dvk.OrganizationDefined.v1",
    "subject": "organization/o-1",
    "data": {
        "occurred_on": "2022-02-15",
        "org_id": "o-1",
        "name": "Chi bộ thôn Mẫu",
        "kind": "chi bộ",
        "unit_id": "u-1",
    },
}


def event(data: Mapping[str, object] | None = None, /, **attributes: object) -> dict[str, Any]:
    """Return a registration with some data and some attributes replaced."""
    sent = copy.deepcopy(_EVENT)
    sent["data"].update(data or {})
    return {**sent, **attributes}


def organization(external_ids: object, **data: object) -> dict[str, Any]:
    """Return the definition of an organisation, whose `external_ids` are free JSON."""
    sent = copy.deepcopy(_ORGANIZATION)
    sent["data"].update(external_ids=external_ids, **data)
    return sent


def written(value: object, *, ascii_only: bool = False) -> bytes:
    """Return JSON as a publisher in Python writes it."""
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def take(sent: object, family: Family = Family.REGISTRY) -> ReceivedEvent:
    """Hand an event, or its bytes, in at the door."""
    raw = sent if isinstance(sent, bytes) else written(sent)
    return receive(raw, now_us=NOW_US, family=family)


def refused(sent: object, family: Family = Family.REGISTRY) -> Problem:
    """Return the problem with which the door refuses it."""
    with pytest.raises(BrokenContract) as caught:
        take(sent, family)
    return caught.value.problem


def pointers(problem: Problem) -> list[str]:
    """Return the places that a problem names."""
    return [error.pointer for error in problem.errors]
