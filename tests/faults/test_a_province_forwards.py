"""A province forwards over a line that is cut, with both sides restarted, and after a restore.

`DVK_FORWARDED` states how many registrations the province has: four events each.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.client.addresses import PORTS
from tests.e2e.dvk_command import (
    DVK,
    FIRST_EVENTS,
    Up,
    dvk,
    environment,
    free_ports,
    until_complete,
    up,
    up_with_the_sample_alone,
)
from tests.faults.time_limits import until
from tests.support.asking import ASKING
from tests.support.cloudevents import cloudevent
from tests.support.cut_line import TcpLine, line_to

pytestmark = [pytest.mark.slow, pytest.mark.processes, pytest.mark.timeout(3_000)]
REGISTRATIONS = int(os.environ.get("DVK_FORWARDED", "1500"))
CUTS = 10
PAUSES_SECONDS = 0.6
"""The first two pauses after a cut: most of the time where there are few events between two."""
NAME = "thai-nguyen"
CITY = "gso-2004-058"
_LIMIT = 1_000


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Give a province with a history of five years."""
    home = tmp_path_factory.mktemp("province")
    file = home / "history.jsonl"
    env = environment(None, free_ports())
    options = ("--registrations", str(REGISTRATIONS), "--years", "2020-2024", "--seed", "3")
    assert dvk("generate", *options, "--out", str(file), env=env, seconds=600).returncode == 0
    with up(home / "home", free_ports(), DVK_SAMPLE="0") as ledger:
        assert dvk("publish", str(file), env=ledger.env, seconds=1_000).returncode == 0
        yield ledger


@pytest.fixture
def nation(tmp_path: Path) -> Iterator[Up]:
    """Give an empty ledger."""
    with up(tmp_path / "nation", free_ports(), DVK_SAMPLE="0") as ledger:
        yield ledger


def log_of(ledger: Up) -> Iterator[dict[str, Any]]:
    """Yield the whole log, as its feed has it."""
    after = 0
    address = f"http://127.0.0.1:{ledger.port + 1}/events"
    while page := ASKING.get(address, params={"after": after, "limit": _LIMIT}, timeout=60).json():
        yield from page
        after += len(page)


def origin_of(ledger: Up, name: str = NAME) -> dict[str, Any]:
    """Return how far the nation has received a province."""
    source = {"source": f"/publishers/{name}"}
    items = ASKING.get(f"{ledger.url}/origins", params=source, timeout=60).json()["items"]
    return items[0] if items else {"originposition": 0, "problem": None}


def forward(province: Up, to: str, *more: str, name: str = NAME) -> Any:
    """Forward all that is recorded."""
    arguments = ("--to", to, "--as", name, "--once", *more)
    return dvk("forward", *arguments, env=province.env, seconds=2_000)


@contextmanager
def following(province: Up, to: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Forward until the end of the test."""
    command = [DVK, "forward", "--to", to, "--as", NAME]
    with log.open("ab") as output, subprocess.Popen(command, env=province.env, stdout=output,
                                                    stderr=output) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def assert_each_event_once_and_in_order(province: Up, nation: Up) -> None:
    there, here = list(log_of(province)), list(log_of(nation))
    assert [int(each["sequence"]) for each in there] == list(range(1, len(there) + 1))
    assert [(e["originledger"], e["originposition"], e["originchain"]) for e in here] == [
        (f"/publishers/{NAME}", int(each["sequence"]), each["chain"]) for each in there
    ]
    assert [each["data"] for each in here] == [each["data"] for each in there]


def test_a_line_that_is_cut_ten_times_takes_at_most_twice_as_long(
    province: Up, nation: Up, tmp_path: Path, seen: Callable[[str], None]
) -> None:
    events = sum(1 for _ in log_of(province))
    with up(tmp_path / "other", free_ports(), DVK_SAMPLE="0") as other:
        began = time.monotonic()
        done = forward(province, other.url, "--cursor", str(tmp_path / "other.db"))
        uncut = time.monotonic() - began
        assert done.returncode == 0, done.stdout
        assert_each_event_once_and_in_order(province, other)
    with line_to(nation.port, PORTS, free_ports()) as line:
        began = time.monotonic()
        command = [DVK, "forward", "--to", f"http://127.0.0.1:{line.port}", "--as", NAME, "--once"]
        with subprocess.Popen(command, env=province.env) as process:
            for part in range(1, CUTS + 1):
                cut_after(events * part // (CUTS + 1), line, nation)
            code = process.wait(2_000)
        cut = time.monotonic() - began
    assert code == 0
    assert_each_event_once_and_in_order(province, nation)
    found = origin_of(nation)
    assert (found["recorded"], found["duplicates"], found["behind"]) == (events, 0, 0)
    seen(f"{events} events: uncut {uncut:.1f} s ({events / uncut:.0f}/s), cut {CUTS} times "
         f"{cut:.1f} s ({cut / uncut:.2f}x)")  # fmt: skip
    assert cut <= 2 * uncut + CUTS * PAUSES_SECONDS


def cut_after(position: int, line: TcpLine, nation: Up) -> None:
    """Cut the line once so much has arrived, until the forwarder has noticed."""
    arrived = f"{position} arrive"
    until(lambda: origin_of(nation)["originposition"] >= position, arrived, seconds=900)
    turned_away = line.turned_away
    line.cut()
    until(lambda: line.turned_away > turned_away, "the forwarder has noticed the cut")
    line.restore()


def test_both_sides_and_the_forwarder_are_killed_and_started_again(tmp_path: Path) -> None:
    port, log = free_ports(), tmp_path / "forward.log"
    address = f"http://127.0.0.1:{port}"
    with up(tmp_path / "province", free_ports()) as province:  # the map and the sample
        until_complete(province)
        with (
            up(tmp_path / "nation", port, DVK_SAMPLE="0") as nation,
            following(province, address, log),
        ):
            until(lambda: origin_of(nation)["originposition"] > 1_000, "some arrive")
            for ledger in (province, nation):
                os.kill(ledger.children()["registry"], signal.SIGKILL)
            begun = origin_of(nation)["originposition"]
            until(lambda: origin_of(nation)["originposition"] > begun, "more arrive")
        with following(province, address, log):
            until(lambda: "ConnectError" in log.read_text("utf-8"), "the nation is missed")
            with up(tmp_path / "nation", port, DVK_SAMPLE="0") as nation:
                until(lambda: origin_of(nation)["originposition"] == FIRST_EVENTS, "all arrive")
                assert_each_event_once_and_in_order(province, nation)


def test_a_province_that_was_restored_is_stopped_and_goes_on_under_a_new_name(
    nation: Up, tmp_path: Path
) -> None:
    home, port, backup = tmp_path / "province", free_ports(), tmp_path / "backup.db"
    with up_with_the_sample_alone(home, port) as province:
        with (
            closing(sqlite3.connect(home / "log.db")) as log,
            closing(sqlite3.connect(backup)) as b,
        ):
            log.backup(b)
        publish_one(province, tmp_path, 1)
        assert forward(province, nation.url).returncode == 0
        received = origin_of(nation)["originposition"]
    for file in (*home.glob("reporting.db*"), *home.glob("log.db-*")):
        file.unlink()
    shutil.copy(backup, home / "log.db")
    with up(home, port, DVK_SAMPLE="0") as province:
        publish_one(province, tmp_path, 2)
        stopped = forward(province, nation.url)
        assert stopped.returncode == 3, stopped.stdout
        assert "phục hồi" in stopped.stdout
        status = dvk("forward", "status", env=province.env)
        assert status.returncode == 1
        assert "phục hồi" in status.stdout
        assert origin_of(nation)["originposition"] == received, "nothing was taken"
        again = forward(province, nation.url, name=f"{NAME}-2")
        assert again.returncode == 0, again.stdout
    found = origin_of(nation, f"{NAME}-2")
    assert (found["recorded"], found["duplicates"]) == (1, 641), "the new event alone is new"


def publish_one(ledger: Up, folder: Path, number: int) -> None:
    """Publish one more event, another for each number."""
    file = folder / f"{number}.jsonl"
    stated = {"org_id": f"o-{number}", "name": "Đảng ủy", "kind": "đảng ủy", "unit_id": CITY}
    file.write_bytes(orjson.dumps(cloudevent("OrganizationDefined", stated)) + b"\n")
    published = dvk("publish", str(file), env=ledger.env)
    assert published.returncode == 0, published.stdout
