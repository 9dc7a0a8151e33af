"""`dvk generate`: a synthetic national history as JSON Lines, ready for `dvk publish`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from services.console.datasets.synthetic.event_writer import EventWriter
from services.console.datasets.synthetic.history import Plan, history
from services.console.datasets.synthetic.territory import (
    SyntheticTerritory,
    invented_territory,
    read_territory,
)
from services.console.output.texts import Terminal, number, number_en, said_on
from shared.clock import day_in_vietnam, system_clock

_TOLD_EVERY = 20_000


def generate(
    registrations: int,
    *,
    years: tuple[int, int],
    seed: int,
    map_file: Path | None,
    out: Path | None,
    console: Terminal,
) -> int:
    """Write the history to a file or to standard output; messages go to the console."""
    say = said_on(console)
    first, last = years
    try:
        territory = _territory(map_file)
        events = history(Plan(registrations, first, last, seed), territory)
        started = monotonic()
        with _target(out) as target, console.status("…") as status:
            count = 0
            for count, event in enumerate(events, start=1):
                target.write(event)
                target.write(b"\n")
                if count % _TOLD_EVERY == 0:
                    status.update(f"{console.number(count)} {console.pick('sự kiện', 'events')}")
    except ValueError as error:
        say("Không tạo được.", f"Nothing was made: {error}.")
        return 1
    except BrokenPipeError:
        # The reader closed the pipe, as `head` does; the rest of the buffer is dropped.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    speed = count / max(monotonic() - started, 0.001)
    say(
        f"Đã tạo {number(count)} sự kiện tổng hợp, không có thật ({number(int(speed))}/giây).",
        f"{number_en(count)} synthetic events were made ({number_en(int(speed))} a second).",
    )
    if date(last, 10, 31) >= day_in_vietnam(system_clock()):
        say(
            f"Năm {last} chưa hết tháng 10: sổ sẽ từ chối các sự kiện của ngày chưa tới.",
            "The last year is not over: the ledger refuses events of days to come.",
        )
    return 0


def _territory(map_file: Path | None) -> SyntheticTerritory:
    if map_file is None:
        return invented_territory(EventWriter(None))
    with map_file.open("rb") as lines:
        return read_territory(lines)


@contextmanager
def _target(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with out.open("wb", buffering=1 << 20) as file:
        yield file
