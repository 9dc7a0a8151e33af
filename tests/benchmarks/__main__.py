"""`python -m tests.benchmarks [--quick] [--only F1,F3] [--write FILE]`: measure, print, perhaps write."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console

from shared.gc_control import tune_gc
from tests.benchmarks import (
    appending,
    finding,
    following,
    importing,
    large,
    projecting,
    sealing,
    signing,
)
from tests.benchmarks.running import arguments, run
from tests.benchmarks.servers import Size, ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.benchmarks.measuring import Line
    from tests.benchmarks.servers import Ground

    Lines = Callable[[Ground, Size], Iterable[Line]]


def main() -> None:
    """Measure what is asked for, each on servers of its own."""
    asked = arguments(__doc__).parse_args()
    size = Size(quick=asked.quick)
    measure = {
        module.__name__.rpartition(".")[2]: partial(_on_servers, module.lines, size)
        for module in (
            appending,
            importing,
            projecting,
            following,
            large,
            finding,
            sealing,
            signing,
        )
    }
    tune_gc()  # as the services do
    sys.exit(run(asked.only, measure, Console(), asked.write))


def _on_servers(lines: Lines, size: Size) -> Iterator[Line]:
    with ground() as servers:
        yield from lines(servers, size)


if __name__ == "__main__":
    main()
