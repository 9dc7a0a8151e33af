"""Kill -9 of anything at any moment under load: nothing acknowledged is lost, doubled, misplaced."""

from collections.abc import Callable, Mapping
from random import Random

import pytest

from tests.faults.disturbing import disturbed
from tests.faults.ledger import NAMES, Ledger

pytestmark = [pytest.mark.redis, pytest.mark.processes]

SEED = 20221118
ON_SQLITE = {**dict.fromkeys(NAMES, 4), "redis": 10}
ON_POSTGRES = {**dict.fromkeys(NAMES, 4), "redis": 8, "postgres": 10}
"""How often each is killed: 52 times in all."""
Seen = Callable[[str], None]


def kill_at_random(ledger: Ledger, times: Mapping[str, int], seed: int, seen: Seen) -> None:
    random = Random(seed)
    victims = [victim for victim in times for _ in range(times[victim])]
    random.shuffle(victims)
    with disturbed(ledger, seed, seen) as disturber:
        for victim in victims:
            disturber.kill(victim)
    assert len(disturber.faults) == len(victims)
    assert disturber.load.cut() > 0, "no kill has met a request"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_on_sqlite_lose_double_and_misplace_nothing(
    sqlite_ledger: Ledger, seen: Seen
) -> None:
    kill_at_random(sqlite_ledger, ON_SQLITE, SEED, seen)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(900)
def test_kills_on_postgresql_lose_double_and_misplace_nothing(
    postgres_ledger: Ledger, seen: Seen
) -> None:
    kill_at_random(postgres_ledger, ON_POSTGRES, SEED, seen)
