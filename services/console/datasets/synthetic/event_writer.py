"""The form of synthetic events: each one states that it is synthetic, and its seed."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from shared.vocabulary.publishers import SYNTHETIC

SOURCE = SYNTHETIC
NOTE = "Dữ liệu tổng hợp, không có thật. Synthetic, it never happened."


def dumped(event: Mapping[str, object]) -> bytes:
    """Return the JSON of an event, as one line without a newline."""
    return orjson.dumps(event)


@dataclass(frozen=True, slots=True)
class EventWriter:
    """Writes events of one history."""

    seed: int | None
    variant: str = ""

    @property
    def prefix(self) -> str:
        """Return the prefix of this history's ids, which keeps two histories apart."""
        return f"syn{self.seed}{self.variant}"

    def event(
        self, name: str, event_id: str, subject: str, sent_on: str, data: Mapping[str, object]
    ) -> bytes:
        """Return one event; it is sent in the morning after `sent_on` in Vietnam."""
        ref = "dvk generate, synthetic"
        if self.seed is not None:
            ref = f"{ref}, seed {self.seed}"
        return dumped(
            {
                "specversion": "1.0",
                "id": event_id,
                "source": SOURCE,
                "type": f"dvk.{name}.v1",
                "subject": subject,
                "time": f"{sent_on}T17:00:00+07:00",
                "datacontenttype": "application/json",
                "data": {**data, "origin": {"kind": "import", "ref": ref}, "note": NOTE},
            }
        )
