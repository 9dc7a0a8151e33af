"""Events of one log as another gets them forwarded."""

from collections import Counter
from collections.abc import Sequence

from shared.clock import system_clock
from shared.eventlog.protocol import Reader
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.origin import with_origin
from shared.events.recorded import RecordedEvent
from tests.support.memory_log import MemoryEventLog

PROVINCE = "/publishers/hue-ledger"
LATER = "/publishers/dn-ledger"


def sent_on(event: RecordedEvent, ledger: str = PROVINCE) -> bytes:
    """Return an event of a log as it is sent to another."""
    return with_origin(event.body, ledger, event.position, event.chain, event.recorded_us)


def from_bytes(sent: bytes, event_type: str) -> ReceivedEvent:
    """Return an event as the door of its service reads it."""
    return receive(sent, now_us=system_clock(), family=min(CATALOGUE[event_type].families))


def forwarded(log: Reader, after: int = 0, ledger: str = PROVINCE) -> Sequence[ReceivedEvent]:
    """Return the events of a log after a position, as the door of another reads them."""
    return [from_bytes(sent_on(event, ledger), event.type) for event in log.read(after, 1_000)]


def copy_of(log: Reader, until: int = 1_000) -> MemoryEventLog:
    """Return a log that begins with the events of another up to a position, as a restored copy."""
    copy = MemoryEventLog()
    versions: Counter[str] = Counter()
    for event in log.read(0, until):
        versions[event.subject] += 1
        family = min(CATALOGUE[event.type].families)
        with copy.as_family(family).append_session() as session:
            session.insert([(event, versions[event.subject])])
    return copy
