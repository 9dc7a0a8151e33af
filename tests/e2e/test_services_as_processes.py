"""Registry and evaluation as processes: they wake one another, outlive Redis, and end in order."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.dvk_command import environment, free_ports
from tests.support.asking import ASKING
from tests.support.cloudevents import COUNTRY, cloudevent, recognition, registration
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.processes]


@dataclass(frozen=True)
class Running:
    """A service as a process of its own."""

    process: subprocess.Popen[bytes]
    address: str
    words: Path

    def ask(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON body of an answer."""
        answer = ASKING.get(self.address + path, timeout=60)
        return answer.status_code, answer.json()

    def publish(self, event: object, media_type: str = "application/cloudevents+json") -> Any:
        """Publish over HTTP; return the status and the JSON body."""
        answer = ASKING.post(
            f"{self.address}/events",
            content=json.dumps(event).encode(),
            headers={"Content-Type": media_type},
            timeout=60,
        )
        return answer.status_code, answer.json()


@contextmanager
def running(service: str, home: Path, port: int, **settings: str) -> Iterator[Running]:
    """Run a service until the end of the test; it is ready when this begins."""
    offset = {"reporting": 0, "registry": 1, "evaluation": 2}[service]
    home.mkdir(exist_ok=True)
    words = home / f"{service}.log"
    with words.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}"],
            env=environment(home, port, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    one = Running(process, f"http://127.0.0.1:{port + offset}", words)
    try:
        until(lambda: _ready(one), f"{service} is ready")
        yield one
    finally:
        process.kill()
        process.wait()


def _ready(one: Running) -> bool:
    assert one.process.poll() is None, one.words.read_text("utf-8")
    try:
        return ASKING.get(f"{one.address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.05)


def receipt_status(service: Running, event: dict[str, Any]) -> str | None:
    status, item = service.ask(f"/receipts?source={event['source']}&id={event['id']}")
    return item["status"] if status == 200 else None


def test_what_waited_in_one_service_is_released_by_the_other(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    port = free_ports()
    urls = {"REDIS_URL": own_redis.url}
    early = cloudevent("ModelRecognized", recognition("1"))
    with (
        running("registry", tmp_path, port, **urls) as registry,
        running("evaluation", tmp_path, port, **urls) as evaluation,
    ):
        status, item = evaluation.publish(early)
        assert (status, item["status"]) == (202, "parked")
        opened = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
        registered = cloudevent("ModelRegistered", registration("1"))
        status, answer = registry.publish(
            [opened, registered], "application/cloudevents-batch+json"
        )
        assert status == 200
        assert [item["position"] for item in answer["items"]] == [1, 2]
        until(lambda: receipt_status(evaluation, early) == "accepted", "the recognition stands")
        _, feed = registry.ask("/events?after=2")
        assert [event["id"] for event in feed] == [early["id"]]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on the PATH")
def test_curl_publishes_in_all_three_modes(tmp_path: Path) -> None:
    country = cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
    first, second, third = (
        cloudevent("ModelRegistered", registration(number)) for number in ("1", "2", "3")
    )
    headers = [("Content-Type", "application/json")]
    headers += [(f"ce-{name}", value) for name, value in first.items() if name != "data"]
    with running("registry", tmp_path, free_ports()) as registry:
        structured = curl(registry, country, [("Content-Type", "application/cloudevents+json")])
        assert (structured[0], structured[1]["position"]) == (201, 1)
        status, item = curl(registry, first["data"], headers)
        assert (status, item["id"], item["position"]) == (201, first["id"], 2)
        batch = [("Content-Type", "application/cloudevents-batch+json")]
        status, answer = curl(registry, [second, country, third], batch)
        assert status == 200
        places = [(item["status"], item["position"]) for item in answer["items"]]
        assert places == [("accepted", 3), ("duplicate", 1), ("accepted", 4)]


def curl(service: Running, body: object, headers: list[tuple[str, str]]) -> tuple[int, Any]:
    """Publish with curl, as from any language; return the status and the JSON body."""
    stated = [part for name, value in headers for part in ("-H", f"{name}: {value}")]
    sent = ["--data-binary", json.dumps(body), f"{service.address}/events"]
    command = ["curl", "-sS", "-w", "\n%{http_code}", *stated, *sent]
    ran = subprocess.run(command, check=True, capture_output=True, timeout=60)
    text, _, status = ran.stdout.decode().rpartition("\n")
    return int(status), json.loads(text)


def test_without_redis_publishing_goes_on_and_it_is_said(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    own_redis.kill()
    port = free_ports()
    with running("registry", tmp_path, port, REDIS_URL=own_redis.url) as registry:
        status, _ = registry.publish(
            cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})
        )
        assert status == 201
        status, ready = registry.ask("/readyz")
        assert (status, ready["checks"]["redis"]["ok"]) == (200, False)
        own_redis.start()
        with own_redis.client() as client:
            until(lambda: client.xlen("dvk:events") == 1, "the relay has caught up")
        until(lambda: registry.ask("/readyz")[1]["checks"]["redis"]["ok"], "Redis is back")


def test_what_was_acknowledged_before_sigterm_stands(tmp_path: Path) -> None:
    port = free_ports()
    acknowledged: list[str] = []
    with running("registry", tmp_path, port) as registry:
        registry.publish(cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"}))
        publishing = threading.Thread(target=_publish_until_it_ends, args=(registry, acknowledged))
        publishing.start()
        until(lambda: len(acknowledged) > 20, "publishing is under way")
        started = time.monotonic()
        os.kill(registry.process.pid, signal.SIGTERM)
        registry.process.wait(timeout=10)
        assert time.monotonic() - started < 10
        publishing.join(timeout=30)
    with running("registry", tmp_path, port) as again:
        stored: set[str] = set()
        after = 0
        while page := again.ask(f"/events?limit=1000&after={after}")[1]:
            stored |= {event["id"] for event in page}
            after = int(page[-1]["sequence"])
    assert set(acknowledged) <= stored
    # What was taken but not answered may stand too; one request was under way at most.
    assert len(stored) <= len(acknowledged) + 2


def _publish_until_it_ends(registry: Running, acknowledged: list[str]) -> None:
    with httpx.Client(base_url=registry.address, timeout=10) as client:
        for number in range(100_000):
            event = cloudevent("ModelRegistered", registration(str(number)))
            try:
                answer = client.post(
                    "/events",
                    content=json.dumps(event).encode(),
                    headers={"Content-Type": "application/cloudevents+json"},
                )
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                acknowledged.append(event["id"])
