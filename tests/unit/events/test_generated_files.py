"""The files of the contract say what the code does, and are written again when it changes."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from shared.appending.outcome_json import item
from shared.appending.outcomes import Accepted, Parked
from shared.bus import streams
from shared.errors import BrokenContract
from shared.eventlog.protocol import Reference
from shared.events.acceptance.json_parser import parse
from shared.events.acceptance.validation import canonical_data
from shared.events.catalogue import CATALOGUE, types_of
from shared.events.recorded import feed_item, from_feed
from shared.events.schemas.__main__ import CONTRACT, ROOT, generated
from shared.events.schemas.asyncapi import RECEIPTS_STREAM, asyncapi_document
from shared.events.schemas.field_descriptions import described, description_of
from shared.events.schemas.json_schema import event_schema, file_name, schema_id
from shared.events.schemas.markdown import events_page
from shared.vocabulary import Family
from tests.unit.events.test_origins import ORIGIN

GOLDEN = (ROOT / "tests/golden/events.jsonl").read_bytes().splitlines()
PATHS = (
    *(CONTRACT / file_name(event) for event in CATALOGUE.values()),
    CONTRACT / "asyncapi.json",
    CONTRACT / "summary-digest-example.json",
    Path("docs/events.md"),
)
files = cache(generated)  # not while tests are collected
asyncapi = cache(asyncapi_document)
RECORDS = {e.type: json.loads(e.body) for e in map(from_feed, GOLDEN)}


@cache
def schema_of(event_type: str) -> dict[str, Any]:
    return event_schema(CATALOGUE[event_type])


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_generated_file_is_what_the_code_would_write(path: Path) -> None:
    assert (ROOT / path).read_text("utf-8") == files()[path], "run `make schemas`"


def test_no_other_file_lies_among_the_generated_ones() -> None:
    assert set(PATHS) == set(files())
    openapi = {CONTRACT / f"openapi-{family}.json" for family in Family}
    found = {path.relative_to(ROOT) for path in (ROOT / CONTRACT).iterdir()}
    assert found - openapi == {path for path in files() if path.parent == CONTRACT}


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_a_schema_is_valid_and_closed_and_describes_every_field(event_type: str) -> None:
    schema = schema_of(event_type)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == schema_id(CATALOGUE[event_type]) == f"urn:dvk:schema:{event_type}"
    assert schema["properties"]["type"] == {"const": event_type}
    assert schema["additionalProperties"] is False
    for part in schema["$defs"].values():
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert all(field["description"] for field in part["properties"].values())
            assert part["description"]


def test_every_description_is_used() -> None:
    used = set()
    for event in map(schema_of, CATALOGUE):
        for part, schema in event["$defs"].items():
            for field in schema.get("properties", {}):
                assert description_of(part, field)
                used |= {field, f"{part}.{field}"}
    assert described() <= used


VALUES: list[Any] = [
    None,
    "",
    "x" * 501,
    "một\nhai",
    "x" * 65,
    5,
    1899,
    2.5,
    2**53 + 2,
    True,
    [],
    [5],
    ["ok"],
    {},
    {"no such": 1},
    "2022-02-30",
    "2022-2-3",
    "new",
    "country",
]


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_the_schema_accepts_exactly_what_the_door_accepts(event_type: str) -> None:
    event = CATALOGUE[event_type]
    schema = schema_of(event_type)
    data_schema = {**schema, "$ref": f"#/$defs/{event.name}"}
    for key in ("type", "required", "properties", "additionalProperties"):
        del data_schema[key]
    validator = jsonschema.Draft202012Validator(
        data_schema, format_checker=jsonschema.FormatChecker()
    )
    fields = schema["$defs"][event.name]["properties"]
    for data in _changed(RECORDS[event_type]["data"], fields):
        # Only the door compares sources with targets, and the threshold with the roots.
        if data.get("sources") != ["ok"] and data.get("threshold") in [None, 2]:
            assert validator.is_valid(data) == _passes(event_type, data), data


def _changed(data: dict[str, Any], fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the data with each field left out, and with each set to each value."""
    without = [{k: v for k, v in data.items() if k != name} for name in data]
    return [data, *without, *({**data, name: value} for name in fields for value in VALUES)]


def _passes(event_type: str, data: dict[str, Any]) -> bool:
    try:
        sent = parse(json.dumps(data).encode()).value
        CATALOGUE[event_type].validator.validate_json(canonical_data(sent))
    except (ValidationError, BrokenContract):
        return False
    return True


def test_the_envelope_of_a_schema_is_that_of_the_door() -> None:
    sent = RECORDS["dvk.ModelRegistered.v1"]
    validator = jsonschema.Draft202012Validator(
        schema_of("dvk.ModelRegistered.v1"),
        format_checker=jsonschema.FormatChecker(),
    )
    validator.validate({**sent, "datacontenttype": "application/json", "expectedversion": 0})
    for wrong in (
        {"sequence": "1"},
        {"specversion": "0.3"},
        {"source": "/other"},
        {"id": ""},
        {"subject": "model/m-1"},
        {"type": "dvk.ModelAmended.v1"},
        {"expectedversion": -1},
        {"datacontenttype": "text/plain"},
        {"data": None},
    ):
        assert not validator.is_valid({**sent, **wrong}), wrong
    validator.validate({**sent, **ORIGIN})
    for name in ORIGIN:
        assert not validator.is_valid({**sent, name: ORIGIN[name]}), name
    for name in ("id", "source", "specversion", "subject", "time", "type", "data"):
        left = {key: value for key, value in sent.items() if key != name}
        assert not validator.is_valid(left), name


def test_the_page_of_events_names_every_event_its_stream_and_its_service() -> None:
    page = events_page()
    for family in Family:
        section = page.split(f"## Events accepted by {family}\n")[1].split("\n## ")[0]
        names = re.findall(r"^### (\w+)$", section, re.MULTILINE)
        assert names == [CATALOGUE[event_type].name for event_type in types_of(family)]
    assert "subject `taxonomy/{jurisdiction_unit_id}.{taxonomy}`" in page
    assert "| **`registration_id`** | id |" in page


def test_the_streams_of_the_asyncapi_document_are_those_of_the_bus() -> None:
    addresses = {channel["address"] for channel in asyncapi()["channels"].values()}
    intakes = {streams.intake(f, each) for f in Family for each in (None, "{publisher_id}")}
    receipts = RECEIPTS_STREAM.replace("{publisher_id}", "p")
    assert streams.receipts("p") == receipts
    assert addresses == {streams.EVENTS, RECEIPTS_STREAM, *intakes}


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    found = {
        path.name: json.loads(text) for path, text in files().items() if path.suffix == ".json"
    }
    references = list(_references(asyncapi()))
    assert len(references) > 100
    for reference in references:
        file, _, pointer = reference.partition("#")
        node = found[file] if file else asyncapi()
        for step in filter(None, pointer.split("/")):
            node = node[step]


def _references(node: Any) -> list[str]:
    match node:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [r for value in node.values() for r in _references(value)]
        case list():
            return [r for value in node for r in _references(value)]
    return []


def test_each_service_is_told_its_own_events_and_the_log_carries_all() -> None:
    channels = asyncapi()["channels"]
    for family in Family:
        names = {CATALOGUE[event_type].name for event_type in types_of(family)}
        assert set(channels[f"{family}Intake"]["messages"]) == {
            *names,
            f"{family.capitalize()}Batch",
        }
    recorded = {f"{event.name}Recorded" for event in CATALOGUE.values()}
    assert set(channels["log"]["messages"]) == recorded


@pytest.mark.parametrize("line", GOLDEN[:3])
def test_an_event_of_the_log_fits_its_asyncapi_message(line: bytes) -> None:
    event = from_feed(line)
    name = f"{CATALOGUE[event.type].name}Recorded"
    validator = _content_validator(name, "event")
    validator.validate(json.loads(feed_item(event)))
    assert not validator.is_valid(json.loads(event.body))


@pytest.mark.parametrize(
    "outcome", [Accepted(3, bytes(32)), Parked((Reference("registration", "r-1"),))]
)
def test_a_receipt_fits_its_asyncapi_message(outcome: Accepted | Parked) -> None:
    receipt = item("e-1", "/publishers/p", outcome, "vi")
    _content_validator("Receipt", "item").validate(json.loads(json.dumps(receipt)))


def _content_validator(message: str, field: str) -> jsonschema.Draft202012Validator:
    """Return the validator of the JSON text in an entry's field, references resolved by file."""
    messages = asyncapi()["components"]["messages"]
    entry = messages[message]["payload"]["schema"]
    found = {
        f"file:///{path.name}": DRAFT202012.create_resource(json.loads(text))
        for path, text in files().items()
        if path.suffix == ".json"
    }
    content = {"$id": "file:///content.json", **entry["properties"][field]["contentSchema"]}
    registry: Registry[Any] = Registry().with_resources(found.items())
    return jsonschema.Draft202012Validator(content, registry=registry)
