"""Signing events as a publisher does: the record as the ledger makes it, and its signature."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from shared.errors import BrokenContract
from shared.events.acceptance.validation import canonical_data
from shared.events.canonical_json import write
from shared.events.envelope import SIGNING
from shared.trust.event_signature import sign_batch
from shared.trust.keys import SALT_BYTES, SecretKey, to_base64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SIGNED_TOGETHER = 32
"""Events of one signature: a longer path costs more bytes than one more signature saves."""


def canonical_record(event: Mapping[str, object]) -> bytes:
    """Return the RFC 8785 bytes of an event in JSON, as the ledger records it.

    Raises `BrokenContract` for data that has no canonical form.
    """
    attributes = "".join(
        f",{write(name)}:{write(event[name])}"
        for name in sorted(event)
        if name != "data" and event[name] is not None
    )
    return b'{"data":%b%b}' % (canonical_data(event["data"]), attributes.encode())


def signed_events(
    events: Sequence[Mapping[str, object]],
    key: SecretKey,
    realm: str,
    *,
    together: int = SIGNED_TOGETHER,
) -> list[dict[str, object]]:
    """Return events in JSON with `signkey`, `signsalt` and `signature`, in the same order.

    Neighbours are signed together. An earlier signature of an event is replaced.
    """
    signed: list[dict[str, object]] = []
    for start in range(0, len(events), together):
        batch = [
            {
                **{name: value for name, value in event.items() if name != "signature"},
                "signkey": key.key_id,
                "signsalt": to_base64(os.urandom(SALT_BYTES)),
            }
            for event in events[start : start + together]
        ]
        signatures = sign_batch([canonical_record(event) for event in batch], key, realm)
        signed += [
            {**event, "signature": str(signature)}
            for event, signature in zip(batch, signatures, strict=True)
        ]
    return signed


class Signer(NamedTuple):
    """A publisher's key and the realm for which it signs."""

    key: SecretKey
    realm: str

    def signed(self, lines: Sequence[bytes]) -> list[bytes]:
        """Return events as they are written, each with the attributes of its signature added.

        Those that are signed already stay so, and so do those that the ledger refuses anyway.
        """
        written = list(lines)
        signable = [(number, event) for number, raw in enumerate(lines) if (event := _read(raw))]
        remaining: Iterator[tuple[int, dict[str, object]]] = iter(signable)
        while batch := list(islice(remaining, SIGNED_TOGETHER)):
            signed = signed_events([event for _, event in batch], self.key, self.realm)
            for (number, _), event in zip(batch, signed, strict=True):
                added = {name: event[name] for name in SIGNING}
                written[number] = lines[number].rstrip()[:-1] + b"," + orjson.dumps(added)[1:]
        return written


def _read(raw: bytes) -> dict[str, object] | None:
    """Return an event that can be signed, None for any other line."""
    try:
        event = orjson.loads(raw)
        if not isinstance(event, dict) or "signature" in event or "data" not in event:
            return None
        canonical_record(event)
    except (ValueError, BrokenContract, RecursionError):
        return None
    return event
