"""What the contract promises of the log itself, checked from its rows with the standard library."""

from __future__ import annotations

import json
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tests.support.naive_rules import ACCEPTED, REFUSED, NaiveRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.evidence import Evidence, Row
    from tests.simulation.publishers import Note


def log(evidence: Evidence) -> Iterator[str]:
    chain, before_us, versions = bytes(32), 0, dict[str, int]()
    sent = {key_of(note): note for note in evidence.notes}
    seen: set[tuple[str, str]] = set()
    for expected, row in enumerate(evidence.log, start=1):
        digest = sha256(row.body).digest()
        chain = sha256(
            chain + expected.to_bytes(8, "big") + row.recorded_us.to_bytes(8, "big") + digest
        ).digest()
        versions[row.subject] = versions.get(row.subject, 0) + 1
        key = row.source, row.event_id
        if row.position != expected:
            yield f"position {row.position} stands where {expected} should"
        if (row.digest, row.chain) != (digest, chain):
            yield f"the chain is broken at {expected}"
        if row.recorded_us < before_us:
            yield f"the time of recording decreases at {expected}"
        if row.version != versions[row.subject]:
            yield f"{row.subject} has version {row.version} twice or not in order"
        if key in seen:
            yield f"{key} stands in the log twice"
        if key not in sent:
            yield f"{key} stands in the log and nobody sent it"
        elif not _is_what_was_sent(row, sent[key]):
            yield f"{key} stands in the log with other content than was sent"
        elif sent[key].said.event.get("expectedversion", row.version - 1) != row.version - 1:
            yield f"{key} was accepted at another version than it expected"
        seen.add(key)
        before_us = row.recorded_us


def _is_what_was_sent(row: Row, note: Note) -> bool:
    event, recorded = note.said.event, json.loads(row.body)
    alike = ("type", "subject", "data", "source", "id")
    return _composed({name: event[name] for name in alike}) == {n: recorded[n] for n in alike}


def _composed(value: Any) -> Any:
    """Return a value with all its texts in Unicode NFC, and without what is null."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return {name: _composed(each) for name, each in value.items()}
        case list():
            return [_composed(each) for each in value]
    return value


def rules(evidence: Evidence) -> Iterator[str]:
    """Decide the log once more by the naive rules, each event at the head as it stood then.

    What was refused must be refused by them somewhere: at the head that it met.
    """
    naive, units = NaiveRules(), set[str]()
    refused = _refused_by_rules(evidence)
    for row in evidence.log:
        event = json.loads(row.body)
        name, data = _named(event), event["data"]
        named = {data.get("unit_id"), data.get("parent_id")} - {None}
        if name == "UnitOpened":
            if data["unit_id"] in units:
                yield f"{data['unit_id']} is opened twice, at {row.position}"
            units.add(data["unit_id"])
        if not named <= units:
            yield f"{row.event_id} at {row.position} names a unit that is not open"
        _strike_out(refused, naive)
        if (verdict := naive.decide(name, _in_one_unit(data))) != ACCEPTED:
            yield f"{name} {row.event_id} stands at {row.position}; by the rules it is {verdict}"
        naive.accept(name, _in_one_unit(data), row.event_id)
    _strike_out(refused, naive)
    yield from (f"{key} was refused, and no rule ever refuses it" for key in refused)


def _refused_by_rules(evidence: Evidence) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """Return what a rule refused that the naive rules know, by key: its name and data."""
    return {
        key_of(note): (_named(note.said.event), _in_one_unit(note.said.event["data"]))
        for note in evidence.notes
        if hasattr(NaiveRules, f"_{_named(note.said.event)}")
        and any(
            answer["status"] == "refused" and answer["problem"]["code"] not in _NO_RULE
            for _, _, answer in note.answers
        )
    }


_NO_RULE = {"wrong_version", "unknown_reference", "parked_expired"}


def _strike_out(refused: dict[tuple[str, str], tuple[str, dict[str, Any]]], naive: Any) -> None:
    for key, (name, data) in list(refused.items()):
        if naive.decide(name, data) == REFUSED:
            del refused[key]


def _named(event: dict[str, Any]) -> str:
    return str(event["type"].split(".")[1])


def _in_one_unit(data: dict[str, Any]) -> dict[str, Any]:
    """The naive rules know one unit, and which one it is matters to none of them."""
    if "unit_id" in data:
        data = {**data, "unit_id": "vn"}
    if "unit_id" in data.get("changes", {}):
        data = {**data, "changes": {**data["changes"], "unit_id": "vn"}}
    return data


def key_of(note: Note) -> tuple[str, str]:
    return note.said.event["source"], note.said.event["id"]
