"""A key is revoked while it signs under load: nothing that it signed is accepted behind that.

Registry and evaluation append by themselves to one log, each with its own state of the authority.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from threading import Event
from typing import Any

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.audit.authority_replay import judge_authority
from services.reporting.audit.verification import verify
from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted, Refused
from shared.eventlog.sql import open_log
from shared.events.envelope import ReceivedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country
from tests.support.exports import exported
from tests.support.trusted import authorized, began, key_added, key_of, spoken
from tests.support.two_provinces import PROVINCES, registers, revoked

DECIDERS = {Family.REGISTRY: RegistryDecider, Family.EVALUATION: EvaluationDecider}
ENOUGH = 40
"""So many events of each publisher are accepted before the key is revoked, and after it."""


@contextmanager
def appenders(url: str) -> Iterator[dict[Family, Appender]]:
    with ExitStack() as stack:
        running = {}
        for family, decider in DECIDERS.items():
            log = open_log(url, family=family)
            stack.callback(log.close)
            running[family] = Appender(log, decider())  # type: ignore[abstract]
            running[family].start()
            stack.callback(running[family].stop)
        yield running


def assesses(publisher: str, number: str) -> ReceivedEvent:
    data = {"registration_id": f"r-{number}", "eligible": True, "occurred_on": "2022-04-01"}
    return spoken("EligibilityAssessed", data, publisher)


def speaks(
    to: dict[Family, Appender], province: str, done: Event, accepted: Sequence[Event]
) -> list[str]:
    """Register and assess until `done`; set the events when enough was accepted, return answers."""
    told = []
    for number in count():
        if done.is_set():
            return told
        name = f"{province}-{number}"
        said = registers(f"p-{province}", name, f"{province}1")
        for family, event in (
            (Family.REGISTRY, said),
            (Family.EVALUATION, assesses(f"p-{province}", name)),
        ):
            (outcome,) = to[family].submit([event]).result(60)
            told.append(_word(outcome))
        if number == ENOUGH:
            accepted[0].set()
    return told


def _word(outcome: Any) -> str:
    if isinstance(outcome, Accepted):
        return "accepted"
    return outcome.problem.rule.code if isinstance(outcome, Refused) else type(outcome).__name__


def test_nothing_is_accepted_behind_the_revocation(url: str, tmp_path: Any) -> None:
    key_id, done = key_of("p-a").key_id, Event()
    enough = {province: (Event(),) for province in "ab"}
    with appenders(url) as to, ThreadPoolExecutor(2) as pool:
        for each in (country(), *PROVINCES, began()):
            to[Family.REGISTRY].submit([each]).result(60)
        for publisher in ("a", "b"):
            for each in (authorized(f"p-{publisher}", publisher), key_added(f"p-{publisher}")):
                to[Family.REGISTRY].submit([each]).result(60)
        speaking = {p: pool.submit(speaks, to, p, done, enough[p]) for p in "ab"}
        assert all(each.wait(60) for (each,) in enough.values())
        (outcome,) = to[Family.REGISTRY].submit([revoked("p-a")]).result(60)
        assert isinstance(outcome, Accepted)
        reached = outcome.position + ENOUGH  # of the other publisher, whose key is live
        while to[Family.REGISTRY].log.head().position < reached:
            assert not any(each.done() for each in speaking.values())
        done.set()
        told = {province: each.result(60) for province, each in speaking.items()}

    assert set(told["b"]) == {"accepted"}
    first = told["a"].index("key_revoked")
    assert first >= ENOUGH
    assert set(told["a"][first:]) == {"key_revoked"}
    log = open_log(url, family=Family.REPORTING)
    after = log.read(outcome.position, 1_000_000)
    assert len(after) >= ENOUGH
    assert not [e.position for e in after if json.loads(e.body).get("signkey") == key_id]
    export = verify(exported(log, tmp_path / "log.jsonl"))
    deciders = {family: decider() for family, decider in DECIDERS.items()}
    assert judge_authority(export, deciders).faults == []  # type: ignore[arg-type]
    log.close()
