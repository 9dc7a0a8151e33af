"""The door's check of signatures: each event is signed by a known key of its publisher.

Whether the key is still live, and what its publisher may say, is decided at the head of the log.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Problem
from shared.events.acceptance.receive import Invalid
from shared.events.envelope import ReceivedEvent
from shared.trust import problems
from shared.trust.authority import Authority
from shared.trust.authority_rules import event_key, publisher_of
from shared.trust.event_signature import EventSignature, statement, without_signature
from shared.trust.keys import SALT_BYTES, from_base64, verifies
from shared.trust.merkle import leaf_hash, levels_of, path_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.trust.authority import PublisherKey

MOST_BAD = 8
"""Bad signatures of one request; the rest of it is not tried."""
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

    def check(self, events: Sequence[ReceivedEvent | Invalid]) -> list[ReceivedEvent | Invalid]:
        """Return the events in order, those that are not rightly signed as invalid ones."""
        authority = self.authority()
        if not authority.began and not any(_is_signed(event) for event in events):
            return list(events)
        received = [event for event in events if isinstance(event, ReceivedEvent)]
        refused = _RequestCheck(authority).problems(received)
        return [
            Invalid(event.key.id, event.key.source, refused[id(event)])
            if isinstance(event, ReceivedEvent) and id(event) in refused
            else event
            for event in events
        ]


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

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
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
        return _Signed(event, key, written, leaf_hash(without_signature(event.body, written)))

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
        if self._bad >= MOST_BAD:
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
        canonical = without_signature(event.body, written)
        named = {"canonical_sha256": sha256(canonical).hexdigest()}
        return Problem(problems.BAD_SIGNATURE, named)


_verified = lru_cache(maxsize=VERIFIED_KEPT)(verifies)
"""Neighbours of a batch have one signature, which is then verified once."""
