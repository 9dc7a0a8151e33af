"""An address, a path and a number are never broken by us, however narrow the terminal is."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.console.client.http_client import RequestRefused, Unanswered
from services.console.commands.complaints import complain
from services.console.commands.publish import summary
from services.console.commands.status import tell
from services.console.commands.up import welcome
from services.console.doctor.finding import Bilingual, broken, well
from services.console.doctor.run import show
from services.console.local.data_directory import CannotStart
from services.console.output.change_lines import event_lines
from services.console.output.tables import show_table
from services.console.output.texts import CHOSEN, Terminal
from shared.client.addresses import on_ports
from shared.client.delivery import Undeliverable
from shared.settings import Settings

ADDRESS = "http://reporting.ledger.province.example.vn:18080"
LONG = "/srv/data/ledger/of/the/emulation/movement/reporting.db"


def _welcome(console: Terminal) -> list[str]:
    settings = replace(Settings.from_environment({}), home=Path(LONG), host="0.0.0.0")  # noqa: S104  printed
    addresses = replace(on_ports("127.0.0.1", 18_080), reporting=ADDRESS, registry=f"{ADDRESS}/r")
    ledger: Any = SimpleNamespace(settings=settings, addresses=addresses, stopping=Event())
    welcome(ledger, 1.25, console)
    return [f"{ADDRESS}/", f"{ADDRESS}/r", addresses.evaluation, LONG, f"{LONG}/logs"]


def _status(console: Terminal) -> list[str]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/completeness":
            model = {"name": "registrations", "position": 14_544_123, "events_handled": 14_544_123}
            models = [{**model, "equal": True}]
            body = {"log": {"head": 14_544_123, "events": 14_544_123}, "read_models": models}
            return httpx.Response(200, json=body)
        if request.url.path in {"/parked", "/refused"}:
            return httpx.Response(200, json={"items": [{}] * 1_000, "next": "x"})
        return httpx.Response(200 if request.url.path == "/readyz" else 404)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        tell(client, ADDRESS, console)
    return [ADDRESS, ADDRESS.replace("18080", "18081"), console.number(14_544_123),
            console.number(10_000)]  # fmt: skip


def _nobody(console: Terminal) -> list[str]:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client:
        assert tell(client, ADDRESS, console) == 1
    return [ADDRESS]


def _doctor(console: Terminal) -> list[str]:
    absent = Bilingual(f"{ADDRESS} không trả lời", f"{ADDRESS} does not answer")
    found = [
        well("log", f"sổ ở {LONG}", f"the log is {LONG}"),
        broken(
            "reporting", absent, Bilingual("vì", "because"), f"curl '{ADDRESS}/parked?limit=20'"
        ),
    ]
    show(found, console)
    return [ADDRESS, LONG, f"'{ADDRESS}/parked?limit=20'"]


def _complaints(console: Terminal) -> list[str]:
    url = f"{ADDRESS}/explain?year=2022"
    for error in (
        Unanswered(f"{url}: timed out"),
        RequestRefused(f"{url}: HTTP 422: no"),
        Undeliverable(f"{url}: HTTP 500"),
        CannotStart(f"Không ghi được vào {LONG}.", f"{LONG} cannot be written."),
    ):
        complain(console, error)
    return [f"{url}:", LONG]


def _published(console: Terminal) -> list[str]:
    show_table(console, f"{LONG}.jsonl", summary({"accepted": 1_234_567_890}, console))
    return [f"{LONG}.jsonl", console.number(1_234_567_890)]


def _changed(console: Terminal) -> list[str]:
    event = {
        "position": 14_544_123,
        "type": "dvk.AwardGranted.v1",
        "subject": "award/gso-2004-058-2022-award-0001-of-many",
        "delta": 1,
        "title": f"Mô hình ở {ADDRESS}",
        "recordedtime": "2023-01-31T01:00:00Z",
        "reason": "vì",
    }
    for line in event_lines(event, console):
        console.print(line, soft_wrap=True)
    return [ADDRESS, str(event["subject"]), console.number(14_544_123)]


SHOWN = [_welcome, _status, _nobody, _doctor, _complaints, _published, _changed]


@pytest.fixture(params=["vi", "en"])
def chosen(request: pytest.FixtureRequest) -> Iterator[None]:
    token = CHOSEN.set(request.param)
    yield
    CHOSEN.reset(token)


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("width", [40, 60, 120])
@pytest.mark.parametrize("shown", SHOWN)
def test_what_is_copied_or_read_as_one_word_stays_on_one_line(
    shown: Callable[[Terminal], list[str]], width: int
) -> None:
    text = StringIO()
    whole = shown(Terminal(file=text, width=width, highlight=False))
    words = text.getvalue().split()
    for each in whole:
        assert any(each in word for word in words), f"{each} is broken in:\n{text.getvalue()}"
