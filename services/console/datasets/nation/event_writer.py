"""The form of the map's events: fixed ids and times, so that loading again adds nothing."""

from collections.abc import Mapping
from typing import Any

from shared.vocabulary.publishers import SAMPLE

Event = dict[str, Any]
"""A CloudEvent in structured form."""

SOURCE = SAMPLE
"""Shared with the sample, which first published some of the map's units; it must not change."""


def event(
    name: str, event_id: str, subject: str, data: Mapping[str, object], *, time: str
) -> Event:
    """Return one event; fields that are None are left out."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"dvk.{name}.v1",
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "data": {key: value for key, value in data.items() if value is not None},
    }
