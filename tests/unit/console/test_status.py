"""`dvk status` says in plain words what is wrong, and only then."""

from io import StringIO
from typing import Any

import httpx
import pytest

from services.console.commands.status import Own, tell
from services.console.output.texts import Terminal
from shared.trust.reads.request_signature import RequestSignature, SignedRequest
from tests.support.trusted import key_of

HERE = "http://127.0.0.1:8080"
SERVICES = {8080: "reporting", 8081: "registry", 8082: "evaluation"}


class Machine:
    """Stands for three services at the other end of the line, well until told otherwise."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.not_ready: dict[str, str] = {}
        self.parked: dict[str, int] = {}
        self.quarantined = 0
        self.position = 9
        self.discarded = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        service = SERVICES[request.url.port or 0]
        if service in self.away:
            raise httpx.ConnectError("refused")
        path = request.url.path
        if path == "/readyz" and service in self.not_ready:
            return httpx.Response(503, json={"detail": self.not_ready[service]})
        if path == "/completeness" and service == "reporting":
            return httpx.Response(200, json=self._completeness())
        if path == "/metrics":
            text = f'dvk_quarantined_subjects{{read_model="awards"}} {self.quarantined}\n'
            return httpx.Response(200, text=text if service == "reporting" else "")
        if path in {"/parked", "/refused"}:
            return self._page(request, self.parked.get(service, 0) if path == "/parked" else 0)
        return httpx.Response(200 if path == "/readyz" else 404)

    def _completeness(self) -> Any:
        equal = self.position == 9
        awards = {"name": "awards", "position": self.position, "events_handled": 7, "equal": equal}
        if self.discarded:
            awards |= {"events_held": 0, "events_discarded": self.discarded, "equal": False}
        return {"log": {"head": 9, "events": 9}, "read_models": [awards]}

    def _page(self, request: httpx.Request, count: int) -> httpx.Response:
        after = int(request.url.params.get("cursor", 0))
        until = min(count, after + int(request.url.params["limit"]))
        page: dict[str, Any] = {"items": [{}] * (until - after)}
        return httpx.Response(200, json={**page, "next": str(until) if until < count else None})

    def told(self) -> tuple[int, str]:
        text = StringIO()
        with httpx.Client(transport=httpx.MockTransport(self)) as client:
            code = tell(client, HERE, Terminal(file=text, width=120))
        return code, text.getvalue()


def test_a_publisher_asks_for_its_own_with_its_key() -> None:
    asked = []

    def ledger(request: httpx.Request) -> httpx.Response:
        if request.url.path not in {"/parked", "/refused"}:
            return httpx.Response(200 if request.url.path == "/readyz" else 404)
        path, _, query = request.url.raw_path.decode().partition("?")
        signed = SignedRequest("GET", request.headers["host"], path, query)
        read = RequestSignature.read(
            request.headers["signature-input"], request.headers["signature"]
        )
        assert read is not None
        assert read.is_of(key_of("p-a").public, signed)
        asked.append((request.url.port, path, request.url.params["source"]))
        return httpx.Response(200, json={"items": [{}], "next": None})

    with httpx.Client(transport=httpx.MockTransport(ledger)) as client:
        tell(client, HERE, Terminal(file=StringIO(), width=120), Own("p-a", key_of("p-a")))
    assert asked == [
        (port, path, "/publishers/p-a")
        for port in (8081, 8082, 8080)
        for path in ("/parked", "/refused")
    ]


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_when_all_is_well_it_says_so(machine: Machine) -> None:
    code, text = machine.told()
    assert code == 0
    assert "Mọi thứ ổn" in text
    assert text.count("sẵn sàng ✓") == 3
    assert "đủ ✓" in text


def test_parked_events_are_counted_over_all_pages_and_are_no_trouble(machine: Machine) -> None:
    machine.parked["evaluation"] = 2_345
    code, text = machine.told()
    assert code == 0
    assert "2.345" in next(line for line in text.splitlines() if "evaluation" in line)


def test_a_service_that_does_not_answer_is_named(machine: Machine) -> None:
    machine.away.add("registry")
    code, text = machine.told()
    assert code == 1
    assert "registry không trả lời" in text
    assert "Mọi thứ ổn" not in text


def test_a_service_that_is_not_ready_says_what_it_lacks(machine: Machine) -> None:
    machine.not_ready["evaluation"] = "Dịch vụ chưa sẵn sàng: log."
    code, text = machine.told()
    assert code == 1
    assert "chưa sẵn sàng: log." in text


def test_what_is_quarantined_needs_somebody(machine: Machine) -> None:
    machine.quarantined = 2
    code, text = machine.told()
    assert code == 1
    assert "2 chuỗi sự kiện bị cách ly" in text


def test_a_read_model_that_is_behind_says_by_how_much(machine: Machine) -> None:
    machine.position = 4
    code, text = machine.told()
    assert code == 1
    assert "còn 5 sự kiện" in text


def test_when_nothing_answers_it_says_how_to_start(machine: Machine) -> None:
    machine.away.update(SERVICES.values())
    code, text = machine.told()
    assert code == 1
    assert "dvk up" in text


def test_what_an_operator_has_discarded_is_said_and_needs_nobody(machine: Machine) -> None:
    machine.discarded = 2
    code, text = machine.told()
    assert code == 0
    assert "đã loại bỏ 2 sự kiện" in text
