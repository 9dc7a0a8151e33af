"""Kill -9 of anything at any moment on one machine: nothing acknowledged is lost or doubled."""

import pytest

from tests.faults.ledger import NAMES, Ledger
from tests.faults.recovery import Seen, kill_at_random

pytestmark = [pytest.mark.redis, pytest.mark.processes, pytest.mark.timeout(900)]

SEED = 20221118


def test_a_kill_of_the_registry_and_of_redis_loses_and_doubles_nothing(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    kill_at_random(sqlite_ledger, {"registry": 1, "redis": 1}, SEED, seen, pace_seconds=0.1)


@pytest.mark.slow
def test_many_kills_on_sqlite_lose_double_and_misplace_nothing(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    kill_at_random(sqlite_ledger, {**dict.fromkeys(NAMES, 4), "redis": 10}, SEED, seen)
