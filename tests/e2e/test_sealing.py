"""The sealer as a process of `dvk up`: proofs, a kill, a history that was rewritten while it was off."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Settings
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import Note
from tests.e2e.dvk_command import Up, dvk, free_ports, up
from tests.support.asking import ASKING
from tests.support.cloudevents import COUNTRY, cloudevent

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]

PATIENCE_SECONDS = 60.0


def until(answer: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := answer()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def published(ledger: Up, number: int) -> dict[str, Any]:
    """Publish a unit; return the event and its receipt."""
    unit = {
        **COUNTRY,
        "unit_id": "vn" if number == 1 else f"u{number}",
        "occurred_on": "2004-01-01",
    }
    if number > 1:
        unit |= {"level": "province", "parent_id": "vn"}
    event = cloudevent("UnitOpened", unit)
    answer = ASKING.post(
        f"http://127.0.0.1:{ledger.port + 1}/events",
        json=event,
        headers={"Content-Type": "application/cloudevents+json"},
    )
    assert answer.status_code == 201, answer.text
    return {**event, **answer.json()}


def size_of(ledger: Up) -> int:
    answer = ASKING.get(f"{ledger.url}/checkpoint")
    return Checkpoint.parse(Note.parse(answer.content).text).size if answer.is_success else 0


def seal_found(env: Any) -> dict[str, Any]:
    report = json.loads(dvk("doctor", "--json", env=env).stdout)
    return next(each for each in report["checks"] if each["check"] == "seal")


def test_every_ledger_is_sealed_and_a_rewritten_one_is_not(tmp_path: Path) -> None:
    home, proof = tmp_path / "home", tmp_path / "p.tlog-proof"
    with up(home, free_ports(), DVK_SAMPLE="0") as ledger:
        receipt = published(ledger, 1)
        until(lambda: size_of(ledger) == 1)
        key = ("--source", receipt["source"], "--id", receipt["id"])
        got = dvk("proof", "get", str(proof), *key, "--extra", env=ledger.env)
        assert got.returncode == 0, got.stdout
        # Killed, it is started again, and goes on from where it was.
        os.kill(ledger.children()["sealer"], signal.SIGKILL)
        published(ledger, 2)
        until(lambda: size_of(ledger) == 2)
        assert seal_found(ledger.env)["level"] == "well"
        with closing(sqlite3.connect(home / "log.db")) as log:
            (vkey,) = log.execute("SELECT DISTINCT vkey FROM log_checkpoints").fetchone()
        env = ledger.env
    verified = dvk("proof", "verify", str(proof), "--log", vkey, env=env)
    assert verified.returncode == 0, verified.stdout
    assert (home / "keys/seal.key").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(home / "log.db")) as log, log:
        for (name,) in log.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            log.execute(f"DROP TRIGGER {name}")
        log.execute("DELETE FROM log_events WHERE position = 2")
    (home / "reporting.db").unlink()
    with up(home, free_ports(), DVK_SAMPLE="0") as ledger:
        published(ledger, 3)
        sealed = home / "logs/sealer.log"
        until(lambda: "seal_refused" in sealed.read_text("utf-8"))
        assert size_of(ledger) == 2
        answer = ASKING.get(f"{ledger.url}/proof?position=2")
        assert (answer.status_code, answer.json()["code"]) == (503, "seal_contradicted")
        assert "dvk_seal_contradicted 1.0" in ASKING.get(f"{ledger.url}/metrics").text
        assert seal_found(ledger.env)["level"] == "broken"
        page = ASKING.get(f"{ledger.url}/pages/integrity", headers={"Accept": "text/html"}).text
        assert "TRÁI VỚI ĐIỂM KIỂM" in page


def test_a_second_sealer_on_the_same_folder_does_not_start(tmp_path: Path) -> None:
    env = {**os.environ, "DVK_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "services.sealer"]
    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as first:
        alive = Settings.from_environment({"DVK_HOME": str(tmp_path)}).seal_memory / "alive"
        until(alive.exists)
        second = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert second.returncode != 0
        assert "sealer_runs" in second.stderr
        first.terminate()
        assert first.wait(20) == 0
