"""`dvk audit` of an export from which its author left something out, with hashes that fit."""

from pathlib import Path

import pytest

from shared.events.recorded import from_feed
from tests.support.audits import SEALED, audited, digest_of, log_of
from tests.support.cloudevents import cloudevent, registration
from tests.support.exports import exported
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History
from tests.support.sealed_exports import Manifest, forged, rebound, seal_of
from tests.support.served_seals import WITNESSES
from tests.support.trusted import taken
from tests.support.two_provinces import ledger, registers, revoked

BOTH = tuple(WITNESSES)


@pytest.fixture
def signed() -> History:
    return ledger(registers("p-a", "1", "a"), registers("p-b", "2", "b"), **SEALED)


def without(file: Path, log: FamilyLog, kind: str) -> int:
    """Leave the first event of a type out, with right hashes for the runs that remain."""
    left = 0

    def change(manifest: Manifest, events: list[bytes]) -> None:
        nonlocal left
        positions = [from_feed(line.rstrip(b"\n")).position for line in events]
        at = next(at for at, line in enumerate(events) if f'"type":"dvk.{kind}.'.encode() in line)
        left = positions[at]
        del events[at], positions[at]
        runs: list[list[int]] = []
        for position in positions:
            if runs and runs[-1][1] == position - 1:
                runs[-1][1] = position
            else:
                runs.append([position, position])
        rebound(manifest, log, runs)

    forged(file, change)
    return left


@pytest.mark.parametrize("kind", ["KeyAdded", "PublisherAuthorized"])
def test_events_of_keys_and_grants_that_are_left_out_of_a_year_leave_others_without_authority(
    signed: History, tmp_path: Path, kind: str
) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "year.jsonl", year=2022, seal=seal_of(log, BOTH))
    without(file, log, kind)
    code, said = audited(file, trust=digest_of(signed))
    assert (code, "no authority position 11" in said) == (1, True), said


def test_a_beginning_of_trust_that_is_left_out_is_missed(signed: History, tmp_path: Path) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "year.jsonl", year=2022, seal=seal_of(log, BOTH))
    without(file, log, "TrustBegan")
    assert audited(file, trust=digest_of(signed))[0] == 1


def test_a_revocation_that_is_left_out_of_the_whole_log_is_broken_there(tmp_path: Path) -> None:
    history = ledger(registers("p-a", "1", "a"), revoked("p-a"), registers("p-b", "2", "b"))
    log = log_of(history)
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log))
    position = without(file, log, "KeyRevoked")
    code, said = audited(file, trust=digest_of(history))
    assert (code, f"vị trí {position}: " in said) == (1, True), said


def test_an_unsigned_event_since_trust_began_is_named_as_such(
    signed: History, tmp_path: Path
) -> None:
    position = signed.record(taken(cloudevent("ModelRegistered", registration("3", "a")))).position
    log = log_of(signed)
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH))
    code, said = audited(file, trust=digest_of(signed))
    assert (code, f"unsigned since position {position}" in said) == (1, True), said
    assert "no authority" not in said


def test_a_stripped_signature_is_broken_at_its_position(signed: History, tmp_path: Path) -> None:
    log = log_of(signed)
    file = exported(log, tmp_path / "log.jsonl", seal=seal_of(log, BOTH))

    def change(_manifest: Manifest, events: list[bytes]) -> None:
        line = events[-1]
        at = line.index(b',"signature":"')
        events[-1] = line[:at] + line[line.index(b'"', at + 14) + 1 :]

    code, said = audited(forged(file, change), trust=digest_of(signed))
    assert (code, f"vị trí {log.head().position}: " in said) == (1, True), said
