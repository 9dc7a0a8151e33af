"""Authority events as JSON: made, signed, and sent to the registry or written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from services.console.client.http_client import client_for
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery
from shared.clock import day_in_vietnam, rfc3339, system_clock
from shared.trust.signing import signed_events
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from shared.trust.keys import SecretKey


@dataclass(frozen=True, slots=True)
class Sender:
    """The publisher that sends an authority event: its key, the realm, and where to."""

    publisher: str
    key: SecretKey
    realm: str
    to: str
    out: Path | None


def today() -> str:
    """Return the day in Viet Nam."""
    return day_in_vietnam(system_clock()).isoformat()


def envelope(name: str, subject: str, data: Mapping[str, Any], publisher: str) -> dict[str, Any]:
    """Return a new event of a publisher."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": f"/publishers/{publisher}",
        "type": f"dvk.{name}.v1",
        "subject": subject,
        "time": rfc3339(system_clock()),
        "data": {name: value for name, value in data.items() if value is not None},
    }


def about_publisher(name: str, about: str, data: Mapping[str, Any], sender: Sender) -> bytes:
    """Return a signed authority event about a publisher."""
    return _signed(name, f"publisher/{about}", {"publisher_id": about, **data}, sender)


def about_officer(name: str, about: str, data: Mapping[str, Any], sender: Sender) -> bytes:
    """Return a signed event about the roles of an officer."""
    return _signed(name, f"officer/{about}", {"officer_ref": about, **data}, sender)


def _signed(name: str, subject: str, data: Mapping[str, Any], sender: Sender) -> bytes:
    event = envelope(name, subject, {"occurred_on": today(), **data}, sender.publisher)
    return orjson.dumps(signed_events([event], sender.key, sender.realm)[0])


def deliver(event: bytes, to: str, out: Path | None) -> dict[str, Any] | None:
    """Send an event to the registry and return its item; with `out` write it there instead."""
    if out is not None:
        with out.open("ab") as file:
            file.write(event + b"\n")
        return None
    with client_for(to, 60) as client:
        (item,) = Delivery(client, addresses_at(to, client)).send(Family.REGISTRY, [event])
    return item
