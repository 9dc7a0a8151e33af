"""The schemas of the summary and of completeness in the OpenAPI document."""

from typing import Any

from services.reporting.queries.explaining.reasons import SHAPES
from shared.vocabulary import Dimension, Flag, Measure, OutcomeNature, Qualifier
from shared.web.openapi.responses import (
    COUNT,
    FILES,
    MAYBE_TEXT,
    TEXT,
    array_schema,
    json_response,
    object_schema,
)

_MEASURES: dict[str, Any] = {
    "type": "object",
    "required": [str(measure) for measure in Measure],
    "properties": {str(measure): COUNT for measure in Measure},
}
_ROW: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{str(dimension): MAYBE_TEXT for dimension in Dimension},
        "unit_name": MAYBE_TEXT,
        **{str(measure): COUNT for measure in Measure},
    },
}


_POSITION = object_schema(position=COUNT, time=MAYBE_TEXT)
_SCOPE = {"oneOf": [object_schema(unit_id=TEXT, name=MAYBE_TEXT), {"type": "null"}]}
_TABLE = object_schema(by=array_schema(TEXT), rows=array_schema(_ROW))
_OUTCOME = object_schema(
    metric=TEXT,
    nature={"enum": [str(nature) for nature in OutcomeNature]},
    value={"type": "number"},
    qualifier={"enum": [str(qualifier) for qualifier in Qualifier]},
)
_DIGEST: dict[str, Any] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_CLOSING = object_schema(
    position={**COUNT, "description": "the position at which the closing fixes the figures"},
    digest=_DIGEST,
    rules={**COUNT, "description": "the version of the counting rules that gives the digest"},
    event_position={**COUNT, "description": "where the closing itself stands in the log"},
    closed_on=TEXT,
    recordedtime=TEXT,
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
_REOPENING = object_schema(
    event_position={**COUNT, "description": "where the reopening stands in the log"},
    reopened_on=TEXT,
    reason=TEXT,
    recordedtime=TEXT,
    documents=SHAPES["documents"],
)
_YES = {"type": "boolean"}
_FLAG = object_schema(code={"enum": [str(flag) for flag in Flag]}, count=COUNT)
_QUALITY = object_schema(unallocated=COUNT, approximate=_YES, flags=array_schema(_FLAG))

SUMMARY_RESPONSE = json_response(
    "the summary, as known at one position",
    {
        "scope": _SCOPE,
        "year": COUNT,
        "programme": TEXT,
        "map": TEXT,
        "known_at": _POSITION,
        "measures": _MEASURES,
        "tables": array_schema(_TABLE),
        "outcomes": array_schema(_OUTCOME),
        "quality": _QUALITY,
        "closing": {"oneOf": [_CLOSING, {"type": "null"}]},
        "reopening": {
            "oneOf": [_REOPENING, {"type": "null"}],
            "description": "of a year that was closed and is open again",
        },
        "digest": _DIGEST,
    },
)
SUMMARY_RESPONSE["content"] |= FILES
_COMPLETE = object_schema(
    name=TEXT, position=COUNT, events_handled=COUNT, equal={"type": "boolean"}
)
# These two members occur only with quarantined or discarded subjects: see GET /quarantine.
_COMPLETE["properties"] |= {
    "events_held": {**COUNT, "description": "of subjects in quarantine"},
    "events_discarded": {**COUNT, "description": "of subjects that an operator has discarded"},
}

COMPLETENESS_RESPONSE = json_response(
    "what is stored and what was projected",
    {
        "log": object_schema(head=COUNT, events=COUNT),
        "read_models": array_schema(_COMPLETE),
    },
)
