"""Redacted events against an older export: the original may differ in free texts only.

A redaction says what a record became; only who has the original can see that nothing else changed.
"""

from __future__ import annotations

from json import loads
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.audit.export_file import Fault
from shared.events.catalogue import CATALOGUE
from shared.events.redacted_record import ORIGINAL, Path, is_free, original_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.reporting.audit.export_file import Export
    from shared.events.recorded import RecordedEvent

_SIGNED = {"signature", "signsalt", ORIGINAL}


class ComparedOriginals(NamedTuple):
    """The outcome: how many redacted events the older export has as recorded, and the faults."""

    compared: int
    faults: list[Fault]


def compare_originals(newer: Export, older: Export) -> ComparedOriginals:
    """Compare the redacted events of an export with their originals in an older one of the log."""
    last = older.positions[-1] if older.positions else 0
    if _chain_at(newer, last) != _chain_at(older, last):
        fault = Fault(last, "hai bản xuất không cùng một sổ", "the exports are of different logs")
        return ComparedOriginals(0, [fault])
    compared, faults = 0, list[Fault]()
    for position in newer.redacted:
        original = _event_at(older, position)
        after = _event_at(newer, position)
        if original is None or after is None or original_digest(original.body) is not None:
            continue
        compared += 1
        changed = ["/".join(path) for path in _not_free(original, after)]
        if changed:
            named = ", ".join(changed)
            faults.append(
                Fault(
                    position,
                    f"bản che khác bản gốc ở {named}, không chỉ ở lời văn tự do",
                    f"the redacted record differs from the original in {named}, not in texts only",
                )
            )
    return ComparedOriginals(compared, faults)


def _chain_at(export: Export, position: int) -> bytes | None:
    event = _event_at(export, position)
    return None if event is None else event.chain


def _event_at(export: Export, position: int) -> RecordedEvent | None:
    return next(export.events(position - 1, position), None)


def _not_free(original: RecordedEvent, after: RecordedEvent) -> Iterator[Path]:
    """Yield the paths in which two records differ and that are no free texts."""
    before, now = loads(original.body), loads(after.body)
    payload = CATALOGUE[original.type].payload
    for path, are_texts in _differing(before.pop("data"), now.pop("data"), ()):
        if not (are_texts and is_free(payload, path)):
            yield ("data", *path)
    for name in sorted((before.keys() | now.keys()) - _SIGNED):
        if before.get(name) != now.get(name):
            yield (name,)


def _differing(before: Any, now: Any, path: Path) -> Iterator[tuple[Path, bool]]:  # noqa: ANN401
    """Yield the paths in which two values differ, and whether both have a text there."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted(before.keys() | now.keys()):
            yield from _differing(before.get(name), now.get(name), (*path, name))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for place, (one, other) in enumerate(zip(before, now, strict=True)):
            yield from _differing(one, other, (*path, str(place)))
    elif type(before) is not type(now) or before != now:
        yield path, isinstance(before, str) and isinstance(now, str)
