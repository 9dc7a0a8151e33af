"""An event as a fold reads it: decoded once for all read models, as plain data of JSON.

Folds run over millions of events, so they read mappings and not typed payloads; the door has
checked every field before the event was recorded.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.events.decoding import UPCASTERS, lift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from shared.events.recorded import RecordedEvent

RETRACTED = "EventRetracted"
_NOTHING: Mapping[str, Any] = {}
_new = tuple.__new__


class DecodedEvent(NamedTuple):
    """One event of the log: `name` without version, `data` as of its latest version."""

    position: int
    name: str
    subject: str
    data: Mapping[str, Any]
    event: RecordedEvent

    @property
    def key(self) -> tuple[str, str]:
        """Return (source, id), by which a retraction names the event."""
        return self.event.key.source, self.event.key.id


class UndecodableData(dict[str, Any]):
    """Stands for data that cannot be decoded: whoever reads a field gets the reason."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason

    def __getitem__(self, _key: str) -> Any:  # noqa: ANN401
        raise ValueError(self._why())

    def get(self, _key: str, _default: Any = None) -> Any:  # noqa: ANN401
        """Refuse, like every other way to read a field."""
        raise ValueError(self._why())

    def _why(self) -> str:
        return f"the record cannot be decoded: {self.reason}"


@lru_cache(maxsize=1024)
def name_of(type_: str) -> str:
    """Return `ModelRegistered` for `dvk.ModelRegistered.v1`."""
    _, name, _ = type_.split(".")
    return name


def fact_of(event: RecordedEvent) -> DecodedEvent:
    """Decode one event; a record that cannot be decoded becomes the trouble of who reads it."""
    type_ = event.type
    try:
        data: dict[str, Any] = orjson.loads(event.body)["data"]
        if type_ in UPCASTERS:
            type_, data = lift(type_, data, UPCASTERS)
    except (ValueError, KeyError, TypeError) as reason:
        data = UndecodableData(reason)
    # As `Fact(…)`, without a call in between: this is done for every event.
    return _new(DecodedEvent, (event.position, name_of(type_), event.subject, data, event))


def facts_of(
    events: Iterable[RecordedEvent], wanted: Collection[str] | None = None
) -> list[DecodedEvent]:
    """Decode events in order; of those whose name nobody has `wanted`, the data is left out."""
    return [
        fact_of(event)
        if wanted is None or name_of(event.type) in wanted
        else DecodedEvent(event.position, name_of(event.type), event.subject, _NOTHING, event)
        for event in events
    ]


def retracted_key(fact: DecodedEvent) -> tuple[str, str]:
    """Return (source, id) of the event that a retraction takes back."""
    named = fact.data["retracts"]
    return named["source"], named["id"]
