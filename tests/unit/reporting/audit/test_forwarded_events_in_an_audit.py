"""An export of the nation with events of a province: signed by its publishers, in its chain."""

from hashlib import sha256
from pathlib import Path

import pytest

from services.reporting.archive import checking
from services.reporting.archive.engines import local
from services.reporting.archive.layout import Storage
from services.reporting.archive.writer import archive
from services.reporting.audit.exporter import ContradictedLog
from shared.events.envelope import link
from shared.events.origin import place_in, with_origin, without_origin
from shared.vocabulary import Family
from tests.support.cloudevents import recognition
from tests.support.exports import exported
from tests.support.forwarded import LATER, PROVINCE, copy_of, forwarded, from_bytes
from tests.support.scenarios import History, given
from tests.support.trusted import key_added, key_of, spoken
from tests.support.two_provinces import ledger, registers
from tests.unit.reporting.audit.test_authority_of_an_export import judged


@pytest.fixture
def province() -> History:
    """A province whose publishers sign."""
    return ledger(
        registers("p-a", "1", "a1"),
        registers("p-b", "2", "b"),
        spoken("ModelRecognized", recognition("1"), "p-a"),
    )


def test_signatures_travel_unchanged_and_both_readings_find_them_right(
    province: History, tmp_path: Path
) -> None:
    log = province.log.as_family(Family.REGISTRY)
    nation = given(*forwarded(log))
    found = judged(nation, tmp_path)
    assert (found.faults, found.signed) == ([], 7)
    here = nation.log.as_family(Family.REGISTRY).read(0, 100)
    assert [without_origin(each.body) for each in here] == [e.body for e in log.read(0, 100)]
    places = [place_in(each.body) for each in here]
    assert [place and (place.ledger, place.position) for place in places] == [
        (PROVINCE, position) for position in range(1, len(here) + 1)
    ]


def test_a_province_that_began_as_a_copy_is_right_at_itself_and_in_the_nation(
    province: History, tmp_path: Path
) -> None:
    nation = given(*forwarded(province.log.as_family(Family.REGISTRY)))
    shared = nation.log.as_family(Family.REGISTRY).head().position
    copy = History(copy_of(nation.log.as_family(Family.REGISTRY)))
    copy.given(registers("p-a", "3", "a1"), registers("p-b", "4", "b1"))
    nation.given(registers("p-b", "5", "b"))
    nation.given(*forwarded(copy.log.as_family(Family.REGISTRY), shared, LATER))
    for name, history, signed in (("nation", nation, 10), ("copy", copy, 9)):
        (folder := tmp_path / name).mkdir()
        found = judged(history, folder)
        assert (found.faults, found.signed) == ([], signed), name
        storage = Storage(f"{folder}/archive")
        manifest = archive(history.log.as_family(Family.REPORTING), storage, 4)
        assert list(checking.verify(manifest, storage.address, local(1))) == []
    last = nation.log.as_family(Family.REGISTRY).read(shared + 2, 1)[0]
    assert place_in(last.body) is not None


def test_what_the_key_of_a_forwarding_signed_has_no_authority_by_both_readings(
    province: History, tmp_path: Path
) -> None:
    province.given(key_added("p-a", 2, use="forwarding"))
    said = registers("p-a", "3", "a1", key=key_of("p-a", 2))
    assert province.when(said).code == "unknown_key"
    position = province.record(said).position
    province.given(registers("p-a", "4", "a1"))
    found = judged(province, tmp_path)
    assert [fault.position for fault in found.faults] == [position]
    (fault,) = found.faults
    assert ("no key for events" in fault.english, "khóa ký sự kiện" in fault.vietnamese) == (
        True,
        True,
    )


def test_a_forged_event_under_the_signature_of_another_is_found_by_both_readings(
    province: History, tmp_path: Path
) -> None:
    log = province.log.as_family(Family.REGISTRY)
    events = log.read(0, 100)
    nation = given(*forwarded(log)[:-1])
    last = events[-1]
    forged = last.body.replace(b'"number":"01-', b'"number":"02-')
    assert forged != last.body
    chain = link(events[-2].chain, last.position, last.recorded_us, sha256(forged).digest())
    sent = with_origin(forged, PROVINCE, last.position, chain, last.recorded_us)
    position = nation.record(from_bytes(sent, last.type)).position
    found = judged(nation, tmp_path)
    assert [fault.position for fault in found.faults] == [position]


CHANGES = {
    "the chain": {"chain": bytes(32)},
    "the time": {"recorded_us": 1},
    "the position": {"position": 1},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_origin_that_was_changed_breaks_the_chain_of_its_ledger(
    change: str, province: History, tmp_path: Path
) -> None:
    log = province.log.as_family(Family.REGISTRY)
    events = log.read(0, 100)
    nation = given(*forwarded(log)[:-1])
    last = events[-1]
    place = {"position": last.position, "chain": last.chain, "recorded_us": last.recorded_us}
    sent = with_origin(last.body, PROVINCE, **{**place, **CHANGES[change]})
    position = nation.record(from_bytes(sent, last.type)).position
    with pytest.raises(ContradictedLog, match="does not continue the chain") as refused:
        exported(nation.log.as_family(Family.REPORTING), tmp_path / "x.jsonl")
    assert refused.value.fault.position == position, "no file can be written, and none is right"
