"""An export is what the feed gave, and whoever changes a byte of it is found out by position."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.reporting.audit.export_file import Fault
from services.reporting.audit.verification import verify
from shared.events.recorded import feed_item
from shared.vocabulary import Family
from tests.support.cloudevents import country, unit
from tests.support.event_builders import (
    commended,
    discontinued,
    granted,
    recognized,
    registered,
    replicated,
)
from tests.support.exports import exported
from tests.support.scenarios import History

Lines = list[bytes]


@pytest.fixture(scope="module")
def history() -> History:
    given = History().given(country(), unit("bk"))
    for year in (2021, 2022):
        for number in range(3):
            name = f"{year}-{number}"
            given.given(
                registered(name, unit_id="bk", plan_year=year, occurred_on=f"{year}-03-01"),
                recognized(name, occurred_on=f"{year}-12-01"),
            )
    return given


@pytest.fixture
def file(history: History, tmp_path: Path) -> Path:
    return exported(history.log.as_family(Family.REPORTING), tmp_path / "log.jsonl")


def positions_blamed(path: Path, change: Callable[[Lines], Lines]) -> list[int | None]:
    """Return the positions that are named when the lines of a file are changed."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))
    return [fault.position for fault in verify(path).faults]


def test_an_untouched_export_is_whole_and_holds_the_feed(file: Path, history: History) -> None:
    export = verify(file)
    assert export.faults == []
    assert export.manifest.count == 14
    assert export.manifest.selection == {"kind": "log"}
    assert list(export.items()) == [
        feed_item(event) for event in history.log.as_family(Family.REPORTING).read(0, 100)
    ]
    assert [event.position for event in export.events(3, 6)] == [4, 5, 6]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_windows_does_to_a_file_changes_nothing_in_it(
    file: Path, history: History, mark: bytes, end: bytes
) -> None:
    file.write_bytes(mark + file.read_bytes().replace(b"\n", end))
    export = verify(file)
    assert export.faults == []
    assert list(export.items(2, 9)) == [
        feed_item(event) for event in history.log.as_family(Family.REPORTING).read(2, 7)
    ]


@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-16", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE"), ("utf-32-be", "UTF-32")],
)
def test_another_encoding_is_named(file: Path, codec: str, name: str) -> None:
    file.write_bytes(file.read_text("utf-8").encode(codec))
    with pytest.raises(ValueError, match=f"là {name}.*hãy lưu lại dưới dạng UTF-8"):
        verify(file)


def test_any_byte_that_is_flipped_is_found_at_its_position(file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    missed = []
    for place in range(1, 15):
        for offset in range(0, len(lines[place]), 7):
            changed = bytearray(lines[place])
            changed[offset] ^= 0x01
            file.write_bytes(b"".join([*lines[:place], bytes(changed), *lines[place + 1 :]]))
            blamed = {fault.position for fault in verify(file).faults}
            if place not in blamed:
                missed.append((place, offset))
    assert not missed


def test_a_line_that_was_dropped_is_missing_at_its_position(file: Path) -> None:
    assert positions_blamed(file, lambda lines: [*lines[:5], *lines[6:]])[0] == 5


def test_the_last_event_that_was_dropped_is_missing_at_its_position(file: Path) -> None:
    assert positions_blamed(file, lambda lines: [*lines[:14], lines[15]])[0] == 14


def test_two_lines_that_were_swapped_are_named(file: Path) -> None:
    blamed = positions_blamed(file, lambda li: [*li[:5], li[6], li[5], *li[7:]])
    assert 5 in blamed


def test_a_line_that_is_repeated_is_named(file: Path) -> None:
    assert positions_blamed(file, lambda lines: [*lines[:6], lines[5], *lines[6:]])[0] == 5


def test_an_event_in_another_export_is_not_taken_for_one_of_this(
    file: Path, history: History, tmp_path: Path
) -> None:
    other = History().given(country(), unit("bk", name="Bắc Cạn"))
    foreign = (
        exported(other.log.as_family(Family.REPORTING), tmp_path / "other.jsonl")
        .read_bytes()
        .splitlines(keepends=True)
    )
    assert positions_blamed(file, lambda li: [*li[:2], foreign[2], *li[3:]])[0] == 2


def test_a_file_that_was_cut_off_says_so(file: Path) -> None:
    words = [fault.english for fault in verify_changed(file, lambda lines: lines[:-1])]
    assert "the trailer is missing: the file was cut off" in words


def test_a_manifest_or_trailer_that_was_changed_is_noticed(file: Path) -> None:
    assert verify_changed(file, lambda li: [li[0].replace(b'"log"', b'"dog"'), *li[1:]])
    assert verify_changed(
        file, lambda li: [*li[:-1], li[-1].replace(b'"sha256":"', b'"sha256":"0')]
    )


def verify_changed(path: Path, change: Callable[[Lines], Lines]) -> list[Fault]:
    before = path.read_bytes()
    path.write_bytes(b"".join(change(before.splitlines(keepends=True))))
    faults = verify(path).faults
    path.write_bytes(before)
    return faults


def test_a_file_that_is_no_export_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    for text in ("", "{}", "[]", "không phải JSON", '{"dvk_export": 99}'):
        path.write_text(text, "utf-8")
        with pytest.raises(ValueError, match="manifest"):
            verify(path)


def test_a_range_knows_what_stood_before_it_and_that_it_does_not_hold_it(
    history: History, tmp_path: Path
) -> None:
    path = exported(
        history.log.as_family(Family.REPORTING), tmp_path / "range.jsonl", after=4, until=9
    )
    export = verify(path)
    assert export.faults == []
    assert list(export.positions) == [5, 6, 7, 8, 9]
    assert not export.manifest.holds_the_past
    assert (
        positions_blamed(path, lambda li: [li[0], li[1].replace(b"2021", b"2020"), *li[2:]])[0] == 5
    )


def test_a_year_holds_the_map_and_its_own_streams_and_no_others(
    history: History, tmp_path: Path
) -> None:
    path = exported(history.log.as_family(Family.REPORTING), tmp_path / "year.jsonl", year=2022)
    export = verify(path)
    assert export.faults == []
    subjects = {event.subject for event in export.events()}
    assert subjects == {"unit/vn", "unit/bk", *(f"registration/r-2022-{n}" for n in range(3))}
    assert export.manifest.selection == {"kind": "year", "year": 2022}
    assert export.manifest.head.position == 14


def test_a_year_holds_what_it_names_of_other_years(tmp_path: Path) -> None:
    both = {"kind": "period", "registration_ids": ["r-1", "r-4"]}
    earlier = {"kind": "period", "registration_ids": ["r-1", "r-5"]}
    given = History().given(
        country(),
        registered("1", plan_year=2021),
        registered("2", plan_year=2021),
        registered("3", plan_year=2021),
        registered("4", plan_year=2022),
        registered("5", plan_year=2020),
        granted("1", plan_year=2022, basis=both),
        granted("2", plan_year=2020, basis=earlier),
        discontinued("2", plan_year=2022),
    )
    export = verify(
        exported(given.log.as_family(Family.REPORTING), tmp_path / "year.jsonl", year=2022)
    )
    assert {event.subject for event in export.events()} == {
        "unit/vn",
        "registration/r-1",
        "registration/r-2",
        "registration/r-4",
        "registration/r-5",
        "award/a-1",
        "award/a-2",
        "model/m-2",
    }


def test_a_year_holds_the_replications_whose_year_is_that_of_its_registrations(
    tmp_path: Path,
) -> None:
    given = History().given(
        country(),
        registered("1", model_id="m-1", plan_year=2021),
        registered("2", model_id="m-1", plan_year=2022),
        registered("3", model_id="m-3", plan_year=2021),
        replicated("1", occurred_on="2023-02-01"),  # states no year: it is of 2022
        replicated("3", occurred_on="2023-02-01"),  # of 2021, and of nobody's concern here
        commended("1", plan_year=2022),
        commended("2", plan_year=2021),
    )
    export = verify(
        exported(given.log.as_family(Family.REPORTING), tmp_path / "year.jsonl", year=2022)
    )
    assert {event.subject for event in export.events()} == {
        "unit/vn",
        "registration/r-1",
        "registration/r-2",
        "model/m-1",
        "commendation/c-1",
    }
