"""`dvk up` with real processes: it starts from nothing, survives deaths, and ends clean."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from services.console.datasets.nation import nation_events
from services.console.datasets.sample import sample_events
from tests.e2e.dvk_command import (
    DVK,
    FIRST_EVENTS,
    MAP_EVENTS,
    Up,
    completeness,
    dvk,
    dvk_here,
    environment,
    free_ports,
    summary,
    up,
)
from tests.support.asking import ASKING

pytestmark = [pytest.mark.processes, pytest.mark.timeout(300)]
CITY = "gso-2004-058"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with up(tmp_path_factory.mktemp("ledger") / "home", free_ports()) as running:
        yield running


def eventually(seconds: float, ready: Any) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def units(ledger: Up, **asked: str) -> list[str]:
    url = f"http://127.0.0.1:{ledger.port + 1}/units"
    answer = ASKING.get(url, params=asked, timeout=10).raise_for_status()
    return [unit["name"] for unit in answer.json()["items"]]


def test_the_first_start_loads_map_and_sample_and_every_read_model_has_them(ledger: Up) -> None:
    answer = completeness(ledger)
    assert answer["log"]["head"] == FIRST_EVENTS
    assert all(model["equal"] for model in answer["read_models"])
    assert summary(ledger.url, CITY)["measures"]["registered"] == 191
    flags = summary(ledger.url, CITY)["quality"]["flags"]
    assert {"code": "decision_without_number", "count": 129} in flags
    assert ASKING.get(f"{ledger.url}/", timeout=10).status_code == 200
    assert ledger.seconds < 60


def test_a_second_ledger_on_the_same_home_is_refused(ledger: Up) -> None:
    refused = dvk("up", env=ledger.env)
    assert refused.returncode == 1
    assert str(ledger.process.pid) in refused.stdout


def test_a_ledger_of_another_home_is_told_that_the_ports_are_in_use(
    ledger: Up, tmp_path: Path
) -> None:
    refused = dvk("up", env=environment(tmp_path / "other", ledger.port + 1))
    assert refused.returncode == 1
    assert f"{ledger.port + 1}, {ledger.port + 2}" in refused.stdout
    assert "DVK_PORT=" in refused.stdout


def test_the_state_is_told_in_plain_words(ledger: Up) -> None:
    told = dvk("status", env=ledger.env)
    assert told.returncode == 0, told.stdout
    assert str(FIRST_EVENTS) in told.stdout.replace(".", "")
    assert "Mọi thứ ổn" in told.stdout


def test_the_doctor_finds_nothing_wrong_with_it(ledger: Up) -> None:
    told = dvk("doctor", env=ledger.env)
    assert told.returncode == 0, told.stdout
    assert "Mọi thứ ổn" in told.stdout


def test_publishing_the_sample_again_only_gives_duplicates(ledger: Up, tmp_path: Path) -> None:
    file = tmp_path / "sample.jsonl"
    file.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in sample_events()))
    published = dvk("publish", str(file), env=ledger.env)
    assert published.returncode == 0, published.stdout
    receipts = file.with_name("sample.jsonl.receipts.jsonl").read_bytes().splitlines()
    statuses = [orjson.loads(receipt)["status"] for receipt in receipts]
    assert statuses == ["duplicate"] * 641
    assert completeness(ledger)["log"]["head"] == FIRST_EVENTS


def test_a_code_of_before_and_after_the_reorganization_never_mixes(ledger: Up) -> None:
    assert units(ledger, map="2025-06-30", scheme="gso", code="24") == ["Bắc Giang"]
    assert units(ledger, map="2025-07-01", scheme="gso", code="24") == ["Bắc Ninh"]
    assert units(ledger, map="2025-06-30", q="bac kan", level="province") == ["Bắc Kạn"]


def test_loading_the_map_again_only_gives_duplicates(ledger: Up) -> None:
    loaded = dvk("load-map", "--to", ledger.url, env=ledger.env)
    assert loaded.returncode == 0, loaded.stdout
    counts = re.findall(r"(accepted|duplicate|parked|refused|invalid) +([\d.]+)", loaded.stdout)
    told = {status: int(count.replace(".", "")) for status, count in counts}
    assert told == {
        "accepted": 0, "duplicate": MAP_EVENTS, "parked": 0, "refused": 0, "invalid": 0,
    }  # fmt: skip
    assert completeness(ledger)["log"]["head"] == FIRST_EVENTS


def test_the_map_is_written_to_a_file_instead(ledger: Up, tmp_path: Path) -> None:
    file = tmp_path / "map.jsonl"
    assert dvk_here("load-map", "--out", str(file), env=ledger.env).returncode == 0
    assert file.read_bytes() == b"".join(orjson.dumps(e) + b"\n" for e in nation_events())
    both = dvk_here("load-map", "--out", str(file), "--to", ledger.url, env=ledger.env)
    assert both.returncode == 2
    nowhere = dvk_here("load-map", "--out", str(tmp_path / "none" / "map.jsonl"), env=ledger.env)
    assert nowhere.returncode == 1
    assert "Không ghi được" in nowhere.stdout


@pytest.mark.slow
def test_a_history_on_the_map_is_published_and_what_came_late_is_released(
    ledger: Up, tmp_path: Path
) -> None:
    land, file = tmp_path / "map.jsonl", tmp_path / "synthetic.jsonl"
    head = completeness(ledger)["log"]["head"]
    assert dvk("load-map", "--out", str(land), env=ledger.env).returncode == 0
    made = dvk("generate", "--registrations", "600", "--years", "2024-2025", "--seed", "11",
               "--map", str(land), "--out", str(file), env=ledger.env)  # fmt: skip
    assert made.returncode == 0, made.stdout
    published = dvk("publish", str(file), "--to", ledger.url, env=ledger.env)
    assert published.returncode == 0, published.stdout
    receipts = file.with_name("synthetic.jsonl.receipts.jsonl").read_bytes().splitlines()
    statuses = [orjson.loads(receipt)["status"] for receipt in receipts]
    assert set(statuses[:MAP_EVENTS]) == {"duplicate"}
    assert set(statuses[MAP_EVENTS:]) == {"accepted", "parked"}
    new = len(statuses) - MAP_EVENTS
    eventually(30, lambda: completeness(ledger)["log"]["head"] == head + new)
    for day in ("recorded", "2025-06-30", "2025-07-01"):
        asked = {"year": "2025", "map": day}
        national = ASKING.get(f"{ledger.url}/summaries/national", params=asked, timeout=10)
        registered = national.raise_for_status().json()["measures"]
        assert registered["registered"] + registered["withdrawn"] == 300


def test_a_bad_line_is_answered_and_the_others_are_published(ledger: Up, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    good = orjson.dumps(next(sample_events()))
    unknown = good.replace(b"dvk.UnitOpened.v1", b"dvk.Nothing.v1")
    changed = good.replace("Việt Nam".encode(), b"Vietnam")
    file.write_bytes(b"\n".join((good, b"{not json", unknown, changed, good)))
    published = dvk("publish", str(file), env=ledger.env)
    assert published.returncode == 1
    receipts = file.with_name("bad.jsonl.receipts.jsonl").read_bytes().splitlines()
    assert [orjson.loads(receipt)["status"] for receipt in receipts] == [
        "duplicate", "invalid", "invalid", "refused", "duplicate",
    ]  # fmt: skip
    assert "id_reused" in published.stdout
    assert "not_json" in published.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["registry", "evaluation", "reporting", "lists", "redis-server"])
def test_a_killed_child_is_started_again_and_nothing_is_missing(ledger: Up, name: str) -> None:
    before, head = ledger.children(), completeness(ledger)["log"]["head"]
    assert set(before) == {"registry", "evaluation", "reporting", "lists", "redis-server"}
    os.kill(before[name], signal.SIGKILL)
    eventually(30, lambda: ledger.children().get(name, before[name]) != before[name])
    eventually(30, lambda: dvk("status", env=ledger.env).returncode == 0)
    assert completeness(ledger)["log"]["head"] == head
    assert f"{name.removesuffix('-server')} đã chạy lại" in ledger.said()


@pytest.mark.slow
def test_a_home_outlives_a_kill_an_interrupted_start_and_a_clean_stop(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_ports()
    with up(home, port, DVK_SAMPLE="0") as empty:
        assert completeness(empty)["log"] == {"head": 0, "events": 0}
        first = orjson.dumps(next(sample_events()))
        headers = {"content-type": "application/cloudevents+json"}
        registry = f"http://127.0.0.1:{port + 1}/events"
        ASKING.post(registry, content=first, headers=headers, timeout=10).raise_for_status()
        left = empty.children()
        empty.process.kill()
        empty.process.wait(60)
    assert all(Path(f"/proc/{pid}").exists() for pid in left.values()), "nobody ended them"

    # A start that was cut off while it loaded map and sample looks like this.
    (home / "sample.json").write_bytes(b'{"state":"loading"}')
    with up(home, port) as again:
        assert set(again.children().values()).isdisjoint(left.values())
        assert not [pid for pid in left.values() if Path(f"/proc/{pid}/cwd").exists()]
        assert completeness(again)["log"]["head"] == FIRST_EVENTS
        children = again.children()
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(60) == 0
    assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()]
    assert list((home / "run").iterdir()) == []

    with up(home, port) as later:
        assert completeness(later)["log"]["head"] == FIRST_EVENTS
        assert "Đã nạp" not in later.said()
        assert later.seconds < 30, "the bar is 10 s on a machine with nothing else to do"


def test_without_any_ledger_status_says_what_to_do() -> None:
    told = dvk("status", "--to", f"http://127.0.0.1:{free_ports()}",
               env=environment(None, 1))  # fmt: skip
    assert told.returncode == 1
    assert "dvk up" in told.stdout


def test_an_interrupted_publication_goes_on(ledger: Up, tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    made = dvk("generate", "--registrations", "3000", "--years", "2024", "--seed", "12",
               "--out", str(file), env=ledger.env)  # fmt: skip
    assert made.returncode == 0
    side = file.with_name("long.jsonl.progress.json")
    # What was started in the background of a shell would inherit that it ignores Ctrl-C.
    heeding = ["env", "--default-signal=INT", DVK, "publish", str(file)]
    with subprocess.Popen(heeding, env=ledger.env, stdout=subprocess.DEVNULL) as publishing:
        eventually(30, side.exists)
        publishing.send_signal(signal.SIGINT)
        assert publishing.wait(30) == 2, "it was still at work"
    _the_edited_copy_arrives_whole(ledger, file)
    published = dvk("publish", str(file), env=ledger.env)
    assert published.returncode == 0, published.stdout
    assert "Tiếp tục từ dòng" in published.stdout
    receipts = file.with_name("long.jsonl.receipts.jsonl").read_bytes().splitlines()
    told = [orjson.loads(receipt) for receipt in receipts]
    assert [receipt["line"] for receipt in told] == list(range(1, len(told) + 1))
    assert len(told) == len(file.read_bytes().splitlines())
    assert not side.exists()


def _the_edited_copy_arrives_whole(ledger: Up, interrupted: Path) -> None:
    """Put an event in before the place that was reached, on a machine with Windows."""
    folder = interrupted.parent / "edited"
    folder.mkdir()
    for each in interrupted.parent.glob("long.jsonl*"):
        (folder / each.name).write_bytes(each.read_bytes())
    new = next(sample_events()) | {"id": "put-in", "type": "dvk.UnitRenamed.v1"}
    new["data"] = {"occurred_on": "2024-01-01", "unit_id": "vn", "name": "Việt Nam"}
    file = folder / "long.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + orjson.dumps(new) + b"\r\n" + file.read_bytes())
    published = dvk("publish", str(file), env=ledger.env)
    assert published.returncode == 0, published.stdout
    assert "gửi lại từ đầu" in published.stdout
    receipts = file.with_name("long.jsonl.receipts.jsonl").read_bytes().splitlines()
    assert orjson.loads(receipts[0])["status"] == "accepted"
    assert len(receipts) == len(file.read_bytes().splitlines())


def test_a_file_in_another_encoding_is_refused_by_name_before_anything_is_sent(
    ledger: Up, tmp_path: Path
) -> None:
    file = tmp_path / "powershell.jsonl"
    file.write_bytes(
        "\r\n".join(orjson.dumps(e).decode() for e in sample_events()).encode("utf-16")
    )
    published = dvk_here("publish", str(file), env=ledger.env)
    assert published.returncode == 2
    assert "UTF-16 LE. Hãy lưu lại dưới dạng UTF-8" in published.stdout
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_given_a_database_and_a_redis_it_uses_those(
    tmp_path: Path, fresh_database: str, fresh_redis: str
) -> None:
    home = tmp_path / "home"
    stores = {"DATABASE_URL": fresh_database, "REDIS_URL": fresh_redis}
    with up(home, free_ports(), **stores) as running:
        assert completeness(running)["log"]["head"] == FIRST_EVENTS
        assert set(running.children()) == {"registry", "evaluation", "reporting", "lists"}
        eventually(10, lambda: len(entries(fresh_redis)) == FIRST_EVENTS)
        assert entries(fresh_redis)[-1] == f"{FIRST_EVENTS}-0".encode()
    assert not list(home.glob("*.db"))


def entries(redis_url: str) -> list[bytes]:
    """Return the ids of the stream that carries the log."""
    with Redis.from_url(redis_url) as client:
        return [entry for entry, _ in client.xrange("dvk:events")]
