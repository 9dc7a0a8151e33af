"""Recording of an accepted event: the next position, the time of recording and the chain."""

from shared.eventlog.protocol import Head
from shared.events.envelope import ReceivedEvent, link
from shared.events.recorded import RecordedEvent


def recorded_at(head: Head, event: ReceivedEvent, recorded_us: int) -> RecordedEvent:
    """Return an event as recorded directly after the head, at a time in microseconds."""
    position = head.position + 1
    digest = event.digest
    return RecordedEvent.of(
        {
            "position": position,
            "key": event.key,
            "type": event.type,
            "subject": event.subject,
            "recorded_us": recorded_us,
            "digest": digest,
            "chain": link(head.chain, position, recorded_us, digest),
            "body": event.body,
            "payload": event.payload,  # typed at acceptance
            "linked": event.payload.linked(),
        }
    )


def never_earlier(last_us: int, now_us: int) -> int:
    """Return the time of recording, which never decreases, even if the clock does."""
    return now_us if now_us > last_us else last_us  # noqa: FURB136  max() would be one more call
