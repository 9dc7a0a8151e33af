"""The independent reading of trust: signatures, keys, grants, and who spoke for what.

Written from the contract ("Trust") under the same rule as `independent_reading`: the standard
library only. Each event is judged by what was recorded before it.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.audit import independent_ed25519 as ed25519
from services.reporting.audit.independent_keys import (
    NaiveGrant,
    NaiveKey,
    RedactedReading,
    from_base64,
    is_fit,
    is_shorter,
    is_within,
    key_id_of,
    root_of,
    sender_of,
    vietnam_day,
)
from services.reporting.audit.independent_units import (
    CORRECTIONS,
    UnitsReading,
    family_of,
    name_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.reporting.audit.independent_map import Data

DEEPEST, MOST_KEYS = 3, 4
AUTHORITY = (
    *("TrustBegan", "PublisherAuthorized", "GrantEnded", "KeyAdded", "KeyRevoked"),
    "AuthorityApproved",
)
_MAP = ("UnitOpened", "UnitRenamed", "UnitMoved", "UnitClosed", "UnitsReorganized")
_ATTRIBUTES = ("signature", "signkey", "signsalt")


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
        redacted = RedactedReading()
        for item, event in items:
            redacted.take(item, event)
            reason = self.judge(item, event)
            if reason is not None:
                yield int(event["sequence"]), reason
        yield from ((position, "replaced") for position in redacted.unstated())

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
        if not any(self._in_force(sender_of(event), "registry", day)):
            return "outside_grant"
        return None if self._may_rule(event, day) else "no_authority"

    # ---- Signatures

    def _badly_signed(self, item: bytes, event: Data) -> str | None:
        redacted = "originaldigest" in event  # then its redaction is signed instead
        if not all(event.get(each) for each in (("signkey",) if redacted else _ATTRIBUTES)):
            return "unsigned"
        key = self._keys.get(event["signkey"])
        if key is None or key.use != "events":
            return "unknown_key"
        if key.publisher != sender_of(event):
            return "foreign_key"
        root = None if redacted else root_of(item, event)
        if not redacted and (root is None or not self._signed(key, event, *root)):
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
        while name_of(of) in CORRECTIONS:
            of = self.units.corrected(of) or {**of, "type": "dvk.Unknown.v1"}
        family, sender = family_of(name_of(of)), sender_of(event)
        power = "grant" if name_of(of) in _MAP else "publish"
        if name_of(event) in CORRECTIONS:
            foreign = (self.units.corrected(event) or event)["source"] != event["source"]
            power = "correct" if foreign else power
        units, on = self.units.units(event), event["data"]["occurred_on"]
        covering = [
            grant
            for grant in self._in_force(sender, family, day)
            if not grant.data
            or (
                power in grant.data["powers"]
                and is_within(on, grant.data, "facts")
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
            on, units = date.fromisoformat(day), self.units.map
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
        return all(not g.ended and is_within(day, g.data, "speaks") for g in (grant, *above))

    def _above(self, grant: NaiveGrant) -> list[NaiveGrant]:
        under = grant.data.get("under")
        return [] if under is None else [self._grants[under], *self._above(self._grants[under])]

    # ---- What changes keys and grants

    def _broken_beginning(self, data: Data) -> str | None:
        fit = all(
            is_fit(root["key"], root["publisher_id"], root["proof"], data["realm"])
            for root in data["roots"]
        )
        return None if fit else "no_authority"

    def _may_rule(self, event: Data, day: str) -> bool:
        match name_of(event):
            case "PublisherAuthorized":
                return self._may_authorize(event["data"], sender_of(event), day)
            case "GrantEnded":
                return self._may_end(event["data"], sender_of(event))
            case "KeyAdded":
                return self._may_add(event["data"], sender_of(event))
            case "KeyRevoked":
                return self._may_revoke(event)
            case "AuthorityApproved":
                return self._may_approve(event["data"], sender_of(event), day)
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
            and is_fit(key, publisher, data["proof"], self.realm or "")
            and key_id_of(public or b"") not in self._keys
            and len(live) < MOST_KEYS
        )

    def _may_revoke(self, event: Data) -> bool:
        """Say whether it is the signing key itself, or one of a publisher under the sender."""
        data, sender = event["data"], sender_of(event)
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
        if data["grant_id"] in self._grants or data["unit_id"] not in self.units.map.opened:
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
            and all(is_shorter(given, wider, days) for days in ("speaks", "facts"))
            and (not prefixes or (bool(stated) and all(s.startswith(prefixes) for s in stated)))
        )

    def _take(self, event: Data) -> None:
        data, sender, name = event["data"], sender_of(event), name_of(event)
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
                grant = NaiveGrant(data["publisher_id"], sender_of(event), dict(data))
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
