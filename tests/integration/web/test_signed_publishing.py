"""Publishing to a ledger that began trust, over HTTP in all modes and over Redis."""

import asyncio
import json
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx
import pytest
from redis import Redis

from services.console.local.data_directory import CannotStart
from services.console.trust.beginning import begin
from shared.bus.streams import intake
from shared.settings import Settings
from shared.trust.signature_check import SignatureCheck
from shared.trust.signing import signed_events
from shared.vocabulary import Family
from tests.support.cloudevents import COUNTRY, cloudevent, registration
from tests.support.http_clients import BATCHED
from tests.support.intake_scenario import Scenario, answers
from tests.support.listening_service import serving
from tests.support.scenarios import History
from tests.support.trusted import REALM, ROOTS, began, key_of, signed

STRUCTURED = {"content-type": "application/cloudevents+json"}
OPENED = {**COUNTRY, "occurred_on": "2004-01-01"}


class Published:
    """A registry that began trust, and what it answers."""

    def __init__(self, port: int) -> None:
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def one(self, event: dict[str, Any]) -> httpx.Response:
        return await self._client.post("/events", content=json.dumps(event), headers=STRUCTURED)

    async def batch(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = await self._client.post("/events", content=json.dumps(events), headers=BATCHED)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def binary(self, event: dict[str, Any]) -> httpx.Response:
        head = {
            f"ce-{name}": quote(str(v), safe="/:+.") for name, v in event.items() if name != "data"
        }
        headers = {**head, "content-type": "application/json"}
        return await self._client.post(
            "/events", content=json.dumps(event["data"]), headers=headers
        )


def on_a_trusted_ledger(home: Path, scenario: Any) -> None:
    """Begin trust on a new ledger, and run a scenario with its registry."""
    settings = Settings.from_environment({"DVK_HOME": str(home)})
    digest = begin(settings, REALM, {ROOTS[0]: key_of(ROOTS[0])}, 1)
    with pytest.raises(CannotStart):
        begin(settings, REALM, {ROOTS[0]: key_of(ROOTS[0])}, 1)
    assert settings.trust_file.read_text("ascii").strip() == digest

    async def run() -> None:
        async with serving(home, DVK_TRUST=digest) as port, Published(port) as ledger:
            await scenario(ledger)

    asyncio.run(run())


def test_every_mode_takes_signed_events_and_no_others(tmp_path: Path) -> None:
    async def scenario(ledger: Published) -> None:
        plain = cloudevent("UnitOpened", OPENED, source=f"/publishers/{ROOTS[0]}")
        for answer in (await ledger.one(plain), await ledger.binary(plain)):
            assert answer.status_code == 401
            assert answer.json()["code"] == "unsigned"
            assert "www-authenticate" in answer.headers
        (item,) = await ledger.batch([plain])
        assert item["problem"]["code"] == "unsigned"
        # In binary mode the content type is an attribute of the event, and so of the record.
        opened = signed("UnitOpened", OPENED, ROOTS[0], datacontenttype="application/json")
        assert (await ledger.binary(opened)).status_code == 201
        assert (await ledger.one(opened)).status_code == 200
        again = signed_events([opened], key_of(ROOTS[0]), REALM)[0]
        assert (await ledger.one(again)).status_code == 200, "signed again, it is the same event"
        changed = {**opened, "data": {**OPENED, "name": "Khác"}}
        reused = await ledger.one(signed_events([changed], key_of(ROOTS[0]), REALM)[0])
        assert (reused.status_code, reused.json()["code"]) == (409, "id_reused")

    on_a_trusted_ledger(tmp_path, scenario)


def test_one_bad_signature_of_a_batch_leaves_the_others(tmp_path: Path) -> None:
    async def scenario(ledger: Published) -> None:
        assert (await ledger.one(signed("UnitOpened", OPENED, ROOTS[0]))).status_code == 201
        source = f"/publishers/{ROOTS[0]}"
        plain = [
            cloudevent("ModelRegistered", registration(str(number)), source=source)
            for number in range(32)
        ]
        events = signed_events(plain, key_of(ROOTS[0]), REALM)
        events[9]["signsalt"] = "A" * 22
        items = await ledger.batch(events)
        wrong = [n for n, item in enumerate(items) if item["status"] != "accepted"]
        assert wrong == [9]
        assert items[9]["problem"]["code"] == "bad_signature"

    on_a_trusted_ledger(tmp_path, scenario)


def test_what_was_accepted_before_a_revocation_keeps_its_position(tmp_path: Path) -> None:
    async def scenario(ledger: Published) -> None:
        opened = signed("UnitOpened", OPENED, ROOTS[0])
        position = (await ledger.one(opened)).json()["position"]
        data = {
            "publisher_id": ROOTS[0],
            "key_id": key_of(ROOTS[0]).key_id,
            "why": "retired",
            "occurred_on": "2026-01-01",
        }
        later = cloudevent("ModelRegistered", registration("1"), source=f"/publishers/{ROOTS[0]}")
        revoked = cloudevent("KeyRevoked", data, source=f"/publishers/{ROOTS[0]}")
        items = await ledger.batch(signed_events([revoked, later], key_of(ROOTS[0]), REALM))
        assert [item["status"] for item in items] == ["accepted", "refused"]
        assert items[1]["problem"]["code"] == "key_revoked"
        again = (await ledger.one(opened)).json()
        assert (again["status"], again["position"]) == ("duplicate", position)

    on_a_trusted_ledger(tmp_path, scenario)


@pytest.mark.redis
def test_the_stream_takes_signed_events_and_no_others(fresh_redis: str) -> None:
    redis = Redis.from_url(fresh_redis)
    history = History()
    history.record(began(roots=("bac-kan",)))
    authority = history.deciders[Family.REGISTRY].authority
    desk = Scenario(redis)
    check = SignatureCheck(lambda: authority, lambda: None)
    taking = desk.intake_to(desk.submit, signatures=check)
    stream = intake(Family.REGISTRY, "bac-kan")
    for event in (
        cloudevent("UnitOpened", OPENED, source="/publishers/bac-kan"),
        signed("UnitOpened", OPENED, "bac-kan", key=key_of("p-1")),
        signed("UnitOpened", OPENED, "bac-kan"),
    ):
        redis.xadd(stream, {"event": json.dumps(event)})
    while taking.step() or desk.appender.step():
        pass
    assert [(item["problem"] or {}).get("code") for item in answers(redis)] == [
        "unsigned",
        "unknown_key",
        None,
    ]
    redis.close()
