"""Three processes append to one log at once, each against the others' intentions; no rule breaks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.appending.appender import Appender
from shared.appending.outcomes import Accepted
from shared.eventlog.dialects import Postgres
from shared.eventlog.sql import open_log
from shared.events.envelope import link
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.support.cloudevents import country, received, registration, unit
from tests.support.writer_process import appender_on, publish

ROLES = (
    (Family.REGISTRY, "register-and-withdraw"),
    (Family.EVALUATION, "recognize"),
    (Family.REGISTRY, "register-the-same-model"),
)


def start_writers(url: str, count: int) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.writer_process", url, family, role, str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for family, role in ROLES
    ]  # fmt: skip


def whole(url: str) -> Iterator[RecordedEvent]:
    log = open_log(url, family=None)
    after = 0
    while events := log.read(after, 5_000):
        yield from events
        after = events[-1].position
    log.close()


def broken_rules(url: str) -> list[str]:
    """A second, naive reading of the log: everything that should never stand in it."""
    broken: list[str] = []
    registered: dict[str, str] = {}
    recognized: set[str] = set()
    standing: dict[str, str] = {}
    chain = bytes(32)
    for position, event in enumerate(whole(url), start=1):
        chain = link(chain, position, event.recorded_us, event.digest)
        if (event.position, event.chain) != (position, chain):
            broken.append(f"position {event.position} where {position} should stand")
        data = json.loads(event.body)["data"]
        name = data.get("registration_id", "")
        if event.type == "dvk.ModelRegistered.v1":
            model = data["model_id"]
            if model in standing:
                broken.append(f"{name} at {position}: {standing[model]} of {model} stands")
            standing[model] = registered[name] = name
            registered[name] = model
        elif event.type == "dvk.RegistrationWithdrawn.v1":
            if name in recognized:
                broken.append(f"{name} withdrawn at {position} while recognised")
            standing.pop(registered.get(name, ""), None)
            registered.setdefault(name, "")
            registered[name] = "withdrawn"
        elif event.type == "dvk.ModelRecognized.v1":
            if registered.get(name) in (None, "withdrawn"):
                broken.append(f"{name} recognised at {position}: {registered.get(name)}")
            recognized.add(name)
    return broken


@pytest.mark.timeout(300)
def test_withdraw_against_recognize_and_register_breaks_no_rule(url: str) -> None:
    count = int(os.environ.get("DVK_SPIKE", "700"))
    with appender_on(url, Family.REGISTRY) as preparing:
        publish(preparing, [[country()]])
    writers = start_writers(url, count)
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=280)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    answers = [json.loads(answer) for answer in said]
    assert broken_rules(url) == []
    total = {name: sum(a.get(name, 0) for a in answers) for name in ("Accepted", "Refused")}
    # The roles really met: some were too late, and what was accepted stands.
    assert total["Refused"] > 0, answers
    assert sum(1 for _ in whole(url)) >= total["Accepted"] + 1


@pytest.mark.postgres
@pytest.mark.timeout(120)
def test_a_stopped_holder_of_the_lock_is_cut_off_and_cannot_commit(
    make_database: Callable[[], str],
) -> None:
    """SIGSTOP in the middle of an append: others go on within 3 s, the sleeper's append fails."""
    database = make_database()
    with appender_on(database, Family.REGISTRY) as appender:
        go_on_beside_a_stopped_holder(database, appender)
    assert [event.position for event in whole(database)] == [1, 2]


@pytest.mark.postgres
@pytest.mark.timeout(120)
def test_a_holder_of_the_lock_that_does_not_take_its_answer_is_cut_off(
    make_database: Callable[[], str],
) -> None:
    database = make_database()
    with appender_on(database, Family.REGISTRY) as appender:
        publish(appender, [[country()]])
        answers: list[Any] = []
        # Its own end fails in any case: it has never taken what it asked for.
        with suppress(DBAPIError), Postgres(database).locked() as connection:
            holder: Any = connection.connection.driver_connection
            # More than the network holds on its way to a process that does not read.
            holder.pgconn.send_query(b"SELECT repeat('x', 1000000) FROM generate_series(1, 100)")
            assert holder.pgconn.flush() == 0
            started = time.monotonic()
            answers += publish(appender, [[unit("a")]])
            waited = time.monotonic() - started
        assert [type(outcome) for (outcome,) in answers] == [Accepted]
        assert waited <= 3.0


def go_on_beside_a_stopped_holder(database: str, appender: Appender) -> None:
    publish(appender, [[country()]])
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, database],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    (outcomes,) = publish(appender, [[received("ModelRegistered", registration("1"))]])
    waited = time.monotonic() - started
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[0].position == 2
    assert waited <= 3.0
    holder.send_signal(signal.SIGCONT)
    said, _ = holder.communicate("go on\n", timeout=30)
    assert said.strip() == "Unavailable"


@pytest.mark.timeout(120)
def test_a_stopped_holder_of_the_file_lock_makes_others_say_busy_and_go_on(tmp_path: Path) -> None:
    """On SQLite nobody can take the lock from a sleeper: the others refuse clearly, nothing is lost."""
    url = f"sqlite:///{tmp_path / 'log.db'}"
    with appender_on(url, Family.REGISTRY) as appender:
        wait_for_a_stopped_holder(url, appender)


def wait_for_a_stopped_holder(url: str, appender: Appender) -> None:
    publish(appender, [[country()]])
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    holder.send_signal(signal.SIGSTOP)
    event = received("ModelRegistered", registration("1"))
    with pytest.raises(Exception, match="log_busy"):
        appender.submit([event]).result(timeout=30)
    holder.send_signal(signal.SIGCONT)
    said, _ = holder.communicate("go on\n", timeout=30)
    assert said.strip() == "committed"
    (outcomes,) = publish(appender, [[event]])
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[0].position == 3


_HOLDER = """
import sys
from shared.errors import Unavailable
from shared.eventlog.sql import open_log
from shared.events.envelope import link
from shared.events.recorded import RecordedEvent
from shared.vocabulary import Family
from tests.simulation.without import take_out_chosen
from tests.support.cloudevents import unit
take_out_chosen()
log = open_log(sys.argv[1], family=Family.REGISTRY)
try:
    with log.append_session() as session:
        head = session.head()
        event = unit("slow")
        print("holding", flush=True)
        sys.stdin.readline()
        chain = link(head.chain, head.position + 1, head.recorded_us, event.digest)
        session.insert([(RecordedEvent(head.position + 1, event.key, event.type, event.subject,
            head.recorded_us, event.digest, chain, event.body), 1)])
    print("committed")
except Unavailable:
    print("Unavailable")
"""
