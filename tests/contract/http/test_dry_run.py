"""POST /events?dry_run=1: the answer of publishing, without a position, and nothing stored."""

from pathlib import Path

import pytest

from shared.vocabulary import Family
from tests.contract.http.test_publishing_a_batch import EXPECTED, history
from tests.support.cloudevents import cloudevent, registration
from tests.support.http_clients import BATCHED, STRUCTURED, Face, _written, running_face


async def test_a_batch_is_tried_and_then_published_with_the_same_statuses(tmp_path: Path) -> None:
    async with running_face(Family.REGISTRY, tmp_path) as face:
        body = _written(history())
        tried = await face.client.post("/events?dry_run=1", content=body, headers=BATCHED)
        assert tried.status_code == 200
        items = tried.json()["items"]
        assert [item["status"] for item in items] == EXPECTED
        assert {item["position"] for item in items if item["status"] == "accepted"} == {None}
        assert {item["dry_run"] for item in items} == {True}
        assert (await face.client.get("/events")).json() == []
        assert await face.items("/parked") == await face.items("/refused") == []
        sent = (await face.send_batch(body)).json()["items"]
        assert [item["status"] for item in sent] == EXPECTED
        assert not any("dry_run" in item for item in sent)


async def test_one_event_is_tried(registry: Face) -> None:
    event = cloudevent("ModelRegistered", registration("1"))
    for _ in range(2):
        answer = await registry.client.post(
            "/events?dry_run=true", content=_written(event), headers=STRUCTURED
        )
        assert answer.status_code == 200
        assert answer.json() == {
            "id": event["id"], "source": event["source"], "status": "accepted",
            "position": None, "chain": None, "problem": None, "dry_run": True,
        }  # fmt: skip
    assert (await registry.receipt(event)).status_code == 404
    (stored,) = await registry.accepted(event)
    again = await registry.client.post(
        "/events?dry_run=1", content=_written(event), headers=STRUCTURED
    )
    assert (again.json()["status"], again.json()["position"]) == ("duplicate", stored["position"])


@pytest.mark.parametrize("value", ["2", "x", ""])
async def test_a_dry_run_is_asked_for_clearly(registry: Face, value: str) -> None:
    event = _written(cloudevent("ModelRegistered", registration("1")))
    answer = await registry.client.post(
        f"/events?dry_run={value}", content=event, headers=STRUCTURED
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert len((await registry.client.get("/events")).json()) == 1
