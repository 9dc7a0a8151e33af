"""The rule for forwarded events: a position in their data is one of the ledger they come from."""

from shared.errors import Problem, declare
from shared.events.envelope import ReceivedEvent
from shared.events.payloads.periods import PeriodClosed
from shared.events.payloads.redaction import EventRedacted

POSITION_OF_ORIGIN = declare(
    "position_of_origin",
    409,
    vi="{event_type} nêu vị trí {stated_position} của sổ cái {ledger}, không phải của sổ này. Hãy "
    "khóa sổ, hoặc che lời văn, ngay tại sổ này.",
    en="{event_type} states position {stated_position} of the ledger {ledger}, which is none of "
    "this one. Close the year, or redact the text, in this ledger.",
)


def names_a_position_of_origin(event: ReceivedEvent) -> Problem | None:
    """Refuse a forwarded closing or redaction: its position means nothing in this log."""
    payload, origin = event.payload, event.origin
    if origin is None or not isinstance(payload, PeriodClosed | EventRedacted):
        return None
    named = {"event_type": event.type, "stated_position": payload.position}
    return Problem(POSITION_OF_ORIGIN, {**named, "ledger": origin.ledger})
