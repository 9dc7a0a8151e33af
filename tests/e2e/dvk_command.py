"""The command `dvk` as a process, as a person starts it, with a ledger of the test's own."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from typer.testing import CliRunner

from services.console.datasets.nation.event_writer import Event
from services.console.datasets.sample import sample_events
from services.console.main import app
from shared.client.addresses import PORTS
from tests.support.asking import ASKING

DVK = Path(sys.executable).with_name("dvk")
START_SECONDS = 90.0
MAP_EVENTS = 14_544
"""How many events the map is; `test_dvk_up.py` counts them."""
FIRST_EVENTS = MAP_EVENTS + 641 - 13
"""What a first start leaves in the log: the 13 units of the sample's 641 events are the map's."""


def environment(home: Path | None, port: int, **more: str) -> Mapping[str, str]:
    """Return an environment in which nothing of the machine's own ledger is seen."""
    kept = {k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "DATABASE_URL"}}
    own = {"DVK_HOME": str(home)} if home else {}
    return {**kept, "DVK_PORT": str(port), "COLUMNS": "120", **own, **more}


def free_ports() -> int:
    """Return the first of the ports in a row of a ledger that nothing listens on now.

    They lie below those that the system gives to outgoing connections (from 32768), one of which
    could otherwise take a port between this look and the start of the service.
    """
    while True:
        first = random.randrange(20_000, 32_000, PORTS)
        try:
            for port in range(first, first + PORTS):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first


def dvk(*arguments: str, env: Mapping[str, str], seconds: float = 120) -> Any:
    """Run the command to its end; output of both kinds is in `stdout`."""
    return subprocess.run(
        [DVK, *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )


def dvk_here(*arguments: str, env: Mapping[str, str]) -> Any:
    """Run the command to its end in this process, which spares the start of one.

    For tests of what a command does to a ledger; that it is a process is tested with `dvk`.
    """
    without = dict.fromkeys(os.environ.keys() - env.keys())
    done = CliRunner().invoke(app, arguments, env={**without, **env})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return SimpleNamespace(returncode=done.exit_code, stdout=done.output)


@dataclass(frozen=True)
class Up:
    """A running `dvk up`."""

    process: subprocess.Popen[bytes]
    output: Path
    env: Mapping[str, str]
    port: int
    seconds: float

    @property
    def url(self) -> str:
        """Return the address of reporting."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def desk(self) -> str:
        """Return the address of the list desk."""
        return self.urls[-1]

    @property
    def urls(self) -> tuple[str, ...]:
        """Return the addresses of all services, reporting first and the list desk last."""
        return tuple(f"http://127.0.0.1:{self.port + step}" for step in range(PORTS))

    def said(self) -> str:
        """Return what it has printed."""
        return self.output.read_text("utf-8")

    def children(self) -> dict[str, int]:
        """Return the process ids of services and Redis, by the name of the module or program."""
        parents: dict[int, int] = {}
        found: dict[str, int] = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, _, rest = status.read_text().partition("(")[2].rpartition(")")
                words = re.split(r"[\0 ]", (status.parent / "cmdline").read_text())
            except OSError:
                continue
            pid = int(status.parent.name)
            parents[pid] = int(rest.split()[1])
            named = next((w for w in words if w.startswith("services.")), name)
            if named != name or "redis" in name:
                found[f"{named.removeprefix('services.')} {pid}"] = pid
        ours = {self.process.pid, *(p for p, above in parents.items() if above == self.process.pid)}
        return {name.partition(" ")[0]: pid for name, pid in found.items() if parents[pid] in ours}


@contextmanager
def up(home: Path, port: int, **more: str) -> Iterator[Up]:
    """Run `dvk up` until its dashboard's address is printed; end it with SIGTERM."""
    env = environment(home, port, **more)
    output = home.with_name(f"{home.name}.out")
    started = time.monotonic()
    with output.open("wb") as log, subprocess.Popen([DVK, "up"], env=env, stdout=log,
                                                    stderr=subprocess.STDOUT) as process:  # fmt: skip
        try:
            while f"http://127.0.0.1:{port}/" not in output.read_text("utf-8"):
                assert process.poll() is None, output.read_text("utf-8")
                assert time.monotonic() - started < START_SECONDS, output.read_text("utf-8")
                time.sleep(0.05)
            yield Up(process, output, env, port, time.monotonic() - started)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def up_with_the_sample_alone(home: Path, port: int, **more: str) -> Iterator[Up]:
    """Run `dvk up` with an empty log and publish the sample: a first start without the map."""
    with up_with(sample_events(), home, port, **more) as ledger:
        yield ledger


@contextmanager
def up_with(events: Iterable[Event], home: Path, port: int, **more: str) -> Iterator[Up]:
    """Run `dvk up` with an empty log and publish these events."""
    with up(home, port, DVK_SAMPLE="0", **more) as ledger:
        file = home.with_name(f"{home.name}.sample.jsonl")
        file.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in events))
        published = dvk("publish", str(file), env=ledger.env)
        assert published.returncode == 0, published.stdout
        until_complete(ledger)
        yield ledger


def completeness(ledger: Up) -> Any:
    """Return what every read model holds of the log."""
    return ASKING.get(f"{ledger.url}/completeness", timeout=10).raise_for_status().json()


def until_complete(ledger: Up, seconds: float = 30) -> None:
    """Wait until every read model holds all that the log holds."""
    deadline = time.monotonic() + seconds
    while not all(model["equal"] for model in completeness(ledger)["read_models"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def summary(url: str, unit_id: str, year: int = 2022) -> Any:
    """Return a summary of the ledger."""
    answer = ASKING.get(f"{url}/summaries/units/{unit_id}", params={"year": year}, timeout=10)
    return answer.raise_for_status().json()


def numbers_of(line: str) -> list[int]:
    """Return the whole numbers in a line of output."""
    return [int(found) for found in re.findall(r"\d+", line)]
