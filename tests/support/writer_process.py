"""A process that appends through the real rules, for tests of several writers on one log."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.decider import Decider
from shared.appending.outcomes import Outcome
from shared.eventlog.sql import open_log
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.simulation.without import take_out_chosen
from tests.support.cloudevents import received, recognition, registration

CALLERS = 16
RULES: Mapping[Family, Callable[[], Decider]] = {
    Family.REGISTRY: RegistryDecider,
    Family.EVALUATION: EvaluationDecider,
}


@contextmanager
def appender_on(url: str, family: Family) -> Iterator[Appender]:
    """Give a running appender with the rules of that service."""
    log = open_log(url, family=family)
    appender = Appender(log, RULES[family]())
    appender.start()
    try:
        yield appender
    finally:
        appender.stop()
        log.close()


def publish(appender: Appender, lists: Sequence[Sequence[ReceivedEvent]]) -> list[list[Outcome]]:
    """Send each list of events one event a request, many lists at the same time."""

    def one(events: Sequence[ReceivedEvent]) -> list[Outcome]:
        return [appender.submit([event]).result(timeout=60)[0] for event in events]

    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(one, lists))


def work(role: str, count: int) -> list[list[ReceivedEvent]]:
    """What each role does to registrations 1 to `count`, at once with the others."""
    numbers = range(1, count + 1)
    if role == "register-and-withdraw":
        return [
            [
                received("ModelRegistered", registration(f"{n}")),
                received("RegistrationWithdrawn", {"registration_id": f"r-{n}", "reason": "rút"}),
            ]
            for n in numbers
        ]
    if role == "recognize":
        return [[received("ModelRecognized", recognition(f"{n}"))] for n in numbers]
    return [
        [received("ModelRegistered", registration(f"{n}", registration_id=f"other-{n}"))]
        for n in numbers
    ]


def main() -> None:
    """`python -m tests.support.writer_process URL FAMILY ROLE COUNT`: prints counts of outcomes."""
    take_out_chosen()
    url, family, role, count = sys.argv[1:5]
    events = work(role, int(count))
    with appender_on(url, Family(family)) as appender:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        outcomes = [outcome for each in publish(appender, events) for outcome in each]
    counts: dict[str, int] = {}
    for outcome in outcomes:
        name = type(outcome).__name__
        counts[name] = counts.get(name, 0) + 1
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main()
