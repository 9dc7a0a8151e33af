"""Events of a province in the nation's log: once each, in the province's order, by its chain."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError

from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.problems import ID_REUSED
from shared.clock import system_clock
from shared.errors import Problem
from shared.eventlog.protocol import EventLog, OriginChains, OriginHead
from shared.eventlog.sql import open_log
from shared.eventlog.tables import ORIGIN_CHAINS
from shared.events.acceptance.receive import receive
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import ReceivedEvent
from shared.events.origin import place_in, without_origin
from shared.events.payloads.redaction import ReplacedText
from shared.events.recorded import RecordedEvent
from shared.events.redacted_record import original_digest, redacted
from shared.vocabulary import Family
from tests.contract.eventlog.conftest import Opener
from tests.contract.eventlog.test_appending import codes, send
from tests.support.cloudevents import country, received, recognition, registration, unit
from tests.support.forwarded import PROVINCE, forwarded, from_bytes, sent_on
from tests.support.memory_log import MemoryEventLog
from tests.support.redactions import redacts


class Ledger:
    """A log with two services."""

    def __init__(self, open_as: Opener) -> None:
        self.log: EventLog = open_as(Family.REGISTRY)
        self.registry = Appender(self.log, RegistryDecider())
        self.evaluation = Appender(open_as(Family.EVALUATION), EvaluationDecider())

    def send(self, *events: ReceivedEvent) -> list[str]:
        """Send each event to its service, one by one, and return what became of it."""
        return [
            code
            for event in events
            for code in codes(
                send(self.evaluation if "Recognized" in event.type else self.registry, event)
            )
        ]

    def head(self, ledger: str = PROVINCE) -> OriginHead:
        """Return how far a ledger was received."""
        return next(each for each in self.log.list_origins() if each.ledger == ledger)


@pytest.fixture
def province() -> Ledger:
    """A province with five events of two services."""
    ledger = Ledger(MemoryEventLog().as_family)
    made = ledger.send(
        country(),
        unit("hue"),
        received("ModelRegistered", registration("1", "hue")),
        received("ModelRecognized", recognition("1")),
        unit("hue-1", "hue", "commune"),
    )
    assert made == ["Accepted"] * 5
    return ledger


@pytest.fixture
def nation(open_as: Opener) -> Ledger:
    """The nation's log, which is empty."""
    return Ledger(open_as)


def test_each_event_is_recorded_once_and_in_order(province: Ledger, nation: Ledger) -> None:
    sent = forwarded(province.log)
    assert nation.send(*sent) == ["Accepted"] * 5
    assert nation.send(*sent) == ["Duplicate"] * 5
    there, here = province.log.read(0, 10), nation.log.read(0, 10)
    assert [event.key for event in here] == [event.key for event in there]
    assert [without_origin(event.body) for event in here] == [event.body for event in there]
    head, last = nation.head(), there[-1]
    assert (head.position, head.chain, head.recorded_us) == (5, last.chain, last.recorded_us)
    assert (head.recorded, head.duplicates) == (5, 0), "as answered when first received"


def test_a_gap_is_refused_and_stops_only_its_ledger(province: Ledger, nation: Ledger) -> None:
    sent = forwarded(province.log)
    assert nation.send(*sent[:2], sent[3], sent[4]) == ["Accepted"] * 2 + ["origin_gap"] * 2
    head = nation.head()
    assert (head.position, head.problem and head.problem.rule.code) == (2, "origin_gap")
    other = forwarded(province.log, ledger="/publishers/dn-ledger")
    assert nation.send(other[0], unit("dn")) == ["Duplicate", "Accepted"]
    assert nation.send(*sent[2:]) == ["Accepted"] * 3
    assert nation.head().problem is None
    assert not nation.log.list_refused(0, 10, None), "a gap is not kept among the refused"


def test_a_province_that_was_restored_is_a_fork(province: Ledger, nation: Ledger) -> None:
    nation.send(*forwarded(province.log))
    restored = Ledger(MemoryEventLog().as_family)
    restored.send(country(), unit("hue"), unit("hue-2", "hue", "commune"))
    other = forwarded(restored.log)
    assert nation.send(*other) == ["origin_forked"] * 3, "another history from the first event on"
    assert nation.head().position == 5
    assert nation.send(*forwarded(province.log)) == ["Duplicate"] * 5
    restored.send(*(unit(f"hue-{n}", "hue", "commune") for n in range(3, 6)))
    assert nation.send(forwarded(restored.log)[5]) == ["origin_forked"], "it is the next position"
    assert nation.log.head().position == 5


CHANGES = {
    "the record": lambda o: o._replace(digest=bytes(32)),
    "the time": lambda o: o._replace(recorded_us=o.recorded_us + 1),
    "the chain": lambda o: o._replace(chain=bytes(32)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_chain_is_computed_again(province: Ledger, nation: Ledger, change: str) -> None:
    sent = forwarded(province.log)
    nation.send(*sent[:2])
    for event in (sent[2], sent[1]):  # the next one, and one that is known
        assert event.origin is not None
        changed = replace(event, origin=CHANGES[change](event.origin))
        assert nation.send(changed) == ["origin_forked"]


def test_an_event_that_came_before_by_another_way_is_a_duplicate(
    province: Ledger, nation: Ledger
) -> None:
    there = province.log.read(0, 10)
    directly = receive(there[0].body, now_us=system_clock(), family=Family.REGISTRY)
    assert nation.send(directly) == ["Accepted"]
    assert nation.send(*forwarded(province.log)) == ["Duplicate"] + ["Accepted"] * 4
    head = nation.head()
    assert (head.position, head.recorded, head.duplicates) == (5, 4, 1)
    assert nation.log.read(0, 1)[0].body == there[0].body


def test_a_refusal_is_kept_with_its_place_and_counts_as_received(
    province: Ledger, nation: Ledger
) -> None:
    here = unit("hue")  # the same unit, opened by another event
    nation.send(country(), here)
    sent = forwarded(province.log)
    answers = nation.send(*sent)
    assert answers[:3] == ["unit_exists", "unit_exists", "Accepted"], answers
    kept = nation.log.list_refused(0, 10, None)
    assert [(each.key, each.origin) for each in kept] == [
        (sent[0].key, (PROVINCE, 1)),
        (sent[1].key, (PROVINCE, 2)),
    ]
    head = nation.head()
    assert (head.position, head.refused, head.recorded) == (5, 2, 3)


def test_a_parked_event_is_received_and_recorded_later(province: Ledger, nation: Ledger) -> None:
    sent = forwarded(province.log)
    unreadable = replace(sent[1], objection=Problem(ID_REUSED))
    answers = nation.send(sent[0], unreadable, *sent[2:])
    assert answers == ["Accepted", "Unfit", "Parked", "Parked", "Parked"]
    head = nation.head()
    assert (head.position, head.refused, head.parked) == (5, 1, 3)
    assert [each.origin for each in nation.log.list_refused(0, 10, None)] == [(PROVINCE, 2)]
    assert nation.send(sent[1]) == ["Accepted"], "a refused event may be sent again"
    nation.evaluation.step()
    recorded = [event.key for event in nation.log.read(0, 10)]
    assert sorted(recorded) == sorted(event.key for event in sent)
    released = nation.log.find(sent[2].key)
    assert released is not None
    assert b'"originposition":3' in released.body


def test_versions_are_between_the_publisher_and_the_province(
    province: Ledger, nation: Ledger
) -> None:
    province.send(received("UnitRenamed", {"unit_id": "hue", "name": "Huế"}, expectedversion=1))
    nation.send(*forwarded(province.log, 0)[:2])
    nation.send(received("UnitRenamed", {"unit_id": "hue", "name": "Thừa Thiên"}))
    assert nation.send(*forwarded(province.log, 2)) == ["Accepted"] * 4
    assert b'"expectedversion":1' in nation.log.read(0, 10)[-1].body


def test_what_the_sender_states_of_its_head_is_kept(province: Ledger, nation: Ledger) -> None:
    sent = forwarded(province.log)
    assert sent[0].origin is not None
    nation.send(replace(sent[0], origin=sent[0].origin._replace(head=5)))
    assert nation.head().head == 5
    nation.send(sent[1])
    assert (nation.head().head, nation.head().position) == (5, 2)


def test_a_dry_run_moves_nothing(province: Ledger, nation: Ledger) -> None:
    assert codes(nation.registry.dry_run([forwarded(province.log)[0]])) == ["Accepted"]
    assert not nation.log.list_origins()


def test_a_forwarded_record_states_its_place(province: Ledger, nation: Ledger) -> None:
    nation.send(*forwarded(province.log))
    body = nation.log.read(0, 1)[0].body
    there = province.log.read(0, 1)[0]
    assert receive(body, now_us=system_clock(), family=Family.REGISTRY).body == body
    assert f'"originchain":"{there.chain.hex()}"'.encode() in body
    assert sent_on(there) != body, "the attributes are sent last, and recorded in their order"


def test_a_redaction_of_the_province_means_nothing_here(province: Ledger, nation: Ledger) -> None:
    (registered,) = [e for e in province.log.read(0, 10) if "Registered" in e.type]
    redaction = redacts(registered, {"/title": "Mô hình đã che tên"})
    assert province.send(redaction, unit("hue-2", "hue", "commune")) == ["Accepted"] * 2
    answers = nation.send(*forwarded(province.log))
    assert answers == ["Accepted"] * 5 + ["position_of_origin", "Accepted"]
    assert nation.head().position == 7


def test_a_record_redacted_before_it_was_forwarded_is_refused_in_its_place(
    province: Ledger, nation: Ledger
) -> None:
    events = list(province.log.read(0, 10))
    (registered,) = [e for e in events if "Registered" in e.type]
    texts = [ReplacedText(field="/title", text="Mô hình đã che tên")]
    of = CATALOGUE[registered.type].payload
    body = redacted(registered.body, registered.digest, texts, of)
    sent = [
        from_bytes(sent_on(RecordedEvent.of({**vars(each), "body": body})), each.type)
        if each is registered
        else from_bytes(sent_on(each), each.type)
        for each in events
    ]
    assert nation.send(*sent) == ["Accepted", "Accepted", "Unfit", "Parked", "Accepted"]
    (kept,) = nation.log.list_refused(0, 10, None, PROVINCE)
    assert (kept.problem.rule.code, kept.origin) == ("redacted_at_origin", (PROVINCE, 3))
    text = re.sub(rb',"originaldigest":"[^"]*"', b"", body)
    anew = receive(text, now_us=system_clock(), family=Family.REGISTRY)
    assert nation.send(anew) == ["Accepted"], "its publisher sends the new text itself"
    nation.evaluation.step()
    assert nation.log.head().position == 5
    assert nation.send(sent[2]) == ["Duplicate"]


def test_a_forwarded_event_is_redacted_like_any(province: Ledger, nation: Ledger) -> None:
    nation.send(*forwarded(province.log))
    (registered,) = [e for e in nation.log.read(0, 10) if "Registered" in e.type]
    texts = {"/title": "Mô hình đã che tên"}
    redaction = redacts(registered, texts)
    assert nation.send(redaction) == ["Accepted"]
    new = [ReplacedText(field="/title", text=texts["/title"])]
    record = redacted(registered.body, registered.digest, new, CATALOGUE[registered.type].payload)
    assert original_digest(record) == registered.digest
    assert place_in(record) is not None


def test_the_chains_of_a_province_are_never_changed(tmp_path: Path) -> None:
    log = open_log(f"sqlite:///{tmp_path / 'log.db'}", family=Family.REGISTRY)
    with log.append_session() as session:
        session.move_origin(OriginHead(PROVINCE, 1), OriginChains(1, (bytes(32),)))
    engine = create_engine(log.url)
    for statement in (ORIGIN_CHAINS.delete(), ORIGIN_CHAINS.update().values(first=2)):
        with engine.connect() as connection, pytest.raises(IntegrityError, match="insert only"):
            connection.execute(statement)
    engine.dispose()
    log.close()


def test_a_fork_is_found_at_every_position_however_the_events_came(
    province: Ledger, nation: Ledger
) -> None:
    sent = forwarded(province.log)
    nation.send(*sent[:1])
    assert codes(send(nation.registry, *sent[1:3])) == ["Accepted"] * 2, "three at once"
    nation.send(*sent[3:])
    for number, event in enumerate(sent, start=1):
        assert event.origin is not None
        other = event.origin._replace(chain=bytes(32))
        assert nation.send(replace(event, origin=other)) == ["origin_forked"], number
    with nation.log.append_session() as session:
        assert session.origin_chains(PROVINCE, 6) is None
        found = session.origin_chains(PROVINCE, 3)
        assert found is not None
        assert found.chains[3 - found.first] == province.log.read(2, 1)[0].chain


def test_an_answer_that_is_only_for_now_moves_nothing(
    province: Ledger, nation: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = forwarded(province.log)
    nation.send(sent[0])
    with monkeypatch.context() as broken:
        broken.setattr(nation.registry.decider, "decide", lambda *_: 1 / 0)
        assert codes(send(nation.registry, *sent[1:3])) == ["decision_fault", "origin_gap"]
    head = nation.head()
    assert (head.position, head.refused) == (1, 0)
    assert head.problem is not None
    assert head.problem.rule.code == "decision_fault", "the gap is only what follows from it"
    assert nation.send(*sent[1:]) == ["Accepted"] * 4
