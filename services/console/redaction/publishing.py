"""The work of `dvk redact publish`: a redaction is made from the recorded event, and sent."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson
import typer

from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered, client_for
from services.console.commands.complaints import complain, print_refused
from services.console.output.texts import Terminal, both, said_on
from services.console.trust.actions import loaded, realm_of
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery, Undeliverable
from shared.clock import day_in_vietnam, rfc3339, system_clock
from shared.errors import LedgerError
from shared.events.catalogue import CATALOGUE
from shared.events.payloads.redaction import ReplacedText
from shared.events.recorded import as_stated, from_feed
from shared.events.redacted_record import redacted, stated
from shared.trust.signing import Signer
from shared.vocabulary import ErasureGround

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shared.events.recorded import RecordedEvent
    from shared.settings import Settings

_DOCUMENT = "văn bản giải quyết yêu cầu"


@dataclass(frozen=True, slots=True)
class AskedRedaction:
    """The event, its new texts, the ground, and the publisher if it is another one."""

    position: int
    texts: Sequence[ReplacedText]
    ground: ErasureGround
    document: str | None = None
    sender: str | None = None


def texts_of(fields: Sequence[str], texts: Sequence[str]) -> list[ReplacedText]:
    """Return the new texts; ends the command if fields and texts do not match."""
    try:
        pairs = list(zip(fields, texts, strict=True))
        return [ReplacedText(field=field, text=text) for field, text in pairs]
    except ValueError:
        message = both(
            "mỗi --field một --text, --field như /title",
            "one --text for each --field; a field is a JSON pointer, such as /title",
        )
        raise typer.BadParameter(message) from None


def ground_of(ground: str) -> ErasureGround:
    """Return the ground as stated; ends the command for another one."""
    try:
        return ErasureGround(ground)
    except ValueError:
        known = ", ".join(ErasureGround)
        message = both(f"--ground {ground}: chỉ nhận {known}", f"--ground {ground}: one of {known}")
        raise typer.BadParameter(message) from None


def signer_of(key: Path | None, realm: str | None, settings: Settings) -> Signer | None:
    """Return what signs the event, None without a key."""
    return None if key is None else Signer(loaded(key), realm_of(realm, settings))


def redaction_of(event: RecordedEvent, asked: AskedRedaction) -> dict[str, Any]:
    """Return the redaction of a recorded event; raises `BrokenContract` for no free text.

    For an event that was redacted before, its record must have been replaced.
    """
    record = redacted(event.body, event.digest, asked.texts, CATALOGUE[event.type].payload)
    now_us = system_clock()
    data = {
        "position": event.position,
        "digest": stated(event.digest),
        "texts": [each.model_dump() for each in asked.texts],
        "record": stated(sha256(record).digest()),
        "ground": asked.ground.value,
        "occurred_on": day_in_vietnam(now_us).isoformat(),
    }
    if asked.document:
        data["document"] = {"kind": _DOCUMENT, "number": asked.document}
    source = f"/publishers/{asked.sender}" if asked.sender else event.key.source
    return {
        "specversion": "1.0",
        "id": f"redaction-{event.position}-{uuid4().hex[:12]}",
        "source": source,
        "type": "dvk.EventRedacted.v1",
        "subject": event.subject,
        "time": rfc3339(now_us),
        "data": data,
    }


def publish(asked: AskedRedaction, signer: Signer | None, to: str, console: Terminal) -> int:
    """Send the redaction of an event; 0 recorded, 1 refused, 3 if the ledger does not answer."""
    say = said_on(console)
    try:
        with client_for(to, 60) as client:
            addresses = addresses_at(to, client)
            items = Feed(client, addresses.registry).items(asked.position - 1, asked.position)
            event = as_stated(from_feed(next(items)))
            family = min(CATALOGUE[event.type].families)
            sent = orjson.dumps(redaction_of(event, asked))
            (item,) = Delivery(client, addresses, 60, signer=signer).send(family, [sent])
    except LedgerError as error:
        complain(console, error)
        return 1
    except (Unanswered, Undeliverable) as error:
        complain(console, error)
        return 3
    if item["status"] in {"accepted", "duplicate"}:
        say(
            f"Đã ghi sổ tại vị trí {item['position']}. Chủ sổ hãy chạy dvk redact apply.",
            f"Recorded at position {item['position']}. The owner of the ledger runs dvk redact "
            "apply.",
        )
        return 0
    print_refused(console, item)
    return 1
