"""JSON of responses: fast, and valid for any text of a publisher."""

import json

import orjson


def as_json(value: object) -> bytes:
    """Return JSON; lone surrogates, which problems may repeat, are escaped by Python's encoder."""
    try:
        return orjson.dumps(value, default=str)
    except TypeError:
        return json.dumps(value, default=str).encode()
