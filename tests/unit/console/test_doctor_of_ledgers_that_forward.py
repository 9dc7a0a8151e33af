"""The doctor names the ledgers that forward to this one and are stopped, and how this one fares."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from services.console.doctor.finding import Level
from shared.client.forwarding_state import FORWARDING_FILE, ForwardingState, Stop
from shared.clock import DAY_US, system_clock
from tests.support.stopped_ledger import Stopped

_FORWARDS = (
    "INSERT INTO log_origins (ledger, position, chain, recorded_us, head, received_us, recorded, "
    "duplicates, parked, refused, problem, problem_us) VALUES ('/publishers/hue-ledger', 5, "
    "zeroblob(32), 1, 9, 1, 5, 0, 0, 0, {problem})"
)
_FORKED = (
    '{{"code": "origin_forked", "params": {{"ledger": "/publishers/hue-ledger", "position": 4}}}}'
)


def test_a_ledger_that_none_forwards_to_says_nothing_of_it(stopped: Stopped) -> None:
    assert "origins" not in stopped.found()


def test_what_is_still_to_come_is_said(stopped: Stopped) -> None:
    stopped.change("log.db", _FORWARDS.format(problem="NULL, NULL"))
    found = stopped.found()["origins"]
    assert (found.level, "4 events to come" in found.found.en) == (Level.WELL, True)


def test_a_ledger_that_is_stopped_is_seen_with_the_reason(stopped: Stopped) -> None:
    problem = f"'{_FORKED.format()}', 1"
    stopped.change("log.db", _FORWARDS.format(problem=problem))
    found = stopped.found()["origins"]
    assert found.level is Level.LOOK
    assert "/publishers/hue-ledger" in found.found.vi
    assert "position 4" in found.found.en


NOW = system_clock()
STOPS = {
    "origin_forked": Level.BROKEN,
    "origin_unproved": Level.LOOK,
}


def keep(stopped: Stopped, **state: object) -> None:
    with ForwardingState.opened(stopped.home / FORWARDING_FILE) as kept:
        made = replace(kept.begin("/publishers/hue", "http://nation"), position=7, **state)  # type: ignore[arg-type]
        kept.save(made)


def test_a_ledger_that_is_not_forwarded_says_nothing_of_it(stopped: Stopped) -> None:
    assert "forwarding" not in stopped.found()


def test_a_forwarding_that_was_killed_while_it_wrote_is_as_before(
    stopped: Stopped, tmp_path: Path
) -> None:
    keep(stopped, answered_us=NOW)
    kept, killed = stopped.home / FORWARDING_FILE, tmp_path / "killed.db"
    with closing(sqlite3.connect(kept)) as writing:
        writing.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
        writing.executemany(
            "INSERT INTO outcomes VALUES (?, 1)", [(f"{n:0900}",) for n in range(99)]
        )
        for end in ("", "-journal"):
            shutil.copy(f"{kept}{end}", f"{killed}{end}")
    for end in ("", "-journal"):
        shutil.copy(f"{killed}{end}", f"{kept}{end}")
    assert stopped.found()["forwarding"].level is Level.WELL


@pytest.mark.parametrize("code", STOPS)
def test_what_stops_the_forwarding_of_this_one_is_said(stopped: Stopped, code: str) -> None:
    keep(stopped, answered_us=NOW, stop=Stop(code, "vì lẽ ấy", "for that reason"))
    found = stopped.found()["forwarding"]
    assert (found.level, found.found.en) == (STOPS[code], "for that reason")


@pytest.mark.parametrize(("days", "level"), [(0, Level.WELL), (3, Level.LOOK)])
def test_a_forwarding_that_is_forgotten_is_seen(stopped: Stopped, days: int, level: Level) -> None:
    keep(stopped, answered_us=NOW - days * DAY_US)
    found = stopped.found()["forwarding"]
    assert (found.level, ("3 days" if days else "position 7") in found.found.en) == (level, True)
