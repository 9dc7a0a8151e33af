"""The rules of the authority events themselves: who gives rights, adds and revokes keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Problem
from shared.events.envelope import EventKey
from shared.events.payloads.authority import (
    AuthorityApproved,
    GrantEnded,
    KeyAdded,
    KeyRevoked,
    PublisherAuthorized,
    TrustBegan,
)
from shared.trust import problems
from shared.trust.authority import AUTHORITY_TYPES, DEEPEST, MOST_LIVE_KEYS, granted
from shared.trust.authority_rules import publisher_of
from shared.trust.keys import (
    SIGNATURE_BYTES,
    from_base64,
    is_weak,
    key_id_of,
    possession,
    public_key,
    verifies,
)
from shared.vocabulary import Power

if TYPE_CHECKING:
    from datetime import date

    from shared.events.envelope import ReceivedEvent
    from shared.events.payloads.payload import Payload
    from shared.trust.authority import Authority, Grant
    from shared.trust.authority_rules import Coverage


def broken_authority_rule(
    event: ReceivedEvent, authority: Authority, coverage: Coverage, day: date
) -> Problem | None:
    """Return the rule that an authority event breaks; other events break none of these."""
    if event.type not in AUTHORITY_TYPES:
        return None
    payload = event.payload
    if isinstance(payload, TrustBegan):
        return _begin(payload, authority)
    if not authority.began:
        return Problem(problems.TRUST_NOT_BEGUN)
    signer = event.signing.key_id if event.signing else None
    return _AuthorityRules(publisher_of(event), signer, authority, coverage, day).broken(payload)


def _begin(payload: TrustBegan, authority: Authority) -> Problem | None:
    if authority.began:
        return Problem(problems.TRUST_BEGAN, {"began_at": authority.began_at})
    for root in payload.roots:
        problem = _unfit_key(root.key, root.publisher_id, root.proof, payload.realm)
        if problem is not None:
            return problem
    return None


def _unfit_key(key: str, publisher: str, proof: str, realm: str) -> Problem | None:
    public = public_key(key)
    key_id = key_id_of(public or key.encode())
    if public is None or _is_unsafe(public):
        return Problem(problems.WEAK_KEY, {"key_id": key_id})
    if not _is_held(public, possession(realm, publisher, key_id), proof):
        return Problem(problems.NO_POSSESSION, {"publisher": publisher, "key_id": key_id})
    return None


def _is_unsafe(public: bytes) -> bool:
    return is_weak(public)


def _is_held(public: bytes, stated: bytes, proof: str) -> bool:
    signature = from_base64(proof, SIGNATURE_BYTES)
    return signature is not None and verifies(public, stated, signature)


class _AuthorityRules(NamedTuple):
    """The rules for one sender, and the id of the key that signed, at the head on a day."""

    sender: str
    signer: str | None
    authority: Authority
    coverage: Coverage
    day: date

    def broken(self, payload: Payload) -> Problem | None:
        problem = None
        match payload:
            case PublisherAuthorized():
                problem = self._authorize(payload)
            case GrantEnded():
                problem = self._end(payload)
            case KeyAdded():
                problem = self._add_key(payload)
            case KeyRevoked():
                problem = self._revoke(payload)
            case AuthorityApproved():
                problem = self._approve(payload)
        return problem

    def _authorize(self, payload: PublisherAuthorized) -> Problem | None:
        authority = self.authority
        used = authority.grants.get(payload.grant_id)
        if used is not None:
            params = {"grant_id": used.grant_id, "given_at": used.given_at}
            return Problem(problems.GRANT_ID_USED, params)
        if payload.under is None:
            return None if authority.is_root(self.sender) else _no_grant(self.sender, "—")
        under = authority.grants.get(payload.under)
        if (
            under is None
            or under.publisher != self.sender
            or not authority.is_live(under, self.day)
        ):
            return _no_grant(self.sender, payload.under)
        wider = self._wider(granted(payload, self.sender, 0), under)
        if wider is None:
            return None
        named = {"under": under.grant_id, "sender": self.sender, "wider": wider}
        return Problem(problems.DELEGATION_TOO_WIDE, named)

    def _wider(self, given: Grant, under: Grant) -> str | None:
        """Return the field in which a right given on is wider than that of its giver, if any."""
        authority = self.authority
        circle = {under.publisher, *authority.given_by(under)}
        wider = {
            "powers": Power.GRANT not in under.powers or not given.powers <= under.powers,
            "publisher_id": given.publisher in circle or authority.is_root(given.publisher),
            "under": authority.depth(under) >= DEEPEST,
            "unit_id": given.unit_id is None
            or not self.coverage.covers(under.unit_id, given.unit_id, self.day),
            "families": not given.families <= under.families,
            "speaks_from": not _within(
                (given.speaks_from, given.speaks_to), (under.speaks_from, under.speaks_to)
            ),
            "facts_from": not _within(
                (given.facts_from, given.facts_to), (under.facts_from, under.facts_to)
            ),
            "id_prefixes": bool(under.id_prefixes)
            and not (
                given.id_prefixes
                and all(each.startswith(under.id_prefixes) for each in given.id_prefixes)
            ),
        }
        return next((field for field, is_wider in wider.items() if is_wider), None)

    def _end(self, payload: GrantEnded) -> Problem | None:
        authority, publisher = self.authority, payload.publisher_id
        grant = authority.grants.get(payload.grant_id)
        of_root = authority.is_root(publisher)
        if grant is None or of_root or grant.publisher != publisher or grant.ended_at is not None:
            return _no_grant(publisher, payload.grant_id)
        if authority.is_root(self.sender) or self.sender in {publisher, *authority.given_by(grant)}:
            return None
        return self._not_grantor(publisher)

    def _add_key(self, payload: KeyAdded) -> Problem | None:
        authority, publisher = self.authority, payload.publisher_id
        if self.sender != publisher and not self._authorised(publisher):
            return self._not_grantor(publisher)
        problem = _unfit_key(payload.key, publisher, payload.proof, authority.realm)
        if problem is not None:
            return problem
        known = authority.keys.get(key_id_of(public_key(payload.key) or b""))
        if known is not None:
            named: dict[str, object] = {"key_id": known.key_id, "added_at": known.added_at}
            return Problem(problems.KEY_IN_USE, named)
        if len(authority.live_keys(publisher)) >= MOST_LIVE_KEYS:
            named = {"publisher": publisher, "most": MOST_LIVE_KEYS}
            return Problem(problems.TOO_MANY_KEYS, named)
        return None

    def _revoke(self, payload: KeyRevoked) -> Problem | None:
        publisher = payload.publisher_id
        key = self.authority.keys.get(payload.key_id)
        if key is None or key.publisher != publisher or key.revoked_at is not None:
            named = {"publisher": publisher, "key_id": payload.key_id}
            return Problem(problems.NO_SUCH_KEY, named)
        # A thief of one key must not take the others of its publisher away.
        of_another = self.sender != publisher and self._authorised(publisher)
        if self.signer == payload.key_id or of_another:
            return None
        return self._not_grantor(publisher)

    def _approve(self, payload: AuthorityApproved) -> Problem | None:
        key = EventKey(payload.approved.source, payload.approved.id)
        waiting = self.authority.pending.get(key)
        if waiting is None or waiting.publisher != payload.publisher_id:
            named = {"approved_source": key.source, "approved_id": key.id}
            return Problem(problems.NOTHING_TO_APPROVE, named)
        if not self.authority.is_root(self.sender):
            return self._not_grantor(payload.publisher_id)
        if self.sender in waiting.approved_by:
            return Problem(problems.APPROVED_ALREADY, {"sender": self.sender})
        # What was right when it was sent may be impossible by now.
        asked = self._replace(sender=waiting.sender, signer=waiting.signer)
        return asked.broken(waiting.payload)

    def _authorised(self, publisher: str) -> bool:
        """Return whether the sender is a root, or gave a right that the publisher still has."""
        authority = self.authority
        return authority.is_root(self.sender) or any(
            self.sender in authority.given_by(grant)
            for grant in authority.grants_of(publisher)
            if grant.ended_at is None
        )

    def _not_grantor(self, publisher: str) -> Problem:
        named = {"sender": self.sender, "publisher": publisher}
        return Problem(problems.NOT_THE_GRANTOR, named)


def _no_grant(publisher: str, grant_id: str) -> Problem:
    return Problem(problems.NO_SUCH_GRANT, {"publisher": publisher, "grant_id": grant_id})


def _within(inner: tuple[date | None, date | None], outer: tuple[date | None, date | None]) -> bool:
    """Return whether days are within others, the last exclusive; None is no limit."""
    begins = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    ends = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return begins and ends
