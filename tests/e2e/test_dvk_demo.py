"""`dvk demo` shows the city and says honestly whether the published figures agree."""

from io import StringIO
from pathlib import Path

import httpx
import orjson
import pytest

from services.console.commands.demo import show
from services.console.output.texts import Terminal
from tests.e2e.dvk_command import (
    dvk,
    environment,
    free_ports,
    numbers_of,
    up_with_the_sample_alone,
)
from tests.support.asking import ASKING

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]


def test_all_forty_figures_agree_and_everything_is_stopped(tmp_path: Path) -> None:
    port = free_ports()
    shown = dvk("demo", env={**environment(None, port), "TMPDIR": str(tmp_path)})
    assert shown.returncode == 0, shown.stdout
    assert shown.stdout.count("khớp ✓") == 40
    assert "40/40" in shown.stdout
    assert "28/28" in shown.stdout
    for count, words in ((11, "no such breakdown"), (2, "differ from the ledger"), (1, "a stock")):
        assert any(
            line.split()[:1] == [str(count)] and words in line for line in shown.stdout.splitlines()
        )
    with pytest.raises(httpx.ConnectError):
        ASKING.get(f"http://127.0.0.1:{port}/healthz")
    assert list(tmp_path.iterdir()) == []
    rows = [numbers_of(line) for line in shown.stdout.splitlines()]
    assert [191, 160, 129, 15, 29] in rows
    assert any("Tập thể" in line and "49" in line for line in shown.stdout.splitlines())


@pytest.mark.slow
def test_a_figure_that_differs_is_marked_and_is_no_success(tmp_path: Path) -> None:
    port = free_ports()
    with (
        up_with_the_sample_alone(tmp_path / "home", port) as ledger,
        httpx.Client(timeout=10) as client,
    ):
        text = StringIO()
        console = Terminal(file=text, width=120)
        assert show(client, ledger.url, console)
        assert "lệch ✗" not in text.getvalue()
        client.post(
            f"http://127.0.0.1:{port + 1}/events",
            content=orjson.dumps(WITHDRAWAL),
            headers={"content-type": "application/cloudevents+json"},
        ).raise_for_status()
        position = ASKING.get(f"{ledger.url}/completeness", timeout=10).json()["log"]["head"]
        assert position == 642
        while not all(
            model["position"] == position
            for model in client.get(f"{ledger.url}/completeness").json()["read_models"]
        ):
            pass
        assert not show(client, ledger.url, console)
    assert "190" in text.getvalue()
    assert text.getvalue().count("lệch ✗") >= 2


WITHDRAWAL = {
    "specversion": "1.0",
    "id": "withdraw-one",
    "source": "/publishers/test",
    "type": "dvk.RegistrationWithdrawn.v1",
    "subject": "registration/bk-058-2022-191",
    "time": "2023-01-03T08:00:00+07:00",
    "data": {
        "occurred_on": "2022-12-31",
        "registration_id": "bk-058-2022-191",
        "reason": "not in the account",
    },
}
