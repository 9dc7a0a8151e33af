"""`dvk export`: the log, a range of it, or a year with all that it depends on, as a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from services.console.client.addresses import addresses_at, client_for
from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered, asked
from services.console.commands.complaints import complain
from services.console.output.texts import Terminal, number, number_en, said_on
from services.reporting.audit.exporter import Exporter, ExportSelection

__all__ = ["ExportSelection", "export"]


def export(file: Path, wanted: ExportSelection, at: str, console: Terminal) -> int:
    """Write an export; 0 when it is complete, 2 when the ledger could not be read."""
    say = said_on(console)
    try:
        with client_for(at, 60) as client:
            addresses = addresses_at(at, client)
            completeness = asked(client, f"{addresses.reporting}/completeness", {})
            head = int(completeness["log"]["head"])
            last = head if wanted.until is None else wanted.until
            if last > head or wanted.after >= last > 0:
                say(
                    f"Sổ có các vị trí từ 1 đến {number(head)}; hãy chọn lại khoảng cần xuất.",
                    f"The log holds the positions 1 to {number_en(head)}; choose the range again.",
                )
                return 2
            rounds = 1 if wanted.plan_year is None else 2
            with _bar(rounds * (last - wanted.after), console) as advanced:
                exporter = Exporter(Feed(client, addresses.registry), wanted, advanced)
                manifest, digest = exporter.write(file, last, head)
    except Unanswered as error:
        complain(console, error)
        return 2
    say(
        f"Đã xuất {number(manifest.count)} sự kiện vào {file} (SHA-256 {digest}).",
        f"{number_en(manifest.count)} events are in the file.",
    )
    chain = manifest.head.chain.hex()
    say(
        f"Chuỗi tại vị trí {number(manifest.head.position)}: {chain}",
        f"the chain at position {number_en(manifest.head.position)}; hold it against a receipt.",
    )
    return 0


@contextmanager
def _bar(total: int, console: Terminal) -> Iterator[Callable[[int], None]]:
    """Show how far the log is read: twice for a year."""
    columns = (
        TextColumn(console.pick("Đang xuất", "Exporting")),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=total)

        def advanced(events: int) -> None:
            progress.advance(task, events)

        yield advanced
