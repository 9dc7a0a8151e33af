"""A sealed export is bound to the root of its checkpoint: no event is changed, dropped or moved.

The forger here has all that the author of the file has: the log, and so all hashes of its tree.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from services.reporting.audit.exporter import ContradictedLog
from services.reporting.audit.verification import verify
from shared.clock import rfc3339
from shared.events.envelope import link
from shared.events.recorded import from_feed
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import Note
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import recognized, registered
from tests.support.exports import exported
from tests.support.memory_log import FamilyLog
from tests.support.scenarios import History
from tests.support.sealed_exports import Change, Manifest, forged, rebound, seal_of

YEARS = (2021, 2022, 2021, 2022)
OF_2022 = [[1, 2], [5, 6], [9, 10]]
"""The map, and each second pair of events."""


@pytest.fixture(scope="module")
def log() -> FamilyLog:
    history = History().given(country(), unit("bk"))
    for number, year in enumerate(YEARS):
        history.given(
            registered(f"{number}", unit_id="bk", plan_year=year, occurred_on=f"{year}-03-01"),
            recognized(f"{number}", occurred_on=f"{year}-12-01"),
        )
    return history.log.as_family(Family.REPORTING)


@pytest.fixture
def year(log: FamilyLog, tmp_path: Path) -> Path:
    return exported(log, tmp_path / "year.jsonl", year=2022, seal=seal_of(log))


@pytest.fixture
def whole(log: FamilyLog, tmp_path: Path) -> Path:
    return exported(log, tmp_path / "log.jsonl", seal=seal_of(log))


def blamed(file: Path, change: Change) -> list[int | None]:
    return [fault.position for fault in verify(forged(file, change)).faults]


def test_it_has_the_checkpoint_and_no_chain_before_a_run(year: Path, log: FamilyLog) -> None:
    manifest = json.loads(year.read_bytes().splitlines()[0])
    assert manifest["dvk_export"] == 2
    note = Note.parse(manifest["checkpoint"].encode())
    assert Checkpoint.parse(note.text).size == log.head().position == 10
    assert [run[:2] for run in manifest["runs"]] == OF_2022
    assert verify(year).faults == []


def test_the_whole_log_needs_no_hashes(whole: Path) -> None:
    manifest = json.loads(whole.read_bytes().splitlines()[0])
    assert (manifest["selection"], manifest["runs"]) == ({"kind": "log"}, [[1, 10, "", ""]])
    assert verify(whole).faults == []


@pytest.mark.parametrize(("after", "until"), [(0, 7), (3, 7), (3, 10), (9, 10)])
def test_a_range_is_bound_too(log: FamilyLog, tmp_path: Path, after: int, until: int) -> None:
    file = exported(log, tmp_path / "range.jsonl", after=after, until=until, seal=seal_of(log))
    assert verify(file).faults == []
    assert blamed(file, lambda _m, events: changed(events, len(events) - 1))


def changed(events: list[bytes], at: int, chain: bytes | None = None) -> None:
    """Change the body of an event; chains after it are made to fit up to the end of its run."""
    line = events[at].rstrip(b"\n").replace(b'"occurred_on":"2', b'"occurred_on":"1', 1)
    assert line != events[at].rstrip(b"\n")
    event = from_feed(line)
    if chain is not None:
        new = link(chain, event.position, event.recorded_us, event.digest)
        line = line.replace(event.chain.hex().encode(), new.hex().encode())
    events[at] = line + b"\n"


def test_a_changed_body_is_named_with_its_position(year: Path) -> None:
    # The second event of its run: the chain within the run names it.
    assert blamed(year, lambda _m, events: changed(events, 3)) == [6]


def test_a_changed_body_with_a_chain_that_fits_is_broken_at_its_run(year: Path) -> None:
    def change(_manifest: Manifest, events: list[bytes]) -> None:
        changed(events, 3, from_feed(events[2].rstrip(b"\n")).chain)

    assert blamed(year, change) == [5]


def test_the_first_event_of_a_run_is_bound_by_the_root_alone(year: Path) -> None:
    def change(_manifest: Manifest, events: list[bytes]) -> None:
        events[2] = events[2].replace(b'"occurred_on":"2', b'"occurred_on":"1', 1)

    assert 5 in blamed(year, change)


def test_a_recorded_time_is_bound(year: Path) -> None:
    def change(_manifest: Manifest, events: list[bytes]) -> None:
        stated = from_feed(events[2].rstrip(b"\n")).recorded_us
        times = (f'"recordedtime":"{rfc3339(each)}"'.encode() for each in (stated, stated - 1))
        events[2] = events[2].replace(*times)

    assert 5 in blamed(year, change)


LEFT_OUT: dict[str, tuple[Change, int]] = {
    "the line alone": (lambda _m, events: drop(events, 2), 5),
    "the run made shorter": (lambda m, events: (shorten(m), drop(events, 3))[0], 5),
}


def drop(events: list[bytes], at: int) -> None:
    del events[at]


def shorten(manifest: Manifest) -> None:
    manifest["runs"][1][1] -= 1


@pytest.mark.parametrize("how", LEFT_OUT)
def test_an_event_left_out_of_a_run_is_broken_there(year: Path, how: str) -> None:
    change, position = LEFT_OUT[how]
    assert position in blamed(year, change)


@pytest.mark.parametrize("gap", [2, 5, 9])
def test_an_event_left_out_of_the_whole_log_is_broken_there_with_the_right_hashes_too(
    whole: Path, log: FamilyLog, gap: int
) -> None:
    def change(manifest: Manifest, events: list[bytes]) -> None:
        drop(events, gap - 1)
        rebound(manifest, log, [[1, gap - 1], [gap + 1, 10]])

    assert gap in blamed(whole, change)


@pytest.mark.parametrize(("runs", "lines"), [([[2, 10]], slice(1, 10)), ([[1, 9]], slice(0, 9))])
def test_the_ends_of_the_whole_log_cannot_be_left_out(
    whole: Path, log: FamilyLog, runs: list[list[int]], lines: slice
) -> None:
    def change(manifest: Manifest, events: list[bytes]) -> None:
        events[:] = events[lines]
        rebound(manifest, log, runs)

    assert blamed(whole, change) != []


def _exchange_hashes(manifest: Manifest, _events: list[bytes]) -> None:
    runs = manifest["runs"]
    runs[1][2:], runs[2][2:] = runs[2][2:], runs[1][2:]


def _exchange_lines(_manifest: Manifest, events: list[bytes]) -> None:
    events[2:4], events[4:6] = events[4:6], events[2:4]


def _exchange_all(manifest: Manifest, events: list[bytes]) -> None:
    _exchange_lines(manifest, events)
    manifest["runs"][1], manifest["runs"][2] = manifest["runs"][2], manifest["runs"][1]


def _exchange_records(_manifest: Manifest, events: list[bytes]) -> None:
    """Give each event of a run the record of the other run; position and time stay."""
    heads = [line[: line.index(b'"data":')] for line in events]
    records = [line[line.index(b'"data":') :] for line in events]
    records[2:4], records[4:6] = records[4:6], records[2:4]
    events[:] = [head + record for head, record in zip(heads, records, strict=True)]


@pytest.mark.parametrize(
    "change", [_exchange_hashes, _exchange_lines, _exchange_all, _exchange_records]
)
def test_exchanged_runs_are_broken(year: Path, change: Callable[..., None]) -> None:
    found = blamed(year, change)
    assert {5, 6, 9, 10} & set(found), found


def test_another_checkpoint_is_not_theirs(year: Path, log: FamilyLog) -> None:
    def change(manifest: Manifest, _events: list[bytes]) -> None:
        root = sha256(b"another").digest()
        manifest["checkpoint"] = str(Note(str(Checkpoint("x/y", 10, root)), seal_of(log).note[1]))

    assert blamed(year, change) == [1, 5, 9]


def test_a_part_of_the_log_is_not_called_the_whole(log: FamilyLog, tmp_path: Path) -> None:
    file = exported(log, tmp_path / "range.jsonl", until=7, seal=seal_of(log))

    def change(manifest: Manifest, _events: list[bytes]) -> None:
        manifest["selection"] = {"kind": "log"}

    assert blamed(file, change) == [None]


def test_a_log_that_contradicts_its_checkpoint_is_not_exported(
    log: FamilyLog, tmp_path: Path
) -> None:
    other = History().given(country(), unit("bk", name="Bắc Cạn")).log.as_family(Family.REPORTING)
    with pytest.raises(ContradictedLog) as refused:
        exported(other, tmp_path / "log.jsonl", until=2, seal=seal_of(log))
    assert refused.value.fault.position == 1
    assert list(tmp_path.iterdir()) == []


WRONG = (None, -1, 1.5, "x", [], {}, True, 2**62, "€\n\n— x y\n")
PLACES = ["dvk_export", "selection", "head", "checkpoint", "runs"]
OF_A_RUN = ["first", "last", "left", "right"]


@pytest.mark.parametrize("place", [*PLACES, "a run", *OF_A_RUN, "kind"])
def test_a_manifest_of_any_form_is_refused_or_blamed(
    year: Path, tmp_path: Path, place: str
) -> None:
    for wrong in WRONG:

        def change(manifest: Manifest, _events: list[bytes]) -> None:
            if place in PLACES:
                manifest[place] = wrong  # noqa: B023  called at once
            elif place == "kind":
                manifest["selection"]["kind"] = wrong  # noqa: B023
            elif place == "a run":
                manifest["runs"][1] = wrong  # noqa: B023
            else:
                manifest["runs"][1][OF_A_RUN.index(place)] = wrong  # noqa: B023

        with suppress(ValueError):
            assert verify(forged(year, change, tmp_path / "forged.jsonl")).faults != []
