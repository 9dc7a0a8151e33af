"""`dvk proof`: fetch the proof of an event, and verify one without any server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.console.client.http_client import Unanswered, client_for, response_of
from services.console.output.texts import said_on
from services.console.witness.rounds import TIMEOUT_SECONDS, log_keys
from shared.clock import MICROSECONDS, rfc3339, system_clock
from shared.errors import LedgerError
from shared.events.recorded import as_stated, from_feed
from shared.events.redacted_record import is_right, original_digest
from shared.trust.merkle import leaf_hash
from shared.trust.notes import NoteError
from shared.trust.policy import NONE, Policy, Witnessed
from shared.trust.proofs import InclusionProof
from shared.trust.tiles import entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from services.console.output.texts import Terminal
    from shared.events.recorded import RecordedEvent


def fetch(address: str, asked: Mapping[str, str], to: Path, console: Terminal) -> int:
    """Write the proof of an event to a file; 3 if the ledger does not answer or has none."""
    try:
        with client_for(address, TIMEOUT_SECONDS) as client:
            written = response_of(client, f"{address.rstrip('/')}/proof", asked).content
        InclusionProof.parse(written)
    except (Unanswered, NoteError) as error:
        said_on(console)(f"Chưa có bằng chứng: {error}", f"There is no proof: {error}")
        return 3
    to.write_bytes(written)
    said_on(console)(f"Đã ghi {to}.", f"Written: {to}.")
    return 0


def proved(
    written: bytes, item: bytes | None, policy: Policy, now: int, redaction: bytes | None = None
) -> tuple[RecordedEvent, Witnessed]:
    """Return the event that a proof shows to be in the log, and its checkpoint as judged.

    `item` is the event's line of the feed; without it the one within the proof is taken. For a
    redacted event `redaction` is the proof of its redaction, with that event in it. Raises
    `NoteError` if anything of it does not hold, `LedgerError` for a line that is no event.
    """
    proof = InclusionProof.parse(written)
    judged = policy.judge(proof.note, now)
    item = item or proof.extra
    if item is None:
        raise NoteError("the proof holds no event: state its line of the feed with --event")
    event = as_stated(from_feed(item))
    leaf = leaf_hash(entry(event.position, event.recorded_us, event.digest))
    if event.position != proof.leaf_index + 1 or not proof.includes(leaf):
        raise NoteError("the event is not the one that the proof includes")
    if not judged.enough:
        raise NoteError("too few witnesses of the policy have cosigned")
    if original_digest(event.body) is not None:
        _require_redaction(event, redaction, policy, now)
    return event, judged


def _require_redaction(event: RecordedEvent, proof: bytes | None, policy: Policy, now: int) -> None:
    """Check that a redaction in the log states a record: its own digest is not in the tree."""
    if proof is None:
        raise NoteError("the event was redacted: state the proof of its redaction (--redaction)")
    redaction, _ = proved(proof, None, policy, now)
    if not is_right(event.body, event.position, event.digest, [redaction.payload]):
        raise NoteError("the redaction is not the one of this record")


def verify(
    file: Path,
    event: Path | None,
    policy: Path | list[str],
    console: Terminal,
    redaction: Path | None = None,
) -> int:
    """Verify a proof under a policy in a file, or the vkeys of logs; 0 if it holds, else 1."""
    say = said_on(console)
    try:
        trusted = (
            Policy(tuple(log_keys(policy)), {}, {}, NONE)
            if isinstance(policy, list)
            else Policy.parse(policy.read_text("utf-8"))
        )
        item = event.read_bytes().strip() if event else None
        now = system_clock() // MICROSECONDS
        found, judged = proved(
            file.read_bytes(), item, trusted, now, redaction.read_bytes() if redaction else None
        )
    except (OSError, NoteError, LedgerError) as error:
        say(f"KHÔNG ĐÚNG: {error}", f"NOT PROVED: {error}")
        return 1
    recorded = rfc3339(found.recorded_us)
    say(
        f"ĐÚNG: sự kiện {found.key.id} của {found.key.source} ở vị trí {found.position}, ghi lúc "
        f"{recorded}, có trong sổ {judged.checkpoint.origin} cỡ {judged.checkpoint.size}.",
        f"PROVED: event {found.key.id} of {found.key.source} is at position {found.position}, "
        f"recorded {recorded}, in the log {judged.checkpoint.origin} of size "
        f"{judged.checkpoint.size}.",
    )
    for name, at in judged.cosigned.items():
        moment = rfc3339(at * MICROSECONDS)
        say(f"Chứng kiến: {name}, {moment}", f"Witness: {name}, {moment}")
    return 0
