"""What Redis carries and what the read models say, held against the log by a naive reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services.reporting.audit.independent_reading import IndependentReading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.simulation.evidence import Evidence


TABLES = (
    *(("unit",), ("field", "registration_kind"), ("tier",)),
    ("award_form", "recipient_kind"),
)


def stream_of_the_log(evidence: Evidence) -> Iterator[str]:
    """At rest the stream ends at the head, is contiguous, and each entry is the record."""
    head = len(evidence.log)
    if evidence.top != f"{head}-0":
        yield f"the stream ends at {evidence.top} and the log at {head}"
    entries = evidence.streams["dvk:events"]
    first = head - len(entries) + 1
    for position, (entry, fields) in enumerate(entries, start=first):
        row = evidence.log[position - 1]
        item = json.loads(fields[b"event"])
        log_says = item.pop("sequence"), item.pop("chain")
        item.pop("recordedtime")
        if entry != b"%d-0" % position or log_says != (f"{position:020}", row.chain.hex()):
            yield f"the entry {entry!r} stands in the stream where {position} should"
        elif item != json.loads(row.body):
            yield f"the entry {entry!r} of the stream is not the record"


def taken_in(evidence: Evidence) -> Iterator[str]:
    """No entry of an intake stream was taken away before its events had their receipts."""
    for service in ("registry", "evaluation", "reporting"):
        if left := len(evidence.streams[f"dvk:intake:{service}"]):
            yield f"{left} entries of {service} were never taken in"
    entered: dict[tuple[str, bytes], list[tuple[str, str]]] = {}
    answered = set[tuple[str, str]]()
    for transaction in evidence.journal:
        for name, arguments in transaction:
            if name == "xadd" and arguments[0].startswith("dvk:receipts:"):
                receipt = json.loads(arguments[1][b"item"])
                answered.add((receipt["source"], receipt["id"]))
            elif name == "xadd" and arguments[0].startswith("dvk:intake:"):
                entered[arguments[0], arguments[-1]] = _keys_in(arguments[1])
        for name, arguments in transaction:
            if name == "xdel":
                for entry in arguments[1:-1]:
                    missing = set(entered.get((arguments[0], entry), ())) - answered
                    if missing:
                        yield f"{sorted(missing)} were taken from {arguments[0]} without a receipt"


def _keys_in(fields: Mapping[bytes, bytes]) -> list[tuple[str, str]]:
    """Return (source, id) of the events of an entry; none where nobody can read it."""
    try:
        (value,) = fields.values()
        read = json.loads(value)
        events = read if isinstance(read, list) else [read]
        return [(event["source"], event["id"]) for event in events]
    except (ValueError, KeyError, TypeError):
        return []


def read_models(evidence: Evidence) -> Iterator[str]:
    head = len(evidence.log)
    yield from (f"set aside by {each}" for each in evidence.quarantined)
    for name, told in evidence.completeness.items():
        if told["log"] != {"head": head, "events": head}:
            yield f"{name} says of the log {told['log']}, which has {head}"
        yield from (
            f"{name}: {model['name']} stands at {model['position']} of {head}, "
            f"with {model['events_handled']} events"
            for model in told["read_models"]
            if (model["position"], model["events_handled"]) != (head, head) or not model["equal"]
        )
    items = [{"sequence": f"{row.position}", **json.loads(row.body)} for row in evidence.log]
    reading = IndependentReading(items)
    for (name, year), summary in evidence.summaries.items():
        expected = reading.summary(None, year, day=None, by=TABLES)
        expected["digest"] = reading.digest(None, year, head)
        found = {member: summary[member] for member in expected}
        if _comparable(found) != _comparable(expected):
            yield f"{name} says of {year} {_comparable(found)}; a naive reading {expected}"


def _comparable(summary: Mapping[str, Any]) -> Any:
    """Return a summary without names and zeros, all in one order."""
    tables = [
        [{n: v for n, v in row.items() if n != "unit_name" and v != 0} for row in table["rows"]]
        for table in summary["tables"]
    ]
    scope = summary["scope"] and summary["scope"]["unit_id"]
    flags = sorted(map(_in_order, summary["quality"]["flags"]))
    return [
        scope,
        summary["measures"],
        [sorted(map(_in_order, rows)) for rows in tables],
        sorted(map(_in_order, summary["outcomes"])),
        {**summary["quality"], "flags": flags},
        summary["digest"],
    ]


def _in_order(value: object) -> str:
    return json.dumps(value, sort_keys=True)
