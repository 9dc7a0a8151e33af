"""POST /events with a batch: one item for each event, in order, and no neighbour's fault."""

import copy
from pathlib import Path
from typing import Any

import pytest

from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.http_clients import Face, running_face


def history() -> list[dict[str, Any]]:
    """Events of every outcome: accepted, duplicate, parked and released, refused, invalid."""
    unit = {"unit_id": "u-1", "name": "Xã Một", "level": "commune", "parent_id": "vn", "codes": []}
    first = cloudevent("ModelRegistered", registration("1"))
    early = cloudevent("ModelRegistered", registration("2", "u-1"))
    return [
        cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}),
        first,
        early,
        copy.deepcopy(first),
        cloudevent("ModelRegistered", registration("1", model_id="m-9")),
        {**first, "id": "not valid: a space"},
        {**first, "data": {**first["data"], "title": "khác"}},
        cloudevent("RegistrationWithdrawn", {"registration_id": "r-2", "reason": "rút"}),
        cloudevent("UnitOpened", {**unit, "occurred_on": "2004-01-01"}),
        cloudevent("RegistrationWithdrawn", {"registration_id": "r-1", "reason": "rút"}),
        cloudevent("OutcomeReported", {"outcome_id": "o-1"}, subject="outcome/o-1"),
        cloudevent("ModelRegistered", registration("3"), expectedversion=3),
        cloudevent("ModelRegistered", registration("3"), expectedversion=0),
        copy.deepcopy(early),
    ]


EXPECTED = [
    "accepted",
    "accepted",
    "parked",
    "duplicate",
    "refused",
    "invalid",
    "refused",
    "parked",
    "accepted",
    "accepted",
    "invalid",
    "refused",
    "accepted",
    "duplicate",
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 14])
async def test_a_batch_is_one_by_one_in_any_split(tmp_path: Path, size: int) -> None:
    events = history()
    async with running_face(Family.REGISTRY, tmp_path / "one") as one:
        singly = [await _alone(one, event) for event in events]
        stored = (await one.client.get("/events?limit=1000")).json()
    items: list[dict[str, Any]] = []
    async with running_face(Family.REGISTRY, tmp_path / "batch") as batched:
        for start in range(0, len(events), size):
            answer = await batched.send_batch(events[start : start + size])
            assert answer.status_code == 200
            items += answer.json()["items"]
        stored_by_batch = (await batched.client.get("/events?limit=1000")).json()
    assert [item["status"] for item in items] == EXPECTED
    assert [_said(item) for item in items] == singly
    assert [_content(event) for event in stored] == [_content(event) for event in stored_by_batch]


async def _alone(face: Face, event: dict[str, Any]) -> tuple[object, ...]:
    """Publish one event by itself, and say what a batch's item would say."""
    answer = await face.send(event)
    body = answer.json()
    if answer.status_code < 400:
        return _said(body)
    invalid = answer.status_code in {400, 413, 415, 422}
    return ("invalid" if invalid else "refused", None, body["code"], None)


def _said(item: dict[str, Any]) -> tuple[object, ...]:
    code = item["problem"]["code"] if item["problem"] else None
    return (item["status"], item["position"], code, item.get("waiting_for"))


def _content(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in ("sequence", "id", "source", "type", "subject", "data")}


async def test_an_empty_batch_is_200(registry: Face) -> None:
    answer = await registry.send_batch([])
    assert (answer.status_code, answer.json()) == (200, {"items": []})


async def test_a_batch_of_500_is_taken_and_one_of_501_is_413_for_all(registry: Face) -> None:
    many = [cloudevent("ModelRegistered", registration(str(n))) for n in range(501)]
    over = await registry.send_batch(many)
    assert (over.status_code, over.json()["code"]) == (413, "batch_too_large")
    assert len((await registry.client.get("/events")).json()) == 1
    answer = await registry.send_batch(many[:500])
    assert answer.status_code == 200
    assert [item["position"] for item in answer.json()["items"]] == list(range(2, 502))


async def test_a_batch_of_more_than_4_mib_is_413(registry: Face) -> None:
    answer = await registry.send_batch(b"[" + b" " * 4 * 1024 * 1024 + b"]")
    assert (answer.status_code, answer.json()["code"]) == (413, "batch_too_large")


async def test_an_oversized_event_is_invalid_alone(registry: Face) -> None:
    large = cloudevent("ModelRegistered", registration("1", activities=["x" * 7_999] * 9))
    small = cloudevent("ModelRegistered", registration("2"))
    answer = await registry.send_batch([large, small])
    statuses = [(item["status"], item["id"]) for item in answer.json()["items"]]
    assert statuses == [("invalid", large["id"]), ("accepted", small["id"])]
    assert answer.json()["items"][0]["problem"]["status"] == 413


@pytest.mark.parametrize("body", [b"{}", b'"text"', b"null", b"7"])
async def test_what_is_not_an_array_is_422(registry: Face, body: bytes) -> None:
    answer = await registry.send_batch(body)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_batch")


async def test_an_item_that_is_no_object_is_invalid_without_id(registry: Face) -> None:
    event = cloudevent("ModelRegistered", registration("1"))
    items = (await registry.send_batch([7, None, [], event])).json()["items"]
    assert [item["status"] for item in items] == ["invalid"] * 3 + ["accepted"]
    assert items[0]["id"] is None
    assert items[0]["source"] is None
