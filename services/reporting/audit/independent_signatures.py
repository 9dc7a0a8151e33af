"""The independent reading of trust: signatures, keys, grants, and who spoke for what.

Written from the contract ("Trust") under the same rule as `independent_reading`: the standard
library only. Each event is judged by what was recorded before it.
"""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.audit import independent_ed25519 as ed25519
from services.reporting.audit.independent_units import UnitsReading, family_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.reporting.audit.independent_map import Data

VIET_NAM = timezone(timedelta(hours=7))
DEEPEST, MOST_KEYS, MOST_SIGNED = 3, 4, 512
AUTHORITY = (
    *("TrustBegan", "PublisherAuthorized", "GrantEnded", "KeyAdded", "KeyRevoked"),
    "AuthorityApproved",
)
_MAP = ("UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized")
_SIGNATURE = re.compile(r"(0|[1-9][0-9]*)/([1-9][0-9]*)\.([\w-]{86})(?:\.([\w-]+))?", re.ASCII)
_ATTRIBUTES = ("signature", "signkey", "signsalt")


@dataclass(slots=True)
class NaiveKey:
    """A key: its 32 bytes, its publisher and use, and the key that signed its addition."""

    public: bytes
    publisher: str
    use: str
    added_with: str | None
    revoked: bool = False


@dataclass(slots=True)
class NaiveGrant:
    """A grant as stated; the roots' own have no `data`."""

    publisher: str
    giver: str
    data: dict[str, Any] = field(default_factory=dict)
    ended: bool = False


class Unapproved(NamedTuple):
    """An event of a root that waits for others, and those that agreed."""

    event: Data
    agreed: frozenset[str]


class TrustReading:
    """Keys and grants at a position; `judge` takes the events in the order of the log."""

    def __init__(self) -> None:
        self.units = UnitsReading()
        self.realm: str | None = None
        self._threshold = 1
        self._roots: set[str] = set()
        self._keys: dict[str, NaiveKey] = {}
        self._grants: dict[str, NaiveGrant] = {}
        self._waiting: dict[tuple[str, str], Unapproved] = {}
        self._right: dict[tuple[bytes, bytes, bytes], bool] = {}
        self._covered: dict[tuple[str, str, str], bool] = {}

    def read(self, items: Iterable[tuple[bytes, Data]]) -> Iterator[tuple[int, str]]:
        """Yield the positions of the events without authority, with the reason in one word.

        `items` are the feed's bytes of each event, and the event decoded from them.
        """
        for item, event in items:
            reason = self.judge(item, event)
            if reason is not None:
                yield int(event["sequence"]), reason

    def judge(self, item: bytes, event: Data) -> str | None:
        """Return why an event had no authority, None if it had; and fold it.

        An event of keys and grants without authority changes nothing.
        """
        try:
            reason = self._reason(item, event)
        except KeyError as missing:
            reason = f"unknown {missing}"
        if name_of(event) in AUTHORITY and reason is None:
            self._take(event)
        self.units.take(event)
        if name_of(event) in {*_MAP, "EventRetracted"}:
            self._covered.clear()
        return reason

    def _reason(self, item: bytes, event: Data) -> str | None:
        name = name_of(event)
        if self.realm is None:
            if any(attribute in event for attribute in _ATTRIBUTES):
                return "trust_not_begun"
            return self._broken_beginning(event["data"]) if name == "TrustBegan" else None
        reason = self._badly_signed(item, event)
        if reason is not None:
            return reason
        day = vietnam_day(event)
        if name not in AUTHORITY:
            return None if self._may_say(event, day) else "outside_grant"
        if not any(self._in_force(_sender(event), "registry", day)):
            return "outside_grant"
        return None if self._may_rule(event, day) else "no_authority"

    # ---- Signatures

    def _badly_signed(self, item: bytes, event: Data) -> str | None:
        if not all(event.get(attribute) for attribute in _ATTRIBUTES):
            return "unsigned"
        key = self._keys.get(event["signkey"])
        if key is None or key.use != "events":
            return "unknown_key"
        if key.publisher != _sender(event):
            return "foreign_key"
        root = root_of(item, event)
        if root is None or not self._signed(key, event, *root):
            return "bad_signature"
        return "key_revoked" if key.revoked else None

    def _signed(self, key: NaiveKey, event: Data, size: int, root: bytes, signature: bytes) -> bool:
        asked = (key.public, signature, size.to_bytes(2, "big") + root)
        if asked not in self._right:
            hashed = b64encode(root).decode()
            text = f"dvk-events/v1\n{self.realm}\n{event['signkey']}\n{size}\n{hashed}\n"
            self._right[asked] = ed25519.verifies(key.public, text.encode(), signature)
        return self._right[asked]

    # ---- What may be said

    def _may_say(self, event: Data, day: str) -> bool:
        of = event
        while name_of(of) == "EventRetracted":
            of = self.units.retracted(of) or {**of, "type": "dvk.Unknown.v1"}
        family, sender = family_of(name_of(of)), _sender(event)
        power = "grant" if name_of(of) in _MAP else "publish"
        if name_of(event) == "EventRetracted":
            foreign = event["data"]["retracts"]["source"] != event["source"]
            power = "correct" if foreign else power
        units, on = self.units.units(event), event["data"]["occurred_on"]
        covering = [
            grant
            for grant in self._in_force(sender, family, day)
            if not grant.data
            or (
                power in grant.data["powers"]
                and _is_within(on, grant.data, "facts")
                and bool(units)
                and all(self._covers(grant.data["unit_id"], unit, day) for unit in units)
            )
        ]
        prefixes = [grant.data.get("id_prefixes") for grant in covering]
        allowed = tuple(each for some in prefixes for each in some or ())
        new_ids = self.units.new_ids(event)
        free = not all(prefixes) or all(new.startswith(allowed) for new in new_ids)
        return bool(covering) and free

    def _covers(self, root: str, unit: str, day: str) -> bool:
        asked = (root, unit, day)
        if asked not in self._covered:
            on, units = datetime.fromisoformat(day).date(), self.units.map
            lies = units.lies(unit, on)
            covered = bool(lies) and all(root in units.path(each, on) for each in lies)
            self._covered[asked] = covered
        return self._covered[asked]

    def _in_force(self, publisher: str, family: str, day: str) -> Iterator[NaiveGrant]:
        for grant in self._grants.values():
            given = not grant.data or family in grant.data["families"]
            if grant.publisher == publisher and given and self._is_live(grant, day):
                yield grant

    def _is_live(self, grant: NaiveGrant, day: str) -> bool:
        above = self._above(grant)
        return all(not g.ended and _is_within(day, g.data, "speaks") for g in (grant, *above))

    def _above(self, grant: NaiveGrant) -> list[NaiveGrant]:
        under = grant.data.get("under")
        return [] if under is None else [self._grants[under], *self._above(self._grants[under])]

    # ---- What changes keys and grants

    def _broken_beginning(self, data: Data) -> str | None:
        fit = all(
            self._is_fit(root["key"], root["publisher_id"], root["proof"], data["realm"])
            for root in data["roots"]
        )
        return None if fit else "no_authority"

    def _is_fit(self, key: str, publisher: str, proof: str, realm: str) -> bool:
        """Say whether a key is strong, and its holder signed that it is this publisher's."""
        public, signature = from_base64(key.removeprefix("ed25519:"), 32), from_base64(proof, 64)
        if public is None or signature is None or ed25519.is_weak(public):
            return False
        text = f"dvk-key/v1\n{realm}\n{publisher}\n{key_id_of(public)}\n"
        return ed25519.verifies(public, text.encode(), signature)

    def _may_rule(self, event: Data, day: str) -> bool:
        match name_of(event):
            case "PublisherAuthorized":
                return self._may_authorize(event["data"], _sender(event), day)
            case "GrantEnded":
                return self._may_end(event["data"], _sender(event))
            case "KeyAdded":
                return self._may_add(event["data"], _sender(event))
            case "KeyRevoked":
                return self._may_revoke(event)
            case "AuthorityApproved":
                return self._may_approve(event["data"], _sender(event), day)
        return False  # trust begins once

    def _may_end(self, data: Data, sender: str) -> bool:
        publisher, grant = data["publisher_id"], self._grants.get(data["grant_id"])
        if grant is None or grant.ended or grant.publisher != publisher:
            return False
        givers = {each.giver for each in (grant, *self._above(grant))}
        return publisher not in self._roots and sender in {publisher, *givers, *self._roots}

    def _may_add(self, data: Data, sender: str) -> bool:
        publisher, key = data["publisher_id"], data["key"]
        public = from_base64(key.removeprefix("ed25519:"), 32)
        keys = self._keys.values()
        live = [each for each in keys if each.publisher == publisher and not each.revoked]
        return (
            (sender == publisher or self._gave(sender, publisher))
            and self._is_fit(key, publisher, data["proof"], self.realm or "")
            and key_id_of(public or b"") not in self._keys
            and len(live) < MOST_KEYS
        )

    def _may_revoke(self, event: Data) -> bool:
        """Say whether it is the signing key itself, or one of a publisher under the sender."""
        data, sender = event["data"], _sender(event)
        publisher, key = data["publisher_id"], self._keys.get(data["key_id"])
        if key is None or key.publisher != publisher or key.revoked:
            return False
        own: bool = event["signkey"] == data["key_id"]
        return own or (sender != publisher and self._gave(sender, publisher))

    def _may_approve(self, data: Data, sender: str, day: str) -> bool:
        waiting = self._waiting.get((data["approved"]["source"], data["approved"]["id"]))
        return (
            waiting is not None
            and waiting.event["data"]["publisher_id"] == data["publisher_id"]
            and sender in self._roots - waiting.agreed
            and self._may_rule(waiting.event, day)
        )

    def _gave(self, sender: str, publisher: str) -> bool:
        return sender in self._roots or any(
            sender in {each.giver for each in (grant, *self._above(grant))}
            for grant in self._grants.values()
            if grant.publisher == publisher and not grant.ended
        )

    def _may_authorize(self, data: Data, sender: str, day: str) -> bool:
        if data["grant_id"] in self._grants:
            return False
        if data.get("under") is None:
            return sender in self._roots
        under = self._grants.get(data["under"])
        if under is None or under.publisher != sender or not self._is_live(under, day):
            return False
        above = [under, *self._above(under)]
        circle = {sender, *self._roots, *(each.giver for each in above)}
        if data["publisher_id"] in circle or len(above) >= DEEPEST:
            return False
        if not under.data:
            return True
        wider, given = under.data, data
        prefixes = tuple(wider.get("id_prefixes") or ())
        stated = given.get("id_prefixes") or ()
        return (
            "grant" in wider["powers"]
            and set(given["powers"]) <= set(wider["powers"])
            and set(given["families"]) <= set(wider["families"])
            and self._covers(wider["unit_id"], given["unit_id"], day)
            and all(_is_shorter(given, wider, days) for days in ("speaks", "facts"))
            and (not prefixes or (bool(stated) and all(s.startswith(prefixes) for s in stated)))
        )

    def _take(self, event: Data) -> None:
        data, sender, name = event["data"], _sender(event), name_of(event)
        if name == "TrustBegan":
            self.realm, self._threshold = data["realm"], data["threshold"]
            for root in data["roots"]:
                publisher = root["publisher_id"]
                self._roots.add(publisher)
                self._add_key(root["key"], publisher, "events", None)
                self._grants[f"root.{publisher}"] = NaiveGrant(publisher, "")
        elif name == "AuthorityApproved":
            key = (data["approved"]["source"], data["approved"]["id"])
            waiting = self._waiting.pop(key)
            agreed = waiting.agreed | {sender}
            if len(agreed) < self._threshold:
                self._waiting[key] = Unapproved(waiting.event, agreed)
            else:
                self._apply(waiting.event)
        elif (
            self._threshold > 1
            and sender in self._roots
            and not (name == "KeyRevoked" and data["key_id"] == event["signkey"])
        ):
            self._waiting[event["source"], event["id"]] = Unapproved(event, frozenset({sender}))
        else:
            self._apply(event)

    def _apply(self, event: Data) -> None:
        data = event["data"]
        match name_of(event):
            case "PublisherAuthorized":
                grant = NaiveGrant(data["publisher_id"], _sender(event), dict(data))
                self._grants[data["grant_id"]] = grant
            case "GrantEnded":
                self._grants[data["grant_id"]].ended = True
            case "KeyAdded":
                self._add_key(data["key"], data["publisher_id"], data["use"], event["signkey"])
            case "KeyRevoked":
                self._revoke(data["key_id"], with_added=data["why"] == "compromised")

    def _add_key(self, key: str, publisher: str, use: str, added_with: str | None) -> None:
        public = from_base64(key.removeprefix("ed25519:"), 32) or b""
        self._keys[key_id_of(public)] = NaiveKey(public, publisher, use, added_with)

    def _revoke(self, key_id: str, *, with_added: bool) -> None:
        self._keys[key_id].revoked = True
        added = [each for each, key in self._keys.items() if key.added_with == key_id]
        for each in added if with_added else ():
            self._revoke(each, with_added=True)


def root_of(item: bytes, event: Data) -> tuple[int, bytes, bytes] | None:
    """Return size, root and signature of the batch that an event was signed in (RFC 6962)."""
    found = _SIGNATURE.fullmatch(event["signature"])
    if found is None or from_base64(event["signsalt"], 16) is None:
        return None
    index, size, signature = int(found[1]), int(found[2]), from_base64(found[3], 64)
    path = from_base64(found[4] or "", len(found[4] or "") * 3 // 4)
    if signature is None or path is None or index >= size or size > MOST_SIGNED:
        return None
    # The record is what follows the three attributes of the log.
    record = b"{" + item[item.index(b'"data":') :]
    before, _, after = record.rpartition(f',"signature":"{event["signature"]}"'.encode())
    hashed, last = sha256(b"\x00" + before + after).digest(), size - 1
    while last:
        if index % 2 or index < last:
            sibling, path = path[:32], path[32:]
            pair = sibling + hashed if index % 2 else hashed + sibling
            hashed = sha256(b"\x01" + pair).digest()
            if len(sibling) < 32:
                return None
        index, last = index // 2, last // 2
    return None if path else (size, hashed, signature)


def from_base64(text: str, size: int) -> bytes | None:
    """Return the bytes of base64url without padding, None for another form or size."""
    try:
        value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    canonical = urlsafe_b64encode(value).decode().rstrip("=")
    return value if canonical == text and len(value) == size else None


def key_id_of(public: bytes) -> str:
    """Return the id of a key, which is made of the key."""
    return urlsafe_b64encode(sha256(b"\x01" + public).digest()[:16]).decode().rstrip("=")


def vietnam_day(event: Data) -> str:
    """Return the day on which an event was recorded, in Viet Nam."""
    return datetime.fromisoformat(event["recordedtime"]).astimezone(VIET_NAM).date().isoformat()


def _sender(event: Data) -> str:
    return str(event["source"]).removeprefix("/publishers/")


def _is_within(day: str, grant: Data, days: str) -> bool:
    """Say whether a day is one of the grant's; the last is exclusive."""
    first, end = grant.get(f"{days}_from"), grant.get(f"{days}_to")
    return (first is None or day >= first) and (end is None or day < end)


def _is_shorter(given: Data, wider: Data, days: str) -> bool:
    first, end = f"{days}_from", f"{days}_to"
    begins = not wider.get(first) or (given.get(first) or "") >= wider[first]
    ends = not wider.get(end) or bool(given.get(end) and given[end] <= wider[end])
    return begins and ends
