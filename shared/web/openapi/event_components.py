"""The events that a service accepts, as components of its OpenAPI document."""

from functools import cache
from typing import Any

from shared.events.catalogue import CATALOGUE, types_of
from shared.events.schemas.json_schema import event_schema
from shared.vocabulary import Family
from shared.web.openapi.responses import reference
from shared.web.publishing.cloudevents import BATCH_TYPE, DATA_TYPE, STRUCTURED_TYPE

_DEFINITIONS = "#/$defs/"
_OWN_DOCUMENT = ("$schema", "$id", "$defs")


@cache
def event_components(family: Family) -> dict[str, Any]:
    """Return the schemas of a family's events by type, and of the parts of their data by name."""
    components: dict[str, Any] = {}
    for name in types_of(family):
        schema = event_schema(CATALOGUE[name])
        components.update(schema["$defs"])
        components[name] = {key: schema[key] for key in schema if key not in _OWN_DOCUMENT}
    return {name: _hoisted(schema) for name, schema in sorted(components.items())}


def events_request_body(family: Family) -> dict[str, Any]:
    """Return the request body of POST /events, in each of the three modes."""
    event = {"oneOf": [reference(name) for name in types_of(family)]}
    data = {"type": "object", "description": "Binary mode: the data; attributes are ce- headers."}
    return {
        "required": True,
        "description": (
            "JSON in UTF-8. An event has at most 64 KiB in its canonical form (RFC 8785, NFC) and "
            "384 KiB as sent; a batch at most 500 events and 4 MiB."
        ),
        "content": {
            STRUCTURED_TYPE: {"schema": event},
            BATCH_TYPE: {"schema": {"type": "array", "items": event, "maxItems": 500}},
            DATA_TYPE: {"schema": data},
        },
    }


def _hoisted(schema: Any) -> Any:  # noqa: ANN401  a JSON Schema
    """Point references at the components, where OpenAPI keeps shared schemas."""
    if isinstance(schema, dict):
        return {
            key: f"#/components/schemas/{value.removeprefix(_DEFINITIONS)}"
            if key == "$ref" and isinstance(value, str)
            else _hoisted(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [_hoisted(each) for each in schema]
    return schema
