"""An audit judges each signature, key and right at the position of its event, and names positions.

The log in memory records what it is given, so that an operator who rewrites the log is played. What
the first reading finds by the rules of the ledger, the second finds with its own.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.console.trust.audited_authority import fresh_deciders
from services.reporting.audit.authority_replay import (
    JudgedAuthority,
    as_received,
    judge_authority,
)
from services.reporting.audit.comparison import positions_without_authority
from services.reporting.audit.verification import verify
from shared.events.envelope import ReceivedEvent
from shared.trust.keys import to_base64
from shared.vocabulary import Family
from tests.support.cloudevents import recognition, registration
from tests.support.crooked_signatures import SMALL_ORDER
from tests.support.exports import exported
from tests.support.scenarios import History
from tests.support.trusted import (
    ROOTS,
    authorized,
    began,
    key_added,
    key_of,
    signed,
    spoken,
    taken,
)
from tests.support.two_provinces import (
    approved,
    ended,
    ledger,
    registers,
    retracts,
    revoked,
)
from tests.support.unit_events import opening

DAY = {"occurred_on": "2022-01-02"}
BEFORE_TRUST = 5
"""The country, two provinces and a commune of each."""


def judged(history: History, folder: Path, year: int | None = None) -> JudgedAuthority:
    """Return the first reading of authority; the second must name the same positions."""
    log = history.log.as_family(Family.REPORTING)
    export = verify(exported(log, folder / "x.jsonl", year=year))
    assert export.faults == []
    found = judge_authority(export, fresh_deciders())
    assert set(positions_without_authority(export)) == {each.position for each in found.faults}
    return found


def found_at(history: History, folder: Path) -> dict[int, str]:
    """Return the positions without authority with the reason in English."""
    return {fault.position or 0: fault.english for fault in judged(history, folder).faults}


def forged(history: History, *events: ReceivedEvent) -> dict[int, ReceivedEvent]:
    """Record events whatever the rules say; return them by position."""
    return {history.record(event).position: event for event in events}


def without_signature(event: ReceivedEvent) -> ReceivedEvent:
    """Return an event as an operator who strips its signature stores it."""
    record = orjson.loads(event.body)
    kept = {name: record[name] for name in record if not name.startswith("sign")}
    return replace(event, body=orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))


def resigned(event: dict[str, Any], **attributes: Any) -> ReceivedEvent:
    """Return a signed event with other attributes under the old signature."""
    return taken({**event, **attributes})


def a_registration(number: str = "1", unit_id: str = "a") -> dict[str, Any]:
    return signed("ModelRegistered", registration(number, unit_id), "p-a")


def test_what_the_rules_accepted_is_found_right_again(tmp_path: Path) -> None:
    history = ledger(registers("p-a", "1", "a1"), registers("p-b", "2", "b"))
    history.given(spoken("ModelRecognized", recognition("1"), "p-a"))
    for year in (None, 2022):
        found = judged(history, tmp_path, year)
        assert found.faults == []
        assert (found.unsigned, found.signed) == (BEFORE_TRUST + 1, 7)
        assert found.began_at == BEFORE_TRUST + 1


WITHOUT_AUTHORITY = {
    "unsigned": (lambda: without_signature(registers("p-a", "1", "a")), "not signed"),
    "a signature exchanged": (
        lambda: resigned(a_registration(), signature=a_registration("2")["signature"]),
        "signature is not right",
    ),
    "one field changed": (
        lambda: resigned(a_registration(), data={**a_registration()["data"], "unit_id": "a1"}),
        "signature is not right",
    ),
    "another realm": (
        lambda: registers("p-a", "1", "a", realm="other.example"),
        "signature is not right",
    ),
    "another's key": (lambda: registers("p-a", "1", "a", key=key_of("p-b")), "is not that of"),
    "a key never added": (lambda: registers("p-a", "1", "a", key=key_of("p-x")), "no key"),
    "another's province": (lambda: registers("p-a", "1", "b1"), "may not speak"),
    "the whole country": (lambda: registers("p-a", "1", "vn"), "may not speak"),
    "a grant of one's own": (
        lambda: authorized("p-x", "b", by="p-a", under="p-a.a", powers=["publish", "grant"]),
        "wider",
    ),
    "a key for a stranger": (lambda: key_added("p-b", 2, by="p-a"), "did not authorise"),
    "a key without possession": (
        lambda: key_added("p-b", 2, proof=key_of("p-b", 3).proof("test.example", "p-b")),
        "does not show",
    ),
    "a sibling key revoked": (lambda: revoked("p-b", by="p-a"), "did not authorise"),
    "trust begun again": (began, "signed|began"),
}


@pytest.mark.parametrize("name", WITHOUT_AUTHORITY)
def test_each_event_without_authority_is_named_by_both_readings(name: str, tmp_path: Path) -> None:
    make, reason = WITHOUT_AUTHORITY[name]
    history = ledger(registers("p-b", "9", "b"))
    (position,) = forged(history, make())
    history.record(registers("p-b", "10", "b"))
    found = found_at(history, tmp_path)
    assert set(found) == {position}
    assert any(each in found[position] for each in reason.split("|"))


def test_a_weak_key_has_no_authority_and_signs_nothing(tmp_path: Path) -> None:
    history, broken = ledger(), []
    for public in SMALL_ORDER:
        written = "ed25519:" + to_base64(public)
        broken += forged(history, key_added("p-a", 2, key=written, proof="A" * 86))
    found = found_at(history, tmp_path)
    assert set(found) == set(broken)
    assert all("weak" in reason for reason in found.values())
    assert len(broken) >= 8


def test_a_revoked_key_is_void_behind_its_revocation_and_never_before(tmp_path: Path) -> None:
    history = ledger(registers("p-a", "1", "a"))
    history.given(revoked("p-a"))
    long_before = {"time": "2023-01-01T00:00:00Z"}
    behind = forged(
        history,
        registers("p-a", "2", "a", **long_before),
        spoken("ModelRecognized", recognition("1"), "p-a"),
    )
    found = found_at(history, tmp_path)
    assert set(found) == set(behind)
    assert all("revoked" in reason for reason in found.values())


def test_what_waited_for_its_reference_is_judged_where_it_was_recorded(tmp_path: Path) -> None:
    history = ledger()
    waiting = registers("p-a", "1", "later")
    assert history.when(waiting).waiting_for == {("unit", "later")}
    history.given(
        spoken("UnitOpened", {**opening("later", "a"), **DAY}, ROOTS[0]),
        ended("p-a", "p-a.a"),
    )
    (position,) = forged(history, waiting)
    assert set(found_at(history, tmp_path)) == {position}


def test_compromised_keys_take_what_they_added_with_them(tmp_path: Path) -> None:
    history = ledger(key_added("p-a", 2, by="p-a"))
    history.given(revoked("p-a", why="compromised"))
    (position,) = forged(history, registers("p-a", "1", "a", key=key_of("p-a", 2)))
    assert set(found_at(history, tmp_path)) == {position}


def test_a_right_of_two_persons_holds_from_the_second_signature(tmp_path: Path) -> None:
    history = ledger(threshold=2)
    grant, key = authorized("p-a", "a"), key_added("p-a")
    history.given(grant, key, approved(key, by=ROOTS[1]))
    (early,) = forged(history, registers("p-a", "1", "a"))
    (twice,) = forged(history, approved(grant, by=ROOTS[0]))
    history.given(approved(grant, by=ROOTS[2]), registers("p-a", "2", "a"))
    assert set(found_at(history, tmp_path)) == {early, twice}


def test_each_event_is_judged_by_the_map_of_its_position(tmp_path: Path) -> None:
    history = ledger()
    moved = spoken("UnitMoved", {"unit_id": "a1", "parent_id": "b", **DAY}, ROOTS[0])
    history.given(registers("p-a", "1", "a1"), moved, registers("p-b", "2", "a1"))
    (behind,) = forged(history, registers("p-a", "3", "a1"))
    history.given(retracts(ROOTS[0], moved), registers("p-a", "4", "a1"))
    assert set(found_at(history, tmp_path)) == {behind}


def lines_of(history: History, folder: Path, year: int | None = None) -> tuple[Path, list[bytes]]:
    file = exported(history.log.as_family(Family.REPORTING), folder / "x.jsonl", year=year)
    return file, file.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("stripped", ["body", "signature"])
def test_what_is_changed_in_the_database_is_broken_at_its_position(
    stripped: str, tmp_path: Path
) -> None:
    file, lines = lines_of(ledger(registers("p-a", "1", "a")), tmp_path)
    position = len(lines) - 2
    changed = re.sub(rb',"signature":"[^"]*"', b"", lines[position])
    if stripped == "body":
        changed = lines[position].replace(b'"plan_year":2022', b'"plan_year":2021')
    assert changed != lines[position]
    lines[position] = changed
    file.write_bytes(b"".join(lines))
    assert position in [fault.position for fault in verify(file).faults]


def test_events_left_out_or_exchanged_are_broken(tmp_path: Path) -> None:
    file, lines = lines_of(ledger(registers("p-a", "1", "a")), tmp_path)
    revocable = BEFORE_TRUST + 3  # a key
    for changed in (
        lines[:revocable] + lines[revocable + 1 :],
        [*lines[:7], lines[8], lines[7], *lines[9:]],
    ):
        file.write_bytes(b"".join(changed))
        assert verify(file).faults


def test_a_key_left_out_of_a_year_leaves_its_events_without_authority(tmp_path: Path) -> None:
    history = ledger(registers("p-a", "1", "a"))
    forger = History()
    forger.deciders = {}
    log = history.log.as_family(Family.REPORTING)
    for event in log.read(0, log.head().position):
        if not (event.type.startswith("dvk.KeyAdded.") and event.subject == "publisher/p-a"):
            forger.record(as_received(event))
    assert set(found_at(forger, tmp_path)) == {log.head().position - 1}


def test_a_year_has_all_that_its_authority_depends_on(tmp_path: Path) -> None:
    history = ledger(registers("p-a", "1", "a"))
    earlier = {**registration("2", "a"), "model_id": "m-1", "plan_year": 2021}
    history.given(spoken("ModelRegistered", {**earlier, "occurred_on": "2021-02-01"}, "p-a"))
    found = judged(history, tmp_path, 2022)
    assert (found.faults, found.signed) == ([], 6)
