"""The shapes of the summary and of completeness, as the OpenAPI document states them."""

from typing import Any

from services.reporting.queries.explaining.reasons import SHAPES
from shared.vocabulary import Dimension, Flag, Measure, OutcomeNature, Qualifier
from shared.web.openapi.responses import FILES, json_response

_COUNT: dict[str, Any] = {"type": "integer"}
_TEXT: dict[str, Any] = {"type": "string"}
_MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
_MEASURES: dict[str, Any] = {
    "type": "object",
    "required": [str(measure) for measure in Measure],
    "properties": {str(measure): _COUNT for measure in Measure},
}
_ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{str(dimension): _MAYBE_TEXT for dimension in Dimension},
        "unit_name": _MAYBE_TEXT,
        **{str(measure): _COUNT for measure in Measure},
    },
}


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401  JSON Schema
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_POSITION = _object(position=_COUNT, time=_MAYBE_TEXT)
_SCOPE = {"oneOf": [_object(unit_id=_TEXT, name=_MAYBE_TEXT), {"type": "null"}]}
_TABLE = _object(by=_list(_TEXT), rows=_list(_ROW))
_OUTCOME = _object(
    metric=_TEXT,
    nature={"enum": [str(nature) for nature in OutcomeNature]},
    value={"type": "number"},
    qualifier={"enum": [str(qualifier) for qualifier in Qualifier]},
)
_DIGEST: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_CLOSING = _object(
    position={**_COUNT, "description": "the position at which the closing fixes the figures"},
    digest=_DIGEST,
    rules={**_COUNT, "description": "the version of the counting rules that gives the digest"},
    event_position={**_COUNT, "description": "where the closing itself stands in the log"},
    closed_on=_TEXT,
    recordedtime=_TEXT,
    documents=SHAPES["documents"],
    measures={
        "type": "object",
        "properties": _MEASURES["properties"],
        "description": "as closed: under map=recorded, at `position`; those of `rules`",
    },
    changed={
        "type": "boolean",
        "description": "whether map=recorded now says anything else of these measures; "
        "GET /explain with `since` names the events",
    },
)
_REOPENING = _object(
    event_position={**_COUNT, "description": "where the reopening stands in the log"},
    reopened_on=_TEXT,
    reason=_TEXT,
    recordedtime=_TEXT,
    documents=SHAPES["documents"],
)
_FLAG = _object(code={"enum": [str(flag) for flag in Flag]}, count=_COUNT)

SUMMARY_RESPONSE = json_response(
    "the summary, as known at one position",
    {
        "scope": _SCOPE,
        "year": _COUNT,
        "programme": _TEXT,
        "map": _TEXT,
        "known_at": _POSITION,
        "measures": _MEASURES,
        "tables": _list(_TABLE),
        "outcomes": _list(_OUTCOME),
        "quality": _object(unallocated=_COUNT, approximate={"type": "boolean"}, flags=_list(_FLAG)),
        "closing": {"oneOf": [_CLOSING, {"type": "null"}]},
        "reopening": {
            "oneOf": [_REOPENING, {"type": "null"}],
            "description": "of a year that was closed and is open again",
        },
        "digest": _DIGEST,
    },
)
SUMMARY_RESPONSE["content"] |= FILES
_COMPLETE = _object(name=_TEXT, position=_COUNT, events_handled=_COUNT, equal={"type": "boolean"})
# These two stand only in a read model that holds something back: see GET /quarantine.
_COMPLETE["properties"] |= {
    "events_held": {**_COUNT, "description": "of subjects in quarantine"},
    "events_discarded": {**_COUNT, "description": "of subjects that an operator has discarded"},
}

COMPLETENESS_RESPONSE = json_response(
    "what is stored and what was projected",
    {
        "log": _object(head=_COUNT, events=_COUNT),
        "read_models": _list(_COMPLETE),
    },
)
