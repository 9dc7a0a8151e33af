"""`make golden-event` adds one line, chained to the last; what stands in the corpus never changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.clock import DAY_US
from shared.events.envelope import link
from shared.events.recorded import from_feed
from tests.golden.append import NotAppended, append

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
LINES = (HERE / "events.jsonl").read_bytes().splitlines()
NOW_US = from_feed(LINES[-1]).recorded_us + DAY_US


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("events.jsonl", "chain.txt"):
        shutil.copy(HERE / name, tmp_path)
    return tmp_path


def sent(**changes: Any) -> bytes:
    """The event of line 1, as its publisher would send it under another id."""
    event = json.loads(LINES[0])
    for attribute in ("sequence", "recordedtime", "chain"):
        del event[attribute]
    return json.dumps({**event, "id": "golden-new", **changes}, indent=2).encode()


def kept(folder: Path) -> tuple[bytes, str]:
    return (folder / "events.jsonl").read_bytes(), (folder / "chain.txt").read_text("utf-8")


def test_one_line_is_appended_and_the_chain_holds(folder: Path) -> None:
    before, told = kept(folder)
    recorded = append(folder, sent(), clock=lambda: NOW_US)
    after, told_now = kept(folder)
    assert after.startswith(before)
    (line,) = after.removeprefix(before).splitlines()
    length, chain = told.split()
    event = from_feed(line)
    assert event == recorded
    assert event.position == int(length) + 1
    assert event.recorded_us == NOW_US
    assert event.chain == link(bytes.fromhex(chain), event.position, NOW_US, event.digest)
    assert told_now == f"{event.position} {event.chain.hex()}\n"
    append(folder, sent(id="golden-newer"), clock=lambda: NOW_US)
    assert len(kept(folder)[0].splitlines()) == event.position + 1


def test_a_clock_that_is_behind_the_corpus_records_at_its_last_time(folder: Path) -> None:
    recorded = append(folder, sent(), clock=lambda: 0)
    assert recorded.recorded_us == from_feed(LINES[-1]).recorded_us


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (b"{", "not_json: "),
        (sent(type="dvk.UnitForgotten.v1"), "unknown_type: "),
        (sent(data={"unit_id": "u-1"}), r"invalid_data: .*\n +/data"),
        (sent(time="2199-01-05T01:30:00+07:00"), "time_ahead: "),
        (sent(id="golden-1"), "golden-1 of .* is the id of line 1"),
    ],
)
def test_what_the_door_refuses_changes_nothing(folder: Path, event: bytes, says: str) -> None:
    before = kept(folder)
    with pytest.raises(NotAppended, match=says):
        append(folder, event, clock=lambda: NOW_US)
    assert kept(folder) == before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: [*lines[:3], lines[3].replace(b"golden-4", b"golden-5"), *lines[4:]], "line 4 does"),
        (lambda lines: [*lines[:9], *lines[10:]], "line 10 does"),
        (lambda lines: lines[:-1], "does not end where"),
        (lambda lines: [*lines, b"{}"], "was changed"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1 does"),
    ],
    ids=["a word", "a line is gone", "the last line is gone", "a line more", "the order"],
)  # fmt: skip
def test_a_corpus_that_was_changed_is_refused(
    folder: Path, change: Callable[[list[bytes]], list[bytes]], says: str
) -> None:
    (folder / "events.jsonl").write_bytes(b"".join(line + b"\n" for line in change(LINES)))
    before = kept(folder)
    with pytest.raises(NotAppended, match=says):
        append(folder, sent(), clock=lambda: NOW_US)
    assert kept(folder) == before
