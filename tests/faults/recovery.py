"""Faults under load: something is in flight at each kill, and the way back is measured."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tests.faults.databases import PostgresCluster
from tests.faults.final_check import assert_right
from tests.faults.ledger import NAMES, Ledger
from tests.faults.load import PACE_SECONDS, Load, under_load
from tests.faults.publishers import OverHttp
from tests.faults.time_limits import BACK_SECONDS, QUESTION_SECONDS, slowness, until

MANY = 10
"""Of so many kills some must have met a request; of two both may fall between two answers."""
Seen = Callable[[str], None]
"""Says what a test has measured (the fixture `seen`)."""


class Fault(NamedTuple):
    """One fault: of what, with how many events in flight, and how long until all went on."""

    what: str
    in_flight: int
    seconds: float


@dataclass
class Disturber:
    """Kills what it is told to at moments that the seed chooses."""

    load: Load
    random: Random
    faults: list[Fault] = field(default_factory=list)

    def kill(self, what: str) -> None:
        """Kill -9 a service, Redis or PostgreSQL in the middle of work; wait until all is back."""
        time.sleep(self.random.uniform(0.0, 0.5))
        families = (what,) if what in NAMES else NAMES
        until(lambda: self.load.in_flight(families), f"something is in flight to {what}")
        self.measured(what, self._death_of(what), self.load.in_flight(families))

    def measured(self, what: str, happen: Callable[[], object], in_flight: int = 1) -> None:
        """Let a fault happen that is ended at once, or end; measure the way back."""
        assert in_flight > 0
        since, told = self.load.answered(), self.load.furthest()
        began = time.monotonic()
        happen()
        ledger = self.load.ledger

        def back() -> bool:
            return (
                self.load.all_go_on(since)
                and all(service.ready() for service in ledger.services.values())
                and ledger.position() > told
            )

        until(
            back,
            f"everything is back after {what}",
            seconds=60,
            pause_seconds=QUESTION_SECONDS,
        )
        self.faults.append(Fault(what, in_flight, time.monotonic() - began))

    def _death_of(self, what: str) -> Callable[[], object]:
        ledger = self.load.ledger
        if what == "redis":
            return ledger.redis.restart
        if what == "postgres":
            assert isinstance(ledger.database, PostgresCluster)
            return ledger.database.server.restart
        service = ledger[what]

        def again() -> None:
            service.kill()
            service.start()

        return again

    def assert_back_in_time(self) -> None:
        """Fail when any way back took longer than the bar, with what this machine needs more."""
        allowed = BACK_SECONDS * slowness()
        late = [fault for fault in self.faults if fault.seconds > allowed]
        assert not late, f"not back within {allowed:.1f} s: {late}"

    def _by_what(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {}
        for fault in self.faults:
            found.setdefault(fault.what, []).append(fault.seconds)
        return found

    def figures(self) -> str:
        """Return what was seen, in one line."""
        seconds = sorted(fault.seconds for fault in self.faults)
        of = ", ".join(
            f"{what} {len(each)} (worst {max(each):.1f} s)"
            for what, each in self._by_what().items()
        )
        answers = sum(self.load.answered())
        return (
            f"{len(self.faults)} faults: {of}; back after {seconds[len(seconds) // 2]:.1f} s "
            f"(median) on a machine {slowness():.1f} times slower than one that has nothing else "
            f"to do; {answers} answers, {self.load.cut()} that "
            f"never came, {self.load.told_to_wait()} times told to wait, "
            f"{self.load.waited()} parked, {self.load.repeated()} known already when sent again"
        )


def everybody_is_told_to_wait(load: Load) -> None:
    """Wait until each who waits for nobody else is told 503 over HTTP; nothing is accepted then."""
    over_http = [each for each in load.over(OverHttp) if each.after is None]

    def told_again() -> None:
        before = [each.told_to_wait for each in over_http]

        def told() -> bool:
            assert load.wrong() == []
            counts = zip(over_http, before, strict=True)
            return all(each.told_to_wait > count + 1 for each, count in counts)

        until(told, "every publisher is told to wait")

    told_again()
    furthest = load.furthest()
    told_again()
    assert load.furthest() == furthest, "a database that cannot write has accepted something"


@contextmanager
def disturbed(
    ledger: Ledger, seed: int, seen: Seen, *, pace_seconds: float = PACE_SECONDS
) -> Iterator[Disturber]:
    """Give a load to be disturbed; afterwards all is judged, and the way back was short."""
    assert not ledger.failed, "an earlier test has failed on this ledger"
    ledger.failed = True
    with under_load(ledger, pace_seconds=pace_seconds) as load:
        disturber = Disturber(load, Random(seed))
        load.until_more(load.publishers, 2, "the load is under way")
        yield disturber
        assert_right(load)
        seen(f"seed {seed}: {disturber.figures()}")
    ledger.failed = False
    disturber.assert_back_in_time()


def kill_at_random(
    ledger: Ledger,
    times: Mapping[str, int],
    seed: int,
    seen: Seen,
    *,
    pace_seconds: float = PACE_SECONDS,
) -> None:
    """Kill each so often, in an order and at moments that the seed chooses."""
    random = Random(seed)
    victims = [victim for victim in times for _ in range(times[victim])]
    random.shuffle(victims)
    with disturbed(ledger, seed, seen, pace_seconds=pace_seconds) as disturber:
        for victim in victims:
            disturber.kill(victim)
    assert len(disturber.faults) == len(victims)
    if len(victims) >= MANY:
        load = disturber.load
        assert load.cut() + load.told_to_wait() > 0, "no kill has met a request"
