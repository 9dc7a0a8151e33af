"""`dvk export`: writes the log, a range of it, or a year with all its dependencies to a file."""

from functools import partial
from pathlib import Path

from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered, client_for, get_json
from services.console.commands.complaints import complain
from services.console.commands.publish import bar
from services.console.output.texts import Terminal, number, number_en, said_on
from services.reporting.audit.exporter import Exporter, ExportSelection
from shared.client.addresses import addresses_at

__all__ = ["ExportSelection", "export"]


def export(file: Path, wanted: ExportSelection, at: str, console: Terminal) -> int:
    """Write an export; 0 when it is complete, 2 when the ledger could not be read."""
    say = said_on(console)
    try:
        with client_for(at, 60) as client:
            addresses = addresses_at(at, client)
            completeness = get_json(client, f"{addresses.reporting}/completeness", {})
            head = int(completeness["log"]["head"])
            last = head if wanted.until is None else wanted.until
            if last > head or wanted.after >= last > 0:
                say(
                    f"Sổ có các vị trí từ 1 đến {number(head)}; hãy chọn lại khoảng cần xuất.",
                    f"The log holds the positions 1 to {number_en(head)}; choose the range again.",
                )
                return 2
            rounds = 1 if wanted.plan_year is None else 2
            words = ("Đang xuất", "Exporting")
            with bar(rounds * (last - wanted.after), console, words) as (progress, task):
                advanced = partial(progress.advance, task)
                exporter = Exporter(Feed(client, addresses.registry), wanted, advanced)
                manifest, digest = exporter.write(file, last, head)
    except Unanswered as error:
        complain(console, error)
        return 2
    except OSError as error:
        say(
            f"Không ghi được {error.filename}.",
            f"{error.filename} cannot be written: {error.strerror}",
        )
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
