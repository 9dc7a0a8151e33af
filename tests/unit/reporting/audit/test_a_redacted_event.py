"""A redacted event in an export: both audits accept what the log states, and find all else."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from services.console.trust.audited_authority import fresh_deciders
from services.reporting.audit import comparison
from services.reporting.audit.authority_replay import judge_authority
from services.reporting.audit.comparison import AuditScope, positions_without_authority
from services.reporting.audit.older_export import compare_originals
from services.reporting.audit.replay import replayed
from services.reporting.audit.verification import verify
from shared.events.canonical_json import canonical
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import original_digest, stated
from shared.rules.redaction import Redactable, record_after
from shared.vocabulary import Family
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import registration
from tests.support.exports import exported
from tests.support.redactions import NAME, redacts_signed
from tests.support.sealed_exports import seal_of
from tests.support.trusted import authorized, key_added, spoken
from tests.support.two_provinces import ledger

if TYPE_CHECKING:
    from pathlib import Path

    from services.reporting.audit.export_file import Export
    from tests.support.scenarios import History

OLD, NEW = f"Việc tốt của bà {NAME}", "Việc tốt của [đã che]"


def told(publisher: str = "p-a") -> tuple[History, RecordedEvent]:
    """Return a log that began trust, with a redaction of an event, and that event."""
    data = registration("1", "a1", title=OLD, beneficiaries=7)
    log = ledger(spoken("ModelRegistered", data, "p-a"))
    log.given(authorized("p-c", "a", powers=["correct"]), key_added("p-c"))
    reader = log.log.as_family(Family.REGISTRY)
    (event,) = [e for e in reader.read(0, 99) if e.type == "dvk.ModelRegistered.v1"]
    log.given(redacts_signed(event, {"/title": NEW}, publisher))
    return log, event


def with_record(log: History, event: RecordedEvent, record: bytes) -> History:
    copy = log.copied()
    copy.log.store.events[event.position - 1] = RecordedEvent.of({**vars(event), "body": record})
    return copy


def replaced(log: History, event: RecordedEvent) -> History:
    reader = log.log.as_family(Family.REGISTRY)
    payload: Any = reader.read(reader.head().position - 1, 1)[0].payload
    return with_record(log, event, record_after(Redactable(event), payload))


def export_of(log: History, path: Path) -> Export:
    return verify(exported(log.log.as_family(Family.REGISTRY), path))


def figures(export: Export) -> list[Any]:
    found = []
    with replayed(export) as reads:
        for unit_id in (None, "a", "a1"):
            asked = AuditScope(unit_id, 2022, map_choice("recorded", lambda: 0), reads.as_of(None))
            first = comparison.answer_of_first(reads, asked)
            second = comparison.independent_reading(export, asked.as_of.position)
            again = comparison.answer_of_second(second, asked)
            assert comparison.disagreements(first, again) == []
            found.append(first)
    return found


@pytest.mark.parametrize("publisher", ["p-a", "p-c"])
def test_signatures_rights_and_totals_hold_before_and_after_the_record_is_replaced(
    publisher: str, tmp_path: Path
) -> None:
    log, event = told(publisher)
    older = export_of(log, tmp_path / "older.jsonl")
    newer = export_of(replaced(log, event), tmp_path / "newer.jsonl")
    for export, redacted in ((older, []), (newer, [event.position])):
        assert (export.faults, export.redacted) == ([], redacted)
        assert judge_authority(export, fresh_deciders()).faults == []
        assert positions_without_authority(export) == {}
    assert figures(older) == figures(newer)
    assert NAME in older.path.read_text("utf-8")
    assert NAME not in newer.path.read_text("utf-8")
    assert compare_originals(newer, older) == (1, [])
    assert newer.manifest.head == older.manifest.head


def test_a_redacted_event_keeps_its_place_under_the_root(tmp_path: Path) -> None:
    log, event = told()
    before, after = (each.log.as_family(Family.REGISTRY) for each in (log, replaced(log, event)))
    seal = seal_of(before)
    for reader in (before, after):
        export = verify(exported(reader, tmp_path / "sealed.jsonl", seal=seal))
        assert (export.faults, comparison.positions_not_bound(export)) == ([], [])
    # The file ends before the redaction: it is written, and the audit says what it lacks.
    part = exported(after, tmp_path / "part.jsonl", until=event.position, seal=seal)
    assert [fault.position for fault in verify(part).faults] == [event.position]


def test_a_record_that_no_redaction_states_is_found_by_both(tmp_path: Path) -> None:
    log, event = told()
    right = json.loads(replaced(log, event).log.store.events[event.position - 1].body)
    right["data"]["plan_year"] = 2023
    export = export_of(with_record(log, event, canonical(right)), tmp_path / "e.jsonl")
    assert [fault.position for fault in export.faults] == [event.position]
    assert positions_without_authority(export) == {event.position: "replaced"}


def test_a_record_is_not_replaced_by_one_of_another_publisher_or_without_a_redaction(
    tmp_path: Path,
) -> None:
    log, event = told()
    body = replaced(log, event).log.store.events[event.position - 1].body
    other = log.log.store.events[0]
    stolen = with_record(log, other, body)
    export = export_of(stolen, tmp_path / "e.jsonl")
    assert other.position in {fault.position for fault in export.faults}


def test_an_older_export_shows_a_counted_field_that_a_redaction_changed(tmp_path: Path) -> None:
    """The redaction was recorded past the rules, and states the wrong record itself."""
    log, event = told()
    wrong = json.loads(event.body)
    wrong["data"] |= {"title": NEW, "plan_year": 2023, "beneficiaries": 8}
    wrong["originaldigest"] = event.digest.hex()
    del wrong["signature"], wrong["signsalt"]
    record = canonical(wrong)
    forged = redacts_signed(event, {"/title": NEW}, "p-a", record=stated(sha256(record).digest()))
    log.record(forged)
    older = export_of(log, tmp_path / "older.jsonl")
    newer = export_of(with_record(log, event, record), tmp_path / "newer.jsonl")
    assert newer.faults == []
    compared, faults = compare_originals(newer, older)
    assert compared == 1
    assert "data/plan_year" in faults[0].english
    assert "data/beneficiaries" in faults[0].english
    assert "title" not in faults[0].english


def test_exports_of_different_logs_are_not_compared(tmp_path: Path) -> None:
    log, event = told()
    other, _ = told()
    newer = export_of(replaced(log, event), tmp_path / "newer.jsonl")
    older = export_of(other, tmp_path / "older.jsonl")
    assert compare_originals(newer, older).faults[0].english == "the exports are of different logs"
    assert original_digest(event.body) is None
