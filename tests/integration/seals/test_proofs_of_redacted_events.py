"""A proof of a redacted event is one only together with the proof of its redaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.console.witness.proofs import proved
from services.registry.decider import RegistryDecider
from services.reporting.integrity.evidence import LogEvidence
from shared.appending.appender import Appender
from shared.clock import MICROSECONDS
from shared.eventlog.redacting import replace_records
from shared.events.recorded import feed_item
from shared.trust.notes import NoteError
from shared.trust.policy import Policy
from tests.support.cloudevents import country
from tests.support.event_builders import registered
from tests.support.redactions import NAME, redacts
from tests.support.sealed_log import SealedLog
from tests.support.served_seals import NOW, VKEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.events.envelope import ReceivedEvent

POLICY = Policy.parse(f"log {VKEY}\nquorum none\n")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SealedLog]:
    sealed = SealedLog(f"sqlite:///{tmp_path / 'log.db'}", tmp_path / "seal")
    put(sealed, country(), registered("1", title=f"Vườn của {NAME}"), registered("2"))
    yield sealed
    sealed.close()


def put(sealed: SealedLog, *events: ReceivedEvent) -> None:
    appender = Appender(sealed.log, RegistryDecider())
    appender.submit(list(events))
    appender.step()


def proof(sealed: SealedLog, position: int) -> bytes:
    while sealed.sealer.step():
        pass
    evidence = LogEvidence(sealed.log, sealed.store, None, clock=lambda: NOW * MICROSECONDS)
    return str(evidence.proof(position, extra=True, witnessed=False)).encode()


def test_the_redaction_is_proved_with_it(log: SealedLog) -> None:
    (event,) = log.log.read(1, 1)
    before, line = proof(log, 2), feed_item(event)
    put(log, redacts(event, {"/title": "Vườn"}), redacts(log.log.read(2, 1)[0], {"/title": "Khác"}))
    assert len(replace_records(log.log)) == 2
    after, redaction, other = (proof(log, each) for each in (2, 4, 5))
    assert proved(before, line, POLICY, NOW)[0].body == event.body
    assert proved(before, None, POLICY, NOW)[0].body == event.body
    found, _ = proved(after, None, POLICY, NOW, redaction)
    assert (found.position, found.digest) == (2, event.digest)
    assert NAME.encode() not in found.body
    for wrong in (None, other):
        with pytest.raises(NoteError, match="redact"):
            proved(after, None, POLICY, NOW, wrong)


def test_a_record_that_claims_a_digest_of_the_tree_proves_nothing(log: SealedLog) -> None:
    (event,) = log.log.read(1, 1)
    forged = event.body.replace(b"2022", b"2023").replace(
        b',"source":', b',"originaldigest":"%b","source":' % event.digest.hex().encode(), 1
    )
    line = feed_item(event)
    claimed = line[: line.index(b'"data":')] + forged[1:]
    with pytest.raises(NoteError, match="redacted"):
        proved(proof(log, 2), claimed, POLICY, NOW)
