"""Which measurements are asked for, and how they run: what one has measured is never lost."""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tests.benchmarks.reporting import as_markdown, as_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console

    from tests.benchmarks.measuring import Line

MEASURED_BY: Mapping[str, str] = {
    "F1": "appending",
    "F2": "importing",
    "F2b": "importing",
    "F3": "projecting",
    "F6": "following",
    "F4": "large",
    "F5": "large",
    "F7": "large",
    "large": "large",
    "F8": "finding",
    "F9": "sealing",
    "F10": "signing",
}
"""Which measurement tells a bar; F4, F5 and F7 are measured on one large ledger."""


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return the parser of the command line: a bar that is none is refused before anything runs."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=description)
    parser.add_argument("--quick", action="store_true", help="little data, two minutes in all")
    parser.add_argument(
        "--only",
        type=measurements,
        default=measurements(",".join(MEASURED_BY)),
        metavar="BARS",
        help=f"some of {', '.join(MEASURED_BY)}",
    )
    parser.add_argument("--write", type=Path, help="write the table into this document")
    return parser


def measurements(stated: str) -> list[str]:
    """Return the measurements that tell some bars, each once, in the order of the bars."""
    bars = [each.strip() for each in stated.split(",")]
    unknown = [bar for bar in bars if bar not in MEASURED_BY]
    if unknown:
        message = f"no such bar: {', '.join(unknown)}; there are {', '.join(MEASURED_BY)}"
        raise argparse.ArgumentTypeError(message)
    return list(dict.fromkeys(MEASURED_BY[bar] for bar in bars))


def run(
    names: Sequence[str],
    measure: Mapping[str, Callable[[], Iterable[Line]]],
    console: Console,
    document: Path | None,
) -> int:
    """Print every line when it is measured; a measurement that fails is said, the others go on.

    Returns 1 if one failed; the document is written only when none did.
    """
    found: list[Line] = []
    failed: list[str] = []
    for name in names:
        started = perf_counter()
        try:
            for line in measure[name]():
                found.append(line)
                console.print(as_table([line]))
        except Exception:  # noqa: BLE001  whatever it is, what others measure is not lost
            console.print_exception()
            failed.append(name)
        console.print(f"{name}: {perf_counter() - started:.0f} s", style="dim")
    console.print(as_table(found))
    if failed:
        console.print(f"failed: {', '.join(failed)}; no document is written", style="bold red")
    elif document:
        as_markdown(found, document)
    return 1 if failed else 0
