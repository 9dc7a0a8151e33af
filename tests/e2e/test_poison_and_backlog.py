"""One poison event among many, and a long backlog: the others pass, memory stays, nobody is lost."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from shared.bus.connections import connect
from shared.eventlog.sql import open_log
from shared.settings import Settings
from shared.vocabulary import Family
from tests.e2e.dvk_command import Up, completeness, dvk, dvk_here, free_ports, up
from tests.e2e.test_services_as_processes import Running, running, until
from tests.support.asking import ASKING
from tests.support.cloudevents import COUNTRY, cloudevent
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.processes, pytest.mark.redis]
POISON = "award/poison"
WORK_SECONDS = 900
MEBIBYTE = 1024 * 1024


def _award(award_id: str, name: str = "AwardGranted", **more: Any) -> bytes:
    data = {
        "award_id": award_id,
        "award_form": "giay_khen",
        "unit_id": "vn",
        "plan_year": 2022,
        "recipient": {"kind": "collective", "org_id": "o-1"},
        "occurred_on": "2022-11-01",
        **more,
    }
    if name == "AwardGranted":
        decision = {"kind": "decision", "number": "01-QĐ/TU", "signed_on": "2022-11-01"}
        data |= {"grantor_org_id": "o-2", "basis": {"kind": "career"}, "decision": decision}
    return orjson.dumps(cloudevent(name, data))


def _country() -> dict[str, Any]:
    return cloudevent("UnitOpened", {**COUNTRY, "occurred_on": "2004-01-01"})


def _lines(others: int) -> Iterator[bytes]:
    """Yield the country, then many awards with the poison and its successor among them."""
    yield orjson.dumps(_country())
    for number in range(others):
        if number == others // 2:
            yield _award("poison", "AwardProposed", programme="dan_van_kheo")
        yield _award(f"a-{number}")
    yield _award("poison")


def _granted(ledger: Up) -> int:
    answer = ASKING.get(f"{ledger.url}/summaries/national", params={"year": 2022}, timeout=60)
    return int(answer.raise_for_status().json()["measures"]["awards_granted"])


def _awards(ledger: Up) -> Any:
    (found,) = (m for m in completeness(ledger)["read_models"] if m["name"] == "awards")
    return found


def _quarantine(ledger: Up) -> list[Any]:
    answer = ASKING.get(f"{ledger.url}/quarantine", timeout=60)
    items: list[Any] = answer.raise_for_status().json()["items"]
    return items


@pytest.mark.parametrize(
    "others",
    [
        200,
        pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(2 * WORK_SECONDS)]),
    ],
)
def test_one_poison_event_stops_its_own_sequence_until_the_command_requeues_it(
    tmp_path: Path, others: int
) -> None:
    home, file = tmp_path / "home", tmp_path / "events.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in _lines(others)))
    with up(home, free_ports(), DVK_SAMPLE="0") as ledger:
        # A row that stands where the fold will put its own: what it makes cannot be stored.
        with sqlite3.connect(home / "reporting.db", timeout=30) as database:
            database.execute("INSERT INTO rm_awards_proposed VALUES (?, ?)", (POISON, "khác"))
        database.close()
        assert dvk("publish", str(file), env=ledger.env, seconds=WORK_SECONDS).returncode == 0
        head = others + 3
        until(lambda: _awards(ledger)["position"] == head, "all are passed", WORK_SECONDS)
        assert _granted(ledger) == others
        (item,) = _quarantine(ledger)
        place = others // 2 + 2
        assert (item["read_model"], item["subject"], item["position"]) == ("awards", POISON, place)
        assert item["reason"].startswith("IntegrityError")
        assert item["events_held"] == 2
        told = _awards(ledger)
        assert (told["events_handled"], told["events_held"], told["equal"]) == (head - 2, 2, False)
        others_equal = [m["equal"] for m in completeness(ledger)["read_models"]]
        assert others_equal.count(False) == 1
        listed = dvk_here("quarantine", "list", env=ledger.env)
        assert POISON in listed.stdout
        shown = dvk_here("quarantine", "show", "awards", POISON, env=ledger.env)
        assert shown.returncode == 0
        assert "IntegrityError" in shown.stdout
        assert dvk_here("status", env=ledger.env).returncode == 1

        done = dvk_here("quarantine", "requeue", "awards", POISON, env=ledger.env)
        assert done.returncode == 0, done.stdout
        until(lambda: _quarantine(ledger) == [], "nothing is set aside", 120)
        until(lambda: _granted(ledger) == others + 1, "the service follows", 120)
        assert all(model["equal"] for model in completeness(ledger)["read_models"])
        again = dvk_here("quarantine", "requeue", "awards", POISON, env=ledger.env)
        assert again.returncode == 1
        assert "award/poison is not in quarantine" in " ".join(again.stdout.split())
        assert dvk_here("status", env=ledger.env).returncode == 0


def _peak(service: Running) -> int:
    """Return the most memory that the process ever had, in bytes."""
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def _outcome(number: int) -> bytes:
    """Return one of many reports of one unit: what is known of it must not be read each time."""
    data = {
        "outcome_id": f"x-{number}",
        "unit_id": "vn",
        "plan_year": 2022,
        "metric": "land_donated_m2",
        "nature": "flow",
        "qualifier": "exact",
        "value": 1,
        "interval": {"from": "2022-01-01", "to": "2022-12-31"},
        "occurred_on": "2022-12-31",
    }
    return orjson.dumps(cloudevent("OutcomeReported", data))


def _filled(redis: Redis, first: int, count: int) -> None:
    """Put that many entries into the intake stream of the registry."""
    for start in range(first, first + count, 1_000):
        with redis.pipeline(transaction=False) as pipeline:
            for number in range(start, min(start + 1_000, first + count)):
                pipeline.xadd("dvk:intake:registry", {"event": _outcome(number)})
            pipeline.execute()


def _worked_off(home: Path, redis: Redis, url: str, port: int, expected: int) -> int:
    """Run the registry until the stream is empty; return its peak of memory."""
    with running("registry", home, port, REDIS_URL=url) as registry:
        until(lambda: redis.xlen("dvk:intake:registry") == 0, "all is answered", WORK_SECONDS)
        status, _ = registry.ask(f"/events?after={expected - 1}&limit=1")
        assert status == 200
        return _peak(registry)


def _caught_up(home: Path, port: int, expected: int) -> int:
    """Run reporting until its read models hold the log; return its peak of memory."""
    with running("reporting", home, port) as reporting:

        def equal() -> bool:
            _, answer = reporting.ask("/completeness")
            return answer["log"]["head"] == expected and all(
                model["equal"] for model in answer["read_models"]
            )

        until(equal, "the read models hold the log", WORK_SECONDS)
        return _peak(reporting)


@pytest.mark.slow
@pytest.mark.timeout(4 * WORK_SECONDS)
def test_a_backlog_of_a_hundred_thousand_entries_takes_bounded_memory(
    tmp_path: Path, own_redis: RedisServer
) -> None:
    home, port, backlog = tmp_path / "home", free_ports(), 100_000
    peaks: dict[str, int] = {}
    with connect(own_redis.url) as redis:
        home.mkdir()
        redis.xadd("dvk:intake:registry", {"event": json.dumps(_country())})
        _filled(redis, 0, 99)
        peaks["registry, nothing behind"] = _worked_off(home, redis, own_redis.url, port, 100)
        peaks["reporting, nothing behind"] = _caught_up(home, port, 100)
        _filled(redis, 99, backlog)
        expected = backlog + 100
        peaks["registry, backlog"] = _worked_off(home, redis, own_redis.url, port, expected)
        peaks["reporting, backlog"] = _caught_up(home, port, expected)
    # The figures are what this test is read for.
    print({name: f"{peak / MEBIBYTE:.0f} MiB" for name, peak in peaks.items()})  # noqa: T201
    for service in ("registry", "reporting"):
        more = peaks[f"{service}, backlog"] - peaks[f"{service}, nothing behind"]
        assert more < 128 * MEBIBYTE, peaks


@pytest.mark.slow
@pytest.mark.timeout(WORK_SECONDS)
def test_publishers_are_told_to_come_again_and_no_event_is_lost(tmp_path: Path) -> None:
    home, port = tmp_path / "home", free_ports()
    batches = [
        b"[" + b",".join(_outcome(number) for number in range(start, start + 500)) + b"]"
        for start in range(0, 30_000, 500)
    ]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    with running("registry", home, port) as registry:
        assert registry.publish(_country())[0] == 201
        settings = Settings.from_environment({"DVK_HOME": str(home)})
        log = open_log(settings.log_url, family=Family.REGISTRY)
        told: list[int] = []
        full = threading.Event()

        def publish(body: bytes) -> None:
            """Send the same batch until it is answered, as the contract says."""
            while True:
                answer = ASKING.post(
                    f"{registry.address}/events", content=body, headers=headers, timeout=120
                )
                told.append(answer.status_code)
                if answer.status_code == 200:
                    assert {i["status"] for i in answer.json()["items"]} <= {
                        "accepted",
                        "duplicate",
                    }
                    return
                assert answer.status_code in {429, 503}
                if answer.status_code == 429:
                    full.set()
                # The publisher does as it is told; nothing else here waits for a time.
                threading.Event().wait(float(answer.headers["Retry-After"]))

        with ThreadPoolExecutor(len(batches)) as publishers:
            with log.append_session():  # the holder of the lock stands still: nothing is appended
                sent = [publishers.submit(publish, body) for body in batches]
                assert full.wait(120), told
            for each in sent:
                each.result()
        log.close()
        assert told.count(200) == len(batches)
        assert 429 in told
        _, feed = registry.ask("/events?after=30000&limit=10")
        assert [int(event["sequence"]) for event in feed] == [30_001]
        metrics = ASKING.get(f"{registry.address}/metrics", timeout=60).text
        assert "dvk_append_queue_events 0.0" in metrics
