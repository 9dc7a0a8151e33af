"""How the command shows a table: a heading of its own line, then columns, no frame."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def plain_table(*, with_heads: bool = True) -> Table:
    """Return an empty table in the style of the command."""
    return Table(box=box.SIMPLE_HEAD, show_header=with_heads, show_edge=False, pad_edge=True)


def show_table(console: Console, heading: str, table: Table) -> None:
    """Print a table under its heading; the terminal breaks the heading where it must."""
    console.print(Text(heading, style="bold"), soft_wrap=True)
    console.print(table, "")
