"""The independent reading of a checkpoint: the root over the runs of an export, and who signed it.

Written from the contract and the public formats (RFC 6962, c2sp.org/signed-note, tlog-cosignature,
tlog-policy) under the same rule as `independent_reading`: the standard library only.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from services.reporting.audit import independent_ed25519 as ed25519
from services.reporting.audit.independent_keys import record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.reporting.audit.independent_map import Data

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOG, _WITNESS = 1, 4
_AHEAD_SECONDS = 60
_WRONG = -1


class NaiveSignatures(NamedTuple):
    """The signatures of a checkpoint: the log's is right, as is every other known one; by whom.

    `cosigned` are names of the policy, `enough` says whether they are its quorum.
    """

    right: bool
    cosigned: frozenset[str]
    enough: bool


def unbound_runs(manifest: Data, items: Iterable[bytes]) -> list[int]:
    """Return the first positions of the runs that do not lead to the root of the checkpoint.

    `items` are the feed's bytes of all events of the export.
    """
    _, size, root = _text_of(manifest["checkpoint"]).rstrip("\n").split("\n")
    events, unbound = iter(items), []
    for first, last, left, right in manifest["runs"]:
        leaves = [_leaf(at, next(events, b"")) for at in range(first, last + 1)]
        tree = _Tree(first - 1, leaves, _hashes(left), _hashes(right))
        if not tree.leads_to(b64decode(root), int(size)):
            unbound.append(first)
    return unbound


def _leaf(position: int, item: bytes) -> bytes:
    """Return the hash of an event as a leaf: position, microseconds and digest of the record."""
    if not item:
        return b""
    event = json.loads(item)
    if int(event["sequence"]) != position:
        return b""
    time = datetime.fromisoformat(event["recordedtime"]) - _EPOCH
    numbers = (position, time // timedelta(microseconds=1))
    original = event.get("originaldigest")  # of a redacted event
    digest = bytes.fromhex(original) if original else sha256(record_of(item)).digest()
    return sha256(b"\0" + b"".join(n.to_bytes(8, "big") for n in numbers) + digest).digest()


def _hashes(text: str) -> Iterator[bytes]:
    joined = b64decode(text)
    return (joined[at : at + 32] for at in range(0, len(joined), 32))


class _Tree:
    """The tree of RFC 6962 of which some neighbouring leaves are known, and hashes around them."""

    def __init__(
        self, start: int, leaves: Sequence[bytes], left: Iterator[bytes], right: Iterator[bytes]
    ) -> None:
        self.start, self.leaves = start, leaves
        self.left, self.right = left, right

    def leads_to(self, root: bytes, size: int) -> bool:
        """Return whether the root is this, and all hashes were used for it."""
        if not all(self.leaves) or self.start + len(self.leaves) > size:
            return False
        found = self.hash_of(0, size) == root
        return found and next(self.left, None) is None and next(self.right, None) is None

    def hash_of(self, first: int, end: int) -> bytes:
        """Return the hash over the leaves from one index up to another, by the definition."""
        if end <= self.start:
            return next(self.left, b"")
        if first >= self.start + len(self.leaves):
            return next(self.right, b"")
        if end - first == 1:
            return self.leaves[first - self.start]
        half = 1
        while half * 2 < end - first:
            half *= 2
        left = self.hash_of(first, first + half)
        return sha256(b"\1" + left + self.hash_of(first + half, end)).digest()


def signatures_of(note: str, vkeys: Sequence[str], policy: str | None, now: int) -> NaiveSignatures:
    """Return who signed a checkpoint; `now` is in seconds since 1970 UTC.

    Without `vkeys` the logs of the policy are known, without a policy no witness is asked for.
    """
    lines = [line.split() for line in (policy or "quorum none").split("\n")]
    stated = [words for words in lines if words and not words[0].startswith("#")]
    logs = list(vkeys) or [words[1] for words in stated if words[0] == "log"]
    witnesses = {words[1]: words[2] for words in stated if words[0] == "witness"}
    origin = note.split("\n", maxsplit=1)[0]
    by_log = {vkey: _signed(note, vkey, _LOG) for vkey in logs}
    times = {name: _signed(note, vkey, _WITNESS) for name, vkey in witnesses.items()}
    cosigned = frozenset(
        name for name, at in times.items() if at is not None and 0 <= at <= now + _AHEAD_SECONDS
    )
    known = [*by_log.values(), *times.values()]
    by_own = [at for vkey, at in by_log.items() if vkey.split("+")[0] == origin]
    groups = {words[1]: words[2:] for words in stated if words[0] == "group"}
    (quorum,) = (words[1] for words in stated if words[0] == "quorum")

    def has(name: str) -> bool:
        if name not in groups:
            return name in cosigned
        number, *members = groups[name]
        least = {"any": 1, "all": len(members)}.get(number) or int(number)
        return sum(map(has, members)) >= least

    return NaiveSignatures(
        right=any(at is not None for at in by_own) and _WRONG not in known,
        cosigned=cosigned,
        enough=quorum == "none" or has(quorum),
    )


def _signed(note: str, vkey: str, kind: int) -> int | None:
    """Return when a key signed a note (a log: 0), None if it did not, `_WRONG` for a wrong line."""
    text = _text_of(note)
    name, _, encoded = vkey.split("+", 2)
    key = b64decode(encoded)
    key_id = sha256(name.encode() + b"\n" + key).digest()[:4]
    for line in note.removeprefix(text + "\n").splitlines():
        _, signer, base64 = line.split(" ")
        signature = b64decode(base64)
        if signer != name or signature[:4] != key_id or key[0] != kind:
            continue
        at, message, value = 0, text, signature[4:]
        if kind == _WITNESS:
            at, value = int.from_bytes(value[:8], "big"), value[8:]
            message = f"cosignature/v1\ntime {at}\n{text}"
        return at if at < 1 << 63 and ed25519.verifies(key[1:], message.encode(), value) else _WRONG
    return None


def _text_of(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"
