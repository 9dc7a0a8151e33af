"""The signature of an event: Ed25519 over the root of the tree of the events signed together.

A leaf is the canonical record without `signature`, and without the origin that a ledger adds when
it forwards the event. The attribute is `<index>/<size>.<sig>[.<path>]`, the two last in base64url:
the place of the event in its batch, the signature of the root, and the hashes from the leaf's
sibling up, so that each event is verified by itself. A single event is a batch of one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple

from shared.events.origin import without_origin
from shared.trust.keys import SIGNATURE_BYTES, from_base64, to_base64
from shared.trust.merkle import (
    HASH_BYTES,
    leaf_hash,
    levels_of,
    path_in,
    path_length,
    root_from,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.trust.keys import SecretKey

MOST_SIGNED = 512
"""Events of one signature."""
_WRITTEN = re.compile(r"(0|[1-9][0-9]{0,2})/([1-9][0-9]{0,2})\.([^.]{86})(?:\.([^.]{43,384}))?")
_MARK = b',"signature":"'
_SIGNED = re.compile(
    rb'"signature":"([!#-\[\]-~]{1,600})","signkey":"([!#-\[\]-~]{1,600})"'
    rb',"signsalt":"([!#-\[\]-~]{1,600})"'
    rb',"source":"[^"]*","specversion":"1\.0","subject":"[^"]*","time":"[^"]*","type":"[^"]*"\}'
)


class EventSignature(NamedTuple):
    """A signature as read: `place` counts from 0, `signature` has 64 bytes, hashes 32."""

    place: int
    size: int
    signature: bytes
    path: tuple[bytes, ...]

    @classmethod
    def read(cls, text: str) -> EventSignature | None:
        """Read the attribute; None for anything but its one written form."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            return None
        index, size = int(found[1]), int(found[2])
        if index >= size or size > MOST_SIGNED:
            return None
        signature = from_base64(found[3], SIGNATURE_BYTES)
        length = path_length(index, size) * HASH_BYTES
        hashes = from_base64(found[4] or "", length)
        if signature is None or hashes is None:
            return None
        path = tuple(hashes[at : at + HASH_BYTES] for at in range(0, length, HASH_BYTES))
        return cls(index, size, signature, path)

    def __str__(self) -> str:
        """Return the attribute."""
        path = f".{to_base64(b''.join(self.path))}" if self.path else ""
        return f"{self.place}/{self.size}.{to_base64(self.signature)}{path}"

    def root(self, leaf: bytes) -> bytes | None:
        """Return the root of the batch that has a leaf at this place."""
        return root_from(leaf, self.place, self.size, self.path)


class SignedRecord(NamedTuple):
    """A record with its signature: the bytes that are the leaf's, and the attributes."""

    unsigned: bytes
    signature: str
    key_id: str
    salt: str

    @classmethod
    def of(cls, record: bytes) -> SignedRecord | None:
        """Read a record; None if it has no signature.

        Data comes first in a record and cannot hold the marker's quotes unescaped up to its end, so
        what is found is the attribute and never a field.
        """
        at = record.rfind(_MARK)
        found = _SIGNED.fullmatch(record, at + 1) if at >= 0 else None
        if found is None:
            return None
        rest = record[found.start(2) - len(b',"signkey":"') :]
        return cls(without_origin(record[:at] + rest), *(each.decode() for each in found.groups()))

    @property
    def leaf(self) -> bytes:
        """Return the hash of the record as a leaf of its batch."""
        return leaf_hash(self.unsigned)


def without_signature(record: bytes, written: str) -> bytes:
    """Return a record without its `signature`, the last text of that name in it."""
    at = record.rfind(_MARK)
    return record[:at] + record[at + len(_MARK) + len(written) + 1 :]


def statement(realm: str, key_id: str, size: int, root: bytes) -> bytes:
    """Return the bytes that are signed for a batch."""
    return f"dvk-events/v1\n{realm}\n{key_id}\n{size}\n{b64encode(root).decode()}\n".encode()


def sign_batch(unsigned: Sequence[bytes], key: SecretKey, realm: str) -> list[EventSignature]:
    """Sign records without their `signature` together, in this order; at most `MOST_SIGNED`."""
    size = len(unsigned)
    levels = levels_of([leaf_hash(each) for each in unsigned])
    signature = key.sign(statement(realm, key.key_id, size, levels[-1][0]))
    return [
        EventSignature(index, size, signature, tuple(path_in(levels, index)))
        for index in range(size)
    ]
