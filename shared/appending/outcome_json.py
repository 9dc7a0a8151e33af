"""The answer to one submitted event as JSON, the same over HTTP and in a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from shared.appending.outcomes import Accepted, Duplicate, Outcome, Parked, Refused, Unfit
from shared.errors import Language, Problem

if TYPE_CHECKING:
    from shared.eventlog.protocol import Reference


def item(
    event_id: str | None,
    source: str | None,
    result: Outcome | Problem,
    language: Language = "vi",
) -> dict[str, object]:
    """Return `{"id", "source", "status", "position", "chain", "problem"}` for one event.

    `id` and `source` are null where they could not be read; a `Problem` means that the event
    failed validation (`invalid`). `chain` is hexadecimal; a parked item also has `waiting_for`.
    """
    match result:
        case Accepted(position, chain):
            return _item(event_id, source, "accepted", position, chain)
        case Duplicate(position, chain):
            return _item(event_id, source, "duplicate", position, chain)
        case Parked(waiting_for):
            waiting = [_reference(reference) for reference in waiting_for]
            return {**_item(event_id, source, "parked"), "waiting_for": waiting}
        case Refused(problem):
            return {**_item(event_id, source, "refused"), "problem": problem.as_json(language)}
        case Unfit(problem):
            return item(event_id, source, problem, language)
        case Problem():
            return {**_item(event_id, source, "invalid"), "problem": result.as_json(language)}
        case _:
            assert_never(result)


def _item(
    event_id: str | None,
    source: str | None,
    status: str,
    position: int | None = None,
    chain: bytes | None = None,
) -> dict[str, object]:
    return {
        "id": event_id,
        "source": source,
        "status": status,
        "position": position,
        "chain": None if chain is None else chain.hex(),
        "problem": None,
    }


def _reference(reference: Reference) -> dict[str, str]:
    return {"kind": reference.kind, "id": reference.id}
