"""The independent reading of keys, and of the signature of a record in its batch.

Written from the contract ("Trust") with the standard library only.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from services.reporting.audit import independent_ed25519 as ed25519

if TYPE_CHECKING:
    from services.reporting.audit.independent_map import Data

VIET_NAM = timezone(timedelta(hours=7))
MOST_SIGNED = 512
_ORIGIN = re.compile(
    rb',"originchain":"[^"]*","originledger":"[^"]*","originposition":[0-9]+,"origintime":"[^"]*"$'
)
_SIGNATURE = re.compile(r"(0|[1-9][0-9]*)/([1-9][0-9]*)\.([\w-]{86})(?:\.([\w-]+))?", re.ASCII)


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


class RedactedReading:
    """Records that were replaced, and what the redactions of the log state of them."""

    def __init__(self) -> None:
        self._replaced: dict[int, tuple[str, str]] = {}
        self._stated: set[tuple[int, str, str]] = set()

    def take(self, item: bytes, event: Data) -> None:
        """Note the record of a redacted event, or the redaction of one."""
        if "originaldigest" in event:
            record = sha256(record_of(item)).hexdigest()
            self._replaced[int(event["sequence"])] = (event["originaldigest"], record)
        elif event["type"] == "dvk.EventRedacted.v1":
            data = event["data"]
            of, record = (data[each].removeprefix("sha256:") for each in ("digest", "record"))
            self._stated.add((data["position"], of, record))

    def unstated(self) -> list[int]:
        """Return the positions of records that were replaced without a redaction."""
        return [at for at, record in self._replaced.items() if (at, *record) not in self._stated]


def record_of(item: bytes) -> bytes:
    """Return the record of a feed item: what follows the three attributes of the log."""
    return b"{" + item[item.index(b'"data":') :]


def root_of(item: bytes, event: Data) -> tuple[int, bytes, bytes] | None:
    """Return size, root and signature of the batch that an event was signed in (RFC 6962)."""
    found = _SIGNATURE.fullmatch(event["signature"])
    if found is None or from_base64(event["signsalt"], 16) is None:
        return None
    index, size, signature = int(found[1]), int(found[2]), from_base64(found[3], 64)
    path = from_base64(found[4] or "", len(found[4] or "") * 3 // 4)
    if signature is None or path is None or index >= size or size > MOST_SIGNED:
        return None
    before, _, after = record_of(item).rpartition(f',"signature":"{event["signature"]}"'.encode())
    # What a ledger adds when it forwards an event is no part of what its publisher signed.
    before = _ORIGIN.sub(b"", before)
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


def is_fit(key: str, publisher: str, proof: str, realm: str) -> bool:
    """Say whether a key is strong, and its holder signed that it is this publisher's."""
    public, signature = from_base64(key.removeprefix("ed25519:"), 32), from_base64(proof, 64)
    if public is None or signature is None or ed25519.is_weak(public):
        return False
    text = f"dvk-key/v1\n{realm}\n{publisher}\n{key_id_of(public)}\n"
    return ed25519.verifies(public, text.encode(), signature)


def vietnam_day(event: Data) -> str:
    """Return the day on which an event was recorded, in Viet Nam."""
    return datetime.fromisoformat(event["recordedtime"]).astimezone(VIET_NAM).date().isoformat()


def sender_of(event: Data) -> str:
    """Return the publisher that an event names as its source."""
    return str(event["source"]).removeprefix("/publishers/")


def is_within(day: str, grant: Data, days: str) -> bool:
    """Say whether a day is one of a grant's (`speaks` or `facts`); the last is exclusive."""
    first, end = grant.get(f"{days}_from"), grant.get(f"{days}_to")
    return (first is None or day >= first) and (end is None or day < end)


def is_shorter(given: Data, wider: Data, days: str) -> bool:
    """Say whether the days of a grant are within those of another."""
    first, end = f"{days}_from", f"{days}_to"
    begins = not wider.get(first) or (given.get(first) or "") >= wider[first]
    ends = not wider.get(end) or bool(given.get(end) and given[end] <= wider[end])
    return begins and ends
