"""Kill -9 of anything at any moment in a data centre: nothing acknowledged is lost or doubled."""

import pytest

from tests.faults.ledger import NAMES, Ledger
from tests.faults.recovery import Seen, kill_at_random

pytestmark = [
    *(pytest.mark.postgres, pytest.mark.redis, pytest.mark.processes),
    pytest.mark.timeout(900),
]

SEED = 20250701


def test_two_kills_of_the_database_lose_and_double_nothing(
    postgres_ledger: Ledger, seen: Seen
) -> None:
    kill_at_random(postgres_ledger, {"postgres": 2}, SEED, seen, pace_seconds=0.1)


@pytest.mark.slow
def test_many_kills_on_postgresql_lose_double_and_misplace_nothing(
    postgres_ledger: Ledger, seen: Seen
) -> None:
    times = {**dict.fromkeys(NAMES, 4), "redis": 8, "postgres": 10}
    kill_at_random(postgres_ledger, times, SEED, seen)
