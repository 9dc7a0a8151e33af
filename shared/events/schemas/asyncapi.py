"""The AsyncAPI document of the Redis streams, for publishers in any language."""

from collections.abc import Iterable
from typing import Any

from shared.events.acceptance.cloudevent_attributes import ID_PATTERN, SOURCE_PATTERN
from shared.events.catalogue import CATALOGUE, EventType, types_of
from shared.events.schemas.json_schema import DIALECT, SET_BY_THE_LOG, event_schema, file_name
from shared.vocabulary import Family

LOG_STREAM = "dvk:events"
RECEIPTS_STREAM = "dvk:receipts:{publisher_id}"
_PUBLISHER = {"publisher_id": {"description": "from source: /publishers/<publisher_id>"}}
_FORMAT = "application/schema+json;version=draft-2020-12"
_CLOUDEVENT = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"

Node = dict[str, Any]


def intake_stream(family: Family) -> str:
    """Return the address of the intake stream of a service."""
    return f"dvk:intake:{family.value}"


def asyncapi_document() -> Node:
    """Return the AsyncAPI 3.0 document; schemas of events are referred to by file."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dan van kheo ledger: streams",
            "version": "1.0.0",
            "description": (
                "CloudEvents 1.0 (JSON) on Redis streams. Entries have one field, whose value is "
                "JSON text in UTF-8. An event has at most 64 KiB in its canonical form and 384 KiB "
                "as it is sent; a batch at most 500 events and 4 MiB. XADD is no acknowledgement: "
                "the receipt is; a publisher sends again until it has one."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "servers": {
            "redis": {
                "host": "{host}",
                "protocol": "redis",
                "description": "the server of REDIS_URL",
                "variables": {"host": {"default": "localhost:6379"}},
            }
        },
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages()},
    }


def _channels() -> Node:
    channels: Node = {
        "log": {
            "address": LOG_STREAM,
            "description": (
                "The log, in order: entry id <position>-0. Capped; a transport, not the record."
            ),
            "messages": _references(f"{event.name}Recorded" for event in CATALOGUE.values()),
        }
    }
    for family in Family:
        names = [CATALOGUE[event_type].name for event_type in types_of(family)]
        channels[f"{family.value}Intake"] = {
            "address": intake_stream(family),
            "description": (
                f"Events for {family.value}; processed in order, receipted, deleted. Once trust "
                "began it refuses every event."
            ),
            "messages": _references([*names, f"{family.value.capitalize()}Batch"]),
        }
        channels[f"{family.value}PublisherIntake"] = {
            "address": f"{intake_stream(family)}:{{publisher_id}}",
            "description": (
                f"Events for {family.value} of one publisher, once trust began; as before. All "
                "receipts go to that publisher."
            ),
            "parameters": _PUBLISHER,
            "messages": _references([*names, f"{family.value.capitalize()}Batch"]),
        }
    channels["receipts"] = {
        "address": RECEIPTS_STREAM,
        "description": (
            "The outcome of each event of an intake stream; a second receipt when a parked "
            "event is released or expires. Unreadable entries: dvk:receipts:_unreadable. Capped."
        ),
        "parameters": _PUBLISHER,
        "messages": _references(["Receipt"]),
    }
    return channels


def _references(names: Iterable[str]) -> Node:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operations() -> Node:
    """Return the operations, from the services' point of view."""
    receive = {
        f"receive{family.value.capitalize()}{publisher}Events": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{family.value}{publisher}Intake"},
            "summary": f"{family.value} takes events from publishers inside the data centre",
            "reply": {"channel": {"$ref": "#/channels/receipts"}},
        }
        for family in Family
        for publisher in ("", "Publisher")
    }
    return {
        **receive,
        "sendLog": {
            "action": "send",
            "channel": {"$ref": "#/channels/log"},
            "summary": "the relay copies the log to the stream",
        },
        "sendReceipts": {
            "action": "send",
            "channel": {"$ref": "#/channels/receipts"},
            "summary": "the service answers each event of an intake stream",
        },
    }


def _messages() -> Node:
    messages: Node = {}
    for event in CATALOGUE.values():
        messages[event.name] = _message(event.name, _docline(event), _sent(event))
    for family in Family:
        name = f"{family.value.capitalize()}Batch"
        events = [CATALOGUE[event_type] for event_type in types_of(family)]
        messages[name] = _message(name, f"up to 500 events for {family.value}", _batch(events))
    for event in CATALOGUE.values():
        name = f"{event.name}Recorded"
        messages[name] = _message(name, f"{event.name} as recorded in the log", _recorded(event))
    messages["Receipt"] = _message("Receipt", "the outcome of one event", _receipt())
    return messages


def _docline(event: EventType) -> str:
    return str(event_schema(event)["description"])


def _message(name: str, summary: str, schema: Node) -> Node:
    return {
        "name": name,
        "summary": summary,
        "contentType": "application/json",
        "payload": {"schemaFormat": _FORMAT, "schema": {"$schema": DIALECT, **schema}},
    }


def _entry(field: str, media_type: str, content: Node) -> Node:
    """Return the schema of a stream entry with one field that holds JSON text."""
    text = {"type": "string", "contentMediaType": media_type, "contentSchema": content}
    return {"type": "object", "required": [field], "properties": {field: text}}


def _sent(event: EventType) -> Node:
    return _entry("event", _CLOUDEVENT, {"$ref": file_name(event)})


def _batch(events: Iterable[EventType]) -> Node:
    one_of = [{"$ref": file_name(event)} for event in events]
    return _entry("events", _BATCH, {"type": "array", "maxItems": 500, "items": {"oneOf": one_of}})


def _recorded(event: EventType) -> Node:
    """Return the schema of a recorded event: as sent, with the log's attributes."""
    whole = f"{file_name(event)}#/properties"
    sent = event_schema(event)
    properties = {name: {"$ref": f"{whole}/{name}"} for name in sent["properties"]}
    content = {
        "type": "object",
        "required": [*SET_BY_THE_LOG, *sent["required"]],
        "properties": {**SET_BY_THE_LOG, **properties},
    }
    return _entry("event", _CLOUDEVENT, content)


def _receipt() -> Node:
    nullable_text = {"type": ["string", "null"]}
    statuses = ["accepted", "duplicate", "parked", "refused", "invalid"]
    waiting = {
        "description": "of a parked event: the references it waits for",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["kind", "id"],
            "properties": {"kind": {"type": "string"}, "id": {"type": "string"}},
        },
    }
    item = {
        "type": "object",
        "required": ["id", "source", "status", "position", "chain", "problem"],
        "properties": {
            "id": {**nullable_text, "description": f"null if unreadable; {ID_PATTERN}"},
            "source": {**nullable_text, "description": f"null if unreadable; {SOURCE_PATTERN}"},
            "status": {"enum": statuses},
            "position": {"type": ["integer", "null"], "minimum": 1},
            "chain": {**nullable_text, "pattern": SET_BY_THE_LOG["chain"]["pattern"]},
            "problem": {"type": ["object", "null"], "description": "RFC 9457, with a `code`"},
            "waiting_for": waiting,
        },
    }
    return _entry("item", "application/json", item)
