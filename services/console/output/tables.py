"""Tables on the terminal: a heading on its own line, then columns, no frame."""

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from services.console.output.texts import Terminal

_SHORT = 16
"""A longer word is an id, which may be broken to keep the table narrow."""


def plain_table(*, with_heads: bool = True) -> Table:
    """Return an empty table in the style of the command; numbers are justified to the right."""
    return Table(box=box.SIMPLE_HEAD, show_header=with_heads, show_edge=False, pad_edge=True)


def show_table(console: Terminal, heading: str, table: Table) -> None:
    """Print a table under its heading; the terminal wraps the heading.

    Nothing is cut off. A number broken over two lines would be read as two, so a table whose
    numbers and short words do not fit is wider than the terminal.
    """
    for column in table.columns:
        cells = [
            Measurement.get(console, console.options, cell)
            for cell in (column.header, *column.cells)
        ]
        longest = max((each.minimum for each in cells), default=0)
        column.min_width = longest if column.justify == "right" else min(longest, _SHORT)
        column.overflow = "fold"
    console.print(Text(heading, style="bold"), soft_wrap=True)
    console.print(table, "", crop=False)
