"""A province that begins as a copy of the nation's log, and forwards what it records after it."""

from dataclasses import replace

import pytest

from shared.eventlog.protocol import OriginHead
from shared.events.envelope import ReceivedEvent
from tests.contract.eventlog.conftest import Opener
from tests.contract.eventlog.test_forwarded_events import Ledger
from tests.support.cloudevents import country, received, registration, unit
from tests.support.forwarded import LATER, copy_of, forwarded
from tests.support.memory_log import MemoryEventLog
from tests.support.redactions import redacts

SHARED = 4


def _communes(*numbers: int) -> list[ReceivedEvent]:
    return [unit(f"dn-{number}", "dn", "commune") for number in numbers]


@pytest.fixture
def nation(open_as: Opener) -> Ledger:
    """A nation to which one province forwards already."""
    ledger, first = Ledger(open_as), Ledger(MemoryEventLog().as_family)
    first.send(country(), unit("hue"), unit("hue-1", "hue", "commune"))
    assert ledger.send(*forwarded(first.log), unit("dn")) == ["Accepted"] * SHARED
    return ledger


@pytest.fixture
def province(nation: Ledger) -> Ledger:
    """A copy of the nation's log, and three events of its own; the nation goes on too."""
    copy = Ledger(copy_of(nation.log).as_family)
    assert copy.send(*_communes(1, 2, 3)) == ["Accepted"] * 3
    assert nation.send(unit("hn"), unit("hcm")) == ["Accepted"] * 2
    return copy


def _sent(province: Ledger, after: int) -> list[ReceivedEvent]:
    return list(forwarded(province.log, after, LATER))


def _head(nation: Ledger) -> OriginHead:
    return nation.head(LATER)


def test_it_is_received_from_the_first_event_that_is_its_own(
    nation: Ledger, province: Ledger
) -> None:
    assert nation.send(*_sent(province, SHARED)) == ["Accepted"] * 3
    head, there = _head(nation), province.log.head()
    assert (head.position, head.chain, head.shared) == (SHARED + 3, there.chain, SHARED)
    assert (head.recorded, head.duplicates) == (3, 0)
    assert nation.send(*_sent(province, SHARED)) == ["Duplicate"] * 3
    with nation.log.append_session() as session:
        assert session.origin(LATER) == _head(nation)


def test_the_whole_may_come_in_one_group(nation: Ledger, province: Ledger) -> None:
    future = nation.registry.submit(_sent(province, SHARED))
    nation.registry.step()
    assert [type(each).__name__ for each in future.result()] == ["Accepted"] * 3
    assert (_head(nation).position, _head(nation).shared) == (SHARED + 3, SHARED)


def test_it_may_begin_with_an_event_that_both_have(nation: Ledger, province: Ledger) -> None:
    assert nation.send(*_sent(province, SHARED - 1)) == ["Duplicate"] + ["Accepted"] * 3
    assert (_head(nation).shared, _head(nation).duplicates) == (SHARED - 1, 1)


def test_it_cannot_begin_behind_an_event_that_only_it_has(nation: Ledger, province: Ledger) -> None:
    assert nation.send(*_sent(province, SHARED + 1)) == ["origin_gap"] * 2
    head = _head(nation)
    assert (head.position, head.shared, head.problem and head.problem.params["next"]) == (0, 0, 1)
    assert nation.send(*_sent(province, SHARED)) == ["Accepted"] * 3
    assert _head(nation).problem is None


def test_a_ledger_with_another_history_begins_at_its_first_event(nation: Ledger) -> None:
    other = Ledger(MemoryEventLog().as_family)
    other.send(country(), *(unit(f"t-{number}") for number in range(6)))
    assert nation.send(*_sent(other, SHARED)) == ["origin_gap"] * 3
    assert nation.send(*_sent(other, 0)) == ["unit_exists"] + ["Accepted"] * 6
    assert (_head(nation).position, _head(nation).shared) == (7, 0)


def test_once_begun_a_gap_and_another_history_are_refused(nation: Ledger, province: Ledger) -> None:
    first, second, third = _sent(province, SHARED)
    assert nation.send(first, third) == ["Accepted", "origin_gap"]
    restored = Ledger(copy_of(nation.log, SHARED).as_family)
    restored.send(*_communes(7, 8))
    assert nation.send(*_sent(restored, SHARED)) == ["origin_forked"] * 2
    assert nation.send(second, third) == ["Accepted"] * 2


def test_a_later_copy_under_the_same_name_cannot_skip_what_came_before(
    nation: Ledger, province: Ledger
) -> None:
    nation.send(*_sent(province, SHARED))
    later = nation.log.head().position
    copy = Ledger(copy_of(nation.log).as_family)
    copy.send(*_communes(9))
    assert nation.send(*_sent(copy, later)) == ["origin_gap"]
    assert _head(nation).position == SHARED + 3


def test_what_both_have_is_known_by_its_chain(nation: Ledger, province: Ledger) -> None:
    nation.send(*_sent(province, SHARED))
    shared = _sent(province, SHARED - 1)[0]
    assert nation.send(shared) == ["Duplicate"]
    assert shared.origin is not None
    for change in ({"chain": bytes(32)}, {"recorded_us": 1}, {"digest": bytes(32)}):
        changed = replace(shared, origin=shared.origin._replace(**change))
        assert nation.send(changed) == ["origin_forked"], change
    assert _head(nation).position == SHARED + 3


def test_a_redaction_of_what_both_have_is_the_same_event_in_both(nation: Ledger) -> None:
    registered = received("ModelRegistered", registration("1", "hue"))
    assert nation.send(registered) == ["Accepted"]
    both = nation.log.head().position
    copy = Ledger(copy_of(nation.log).as_family)
    redaction = redacts(nation.log.read(both - 1, 1)[0], {"/title": "Mô hình đã che tên"})
    assert nation.send(unit("q"), redaction) == ["Accepted"] * 2
    assert copy.send(redaction, *_communes(5)) == ["Accepted"] * 2
    assert nation.send(*_sent(copy, both)) == ["Duplicate", "Accepted"]
