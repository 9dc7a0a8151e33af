"""Sealers that crash, double and sleep make one line of checkpoints over all events."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from services.sealer import sealer as sealer_module
from shared.eventlog.seal_store import SealStore
from shared.trust.memory import CheckpointMemory
from shared.trust.merkle import leaf_hash, root_of
from shared.trust.proofs import consistency, is_consistent
from shared.trust.tiles import entry
from tests.support.sealed_log import ORIGIN, SealedLog

PLACES = (
    (CheckpointMemory, "keep"),
    (CheckpointMemory, "_write"),
    (SealStore, "add"),
    (sealer_module, "sign"),
)
FAULT_SECONDS = 6.0


class Crash(Exception):  # noqa: N818
    """The process ends here."""


def assert_one_line(log: SealedLog) -> None:
    """Every checkpoint extends the one before, and its root is that over the events themselves."""
    line = list(log.store.checkpoints(10_000))[::-1]
    events = log.log.read(0, line[-1].size)
    leaves = [leaf_hash(entry(e.position, e.recorded_us, e.digest)) for e in events]
    for old, new in zip([line[0], *line], line, strict=False):
        assert new.root == root_of(leaves[: new.size])
        proof = consistency(log.store, old.size, new.size)
        assert is_consistent((old.size, old.root), (new.size, new.root), proof)
    assert line[-1].size == log.log.head().position


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_steps_and_crashes_makes_one_line(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    log = SealedLog(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "seal-0")
    monkeypatch.setattr(sealer_module, "MOST", random.choice([20, 60, 1_000]))
    folders = [tmp_path / "seal-0", tmp_path / "seal-1"]
    sealers = [log.another(folder) for folder in folders]
    for _ in range(30):
        chosen = random.randrange(2)
        match random.choice(["grow", "grow", "step", "step", "step", "crash", "restart", "lose"]):
            case "grow":
                log.grow(random.choice([1, 2, 7, 90]))
            case "step":
                sealers[chosen].step()
            case "restart":
                sealers[chosen] = log.another(folders[chosen])
            case "lose":  # one file is lost, never both
                for file in folders[1].glob("*.checkpoint"):
                    file.unlink()
                sealers[1] = log.another(folders[1])
            case "crash":
                owner, name = random.choice(PLACES)
                after = random.random() < 0.5
                real = getattr(owner, name)

                def crashing(*stated: object, real: object = real, after: bool = after) -> None:
                    if after:
                        real(*stated)  # type: ignore[operator]
                    raise Crash

                with monkeypatch.context() as patched:
                    patched.setattr(
                        owner, name, staticmethod(crashing) if name == "_write" else crashing
                    )
                    try:
                        sealers[chosen].step()
                    except Crash:
                        sealers[chosen] = log.another(folders[chosen])
    log.grow(1)
    while sum(sealer.step() for sealer in (*sealers, log.another(folders[0]))):
        pass
    assert_one_line(log)
    log.close()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.processes
def test_processes_that_are_killed_and_stopped_make_one_line(
    make_database: object, tmp_path: Path
) -> None:
    url: str = make_database()  # type: ignore[operator]
    log = SealedLog(url, tmp_path / "seal")
    random = Random(1)

    def started(number: int) -> subprocess.Popen[bytes]:
        home = {"DVK_HOME": str(tmp_path / str(number)), "DVK_ORIGIN": ORIGIN, "DATABASE_URL": url}
        with (tmp_path / f"{number}.log").open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "services.sealer"], env={**os.environ, **home}, stderr=out
            )

    running = [started(0), started(1)]
    deadline = time.monotonic() + FAULT_SECONDS
    while time.monotonic() < deadline:
        log.grow(random.choice([1, 50, 300]))
        chosen = random.randrange(2)
        match random.choice(["kill", "stop", "go on", "go on", "nothing"]):
            case "kill":
                running[chosen].kill()
                running[chosen].wait()
                running[chosen] = started(chosen)
            case "stop":
                running[chosen].send_signal(signal.SIGSTOP)
            case "go on":
                running[chosen].send_signal(signal.SIGCONT)
        time.sleep(random.choice([0.05, 0.2, 0.6]))
    for process in running:
        process.send_signal(signal.SIGCONT)
    head = log.log.head().position
    deadline = time.monotonic() + 60
    while (last := log.store.last()) is None or last.size < head:
        assert time.monotonic() < deadline, (tmp_path / "0.log").read_text("utf-8")[-2_000:]
        time.sleep(0.05)
    for process in running:
        process.terminate()
        assert process.wait(20) == 0
    assert_one_line(log)
    for number in (0, 1):
        assert "seal_refused" not in (tmp_path / f"{number}.log").read_text("utf-8")
    log.close()
