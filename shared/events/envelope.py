"""A received and validated event, its key, and the digests over events."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from shared.errors import Problem
from shared.events.origin import OriginPlace
from shared.events.payloads.payload import Payload

SIGNING = ("signature", "signkey", "signsalt")
"""The attributes of a signature."""
NO_CHAIN = bytes(32)
"""The chain before the first event."""


class EventKey(NamedTuple):
    """The idempotency key, unique for ever."""

    source: str
    id: str


class Signing(NamedTuple):
    """The attributes `signature`, `signkey` and `signsalt` as stated; a missing one is empty."""

    signature: str
    key_id: str
    salt: str


def signing_of(attributes: Mapping[str, object]) -> Signing | None:
    """Return the stated signature of an event, None if none of its attributes is there."""
    stated = Signing(*(str(attributes.get(name, "")) for name in SIGNING))
    return stated if any(stated) else None


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A validated event, typed and in canonical form.

    `body` is the record (RFC 8785, NFC), `content` the SHA-256 of its type, subject and data,
    `time_us` the publisher's time in microseconds since 1970 UTC. With an `objection` it is never
    recorded, but may be known already, from an earlier release with weaker validation. `signing` is
    as stated: whether it is right is for `shared.trust` to say. `origin` is that of a forwarded
    event, whose `expectedversion` was between its publisher and the other ledger: it is None here.
    """

    key: EventKey
    type: str
    subject: str
    time_us: int
    expected_version: int | None
    payload: Payload
    body: bytes
    content: bytes
    objection: Problem | None = None
    signing: Signing | None = None
    origin: OriginPlace | None = None

    @property
    def digest(self) -> bytes:
        """Return the SHA-256 of the record, 32 bytes."""
        return sha256(self.body).digest()


def link(previous_chain: bytes, position: int, recorded_us: int, digest: bytes) -> bytes:
    """Return the chain at a position: SHA-256(previous ‖ position ‖ recordedtime ‖ digest)."""
    return sha256(
        previous_chain + position.to_bytes(8, "big") + recorded_us.to_bytes(8, "big") + digest
    ).digest()


def content_digest(data: bytes, subject: str, event_type: str) -> bytes:
    """Return the SHA-256 of the canonical {data, subject, type}, the one content of an id.

    `data` is canonical; subject and type are ASCII without characters that JSON escapes.
    """
    return sha256(
        b'{"data":%b,"subject":"%b","type":"%b"}' % (data, subject.encode(), event_type.encode())
    ).digest()
