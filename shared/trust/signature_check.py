"""The door's check of signatures: each event is signed by a known key of its publisher.

Whether the key is still live, and what its publisher may say, is decided at the head of the log.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Problem
from shared.events.acceptance.receive import Invalid
from shared.events.envelope import ReceivedEvent
from shared.events.origin import without_origin
from shared.trust import problems
from shared.trust.authority import Authority
from shared.trust.authority_rules import event_key, publisher_of
from shared.trust.event_signature import EventSignature, statement, without_signature
from shared.trust.keys import SALT_BYTES, from_base64, verifies
from shared.trust.merkle import leaf_hash, levels_of, path_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.events.origin import OriginPlace
    from shared.trust.authority import PublisherKey

MOST_BAD = 8
"""Bad signatures of one request; the rest of it is not tried, unless a known ledger sent it."""
_OF_THE_WHOLE = (problems.ORIGIN_UNPROVED, problems.TRUST_NOT_BEGUN)
"""What is wrong with a request, or with this ledger, and not with one event."""
VERIFIED_KEPT = 4_096
_SIGNATURE_LETTERS = 86


class _Signed(NamedTuple):
    """An event with its key and the leaf of its record."""

    event: ReceivedEvent
    key: PublisherKey
    written: str
    leaf: bytes


class SignatureCheck:
    """Checks the events of requests, in any thread, by the keys that a decider has folded."""

    def __init__(self, authority: Callable[[], Authority], catch_up: Callable[[], None]) -> None:
        """`catch_up` folds the log to its head; it may wait for the append lock."""
        self.authority = authority
        self.catch_up = catch_up

    def lacks(self, events: Sequence[ReceivedEvent | Invalid]) -> bool:
        """Return whether an event has a key that is not known here: it may have been added since.

        Then `catch_up` comes before `check`.
        """
        keys = self.authority().keys
        return any(_is_signed(each) and _key_id(each) not in keys for each in events)

    def check(
        self, events: Sequence[ReceivedEvent | Invalid], sender: str | None = None
    ) -> list[ReceivedEvent | Invalid]:
        """Return the events in order, those that are not rightly signed as invalid ones.

        `sender` is the ledger that signed their request: only it may forward events. Of those it
        does, one that is not rightly signed has the problem as its objection, and takes its place
        in the order of that ledger.
        """
        authority = self.authority()
        if not authority.began and not any(_is_signed(event) for event in events):
            return list(events)
        received = [event for event in events if isinstance(event, ReceivedEvent)]
        refused = _RequestCheck(authority, sender).problems(received)
        return [
            _refused(event, refused[id(event)])
            if isinstance(event, ReceivedEvent) and id(event) in refused
            else event
            for event in events
        ]


def _refused(event: ReceivedEvent, problem: Problem) -> ReceivedEvent | Invalid:
    """Return an event that is not rightly signed: as one that is never recorded, or an invalid."""
    if event.origin is not None and problem.rule not in _OF_THE_WHOLE:
        return replace(event, objection=event.objection or problem)
    return Invalid(event.key.id, event.key.source, problem)


def _is_unproved(origin: OriginPlace, sender: str | None) -> bool:
    """Return whether an origin is not that of the ledger which signed the request."""
    return origin.ledger != sender


def unchecked() -> SignatureCheck:
    """Return the check of a ledger that never began trust."""
    return SignatureCheck(Authority, lambda: None)


def _is_signed(event: ReceivedEvent | Invalid) -> bool:
    return isinstance(event, ReceivedEvent) and event.signing is not None


def _key_id(event: ReceivedEvent | Invalid) -> str | None:
    signing = event.signing if isinstance(event, ReceivedEvent) else None
    return signing and signing.key_id


class _RequestCheck:
    """The check of one request."""

    def __init__(self, authority: Authority, sender: str | None) -> None:
        self._authority = authority
        self._sender = sender
        self._bad = 0

    def problems(self, received: Sequence[ReceivedEvent]) -> dict[int, Problem]:
        """Return the problems by the identity of the event objects."""
        if not self._authority.began:
            return {id(e): Problem(problems.TRUST_NOT_BEGUN) for e in received if e.signing}
        refused: dict[int, Problem] = {}
        together: dict[tuple[str, str], list[_Signed]] = {}
        for event in received:
            found = self._read(event)
            if isinstance(found, Problem):
                refused[id(event)] = found
            else:
                _, _, of_batch = found.written.partition("/")  # <size>.<sig>[.<path>]
                same = (found.key.key_id, of_batch[: of_batch.find(".") + 1 + _SIGNATURE_LETTERS])
                together.setdefault(same, []).append(found)
        for group in together.values():
            if not self._is_whole(group):
                for signed in group:
                    if problem := self._problem(signed):
                        refused[id(signed.event)] = problem
        return refused

    def _read(self, event: ReceivedEvent) -> _Signed | Problem:
        if event.origin is not None and _is_unproved(event.origin, self._sender):
            return Problem(problems.ORIGIN_UNPROVED, {"ledger": event.origin.ledger})
        signing = event.signing
        if signing is None or not all(signing):
            return Problem(problems.UNSIGNED, {"began_at": self._authority.began_at})
        written, key_id, salt = signing
        key = event_key(key_id, self._authority)
        if key is None:
            return Problem(problems.UNKNOWN_KEY, {"key_id": key_id})
        if not key.belongs_to(publisher_of(event)):
            named = {"key_id": key.key_id, "publisher": publisher_of(event)}
            return Problem(problems.FOREIGN_KEY, named)
        if from_base64(salt, SALT_BYTES) is None:
            return self._bad_signature(event)
        return _Signed(event, key, written, leaf_hash(_unsigned(event, written)))

    def _is_whole(self, group: Sequence[_Signed]) -> bool:
        """Return whether these are all events of one right signature, each with its path.

        The tree is built once then, instead of a path for each, and each attribute is compared with
        the one that it must be.
        """
        first = EventSignature.read(group[0].written)
        if first is None or first.size != len(group):
            return False
        levels = levels_of([signed.leaf for signed in group])
        if not self._verified(group[0].key, first, levels[-1][0]):
            return False
        return all(
            signed.written == str(first._replace(place=place, path=tuple(path_in(levels, place))))
            for place, signed in enumerate(group)
        )

    def _problem(self, signed: _Signed) -> Problem | None:
        if self._bad >= MOST_BAD and signed.event.origin is None:
            return Problem(problems.NOT_TRIED, {"bad": self._bad})
        signature = EventSignature.read(signed.written)
        root = signature and signature.root(signed.leaf)
        if signature and root and self._verified(signed.key, signature, root):
            return None
        return self._bad_signature(signed.event)

    def _verified(self, key: PublisherKey, signature: EventSignature, root: bytes) -> bool:
        message = statement(self._authority.realm, key.key_id, signature.size, root)
        return _verified(key.public, message, signature.signature)

    def _bad_signature(self, event: ReceivedEvent) -> Problem:
        self._bad += 1
        written = event.signing.signature if event.signing else ""
        canonical = _unsigned(event, written)
        named = {"canonical_sha256": sha256(canonical).hexdigest()}
        return Problem(problems.BAD_SIGNATURE, named)


def _unsigned(event: ReceivedEvent, written: str) -> bytes:
    """Return the bytes of a leaf: the record without signature, and without an origin."""
    record = event.body if event.origin is None else without_origin(event.body)
    return without_signature(record, written)


_verified = lru_cache(maxsize=VERIFIED_KEPT)(verifies)
"""Neighbours of a batch have one signature, which is then verified once."""
