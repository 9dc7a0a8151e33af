"""`dvk publish`: sends a file of events to the ledger, with a progress bar and a summary."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from services.console.client import publication
from services.console.client.http_client import client_for
from services.console.client.publication import FileChanged, Publication
from services.console.commands.complaints import complain
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery, Undeliverable
from shared.client.signed_reads import SignedReads
from shared.trust.signing import Signer

_STATUSES = {
    "accepted": ("đã nhận", "recorded", "green"),
    "duplicate": ("đã có từ trước", "recorded before", "green"),
    "parked": ("đang chờ sự kiện khác", "waiting for another event", "yellow"),
    "refused": ("bị từ chối theo quy tắc", "refused by a rule", "red"),
    "invalid": ("sai định dạng", "does not match the contract", "red"),
}
SHOWN_PROBLEMS = 5


def publish(file: Path, to: str, console: Terminal, signer: Signer | None = None) -> int:
    """Publish a file; 0 if all was accepted, 1 if some events were not, 2 if cut off."""
    sending = Publication(file)
    say = said_on(console)
    try:
        if (name := sending.other_encoding()) is not None:
            say(
                f"Không gửi gì: từ dòng 1 tệp là {name}. Hãy lưu lại dưới dạng UTF-8.",
                f"Nothing was sent: from line 1 on the file is {name}. Save it as UTF-8.",
            )
            return 2
        with client_for(to, 60) as client, bar(sending.size, console) as (progress, task):

            def busy(reason: str, seconds: float) -> None:
                progress.update(task, doing=waiting(reason, seconds, console))

            def advanced(now: publication.Progress) -> None:
                done = counted(sum(now.counts.values()), console)
                progress.update(task, completed=now.offset, doing=done)

            reads = None if signer is None else SignedReads(signer.key)
            delivery = Delivery(
                client, addresses_at(to, client), busy=busy, signer=signer, reads=reads
            )
            counts = sending.publish(delivery, _begun(sending, delivery, console), advanced)
    except KeyboardInterrupt:
        say(
            "Đã ngắt. Chạy lại đúng lệnh này để tiếp tục; không có gì bị ghi hai lần.",
            "Interrupted. Run the same command to go on; nothing is recorded twice.",
        )
        return 2
    except Undeliverable as error:
        complain(console, error)
        say("Chạy lại đúng lệnh này để tiếp tục.", "Run the same command to go on.")
        return 2
    except FileChanged:
        say(
            "Tệp đã thay đổi trong khi gửi. Chạy lại đúng lệnh này để gửi phần mới.",
            "The file was changed while it was sent. Run the same command to send what is new.",
        )
        return 2
    except OSError as error:
        say(
            f"Không đọc hoặc ghi được {error.filename}.",
            f"{error.filename} cannot be read or written: {error.strerror}",
        )
        return 2
    show_table(console, file.name, summary(counts, console))
    if counts["parked"]:
        say(
            "Sự kiện đang chờ sẽ tự được nhận khi sự kiện mà nó nhắc tới đến nơi.",
            "Parked events are released by themselves when what they name arrives.",
        )
    say(f"Biên nhận: {sending.receipts}", "receipts")
    _show_problems(sending, counts, console)
    return 1 if counts["refused"] or counts["invalid"] else 0


def _begun(sending: Publication, delivery: Delivery, console: Terminal) -> publication.Progress:
    """Return the progress to resume from, and print it."""
    interrupted = sending.side_file.exists()
    begun = sending.begun(delivery)
    say = said_on(console)
    if begun.line:
        say(
            f"Tiếp tục từ dòng {number(begun.line + 1)}.",
            f"Going on from line {number_en(begun.line + 1)}.",
        )
    elif interrupted:
        say(
            "Lần trước bị ngắt, nhưng không chắc tệp và sổ còn như khi đó: gửi lại từ đầu. Sự kiện "
            "đã có không bị ghi hai lần.",
            "It was interrupted before, but file or ledger may have changed since: "
            "everything is sent again. Nothing is recorded twice.",
        )
    return begun


def summary(counts: Mapping[str, int], console: Terminal) -> Table:
    """Return a table of the events by status."""
    table = plain_table(with_heads=False)
    table.add_column("")
    table.add_column("", style="dim")
    table.add_column("", justify="right")
    for status, (words, words_en, colour) in _STATUSES.items():
        count = counts.get(status, 0)
        text = Text(console.number(count), style=colour if count else "dim")
        table.add_row(console.pick(words, words_en), status, text)
    table.add_section()
    table.add_row(console.pick("tổng cộng", "in all"), "", console.number(sum(counts.values())))
    return table


def waiting(reason: str, seconds: float, console: Terminal) -> str:
    """Return the reason for a pause, and its length."""
    vietnamese = f"chờ {number(seconds, 1)} giây ({reason})"
    return console.pick(vietnamese, f"waiting {number_en(seconds, 1)} s ({reason})")


def counted(events: int, console: Terminal) -> str:
    """Return the number of sent events in words."""
    return console.pick(f"{number(events)} sự kiện", f"{number_en(events)} events")


@contextmanager
def bar(
    total: int, console: Terminal, words: tuple[str, str] = ("Đang gửi", "Publishing")
) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar; the field `doing` is free text."""
    columns = (
        TextColumn(console.pick(*words)),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[doing]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield progress, progress.add_task("", total=total, doing="")


def _show_problems(sending: Publication, counts: Counter[str], console: Terminal) -> None:
    """Show the first problems; the receipts hold all of them."""
    wrong = counts["refused"] + counts["invalid"]
    if not wrong:
        return
    shown = 0
    with sending.receipts.open("rb") as receipts:
        for raw in receipts:
            item = orjson.loads(raw)
            if item["status"] not in {"refused", "invalid"}:
                continue
            problem = item.get("problem") or {}
            line = console.pick("dòng", "line") + f" {console.number(item['line'])}"
            text = f"  {line}: {problem.get('code')}: {problem.get('detail', '')}"
            console.print(Text(text, style="red"), soft_wrap=True)
            shown += 1
            if shown == SHOWN_PROBLEMS:
                break
    if wrong > shown:
        said_on(console)(
            f"  … và {number(wrong - shown)} dòng nữa trong tệp biên nhận.",
            f"and {number_en(wrong - shown)} more in the receipts.",
        )
