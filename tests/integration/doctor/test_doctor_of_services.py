"""`dvk doctor` and services that are gone, stuck, not ready, of another release, or strangers."""

import asyncio
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from services.console.doctor.commands import Commands
from services.console.doctor.finding import Finding, Level
from services.console.doctor.services import check_service, check_services
from shared.client.addresses import Addresses
from shared.clock import MICROSECONDS, system_clock
from tests.support.alarm_scenarios import Alarmed, alarmed
from tests.support.cloudevents import country, unit

DAY = 86_400
HERE = "http://test"


class Through(httpx.BaseTransport):
    """Takes the requests of a client that waits to an application that does not."""

    def __init__(self, service: Alarmed) -> None:
        self._service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = asyncio.run(self._service.request(request.method, request.url.path))
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Alarmed]:
    with alarmed(tmp_path) as started:
        yield started


def of(service: Alarmed, clock: Callable[[], int] = system_clock) -> dict[str, Finding]:
    """Return what is found of a service, by check."""
    with httpx.Client(transport=Through(service)) as client:
        found = list(check_service(client, "registry", HERE, clock, Commands(None)))
    return {each.check: each for each in found}


def ill(service: Alarmed) -> dict[str, Level]:
    return {check: each.level for check, each in of(service).items() if each.level}


def test_a_service_that_is_ready_is_well(service: Alarmed) -> None:
    service.append(country())
    assert ill(service) == {}


def test_a_service_that_is_not_ready_says_what_it_lacks(service: Alarmed, tmp_path: Path) -> None:
    service.append(country())
    service.log.close()
    for file in tmp_path.glob("log.db*"):
        file.unlink()
    (tmp_path / "log.db").mkdir()
    found = of(service)["registry"]
    assert found.level is Level.BROKEN
    assert "log:" in found.found.en
    assert "docker compose logs --tail 50 registry" in {step.en for step in found.do}


def test_a_service_that_has_read_another_history_is_told_apart(service: Alarmed) -> None:
    service.append(country(), unit("a"))
    folded = service.appender._folded
    folded.checkpoint = folded.checkpoint._replace(chain=b"another")
    service.appender.submit([unit("b")])
    with pytest.raises(Exception, match="log_restored"):
        service.appender.step()
    assert of(service)["registry.log"].level is Level.BROKEN


def test_what_waits_for_days_and_a_long_queue_are_told(service: Alarmed) -> None:
    service.append(country(), unit("b", "a"))
    assert ill(service) == {}
    service.prometheus.now += 3 * DAY
    assert "the oldest for 3 days" in of(service)["registry.parked"].found.en
    service.appender.submit([unit("c")] * 10_001)
    assert ill(service) == {"registry.parked": Level.LOOK, "registry.queue": Level.LOOK}


def test_another_release_is_told(service: Alarmed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.console.doctor.services.VERSION", "99.0")
    found = of(service)["registry.release"]
    assert found.level is Level.LOOK
    assert "99.0" in found.found.en


class Stranger(http.server.BaseHTTPRequestHandler):
    """A program that is none of ours; its answers carry the date, as those of any server."""

    def do_GET(self) -> None:
        """Answer anything with a page."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Hello</p>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def stranger() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=lambda: server.serve_forever(0.01))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def asked(address: str, clock: Callable[[], int] = system_clock) -> dict[str, Finding]:
    with httpx.Client(timeout=0.2, trust_env=False) as client:
        found = list(check_service(client, "registry", address, clock, Commands(None)))
    return {each.check: each for each in found}


def test_a_service_that_is_asked_under_another_name_says_which(tmp_path: Path) -> None:
    told = httpx.Response(421, json={"code": "other_host", "status": 421})
    for home, step in ((None, "docker compose up --detach registry"), (tmp_path, "dvk up")):
        with httpx.Client(transport=httpx.MockTransport(lambda _: told)) as client:
            address = "http://ledger.example.org:8081"
            (found,) = check_service(client, "registry", address, system_clock, Commands(home))
        assert found.level is Level.BROKEN
        assert "ledger.example.org" in found.found.en
        assert {"DVK_ALLOWED_HOSTS" in each.en for each in found.do} == {True, False}
        assert step in {each.en for each in found.do}


def test_another_program_at_the_port_is_no_service() -> None:
    with stranger() as address:
        found = asked(address)["registry"]
    assert found.level is Level.BROKEN
    assert "another program" in found.found.en


def test_a_service_that_listens_and_says_nothing_is_stuck() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        found = asked(f"http://127.0.0.1:{silent.getsockname()[1]}")["registry"]
    assert found.level is Level.BROKEN
    assert "silent" in found.found.en


def test_the_clock_of_a_service_is_held_against_ours() -> None:
    from services.console.doctor.services import check_date  # noqa: PLC0415

    with stranger() as address, httpx.Client(trust_env=False) as client:
        assert list(check_date(client, "registry", address, system_clock)) == []
        (found,) = check_date(
            client, "registry", address, lambda: system_clock() - 60 * MICROSECONDS
        )
    assert found.level is Level.LOOK


def test_where_nothing_listens_there_is_one_thing_to_say() -> None:
    nobody = Addresses("http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9")
    with httpx.Client(trust_env=False) as client:
        (found,) = check_services(client, nobody, system_clock, Commands(Path("/nowhere")))
    assert (found.check, found.level) == ("services", Level.BROKEN)
    assert "dvk up" in {step.vi for step in found.do}
    assert Path("/nowhere").exists() is False
