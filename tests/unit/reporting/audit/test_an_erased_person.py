"""A person is erased, and no count, event, digest, chain, root or closed year changes."""

import struct
from datetime import date
from pathlib import Path
from typing import Any

from services.lists.persons.erasure import ErasureRequest, Erasures
from services.reporting.audit import comparison
from services.reporting.audit.comparison import AuditScope, Cell
from services.reporting.audit.replay import replayed
from services.reporting.audit.verification import verify
from services.reporting.decider import ReportingDecider
from shared.clock import system_clock
from shared.eventlog.protocol import Reader
from shared.events.envelope import ReceivedEvent
from shared.trust.merkle import leaf_hash, root_of
from shared.vocabulary import ErasureGround, Family
from shared.web.answers.as_of_parameters import map_choice
from tests.support.cloudevents import country, received, unit
from tests.support.event_builders import granted, recognized, registered
from tests.support.exports import exported
from tests.support.figures_of_events import Projecting
from tests.support.kept_persons import NAME, kept
from tests.support.small_desk import vault_in

BY = ("unit", "owner_kind")


def erased(folder: Path, reference: str) -> ReceivedEvent:
    """Erase a person of a vault, and return the event that is published of it."""
    with vault_in(folder) as vault:
        request = ErasureRequest(ErasureGround.REQUEST, date(2026, 3, 2))
        event = Erasures(vault, system_clock).erase(reference, request, "machine:clerk").event
        assert vault.names([reference]) == {}
    stated = {name: value for name, value in event.items() if name not in {"type", "data"}}
    return received("PersonErased", dict(event["data"]), **stated)


def records(log: Reader, count: int) -> list[tuple[Any, ...]]:
    """Return the first events of a log with all that is kept of each."""
    return [
        (event.position, event.recorded_us, event.body, event.digest, event.chain)
        for event in log.read(0, count)
    ]


def root(log: Reader, size: int) -> bytes:
    """Return the root of the tree over the first events, of position, time and digest."""
    found = log.read(0, size)
    return root_of(
        [leaf_hash(struct.pack(">QQ", e.position, e.recorded_us) + e.digest) for e in found]
    )


def answers(export: Path, position: int) -> list[Any]:
    """Return the figures of all units by both readings of an export, which must agree."""
    whole = verify(export)
    assert not whole.faults
    found = []
    with replayed(whole) as reads:
        for unit_id in (None, "bk", "bk-1"):
            as_of = reads.as_of(str(position))
            asked = AuditScope(unit_id, 2022, map_choice("recorded", lambda: 0), as_of)
            first = comparison.answer_of_first(reads, asked)
            second = comparison.independent_reading(whole, position)
            again = comparison.answer_of_second(second, asked)
            assert comparison.disagreements(first, again) == []
            found.append(first)
    return found


def test_nothing_but_the_vault_changes(tmp_path: Path) -> None:
    with vault_in(tmp_path) as vault:
        reference = kept(vault, NAME, "bk-1")
    live = Projecting(f"sqlite:///{tmp_path}/r.db")
    decider = live.history.deciders[Family.REPORTING]
    assert isinstance(decider, ReportingDecider)
    decider.digests_at = live.reads.digests_at
    person = {"owner_kind": "individual", "owner_person_ref": reference, "unit_id": "bk-1"}
    recipient = {"kind": "individual", "person_ref": reference}
    live.given(country(), unit("bk"), unit("bk-1", parent_id="bk", level="commune"))
    live.given(registered("1", **person), registered("2", unit_id="bk-1"), recognized("1"))
    live.given(granted("1", unit_id="bk-1", recipient=recipient))
    closed = live.summary("bk")
    live.given(
        received(
            "PeriodClosed",
            {
                "unit_id": "bk",
                "plan_year": 2022,
                "position": closed["known_at"]["position"],
                "digest": closed["digest"],
                "occurred_on": "2023-01-15",
            },
        )
    )
    head = live.log.head()
    assert closed["measures"]["registered"] == 2
    assert closed["measures"]["awards_granted"] == 1
    before = (
        records(live.log, head.position),
        root(live.log, head.position),
        answers(exported(live.log, tmp_path / "before.jsonl"), head.position),
        live.summary("bk", by=BY)["measures"],
        live.summary("bk")["closing"],
        live.summary("bk", known_at=head.position)["digest"],
    )

    live.given(erased(tmp_path, reference))

    after = live.log.head()
    assert after.position == head.position + 1
    assert live.log.at(head.position) == head
    export = exported(live.log, tmp_path / "after.jsonl")
    assert before == (
        records(live.log, head.position),
        root(live.log, head.position),
        answers(export, head.position),
        live.summary("bk", by=BY)["measures"],
        live.summary("bk")["closing"],
        live.summary("bk", known_at=head.position)["digest"],
    )
    at_the_event, before_it = answers(export, after.position), answers(export, head.position)
    for figures in (*at_the_event, *before_it):
        del figures[Cell("digest")]  # it is that of the figures at one position
    assert at_the_event == before_it
    assert before[4]["changed"] is False
    assert reference in export.read_text("utf-8"), "the reference stays where it was"
    assert NAME not in export.read_text("utf-8")
    live.store.close()
