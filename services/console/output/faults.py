"""The lines of an audit that say what is right or wrong, and the progress of reading."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.reporting.audit.export_file import Fault

SHOWN = 20


def print_fault_lines(faults: Sequence[Fault], console: Terminal) -> None:
    """Print the first faults with their positions, and the number of the rest."""
    for fault in faults[:SHOWN]:
        text = both(
            f"{_place(fault.position)}: {fault.vietnamese}",
            f"{_place_en(fault.position)}: {fault.english}",
        )
        console.print(Text(f"✗ {text}", style="bold red"), soft_wrap=True)
    if len(faults) > SHOWN:
        more = len(faults) - SHOWN
        said_on(console)(f"… và {number(more)} lỗi nữa.", f"and {number_en(more)} more.")


def _place(position: int | None) -> str:
    return "tệp" if position is None else f"vị trí {number(position)}"


def _place_en(position: int | None) -> str:
    return "file" if position is None else f"position {number_en(position)}"


def print_mark(console: Terminal, *, good: bool) -> None:
    """Print a check mark or a cross in front of the rest of the line."""
    console.print("[bold green]✓[/]" if good else "[bold red]✗[/]", end=" ")


@contextmanager
def bar_of(console: Terminal, words: str, total: int) -> Iterator[Any]:
    """Show the progress of a long task; the yielded function takes the amount done."""
    columns = (
        TextColumn(words),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)
