"""Each check of `dvk doctor` is seen failing on a ledger that is really broken, and well before."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.console.doctor import machine
from services.console.doctor.finding import Level
from services.console.doctor.lock import check_file_lock
from services.console.doctor.run import examined
from shared.clock import system_clock
from shared.settings import Settings
from tests.support.stopped_ledger import NOBODY, Stopped


def test_a_ledger_that_is_whole_is_well_and_looking_leaves_no_trace(stopped: Stopped) -> None:
    before = {path: path.stat().st_mtime_ns for path in stopped.home.rglob("*")}
    assert stopped.ill() == set()
    assert stopped.found()["services"].level is Level.BROKEN
    assert {path: path.stat().st_mtime_ns for path in stopped.home.rglob("*")} == before


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DVK_HOME": str(tmp_path / "nowhere")})
    found = {f.check: f for f in examined(settings, NOBODY, clock=system_clock, deep=False)}
    assert found["home"].level is Level.BROKEN
    assert found["log"].level is Level.BROKEN
    assert not settings.home.exists()


def test_files_of_another_user_are_named(stopped: Stopped, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # nothing is closed to root: ask as the system answers to others
        monkeypatch.setattr(machine.os, "access", lambda path, _how: path.name != "log.db")
    else:
        (stopped.home / "log.db").chmod(0o400)
    assert machine.check_home(stopped.home).level is Level.BROKEN
    assert "log.db" in machine.check_home(stopped.home).found.en


@pytest.mark.parametrize(("free", "level"), [(4_999_999_999, 1), (999_999_999, 2)])
def test_a_disk_that_fills_is_seen(
    stopped: Stopped, monkeypatch: pytest.MonkeyPatch, free: int, level: int
) -> None:
    usage = shutil.disk_usage(stopped.home)._replace(free=free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: usage)
    assert machine.check_disk(stopped.home).level == level


def test_a_log_of_another_release_is_told_by_its_schema(stopped: Stopped) -> None:
    stopped.change("log.db", "UPDATE log_schema SET version = 99 WHERE version = 2")
    found = stopped.found()
    assert found["schema"].level is Level.BROKEN
    assert "99" in found["schema"].found.en


def test_an_event_taken_out_of_the_log_is_missed(stopped: Stopped) -> None:
    stopped.change("log.db", "DELETE FROM log_events WHERE position = 3")
    assert {"positions", "chain"} <= stopped.ill()


def test_an_event_that_was_changed_breaks_the_chain_where_it_stands(stopped: Stopped) -> None:
    swap = "UPDATE log_events SET body = CAST(replace(CAST(body AS TEXT), '{}', '{}') AS BLOB) WHERE position = 4"
    stopped.change("log.db", swap.format("new", "old"))
    found = stopped.found()["chain"]
    assert found.level is Level.BROKEN
    assert "position 4" in found.found.en


def test_what_lies_far_back_is_verified_when_all_is_asked_for(
    stopped: Stopped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.console.doctor.log.LAST", 2)
    stopped.change(
        "log.db", "UPDATE log_events SET recorded_us = recorded_us + 1 WHERE position = 2"
    )
    assert "chain" not in stopped.ill()
    assert "--deep" in stopped.found()["chain"].found.en
    assert "chain" in stopped.ill(deep=True)


def test_a_clock_behind_the_log_is_seen(stopped: Stopped) -> None:
    assert stopped.ill(ahead_seconds=-60) == {"clock"}


def still() -> int:
    """A log to which nobody appends."""
    return 5


@contextmanager
def a_process_that_holds(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that takes the append lock and keeps it."""
    hold = (
        "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT),"
        " fcntl.LOCK_EX); print(flush=True); input()"
    )
    command = [sys.executable, "-c", hold, str(lock)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="the system does not show locks")
def test_who_holds_the_append_lock_is_named_and_whether_it_was_stopped(tmp_path: Path) -> None:
    lock = tmp_path / "log.db.lock"
    assert check_file_lock(lock, still).level is Level.WELL
    with a_process_that_holds(lock) as holder:
        held = check_file_lock(lock, still, looks=3)
        assert held.level is Level.BROKEN
        assert f"pid {holder.pid}" in held.found.en
        assert f"kill -KILL {holder.pid}" in {step.en for step in held.do}
        holder.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, holder.pid, os.WSTOPPED | os.WNOWAIT)
        stopped = check_file_lock(lock, still, looks=3)
        assert f"kill -CONT {holder.pid}" in {step.en for step in stopped.do}
    descriptor = os.open(lock, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_SH)  # a reader's lock is nobody's turn to append
    assert check_file_lock(lock, still, looks=3).level is Level.WELL
    os.close(descriptor)


def test_a_lock_that_goes_from_hand_to_hand_is_as_it_should_be(tmp_path: Path) -> None:
    lock = tmp_path / "log.db.lock"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    def given_back(_seconds: float) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    assert check_file_lock(lock, still, pause=given_back).level is Level.WELL
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    heads = iter((5, 6))  # held at every look, yet the log grows: one turn after another
    assert check_file_lock(lock, lambda: next(heads), looks=3).level is Level.WELL
    os.close(descriptor)


def test_a_log_restored_to_an_older_state_is_noticed_by_what_was_read(stopped: Stopped) -> None:
    older = stopped.home / "older"
    shutil.copy(stopped.home / "log.db", older)
    stopped.append(2)
    shutil.copy(older, stopped.home / "log.db")
    found = stopped.found()["same_log"]
    assert found.level is Level.BROKEN
    assert any("restored" in step.en for step in found.do)
    assert stopped.found()["seal"].level is Level.BROKEN
    # Also when it has grown past that again: the chain is another one.
    (stopped.home / "reporting.db").rename(stopped.home / "kept")
    stopped.append(3)
    for name in ("reporting.db", "reporting.db-wal", "reporting.db-shm"):
        (stopped.home / name).unlink(missing_ok=True)
    (stopped.home / "kept").rename(stopped.home / "reporting.db")
    assert {"same_log", "seal"} <= stopped.ill()


def test_read_models_of_another_release_name_the_command(stopped: Stopped) -> None:
    stopped.change("reporting.db", "UPDATE read_models SET version = 99 WHERE name = 'awards'")
    found = stopped.found()["read_models"]
    assert found.level is Level.BROKEN
    assert "dvk rebuild awards" in {step.vi for step in found.do}


def test_read_models_that_stay_behind_say_by_how_much(stopped: Stopped) -> None:
    kept = stopped.home / "kept"
    shutil.copy(stopped.home / "reporting.db", kept)
    stopped.append(2)
    shutil.copy(kept, stopped.home / "reporting.db")
    found = stopped.found()["position"]
    assert found.level is Level.LOOK
    assert "2 events behind" in found.found.en


def test_an_event_that_no_read_model_accounts_for_is_missed(stopped: Stopped) -> None:
    stopped.change(
        "reporting.db",
        "UPDATE read_model_checkpoints SET events_handled = 4 WHERE name = 'plans'",
    )
    assert stopped.ill() == {"completeness"}


def test_what_is_set_aside_is_named_with_its_reason(stopped: Stopped) -> None:
    stopped.change(
        "reporting.db",
        "INSERT INTO read_model_quarantine VALUES ('awards', 'award/a-1', 3, 'AwardGranted',"
        " 'ValueError: no such award', 0, 1)",
        "UPDATE read_model_checkpoints SET events_handled = 4 WHERE name = 'awards'",
    )
    assert stopped.ill() == {"quarantine"}
    assert "award/a-1 at position 3 (awards): ValueError" in stopped.found()["quarantine"].found.en
