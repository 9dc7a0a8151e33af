"""What publishers were told, held against what stands: kept, said the same each time, in order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.simulation.checks_of_the_log import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.simulation.evidence import Evidence
    from tests.simulation.publishers import Note


def acknowledged(evidence: Evidence) -> Iterator[str]:
    rows = {(row.source, row.event_id): row for row in evidence.log}
    waiting = {(each.source, each.event_id) for each in evidence.parked}
    refused = set(evidence.refused)
    for note in evidence.notes:
        key, row = key_of(note), rows.get(key_of(note))
        statuses = {answer["status"] for _, _, answer in note.answers}
        if not note.answers:
            yield f"{key} was never answered"
        for _, where, answer in note.answers:
            stated = answer["position"], answer["chain"]
            if answer["position"] is None:
                continue
            if row is None:
                yield f"{key} was acknowledged at {stated[0]} by {where}, and is lost"
            elif stated != (row.position, row.chain.hex()):
                yield f"{key} was acknowledged at {stated[0]} and stands at {row.position}"
        if "parked" in statuses and row is None and key not in waiting | refused:
            yield f"{key} was parked, and is lost"
        if statuses & {"invalid"}:
            yield f"{key} was called invalid: {note.answers}"
        yield from _repeated(note)


def _repeated(note: Note) -> Iterator[str]:
    """Once it has a position, every later answer says the same; another content never gets in."""
    first = min((at for at, _, a in note.answers if a["position"] is not None), default=None)
    for asked, answer in note.over_api:
        if first is not None and asked > first and answer["status"] != "duplicate":
            yield f"{key_of(note)} had a position, and a repeat was answered {answer['status']}"
    for answer in note.other_content:
        if answer["status"] != "refused" or answer["problem"]["code"] != "id_reused":
            yield f"another content under {key_of(note)} was answered {answer['status']}"


def order(evidence: Evidence) -> Iterator[str]:
    """What was acknowledged before another was sent stands before it; so does what was sent first.

    The second holds for what one publisher sent once, to the same place, and had accepted at once.
    """
    position = {(row.source, row.event_id): row.position for row in evidence.log}
    standing = [note for note in evidence.notes if key_of(note) in position]
    at_once = _accepted_at_once(evidence)
    known_since = {
        key_of(note): min(at for at, _, answer in note.answers if answer["position"] is not None)
        for note in standing
        if note.has_a_position
    }
    for late in standing:
        for early in standing:
            since = known_since.get(key_of(early))
            if since is not None and since < late.sent[0][0] and _before(late, early, position):
                yield f"{key_of(late)} was sent after {key_of(early)} was known, and stands before it"
            if (
                {key_of(early), key_of(late)} <= at_once
                and _was_sent_before(early, late)
                and _before(late, early, position)
            ):
                yield f"{key_of(late)} was sent after {key_of(early)}, and stands before it"


def _before(one: Note, other: Note, position: Mapping[tuple[str, str], int]) -> bool:
    return position[key_of(one)] < position[key_of(other)]


def _was_sent_before(early: Note, late: Note) -> bool:
    if len(early.sent) > 1 or len(late.sent) > 1:
        return False
    if early.said.event["source"] != late.said.event["source"]:
        return False
    (at, to), (later, to_as_well) = early.sent[0], late.sent[0]
    together = at == later and early.number < late.number
    return to == to_as_well and (at < later or together)


def _accepted_at_once(evidence: Evidence) -> set[tuple[str, str]]:
    """Return what never waited: accepted in the answer itself, and never told anything else.

    A publisher may miss that answer and read the second receipt only; the journal of Redis knows
    the first by the deletion that stands in the same transaction.
    """
    answered: dict[tuple[str, str], set[str]] = {}
    for note in evidence.notes:
        answered[key_of(note)] = {answer["status"] for _, answer in note.over_api}
    for transaction in evidence.journal:
        takes_in = any(name == "xdel" for name, _ in transaction)
        for name, arguments in transaction:
            if name == "xadd" and arguments[0].startswith("dvk:receipts:"):
                receipt = json.loads(arguments[1][b"item"])
                told = receipt["status"] if takes_in else "later"
                answered.setdefault((receipt["source"], receipt["id"]), set()).add(told)
    return {key for key, statuses in answered.items() if statuses == {"accepted"}}


def waiting(evidence: Evidence) -> Iterator[str]:
    """Nothing waits for what exists, and nothing both waits and stands."""
    exists = set[tuple[str, str]]()
    for row in evidence.log:
        data, name = json.loads(row.body)["data"], json.loads(row.body)["type"].split(".")[1]
        if name == "UnitOpened":
            exists.add(("unit", data["unit_id"]))
        if name == "ModelRegistered":
            exists |= {("registration", data["registration_id"]), ("model", data["model_id"])}
        if name in {"AwardProposed", "AwardGranted"}:
            exists.add(("award", data["award_id"]))
    stands = {(row.source, row.event_id) for row in evidence.log}
    for each in evidence.parked:
        if set(each.waiting_for) & exists or not each.waiting_for:
            yield f"{each.event_id} waits for {each.waiting_for}, of which some exists"
        if (each.source, each.event_id) in stands:
            yield f"{each.event_id} waits, and stands in the log"
