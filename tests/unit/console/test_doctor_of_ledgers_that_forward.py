"""The doctor names the ledgers that forward to this one and are stopped."""

from services.console.doctor.finding import Level
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
