"""The independent checker: plain SQL, the standard library, and the independent reading as the oracle.

Nothing of the ledger's own code is used, so that it cannot agree with a fault of it.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.reporting.audit.independent_reading import IndependentReading
from tests.faults.databases import Row
from tests.faults.ledger import Ledger, Service
from tests.faults.publishers import Answer
from tests.faults.scripts import UNITS, YEARS

TABLES = ("unit", "owner_kind,registration_kind", "tier", "unit,tier", "unit,award_form")


def faults_of_the_log(rows: Sequence[Row]) -> list[str]:
    """Return what is wrong with positions, digests, chain, keys and times, by the contract."""
    wrong: list[str] = []
    chain, recorded_us, keys = bytes(32), 0, set()
    versions: dict[str, int] = {}
    for expected, row in enumerate(rows, start=1):
        digest = hashlib.sha256(row.body).digest()
        places = (row.position, row.recorded_us)
        numbers = [number.to_bytes(8, "big") for number in places]
        chain = hashlib.sha256(b"".join([chain, *numbers, digest])).digest()
        versions[row.subject] = versions.get(row.subject, 0) + 1
        for what, right in {
            "its position": row.position == expected,
            "its digest": bytes(row.digest) == digest,
            "its chain": bytes(row.chain) == chain,
            "its time": row.recorded_us >= recorded_us,
            "its id, which stands twice": (row.source, row.id) not in keys,
            "its version in its stream": row.version == versions[row.subject],
        }.items():
            if not right:
                wrong.append(f"position {expected}: {what}")
        recorded_us = row.recorded_us
        keys.add((row.source, row.id))
    return wrong


def faults_of_answers(rows: Sequence[Row], answers: Iterable[Answer]) -> list[str]:
    """Return the answers that are not true of the log: place, chain and content."""
    stands = {(row.source, row.id): row for row in rows}
    return [
        f"{answer.event['source']} {answer.event['id']} was told {answer.status} at "
        f"{answer.position}: {why}"
        for answer in answers
        if (why := _untrue(stands.get((answer.event["source"], answer.event["id"])), answer))
    ]


def _untrue(row: Row | None, answer: Answer) -> str | None:
    if row is None:
        return "it does not stand in the log"
    if (row.position, bytes(row.chain).hex()) != (answer.position, answer.chain):
        return f"it stands at {row.position} with another chain"
    stored = json.loads(row.body)
    for name in ("id", "source", "type", "subject", "data"):
        if stored[name] != _composed(answer.event[name]):
            return f"its {name} is {stored[name]}"
    return None


def _composed(value: Any) -> Any:
    """Return content in Unicode NFC: what was sent is the same content in either form."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case list():
            return [_composed(each) for each in value]
        case dict():
            return {_composed(key): _composed(each) for key, each in value.items()}
    return value


def sent_by_nobody(rows: Sequence[Row], answers: Iterable[Answer]) -> list[str]:
    """Return what stands in the log and was answered to nobody (when all were answered)."""
    told = {(answer.event["source"], answer.event["id"]) for answer in answers}
    return [f"{row.source} {row.id}" for row in rows if (row.source, row.id) not in told]


def faults_of_figures(rows: Sequence[Row], reporting: Service) -> list[str]:
    """Return where the summaries are not what the independent reading counts of the log."""
    events = [{**json.loads(row.body), "sequence": f"{row.position:020}"} for row in rows]
    oracle = IndependentReading(events)
    by = [table.split(",") for table in TABLES]
    wrong: list[str] = []
    for year in YEARS:
        for unit in (None, "tinh-0", *UNITS[:2]):
            path = f"/summaries/units/{unit}" if unit else "/summaries/national"
            found = reporting.get(path, year=year, by=list(TABLES)).raise_for_status().json()
            expected = oracle.summary(unit, year, day=None, by=by)
            digest = oracle.digest(unit, year, len(rows))
            if found["known_at"]["position"] != len(rows):
                wrong.append(f"{path} {year} answers for {found['known_at']}, not {len(rows)}")
            if found["digest"] != digest or _flat(found) != _flat(expected):
                wrong.append(f"{path} {year}: {_flat(found)} instead of {_flat(expected)}")
    return wrong


def _flat(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary without names, zeros and any order of rows."""
    cells: dict[str, Any] = dict(summary["measures"])
    for table in summary["tables"]:
        for row in table["rows"]:
            where = {each: row[each] for each in table["by"]}
            figures = {k: v for k, v in row.items() if k not in {*where, "unit_name"} and v}
            cells |= {f"{json.dumps(where)} {name}": v for name, v in figures.items()}
    for outcome in summary["outcomes"]:
        cells[f"{outcome['metric']} {outcome['nature']}"] = float(outcome["value"])
    for flag in summary["quality"]["flags"]:
        cells[f"flag {flag['code']}"] = flag["count"]
    return cells


def faults_of_completeness(rows: Sequence[Row], ledger: Ledger) -> list[str]:
    """Return where what is stored and what was taken in are not equal."""
    answer = ledger.completeness()
    equal = {"position": len(rows), "events_handled": len(rows), "equal": True}
    wrong = [f"{each}" for each in answer["read_models"] if not equal.items() <= each.items()]
    if answer["log"] != {"head": len(rows), "events": len(rows)}:
        wrong.append(f"the log: {answer['log']} instead of {len(rows)}")
    return wrong


def faults_of_streams(rows: Sequence[Row], ledger: Ledger) -> list[str]:
    """Return where `dvk:events` does not carry the end of the log as it is."""
    with ledger.redis.client() as redis:
        entries: Any = redis.xrange("dvk:events")
        left = {name: redis.xlen(f"dvk:intake:{name}") for name in ("registry", "evaluation")}
    wrong = [f"{count} entries wait in {name}" for name, count in left.items() if count]
    carried = rows[len(rows) - len(entries) :] if len(entries) <= len(rows) else []
    if len(carried) != len(entries) or not entries:
        return [*wrong, f"the stream carries {len(entries)} events of {len(rows)}"]
    for row, (entry, fields) in zip(carried, entries, strict=True):
        event = json.loads(fields[b"event"])
        place = (event["sequence"], event["chain"], event["id"])
        if (entry.decode(), place) != (
            f"{row.position}-0",
            (f"{row.position:020}", bytes(row.chain).hex(), row.id),
        ):
            wrong.append(f"the entry {entry!r} is not the event at {row.position}")
    return wrong
