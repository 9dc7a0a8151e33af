"""`dvk rebuild` beside a ledger that runs: no request fails, and a wrong wish is told what to do."""

import os
import signal
import sqlite3
import subprocess
import threading
from pathlib import Path

import httpx
import pytest

from tests.e2e.dvk_command import (
    DVK,
    Up,
    dvk,
    dvk_here,
    environment,
    free_ports,
    up,
    up_with_the_sample_alone,
)
from tests.e2e.test_services_as_processes import until
from tests.support.asking import ASKING

pytestmark = [pytest.mark.processes, pytest.mark.redis]


def _generation(ledger: Up, name: str) -> int:
    text = ASKING.get(f"{ledger.url}/metrics", timeout=20).text
    start = f'dvk_read_model_generation{{read_model="{name}"}} '
    (line,) = [line for line in text.splitlines() if line.startswith(start)]
    return int(float(line.removeprefix(start)))


def _read(ledger: Up, ended: threading.Event, answers: list[tuple[int, str]]) -> None:
    with httpx.Client(base_url=ledger.url, timeout=30) as client:
        while not ended.is_set():
            answer = client.get("/summaries/national", params={"year": 2022, "known_at": 300})
            answers.append((answer.status_code, answer.text))
            ended.wait(0.02)  # whoever asks without a pause takes the processor from the rebuild


def test_a_running_ledger_is_rebuilt_and_rolled_back_without_a_failed_request(
    tmp_path: Path,
) -> None:
    with up_with_the_sample_alone(tmp_path / "home", free_ports()) as ledger:
        ended = threading.Event()
        answers: list[tuple[int, str]] = []
        reader = threading.Thread(target=_read, args=(ledger, ended, answers))
        reader.start()
        try:
            until(lambda: len(answers) > 3, "reading is under way")
            done = dvk("rebuild", "registrations", env=ledger.env)
            assert done.returncode == 0, done.stdout
            assert "1 → 2" in done.stdout
            until(lambda: _generation(ledger, "registrations") == 2, "the service follows")
            back = dvk("rebuild", "registrations", "--rollback", env=ledger.env)
            assert back.returncode == 0, back.stdout
            until(lambda: _generation(ledger, "registrations") == 1, "the service follows back")
            count = len(answers)
            until(lambda: len(answers) > count + 3, "reading goes on")
        finally:
            ended.set()
            reader.join()
        assert {status for status, _ in answers} == {200}
        assert len({body for _, body in answers}) == 1
        assert dvk("status", env=ledger.env).returncode == 0


@pytest.mark.slow
def test_a_killed_rebuild_blocks_nobody_and_a_start_on_other_tables_says_what_to_run(
    tmp_path: Path,
) -> None:
    home, port = tmp_path / "home", free_ports()
    with up(home, port) as ledger:
        env = ledger.env
    rebuilding = subprocess.Popen([DVK, "rebuild"], env=env, stdout=subprocess.DEVNULL)
    lock = home / "reporting.db.rebuild"
    until(lock.exists, "the rebuild has begun")
    os.kill(rebuilding.pid, signal.SIGKILL)
    rebuilding.wait()
    again = dvk("rebuild", "awards", env=env)
    assert again.returncode == 0, again.stdout
    with sqlite3.connect(home / "reporting.db") as database:
        database.execute("UPDATE read_models SET version = 0 WHERE name = 'awards'")
    refused = dvk("up", env=env)
    assert refused.returncode == 1
    assert "dvk rebuild awards" in refused.stdout
    assert "hãy chạy lệnh sau" in refused.stdout
    assert dvk("rebuild", "awards", env=env).returncode == 0
    with up(home, port):
        pass


def test_going_back_to_what_is_to_be_dropped_is_refused(tmp_path: Path) -> None:
    refused = dvk_here(
        "rebuild", "awards", "--rollback", "--drop-previous", env={"DVK_HOME": f"{tmp_path}"}
    )
    assert refused.returncode == 1
    assert "--drop-previous xóa chính bản mà --rollback quay lại" in refused.stdout


def test_what_cannot_be_rebuilt_is_refused_clearly(tmp_path: Path) -> None:
    env = environment(tmp_path / "nowhere", free_ports())
    unknown = dvk_here("rebuild", "awrads", env=env)
    assert unknown.returncode == 1
    assert "awards, proposals" in unknown.stdout
    missing = dvk_here("rebuild", "awards", env=env)
    assert missing.returncode == 1
    assert "log.db" in missing.stdout
    assert not (tmp_path / "nowhere").exists()
    nameless = dvk_here("rebuild", "--rollback", env=env)
    assert nameless.returncode == 1
    assert "--rollback" in nameless.stdout
