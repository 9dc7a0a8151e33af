"""The same event is the same event however it is spelled, over HTTP as over every other way in."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.clock import system_clock
from shared.eventlog.sql import open_log
from shared.events.acceptance.receive import receive
from shared.settings import Settings
from shared.vocabulary import Family
from tests.support.cloudevents import PUBLISHER, cloudevent, registration
from tests.support.http_clients import Face

MARK = b"\xef\xbb\xbf"


def large(**data: Any) -> dict[str, Any]:
    """Return an event whose record has nearly 64 KiB."""
    return cloudevent(
        "ModelRegistered", registration("1", linked_tasks=["Đường " * 680] * 9) | data
    )


def spellings(event: dict[str, Any]) -> dict[str, bytes]:
    plain = json.dumps(event, ensure_ascii=False)
    return {
        "utf-8": plain.encode(),
        "escapes": json.dumps(event).encode(),
        "NFD": unicodedata.normalize("NFD", plain).encode(),
        "NFD in escapes": json.dumps(json.loads(unicodedata.normalize("NFD", plain))).encode(),
        "white space": json.dumps(event, ensure_ascii=False, indent=2_000).encode(),
        "a byte-order mark": MARK + plain.encode(),
        "Windows ends of lines": json.dumps(event, indent=1).replace("\n", "\r\n").encode(),
    }


@pytest.mark.parametrize("first", ["utf-8", "escapes", "NFD"])
async def test_an_event_gets_its_first_answer_in_every_spelling(registry: Face, first: str) -> None:
    event = large()
    answer = await registry.send(spellings(event)[first])
    assert answer.status_code == 201, answer.text
    for spelling, raw in spellings(event).items():
        again = await registry.send(raw)
        assert again.status_code == 200, spelling
        assert again.json() == {**answer.json(), "status": "duplicate"}, spelling
        (item,) = (await registry.send_batch(b"[" + raw.removeprefix(MARK) + b"]")).json()["items"]
        assert item == again.json(), spelling
        headers = {f"ce-{k}": str(v) for k, v in event.items() if k != "data"}
        data = spellings(event["data"])[spelling]
        binary = await registry.client.post(
            "/events", content=data, headers={"Content-Type": "application/json", **headers}
        )
        assert binary.json() == again.json(), spelling


async def test_a_record_can_be_sent_back_as_the_feed_gives_it(registry: Face) -> None:
    await registry.accepted(large())
    (*_, given) = (await registry.client.get("/events")).json()
    record = {k: v for k, v in given.items() if k not in {"sequence", "recordedtime", "chain"}}
    again = await registry.send(record)
    assert (again.status_code, again.json()["position"]) == (200, 2)


async def test_a_batch_may_begin_with_a_mark(registry: Face) -> None:
    answer = await registry.send_batch(MARK + json.dumps([large()]).encode())
    assert [item["status"] for item in answer.json()["items"]] == ["accepted"]


RECORDED_BEFORE = {
    "a record beyond 64 KiB": ({"linked_tasks": ["\u0344" * 4_000] * 5}, 413, "too_large"),
    "a title of two lines": ({"title": "một\u2028hai"}, 422, "invalid_data"),
    "a title with nothing to see": ({"title": "\u3164"}, 422, "invalid_data"),
}


@pytest.mark.parametrize("case", RECORDED_BEFORE)
async def test_what_an_earlier_release_took_is_a_duplicate_and_no_other_is_taken(
    registry: Face, tmp_path: Path, case: str
) -> None:
    data, status, code = RECORDED_BEFORE[case]
    event = cloudevent("ModelRegistered", registration("1", **data), subject="registration/r-1")
    new = await registry.send(event)
    assert (new.status_code, new.json()["code"]) == (status, code)
    _take_as_once(event, tmp_path)
    again = await registry.send(event)
    assert (again.status_code, again.json()["position"]) == (200, 2)
    (*_, given) = (await registry.client.get("/events")).json()
    record = {k: v for k, v in given.items() if k not in {"sequence", "recordedtime", "chain"}}
    batch = await registry.send_batch([record, {**event, "id": "another"}])
    duplicate, invalid = batch.json()["items"]
    assert (duplicate["status"], duplicate["position"]) == ("duplicate", 2)
    assert (invalid["status"], invalid["problem"]["code"]) == ("invalid", code)
    receipt = await registry.receipt(event)
    assert (receipt.json()["status"], receipt.json()["source"]) == ("accepted", PUBLISHER)


def _take_as_once(event: dict[str, Any], home: Path) -> None:
    """Record an event as a release did whose door asked for less."""
    log = open_log(
        Settings.from_environment({"DVK_HOME": str(home)}).log_url, family=Family.REGISTRY
    )
    received = receive(json.dumps(event).encode(), now_us=system_clock(), family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())
    future = appender.submit([replace(received, objection=None)])
    while not future.done():
        appender.step()
    log.close()
