"""Events as folds read them: decoded once for all read models, as plain JSON data.

Folds process millions of events, so they read mappings instead of typed payloads; every field was
validated before the event was recorded.
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
    """One event of the log: `name` without version, `data` upcast to the latest version."""

    position: int
    name: str
    subject: str
    data: Mapping[str, Any]
    event: RecordedEvent

    @property
    def key(self) -> tuple[str, str]:
        """Return (source, id), by which a retraction refers to the event."""
        return self.event.key.source, self.event.key.id


class UndecodableData(dict[str, Any]):
    """A placeholder for data that cannot be decoded; reading any field raises the reason."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason

    def __getitem__(self, _key: str) -> Any:  # noqa: ANN401
        raise ValueError(self._why())

    def get(self, _key: str, _default: Any = None) -> Any:  # noqa: ANN401
        """Raise the reason, as every read of a field does."""
        raise ValueError(self._why())

    def _why(self) -> str:
        return f"the record cannot be decoded: {self.reason}"


@lru_cache(maxsize=1024)
def name_of(type_: str) -> str:
    """Return `ModelRegistered` for `dvk.ModelRegistered.v1`."""
    _, name, _ = type_.split(".")
    return name


def fact_of(event: RecordedEvent) -> DecodedEvent:
    """Decode one event; if that fails, the error is raised when a field is read."""
    return decoded(event.position, event.type, event.subject, event.body, event)


def decoded(
    position: int, type_: str, subject: str, body: bytes | memoryview, event: RecordedEvent
) -> DecodedEvent:
    """Decode the body of an event, as `fact_of` does."""
    try:
        data: dict[str, Any] = orjson.loads(body)["data"]
        if type_ in UPCASTERS:
            type_, data = lift(type_, data, UPCASTERS)
    except (ValueError, KeyError, TypeError) as reason:
        data = UndecodableData(reason)
    # `DecodedEvent(…)` without its Python-level constructor: this runs for every event.
    return _new(DecodedEvent, (position, name_of(type_), subject, data, event))


def facts_of(
    events: Iterable[RecordedEvent], wanted: Collection[str] | None = None
) -> list[DecodedEvent]:
    """Decode events in order; those not named in `wanted` are left without data."""
    return [
        fact_of(event)
        if wanted is None or name_of(event.type) in wanted
        else DecodedEvent(event.position, name_of(event.type), event.subject, _NOTHING, event)
        for event in events
    ]


def retracted_key(fact: DecodedEvent) -> tuple[str, str]:
    """Return (source, id) of the event that a retraction retracts."""
    named = fact.data["retracts"]
    return named["source"], named["id"]
