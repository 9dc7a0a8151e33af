"""The completeness report: the events in the log against those in the read models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.queries.lists.quarantine import WithheldEvents
    from shared.eventlog.protocol import Reader
    from shared.readmodel.checkpoints import ReadModelCheckpoint


def completeness(
    log: Reader,
    checkpoints: Mapping[str, ReadModelCheckpoint],
    held_back: Mapping[str, WithheldEvents],
) -> dict[str, Any]:
    """Return the contract's answer.

    `events_handled` counts every event that a read model has folded or skipped; those of a subject
    in quarantine are not counted. Positions are contiguous, so the head is the number of events in
    the log. The checkpoints were read before the head: a read model is never ahead.
    Only a read model with quarantined subjects has `events_held` and `events_discarded`; it is
    never equal, not even when an operator has discarded its subjects.
    """
    head = log.head().position
    return {
        "log": {"head": head, "events": head},
        "read_models": [
            {
                "name": name,
                "position": checkpoint.position,
                "events_handled": checkpoint.events_handled,
                "equal": checkpoint.position == head and checkpoint.events_handled == head,
                **_said(held_back.get(name)),
            }
            for name, checkpoint in checkpoints.items()
        ],
    }


def _said(held_back: WithheldEvents | None) -> dict[str, int]:
    if held_back is None:
        return {}
    return {"events_held": held_back.held, "events_discarded": held_back.discarded}
