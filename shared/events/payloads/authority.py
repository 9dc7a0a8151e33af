"""Payloads of trust: its beginning, the rights and keys of publishers, approvals of roots."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.events.payloads.payload import (
    ID_PATTERN,
    RECORDED,
    Day,
    Document,
    Id,
    Part,
    Payload,
    Position,
    Reason,
    Text,
)
from shared.events.payloads.retraction import EventId, Source
from shared.vocabulary import Family, KeyUse, Power, RevocationReason

PUBLISHER_PATTERN = r"^[a-z0-9][a-z0-9.-]{1,62}$"
REALM_PATTERN = r"^[a-z0-9][a-z0-9./-]{1,126}$"
PUBLIC_KEY_PATTERN = r"^ed25519:[A-Za-z0-9_-]{43}$"
KEY_ID_PATTERN = r"^[A-Za-z0-9_-]{22}$"
PROOF_PATTERN = r"^[A-Za-z0-9_-]{86}$"
PublisherId = Annotated[str, Field(pattern=PUBLISHER_PATTERN)]
Key = Annotated[str, Field(pattern=PUBLIC_KEY_PATTERN)]
KeyId = Annotated[str, Field(pattern=KEY_ID_PATTERN)]
Proof = Annotated[str, Field(pattern=PROOF_PATTERN)]
IdPrefix = Annotated[str, Field(min_length=2, max_length=64, pattern=ID_PATTERN)]


class RootPublisher(Part):
    """A publisher that may authorise all others, with its first key."""

    publisher_id: PublisherId
    key: Key
    proof: Proof


class TrustBegan(Payload):
    """From here on every event is signed by a publisher that is authorised."""

    NAME: ClassVar = "TrustBegan"
    STREAM: ClassVar = "trust/ledger"
    realm: Annotated[str, Field(pattern=REALM_PATTERN)]
    roots: list[RootPublisher] = Field(min_length=1, max_length=16)
    threshold: Annotated[int, Field(ge=1, le=16)]
    checkpoint_keys: list[Text] | None = None
    witness_policy: Text | None = None

    def model_post_init(self, context: object, /) -> None:
        """Refuse a root stated twice, and a threshold that the roots cannot reach."""
        publishers = {root.publisher_id for root in self.roots}
        if context == RECORDED:
            return
        if len(publishers) < len(self.roots) or len({r.key for r in self.roots}) < len(self.roots):
            message = "một gốc hoặc một khóa ghi hai lần · a root or a key is stated twice"
            raise ValueError(message)
        if self.threshold > len(self.roots):
            message = "threshold lớn hơn số gốc · the threshold is larger than the number of roots"
            raise ValueError(message)


class PublisherAuthorized(Payload):
    """A publisher may speak for a unit and all below it."""

    NAME: ClassVar = "PublisherAuthorized"
    STREAM: ClassVar = "publisher/{publisher_id}"
    PAPERS: ClassVar = ("document",)
    publisher_id: PublisherId
    grant_id: Id
    unit_id: Id
    families: list[Family] = Field(min_length=1, max_length=3)
    powers: list[Power] = Field(min_length=1, max_length=3)
    speaks_from: Day
    speaks_to: Day | None = None
    facts_from: Day | None = None
    facts_to: Day | None = None
    id_prefixes: list[IdPrefix] | None = None
    under: Id | None = None
    document: Document | None = None


class GrantEnded(Payload):
    """A right of a publisher ends, with all that it gave to others."""

    NAME: ClassVar = "GrantEnded"
    STREAM: ClassVar = "publisher/{publisher_id}"
    publisher_id: PublisherId
    grant_id: Id
    reason: Reason


class KeyAdded(Payload):
    """A publisher has one more key; the proof shows that it holds it."""

    NAME: ClassVar = "KeyAdded"
    STREAM: ClassVar = "publisher/{publisher_id}"
    publisher_id: PublisherId
    key: Key
    use: KeyUse
    proof: Proof


class KeyRevoked(Payload):
    """A key is void from here on; what it signed before stays."""

    NAME: ClassVar = "KeyRevoked"
    STREAM: ClassVar = "publisher/{publisher_id}"
    publisher_id: PublisherId
    key_id: KeyId
    why: RevocationReason
    suspect_from: Position | None = None


class ApprovedEvent(Part):
    """The event that is approved, by its key."""

    source: Source
    id: EventId


class AuthorityApproved(Payload):
    """Another root approves an authority event of a root."""

    NAME: ClassVar = "AuthorityApproved"
    STREAM: ClassVar = "publisher/{publisher_id}"
    publisher_id: PublisherId
    approved: ApprovedEvent


AUTHORITY_EVENTS = (
    TrustBegan,
    PublisherAuthorized,
    GrantEnded,
    KeyAdded,
    KeyRevoked,
    AuthorityApproved,
)
"""The events that change who may speak; they are corrected by one another, never retracted."""
