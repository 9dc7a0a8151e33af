"""The origin of a forwarded event: its place in the log of the ledger that recorded it first.

The four attributes are part of the record, but neither of the content nor of what the publisher
signed. Without them a record is, byte for byte, the one of the other ledger, so its chain there can
be computed.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from shared.clock import rfc3339, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGIN = ("originchain", "originledger", "originposition", "origintime")
"""The attributes of an origin, in the order of their names: neighbours in a record, after `id`."""
LAST_POSITION = 2**31 - 1  # a CloudEvents Integer has 32 bits
LEDGER_PATTERN = r"^/publishers/[A-Za-z0-9._-]{1,64}$"
CHAIN_PATTERN = r"^[0-9a-f]{64}$"
TIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
FITS = {
    "originchain": re.compile(CHAIN_PATTERN.strip("^$")).fullmatch,
    "originledger": re.compile(LEDGER_PATTERN.strip("^$")).fullmatch,
    "origintime": re.compile(TIME_PATTERN.strip("^$")).fullmatch,
}
"""Whether the text of an attribute fits its pattern; the position is a number."""
_MARK = b',"originchain":"'
_WRITTEN = re.compile(
    rb'(,"originchain":"([0-9a-f]{64})","originledger":"([^"]*)","originposition":([0-9]{1,10})'
    rb',"origintime":"([^"]*)")(?:,"sign[a-z]*":"[^"]*")*'
    rb',"source":"[^"]*","specversion":"1\.0","subject":"[^"]*","time":"[^"]*","type":"[^"]*"\}'
)


class OriginPlace(NamedTuple):
    """A place in the log of another ledger, which is named like the source of a publisher.

    `chain` is that at the position, `recorded_us` the time of recording there (microseconds since
    1970 UTC), `digest` that of the record there. `head` is the other ledger's last position, as
    the sender of a request stated it.
    """

    ledger: str
    position: int
    chain: bytes
    recorded_us: int
    digest: bytes
    head: int | None = None


def origin_of(attributes: Mapping[str, object], digest: bytes) -> OriginPlace | None:
    """Return the origin in the attributes of a record, None without; `digest` is that of there."""
    ledger = attributes.get("originledger")
    if ledger is None:
        return None
    return OriginPlace(
        ledger=str(ledger),
        position=int(str(attributes["originposition"])),
        chain=bytes.fromhex(str(attributes["originchain"])),
        recorded_us=recorded_at_origin(str(attributes["origintime"])) or 0,
        digest=digest,
    )


def recorded_at_origin(text: str) -> int | None:
    """Return a valid `origintime` in microseconds since 1970 UTC, None for a day that is none."""
    try:
        moment = to_microseconds(datetime.fromisoformat(text))
    except ValueError:
        return None
    return moment if moment >= 0 else None


def written(attributes: Mapping[str, object]) -> str:
    """Return the attributes as a record has them, with a comma in front; they are valid."""
    return (
        f',"originchain":"{attributes["originchain"]}","originledger":"{attributes["originledger"]}"'
        f',"originposition":{attributes["originposition"]}'
        f',"origintime":"{attributes["origintime"]}"'
    )


def without_origin(record: bytes) -> bytes:
    """Return a record as the other ledger has it, the same bytes if it has no origin.

    Data comes first in a record, so what is found are the attributes and never fields.
    """
    found = _found(record)
    return record[: found.start()] + record[found.end(1) :] if found else record


def place_in(record: bytes) -> OriginPlace | None:
    """Return the origin that a record states, None if it has none."""
    found = _found(record)
    if found is None:
        return None
    values = (group.decode() for group in found.groups()[1:])
    return origin_of(dict(zip(ORIGIN, values, strict=True)), digest_of_origin(record))


def _found(record: bytes) -> re.Match[bytes] | None:
    at = record.rfind(_MARK)
    return _WRITTEN.fullmatch(record, at) if at >= 0 else None


def with_origin(record: bytes, ledger: str, position: int, chain: bytes, recorded_us: int) -> bytes:
    """Return a record of a ledger as an event to be forwarded, which states its place there."""
    attributes = {
        "originchain": chain.hex(),
        "originledger": ledger,
        "originposition": position,
        "origintime": rfc3339(recorded_us),
    }
    return record[:-1] + written(attributes).encode() + b"}"


def digest_of_origin(record: bytes) -> bytes:
    """Return the digest that a record has at its origin, 32 bytes."""
    return sha256(without_origin(record)).digest()
