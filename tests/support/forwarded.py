"""Events of one log as another gets them forwarded."""

from collections.abc import Sequence

from shared.clock import system_clock
from shared.eventlog.protocol import Reader
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.origin import with_origin
from shared.events.recorded import RecordedEvent

PROVINCE = "/publishers/hue-ledger"


def sent_on(event: RecordedEvent, ledger: str = PROVINCE) -> bytes:
    """Return an event of a log as it is sent to another."""
    return with_origin(event.body, ledger, event.position, event.chain, event.recorded_us)


def from_bytes(sent: bytes, event_type: str) -> ReceivedEvent:
    """Return an event as the door of its service reads it."""
    return receive(sent, now_us=system_clock(), family=min(CATALOGUE[event_type].families))


def forwarded(log: Reader, after: int = 0, ledger: str = PROVINCE) -> Sequence[ReceivedEvent]:
    """Return the events of a log after a position, as the door of another reads them."""
    return [from_bytes(sent_on(event, ledger), event.type) for event in log.read(after, 1_000)]
