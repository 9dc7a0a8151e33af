"""The reason and the documents of an event, as the event itself states them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from services.reporting.queries.explaining.titles import ORGANIZATION
from shared.clock import rfc3339
from shared.events.payloads.units import UnitsReorganized
from shared.web.answers.csv_tables import in_words, said
from shared.web.openapi.responses import MAYBE_TEXT, TEXT, array_schema, object_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from services.reporting.queries.explaining.titles import Titles
    from services.reporting.queries.filters import Item
    from shared.eventlog.protocol import Reader
    from shared.events.recorded import RecordedEvent
    from shared.web.answers.csv_tables import Style

_OWN_DOCUMENTS = ("decision", "document", "minutes")
"""The members with the event's own document, which precedes its legal basis."""
_AMENDED = {"ModelAmended": "ModelRegistered", "AwardAmended": "AwardGranted"}
"""The type of event that a correction corrects."""
_RETRACTED = "EventRetracted"
_NEED_THEIR_STREAM = frozenset({*_AMENDED, _RETRACTED})
_DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": TEXT,
        **dict.fromkeys(("number", "issuer_org_id", "signed_on", "title"), TEXT),
        "issuer_name": {**MAYBE_TEXT, "description": "of `issuer_org_id`, where it is known"},
        "file_sha256": TEXT,
    },
}
_CHANGE = object_schema(
    field=TEXT,
    before={"description": "what it was until then; null: not stated"},
    after={"description": "what it is from then on; null: cleared"},
)
SHAPES: dict[str, Mapping[str, Any]] = {
    "recordedtime": TEXT,
    "reason": {**MAYBE_TEXT, "description": "of a correction, a retraction, a refusal"},
    "documents": {
        **array_schema(_DOCUMENT),
        "description": "the document of the event itself, then its legal basis",
    },
    "changes": {**array_schema(_CHANGE), "description": "the fields of a correction"},
    "retracts": {
        "type": ["object", "null"],
        "description": "the event that a retraction takes back",
        "properties": {
            "position": {"type": ["integer", "null"]},
            "type": MAYBE_TEXT,
            "source": TEXT,
            "id": TEXT,
        },
    },
}
"""The members with reasons in the OpenAPI document."""
COLUMNS = (
    "recordedtime",
    "reason",
    "document_kind",
    "document_number",
    "document_signed_on",
    "document_issuer_org_id",
    "document_issuer_name",
    "changes",
)
"""The same as columns of a spreadsheet, for the first document of each event."""


class Reasons:
    """Finds the reasons of events; only corrections and retractions need their stream."""

    def __init__(self, log: Reader, titles: Titles) -> None:
        self._log = log
        self._titles = titles

    def of(self, events: Sequence[RecordedEvent], position: int) -> list[Item]:
        """Return each event's own statements, with the names of issuers as known at a position.

        `{"recordedtime", "reason", "documents", "changes", "retracts"}`: `documents` is its own
        document, then its legal basis; `changes` are the fields of a correction before and after;
        `retracts` is the event that a retraction takes back.
        """
        streams = self._streams({e.subject for e in events if _name(e) in _NEED_THEIR_STREAM})
        items = [_item_of(event, streams.get(event.subject, ())) for event in events]
        self._name_issuers([each for item in items for each in item["documents"]], position)
        return items

    def named(self, documents: Iterable[Item], position: int) -> list[Item]:
        """Return documents with the names of their issuers as known at a position."""
        copied = [dict(each) for each in documents]
        self._name_issuers(copied, position)
        return copied

    def _streams(self, subjects: Collection[str]) -> Mapping[str, Sequence[RecordedEvent]]:
        streams: dict[str, list[RecordedEvent]] = {subject: [] for subject in subjects}
        for event in self._log.streams(sorted(subjects)) if subjects else ():
            if event.subject in streams:
                streams[event.subject].append(event)
        return streams

    def _name_issuers(self, documents: Iterable[Item], position: int) -> None:
        issued = [each for each in documents if each.get("issuer_org_id")]
        wanted = {ORGANIZATION + each["issuer_org_id"] for each in issued}
        named = self._titles.of(wanted, position) if wanted else {}
        for each in issued:
            titled = named.get(ORGANIZATION + each["issuer_org_id"])
            each["issuer_name"] = titled.title if titled else None

    def titles(self, events: Sequence[RecordedEvent], position: int) -> list[str | None]:
        """Return the title of each event's subject, None where it has none.

        For an award without a name it is the code of its form.
        """
        titles = self._titles.of({event.subject for event in events}, position)
        return [
            self._titles.reorganization(payload, position)
            if isinstance(payload := event.payload, UnitsReorganized)
            else (titled := titles.get(event.subject)) and (titled.title or titled.form)
            for event in events
        ]


def documents_of(data: Mapping[str, Any]) -> list[Item]:
    """Return the documents that an event names: its own first, then its legal basis."""
    own = [data[name] for name in _OWN_DOCUMENTS if data.get(name)]
    return [dict(each) for each in (*own, *(data.get("legal_basis") or ()))]


def as_row(item: Mapping[str, Any], style: Style) -> Item:
    """Return an item as a row of a spreadsheet: its first document, its changes as one text.

    For people the changes are in words as far as that needs neither map nor taxonomy.
    """
    document: Mapping[str, Any] = next(iter(item["documents"]), {})
    of_document = {f"document_{name}": value for name, value in document.items()}
    changes = "; ".join(
        f"{field}: {_as_text(before)} → {_as_text(after)}"
        for field, before, after in (_change(each, style) for each in item["changes"])
    )
    return {**item, **of_document, "changes": changes}


def _change(change: Mapping[str, Any], style: Style) -> tuple[str, Any, Any]:
    field, before, after = change["field"], change["before"], change["after"]
    if not style.worded:
        return field, before, after
    language = style.language
    before, after = (
        said(field, each, language) if isinstance(each, str) else each for each in (before, after)
    )
    return in_words(field, language), before, after


def _item_of(event: RecordedEvent, stream: Sequence[RecordedEvent]) -> Item:
    data = _data(event)
    earlier = [each for each in stream if each.position < event.position]
    return {
        "recordedtime": rfc3339(event.recorded_us),
        "reason": data.get("reason"),
        "documents": documents_of(data),
        "changes": _changes(event, data, earlier),
        "retracts": _retracted(event, data, earlier),
    }


def _changes(
    event: RecordedEvent, data: Mapping[str, Any], earlier: Iterable[RecordedEvent]
) -> list[Item]:
    """Return the fields of a correction, each with its value before and after."""
    corrected = _AMENDED.get(_name(event))
    if corrected is None:
        return []
    state: dict[str, Any] = {}
    for each in earlier:
        if _name(each) == corrected:
            state = dict(_data(each))
        elif _name(each) == _name(event):
            state |= _data(each)["changes"]
    return [
        {"field": field, "before": state.get(field), "after": value}
        for field, value in data["changes"].items()
    ]


def _retracted(
    event: RecordedEvent, data: Mapping[str, Any], earlier: Iterable[RecordedEvent]
) -> Item | None:
    """Return the event that a retraction takes back, None for any other event."""
    if _name(event) != _RETRACTED:
        return None
    key = (data["retracts"]["source"], data["retracts"]["id"])
    found = next((each for each in earlier if tuple(each.key) == key), None)
    place = {"position": found.position, "type": found.type} if found else {}
    return {"position": None, "type": None, **place, "source": key[0], "id": key[1]}


def _name(event: RecordedEvent) -> str:
    """Return the contract's name of an event, without its version."""
    return event.type.split(".")[1]


def _data(event: RecordedEvent) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(event.body)["data"]
    return data


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
