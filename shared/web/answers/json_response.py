"""JSON as it leaves: fast, and never failing on what a publisher wrote."""

import json

import orjson


def as_json(value: object) -> bytes:
    """Return JSON; a lone surrogate that a problem repeats is escaped, as only Python's can."""
    try:
        return orjson.dumps(value, default=str)
    except TypeError:
        return json.dumps(value, default=str).encode()
