"""`python -m tests.benchmarks [--quick] [--only F1,F3] [--write FILE]`: measure, print, perhaps write."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from rich.console import Console

from shared.collecting import collect_seldom
from tests.benchmarks import appending, following, importing, large, projecting
from tests.benchmarks.ground import Ground, Size, ground
from tests.benchmarks.reporting import as_markdown, as_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.benchmarks.measuring import Line

BARS: Mapping[str, Callable[[Ground, Size], list[Line]]] = {
    "F1": appending.lines,
    "F2": importing.lines,
    "F3": projecting.lines,
    "F6": following.lines,
    "large": large.lines,
}


def main() -> None:
    """Measure what is asked for, each on servers of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data, two minutes in all")
    parser.add_argument("--only", default=",".join(BARS), help="some bars, such as F1,F3")
    parser.add_argument("--write", type=Path, help="write the table into this document")
    asked = parser.parse_args()
    size = Size(quick=asked.quick)
    console = Console()
    found: list[Line] = []
    collect_seldom()  # as the services do
    for bar in asked.only.split(","):
        started = perf_counter()
        with ground() as servers:
            found += BARS[bar](servers, size)
        console.print(f"{bar}: {perf_counter() - started:.0f} s", style="dim")
    console.print(as_table(found))
    if asked.write:
        as_markdown(found, asked.write)
    sys.exit(0)


if __name__ == "__main__":
    main()
