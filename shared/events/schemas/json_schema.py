"""The JSON Schema of each version of an event: the envelope as sent, and its data."""

import re
from typing import Any

from shared.events.acceptance.cloudevent_attributes import (
    CONTENT_TYPE_PATTERN,
    ID_PATTERN,
    LAST_VERSION,
    REQUIRED,
    SIGNING_PATTERN,
    SOURCE_PATTERN,
    SUBJECT_PATTERN,
)
from shared.events.catalogue import EventType
from shared.events.origin import (
    CHAIN_PATTERN,
    LAST_POSITION,
    LEDGER_PATTERN,
    ORIGIN,
    TIME_PATTERN,
)
from shared.events.payloads.payload import (
    EXACT_INTEGER,
    KEY_PATTERN,
    LINES_PATTERN,
    REASON_PATTERN,
    TEXT_LIMIT,
    TITLE_LIMIT,
    TITLE_PATTERN,
    Payload,
)
from shared.events.schemas.field_descriptions import description_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID_CHARACTERS = "[A-Za-z0-9._-]{1,64}"
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")

Schema = dict[str, Any]

_FREE_JSON: Schema = {
    "description": "Any JSON within the rules for numbers, texts and depth.",
    "anyOf": [
        {"type": ["null", "boolean"]},
        {"type": "number", "minimum": -EXACT_INTEGER, "maximum": EXACT_INTEGER},
        {"type": "string", "maxLength": TEXT_LIMIT, "pattern": LINES_PATTERN},
        {"type": "array", "items": {"$ref": "#/$defs/JsonValue"}},
        {
            "type": "object",
            "propertyNames": {"maxLength": TEXT_LIMIT, "pattern": KEY_PATTERN},
            "additionalProperties": {"$ref": "#/$defs/JsonValue"},
        },
    ],
}

_TEXTS: dict[str, Schema] = {
    "Title": {
        "description": "One line with a visible character: no control characters, no line or "
        "paragraph separators, and not only spaces, formats and marks.",
        "type": "string",
        "minLength": 1,
        "maxLength": TITLE_LIMIT,
        "pattern": TITLE_PATTERN,
    },
    "Reason": {
        "description": "A text with a visible character; of control characters only newline "
        "and tab.",
        "type": "string",
        "minLength": 1,
        "maxLength": TEXT_LIMIT,
        "pattern": REASON_PATTERN,
    },
}
_NAMES = {str(text["pattern"]): name for name, text in _TEXTS.items()}

SET_BY_THE_LOG: dict[str, Schema] = {
    "sequence": {
        "description": "set by the log: the position, from 1, contiguous",
        "type": "string",
        "pattern": "^[0-9]{20}$",
    },
    "recordedtime": {
        "description": "set by the log: when it was recorded (UTC); never decreases",
        "type": "string",
        "format": "date-time",
    },
    "chain": {
        "description": "set by the log: SHA-256(previous chain ‖ position ‖ recordedtime ‖ digest)",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    },
}


def schema_id(event: EventType) -> str:
    """Return the identifier of the schema, also valid for the attribute `dataschema`."""
    return f"urn:dvk:schema:{event.type}"


def file_name(event: EventType) -> str:
    """Return the name of the schema's file."""
    return f"{event.type}.json"


def event_schema(event: EventType) -> Schema:
    """Return the JSON Schema of the whole event; its data is `#/$defs/<EventName>`."""
    data = data_schema(event)
    parts = data.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "$id": schema_id(event),
        "title": event.name,
        "description": data["description"],
        "type": "object",
        "required": [name for name in _envelope(event) if name in REQUIRED],
        "dependentRequired": {name: [n for n in ORIGIN if n != name] for name in ORIGIN},
        "additionalProperties": False,
        "properties": _envelope(event),
        "$defs": {event.name: data, **dict(sorted(parts.items()))},
    }


def data_schema(event: EventType) -> Schema:
    """Return the schema of the data with its parts under `$defs`, each field described."""
    schema = event.payload.model_json_schema(ref_template="#/$defs/{model}")
    parts: dict[str, Schema] = schema.get("$defs", {})
    for name, part in {event.name: schema, **parts}.items():
        part.pop("title", None)
        if "description" in part:
            part["description"] = " ".join(part["description"].split())
        for field, described in part.get("properties", {}).items():
            described.pop("title", None)
            if described.get("default", ...) is None:
                del described["default"]
            part["properties"][field] = {"description": description_of(name, field), **described}
        _day_first(part)
    if "JsonValue" in parts:
        parts["JsonValue"] = _FREE_JSON
    used: set[str] = set()
    _settle(schema, used)
    if used:
        schema["$defs"] = parts | {name: _TEXTS[name] for name in used}
    return schema


def _day_first(part: Schema) -> None:
    """Put the day first, where readers expect it."""
    if "occurred_on" in part.get("properties", {}):
        fields = part["properties"]
        part["properties"] = {"occurred_on": fields.pop("occurred_on"), **fields}


def _settle(node: object, used: set[str]) -> None:
    """Refer to shared definitions of texts, and refuse keys that match no pattern."""
    if isinstance(node, dict):
        if node.get("pattern") in _NAMES:
            name = _NAMES[node["pattern"]]
            used.add(name)
            kept = {"description": node["description"]} if "description" in node else {}
            node.clear()
            node |= {**kept, "$ref": f"#/$defs/{name}"}
        patterns = node.get("patternProperties", {})
        if patterns.keys() & _NAMES.keys():
            ((pattern, value),) = node.pop("patternProperties").items()
            used.add(_NAMES[pattern])
            node["propertyNames"] = {"$ref": f"#/$defs/{_NAMES[pattern]}"}
            node["additionalProperties"] = value
        elif patterns:
            node["additionalProperties"] = False
        for value in node.values():
            _settle(value, used)
    elif isinstance(node, list):
        for item in node:
            _settle(item, used)


_SIGNING = {
    "signature": "once trust has begun: `<index>/<size>.<sig>[.<path>]`, see docs/publishing.md",
    "signkey": "once trust has begun: the id of the publisher's key",
    "signsalt": "once trust has begun: 16 random bytes in base64url",
}


_ORIGIN: dict[str, Schema] = {
    "originledger": {
        "description": "of a forwarded event: the ledger that forwards it, as a publisher",
        "type": "string",
        "pattern": LEDGER_PATTERN,
    },
    "originposition": {
        "description": "of a forwarded event: its position in that ledger",
        "type": "integer",
        "minimum": 1,
        "maximum": LAST_POSITION,
    },
    "originchain": {
        "description": "of a forwarded event: the chain at that position",
        "type": "string",
        "pattern": CHAIN_PATTERN,
    },
    "origintime": {
        "description": "of a forwarded event: its `recordedtime` in that ledger",
        "type": "string",
        "pattern": TIME_PATTERN,
    },
}


def _envelope(event: EventType) -> dict[str, Schema]:
    return {
        "specversion": {"const": "1.0"},
        "id": {
            "description": "with `source` the idempotency key, for ever; a UUIDv7 is recommended",
            "type": "string",
            "pattern": ID_PATTERN,
        },
        "source": {
            "description": "the publisher: /publishers/<publisher_id>",
            "type": "string",
            "pattern": SOURCE_PATTERN,
        },
        "type": {"const": event.type},
        "subject": _subject(event.payload),
        "time": {
            "description": "when the publisher emitted it, with an offset",
            "type": "string",
            "format": "date-time",
        },
        "datacontenttype": {"type": "string", "pattern": CONTENT_TYPE_PATTERN},
        "dataschema": {"type": "string", "format": "uri"},
        "expectedversion": {
            "description": "the number of events that the stream must have; 0 for a new one",
            "type": "integer",
            "minimum": 0,
            "maximum": LAST_VERSION,
        },
        **{
            name: {"description": description, "type": "string", "pattern": SIGNING_PATTERN}
            for name, description in _SIGNING.items()
        },
        **_ORIGIN,
        "data": {"$ref": f"#/$defs/{event.name}"},
    }


def _subject(payload: type[Payload]) -> Schema:
    template = payload.STREAM
    if not template:
        return {
            "description": "the stream: that of the retracted event",
            "type": "string",
            "pattern": SUBJECT_PATTERN,
        }
    characters = {"plan_year": "[0-9]{4}"}
    pattern = _PLACEHOLDER.sub(
        lambda match: characters.get(match[1], _ID_CHARACTERS), re.escape(template)
    )
    return {"description": f"the stream: {template}", "type": "string", "pattern": f"^{pattern}$"}
