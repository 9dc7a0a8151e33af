"""The results as a table on the terminal, and between two marks of a document."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from rich.box import SIMPLE
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.measuring import Line

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_HEAD = ("bar", "what", "ours", "beside", "ratio", "bar is", "")


def as_table(lines: Iterable[Line]) -> Table:
    """Return the table for a terminal."""
    table = Table("bar", "ratio", "wanted", "what", box=SIMPLE)
    for line in lines:
        bar, what, ours, beside, ratio, wanted, met = _cells(line)
        told = f"{what}\n{ours}, beside {beside}"
        table.add_row(bar, ratio, f"{wanted}\n{met.strip('*')}", told)
    return table


def as_markdown(lines: Sequence[Line], document: Path) -> None:
    """Put the table, the machine and the day between the marks of a document."""
    rows = [_HEAD, ["---"] * len(_HEAD), *map(_cells, lines)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    written = f"{BEGIN}\n{_machine()}\n\n{table}\n{END}"
    text = document.read_text("utf-8")
    replaced, times = re.subn(f"{BEGIN}.*?{END}", lambda _: written, text, flags=re.DOTALL)
    assert times == 1, f"{document} lacks the marks {BEGIN} and {END}"
    document.write_text(replaced, "utf-8")


def _cells(line: Line) -> list[str]:
    what = "; ".join((line.what, *line.notes))
    return [
        line.bar,
        what,
        f"{_number(line.ours)} {line.unit}",
        f"{_number(line.peer)} {line.unit} ({line.peer_is})",
        f"{_number(line.ratio)}×",
        line.wanted,
        "met" if line.met else "**missed**",
    ]


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _machine() -> str:
    packages = ("eventsourcing", "psycopg", "redis", "sqlalchemy", "pydantic")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    return (
        f"Measured on {datetime.now(UTC):%d %B %Y}: {os.cpu_count()} cores"
        f" ({processor[1] if processor else platform.machine()}), Linux {platform.release().partition('-')[0]}, "
        f"Python {platform.python_version()}, {versions}, "
        f"libpq {psycopg.pq.version() // 10000}; servers and clients on the same cores."
    )
