"""How an event of the map is written: ids and moments are fixed, so loading again only repeats."""

from collections.abc import Mapping
from typing import Any

from shared.vocabulary.publishers import SAMPLE

Event = dict[str, Any]
"""A CloudEvent in structured form."""

SOURCE = SAMPLE
"""The map's too: some of its units were first published with the sample, and stay the same."""


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
