"""Keys and grants: who may speak for what, folded from the authority events of the log.

Everything takes effect from a position on and never before it, so each decision can be repeated as
of its own position. With a threshold above one, an event of a root is pending until enough other
roots have approved it, and takes effect at the position of the last approval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from shared.events.catalogue import CATALOGUE
from shared.events.envelope import EventKey
from shared.events.payloads.authority import (
    AUTHORITY_EVENTS,
    AuthorityApproved,
    GrantEnded,
    KeyAdded,
    KeyRevoked,
    PublisherAuthorized,
    TrustBegan,
)
from shared.trust.event_signature import SignedRecord
from shared.trust.keys import key_id_of, public_key
from shared.vocabulary import Family, KeyUse, Power, RevocationReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from shared.events.payloads.payload import Payload
    from shared.events.recorded import RecordedEvent

AUTHORITY_TYPES = frozenset(t for t, e in CATALOGUE.items() if e.payload in AUTHORITY_EVENTS)
DEEPEST = 3
"""Grants from a root down: its own, one given on, and one given on again."""
MOST_LIVE_KEYS = 4
SOURCE_PREFIX = "/publishers/"


class PublisherKey(NamedTuple):
    """A key of a publisher; positions are those of the events, `added_with` the key that signed."""

    key_id: str
    public: bytes
    publisher: str
    use: KeyUse
    added_at: int
    added_with: str | None = None
    revoked_at: int | None = None
    why: RevocationReason | None = None
    suspect_from: int | None = None

    def belongs_to(self, publisher: str) -> bool:
        """Return whether it is a publisher's own."""
        return self.publisher == publisher

    def is_revoked(self) -> bool:
        """Return whether it signs nothing any more."""
        return self.revoked_at is not None


class Grant(NamedTuple):
    """A right of a publisher over a unit and all below it; `unit_id` None is everything.

    Last days are exclusive. `under` is the grant of the publisher that gave it, None for a root.
    """

    grant_id: str
    publisher: str
    unit_id: str | None
    families: frozenset[Family]
    powers: frozenset[Power]
    speaks_from: date | None = None
    speaks_to: date | None = None
    facts_from: date | None = None
    facts_to: date | None = None
    id_prefixes: tuple[str, ...] = ()
    under: str | None = None
    given_by: str = ""
    given_at: int = 0
    ended_at: int | None = None

    def is_without_limits(self) -> bool:
        """Return whether it is for facts of every day and for ids of every form."""
        return self.facts_from is None and self.facts_to is None and not self.id_prefixes

    def speaks_on(self, day: date) -> bool:
        """Return whether the publisher may speak on a day of recording."""
        return not (
            (self.speaks_from and day < self.speaks_from)
            or (self.speaks_to and day >= self.speaks_to)
        )

    def concerns(self, occurred_on: date) -> bool:
        """Return whether the right is for facts of a day."""
        return not (
            (self.facts_from and occurred_on < self.facts_from)
            or (self.facts_to and occurred_on >= self.facts_to)
        )


class PendingAuthority(NamedTuple):
    """An authority event of a root about a publisher that waits for approvals.

    `signer` is the id of the key that signed it; `recorded_us` is when it was (microseconds).
    """

    payload: Payload
    publisher: str
    sender: str
    signer: str | None
    position: int
    recorded_us: int
    approved_by: frozenset[str]


class Authority:
    """The keys and grants at the head of the log, or of a prefix of it that was folded."""

    def __init__(self) -> None:
        self.trust: TrustBegan | None = None
        self.began_at: int | None = None
        self.trust_digest: bytes | None = None
        self.keys: dict[str, PublisherKey] = {}
        self.grants: dict[str, Grant] = {}
        self.pending: dict[EventKey, PendingAuthority] = {}
        self.last_position = 0
        self.publishers: tuple[str, ...] = ()
        """Every publisher that was ever given a key or a right, in the order of the log."""
        self.speaking: set[tuple[str, str, Family, date]] = set()
        """Key, source, service and day for which key and right were found good (the rules)."""
        self._roots: frozenset[str] = frozenset()
        self._of: dict[str, list[str]] = {}
        self._in_force: dict[tuple[str, Family, date], tuple[Grant, ...]] = {}

    @property
    def began(self) -> bool:
        """Return whether events must be signed."""
        return self.trust is not None

    @property
    def realm(self) -> str:
        """Return the realm that signatures are bound to, empty before trust began."""
        return self.trust.realm if self.trust else ""

    @property
    def threshold(self) -> int:
        """Return how many roots must agree on an authority event of a root."""
        return self.trust.threshold if self.trust else 1

    def is_root(self, publisher: str) -> bool:
        """Return whether a publisher is a root."""
        return publisher in self._roots

    def live_keys(self, publisher: str) -> list[PublisherKey]:
        """Return the keys of a publisher that are not revoked."""
        keys = self.keys.values()
        return [each for each in keys if each.publisher == publisher and each.revoked_at is None]

    def grants_of(self, publisher: str) -> Iterator[Grant]:
        """Yield every right that a publisher was given, ended ones too."""
        return (self.grants[each] for each in self._of.get(publisher, ()))

    def in_force(self, publisher: str, family: Family, day: date) -> tuple[Grant, ...]:
        """Return the rights with which a publisher may speak to a service on a day of recording."""
        asked = (publisher, family, day)
        found = self._in_force.get(asked)
        if found is None:
            found = self._in_force[asked] = tuple(
                grant
                for grant in self.grants_of(publisher)
                if family in grant.families and self.is_live(grant, day)
            )
        return found

    def is_live(self, grant: Grant, day: date) -> bool:
        """Return whether a right and all those it was given under are in force on a day."""
        current: Grant | None = grant
        while current is not None:
            if current.ended_at is not None or not current.speaks_on(day):
                return False
            if current.under is None:
                return True
            current = self.grants.get(current.under)
        return False

    def depth(self, grant: Grant) -> int:
        """Return how many rights lead from a root to this one, itself included."""
        length, current = 1, grant
        while current.under is not None:
            current = self.grants[current.under]
            length += 1
        return length

    def given_by(self, grant: Grant) -> Iterator[str]:
        """Yield the publishers that a right comes from, the nearest first; roots are not named."""
        current = grant
        while current.under is not None:
            yield current.given_by
            current = self.grants[current.under]

    def needs_approval(self, payload: Payload, sender: str, signer: str | None) -> bool:
        """Return whether an authority event takes effect only when other roots have approved it.

        That a key revokes itself never waits.
        """
        if self.threshold < 2 or not self.is_root(sender):
            return False
        return not (isinstance(payload, KeyRevoked) and payload.key_id == signer)

    def fold(self, events: Iterable[RecordedEvent]) -> None:
        """Fold authority events in the order of the log; others are ignored."""
        for event in events:
            if event.type in AUTHORITY_TYPES and event.position > self.last_position:
                self.last_position = event.position
                self._in_force.clear()
                self.speaking.clear()
                self._take(event)

    def _take(self, event: RecordedEvent) -> None:
        payload, sender = event.payload, event.key.source.removeprefix(SOURCE_PREFIX)
        if isinstance(payload, TrustBegan):
            self._begin(payload, event)
            return
        signed = SignedRecord.of(event.body)
        signer = signed.key_id if signed else None
        if isinstance(payload, AuthorityApproved):
            self._approve(EventKey(payload.approved.source, payload.approved.id), sender, event)
        elif self.needs_approval(payload, sender, signer):
            publisher = event.subject.partition("/")[2]
            waiting = PendingAuthority(
                payload,
                publisher,
                sender,
                signer,
                event.position,
                event.recorded_us,
                frozenset({sender}),
            )
            self.pending[event.key] = waiting
        else:
            self._apply(payload, sender, signer, event.position)

    def _begin(self, payload: TrustBegan, event: RecordedEvent) -> None:
        self.trust, self.began_at, self.trust_digest = payload, event.position, event.digest
        self._roots = frozenset(root.publisher_id for root in payload.roots)
        for root in payload.roots:
            self._add_key(root.key, root.publisher_id, KeyUse.EVENTS, event.position, None)
            everything = Grant(
                f"root.{root.publisher_id}",
                root.publisher_id,
                None,
                frozenset(Family),
                frozenset(Power),
                given_at=event.position,
            )
            self._add_grant(everything)

    def _approve(self, approved: EventKey, sender: str, event: RecordedEvent) -> None:
        waiting = self.pending.get(approved)
        if waiting is None:
            return
        by = waiting.approved_by | {sender}
        if len(by) < self.threshold:
            self.pending[approved] = waiting._replace(approved_by=by)
            return
        del self.pending[approved]
        self._apply(waiting.payload, waiting.sender, waiting.signer, event.position)

    def _apply(self, payload: Payload, sender: str, signer: str | None, position: int) -> None:
        match payload:
            case PublisherAuthorized():
                self._add_grant(granted(payload, sender, position))
            case GrantEnded(grant_id=grant_id):
                self.grants[grant_id] = self.grants[grant_id]._replace(ended_at=position)
            case KeyAdded(key=key, publisher_id=publisher, use=use):
                self._add_key(key, publisher, use, position, signer)
            case KeyRevoked():
                self._revoke(payload, position)

    def _add_key(
        self, key: str, publisher: str, use: KeyUse, position: int, signer: str | None
    ) -> None:
        public = cast("bytes", public_key(key))
        key_id = key_id_of(public)
        self.keys[key_id] = PublisherKey(key_id, public, publisher, use, position, signer)
        self._name(publisher)

    def _add_grant(self, grant: Grant) -> None:
        self.grants[grant.grant_id] = grant
        self._of.setdefault(grant.publisher, []).append(grant.grant_id)
        self._name(grant.publisher)

    def _name(self, publisher: str) -> None:
        # A new tuple: other threads read the one of before.
        if publisher not in self.publishers:
            self.publishers = (*self.publishers, publisher)

    def _revoke(self, payload: KeyRevoked, position: int) -> None:
        revoked = [payload.key_id]
        for key_id in revoked:
            key = self.keys[key_id]
            if key.revoked_at is None:
                self.keys[key_id] = key._replace(
                    revoked_at=position, why=payload.why, suspect_from=payload.suspect_from
                )
            if payload.why is RevocationReason.COMPROMISED:
                # What a thief added goes with the key that it was added with.
                revoked += [k.key_id for k in self.keys.values() if k.added_with == key_id]


def granted(payload: PublisherAuthorized, sender: str, position: int) -> Grant:
    """Return the right that an event gives."""
    return Grant(
        grant_id=payload.grant_id,
        publisher=payload.publisher_id,
        unit_id=payload.unit_id,
        families=frozenset(payload.families),
        powers=frozenset(payload.powers),
        speaks_from=payload.speaks_from,
        speaks_to=payload.speaks_to,
        facts_from=payload.facts_from,
        facts_to=payload.facts_to,
        id_prefixes=tuple(payload.id_prefixes or ()),
        under=payload.under,
        given_by=sender,
        given_at=position,
    )
