"""Upcasting: one step for each older version of an event, up to the latest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Upcaster:
    """A step to the next version: `step` gets the data as JSON and returns it as JSON."""

    to_type: str
    step: Callable[[dict[str, Any]], dict[str, Any]]


UPCASTERS: Mapping[str, Upcaster] = {}
"""Upcasters by older type; none yet, as every event is in its first version."""


def lift(
    event_type: str, data: dict[str, Any], upcasters: Mapping[str, Upcaster] = UPCASTERS
) -> tuple[str, dict[str, Any]]:
    """Return the latest type and the data upcast to it."""
    while (upcaster := upcasters.get(event_type)) is not None:
        data = upcaster.step(data)
        event_type = upcaster.to_type
    return event_type, data
