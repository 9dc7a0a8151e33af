"""Redis carries and SQL remembers: whatever Redis loses costs latency, and everything catches up."""

import time

import pytest

from tests.faults.ledger import NAMES, Ledger
from tests.faults.publishers import OverHttp, OverIntake
from tests.faults.recovery import Seen, disturbed
from tests.faults.time_limits import until

pytestmark = [pytest.mark.slow, pytest.mark.redis, pytest.mark.processes, pytest.mark.timeout(900)]

SEED = 19991124
FEW = 10


def test_an_emptied_redis_is_filled_again_and_publishers_send_again(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    with disturbed(sqlite_ledger, SEED, seen) as disturber:
        load = disturber.load
        for _ in range(3):
            time.sleep(disturber.random.uniform(0, 0.5))
            until(lambda: load.in_flight(NAMES, OverIntake), "entries are on their way")
            in_flight = load.in_flight(NAMES, OverIntake)
            disturber.measured("FLUSHALL", load.ledger.redis.flush, in_flight)


def test_what_is_trimmed_behind_a_slow_reader_is_read_from_the_log(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    with disturbed(sqlite_ledger, SEED, seen) as disturber:
        load, reporting = disturber.load, disturber.load.ledger["reporting"]
        writing = [each for each in load.publishers if each.family != "reporting"]
        reporting.pause()
        load.until_more(writing, FEW, "the log grows while reporting stands still")
        with load.ledger.redis.client() as redis:
            assert redis.xtrim("dvk:events", maxlen=3, approximate=False) > 0
        disturber.measured("trim", reporting.wake)


def test_a_redis_set_back_to_an_older_file_agrees_again(sqlite_ledger: Ledger, seen: Seen) -> None:
    with disturbed(sqlite_ledger, SEED, seen) as disturber:
        load = disturber.load
        with load.ledger.redis.set_back():
            load.until_more(load.publishers, FEW, "more is published than the older file holds")
        disturber.measured("older file", lambda: None)


def test_while_redis_is_away_publishing_over_http_goes_on(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    with disturbed(sqlite_ledger, SEED, seen) as disturber:
        load, ledger = disturber.load, disturber.load.ledger
        over_http, over_streams = load.over(OverHttp), load.over(OverIntake)
        ledger.redis.kill()
        load.until_more(over_http, FEW, "publishing over HTTP goes on without Redis")
        # Not before: a receipt that had arrived when Redis was killed is read after that.
        told = [len(each.answers) for each in over_streams]
        for name, service in ledger.services.items():
            ready = service.get("/readyz")
            assert (ready.status_code, ready.json()["checks"]["redis"]["ok"]) == (200, False), name
        reached = load.furthest()
        until(lambda: ledger.position() >= reached, "the read models follow the log without Redis")
        assert [len(each.answers) for each in over_streams] == told
        disturber.measured("away", ledger.redis.start)


def test_a_redis_out_of_memory_tells_those_who_add_and_nothing_is_dropped(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    with disturbed(sqlite_ledger, SEED, seen) as disturber:
        load, ledger = disturber.load, disturber.load.ledger
        with ledger.redis.client() as redis:
            assert redis.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
            redis.config_set("maxmemory", "1mb")
            load.until_more(load.over(OverHttp), FEW, "publishing over HTTP goes on")
            until(lambda: _errors(ledger) > 0, "Redis refuses to add")
            disturber.measured("out of memory", lambda: redis.config_set("maxmemory", "0"))


def _errors(ledger: Ledger) -> int:
    """Return how often Redis said that it is out of memory."""
    with ledger.redis.client() as redis:
        counted = redis.info("errorstats").get("errorstat_OOM", {"count": 0})
    return int(counted["count"])
