"""`dvk export`: writes the log, a range of it, or a year with all its dependencies to a file."""

import time
from functools import partial
from pathlib import Path

from httpx import Client

from services.console.client.feed import Feed
from services.console.client.http_client import RequestRefused, Unanswered, client_for, get_json
from services.console.commands.complaints import complain
from services.console.commands.publish import bar
from services.console.output.faults import print_fault_lines
from services.console.output.texts import Terminal, number, number_en, said_on
from services.console.witness.served_log import ServedLog
from services.reporting.audit.export_file import Manifest
from services.reporting.audit.exporter import ContradictedLog, Exporter, ExportSelection, Seal
from shared.client.addresses import addresses_at
from shared.trust.checkpoints import Checkpoint
from shared.trust.notes import NoteError, to_base64

__all__ = ["ExportSelection", "export"]
SEALED_WITHIN_SECONDS = 5.0
"""For so long the last events may wait for their checkpoint; the sealer takes less than one."""
_ASK_AGAIN_SECONDS = 0.2


def export(
    file: Path, wanted: ExportSelection, at: str, console: Terminal, *, witnessed: bool = False
) -> int:
    """Write an export; 0 when it is complete, 1 when the log contradicts its chain or its seal.

    2 when the ledger could not be read, or has not what was asked for. A sealed log is exported up
    to its last checkpoint; with `witnessed`, to the last one that a quorum has cosigned.
    """
    say = said_on(console)
    try:
        with client_for(at, 60) as client:
            addresses = addresses_at(at, client)
            completeness = get_json(client, f"{addresses.reporting}/completeness", {})
            head = int(completeness["log"]["head"])
            seal = _seal(client, addresses.reporting, wanted.until or head, witnessed=witnessed)
            end = head if seal is None else seal.size
            last = end if wanted.until is None else wanted.until
            if last > end or wanted.after >= last > 0:
                _say_what_there_is(console, end, sealed=seal is not None)
                return 2
            rounds = 1 if wanted.plan_year is None else 2
            words = ("Đang xuất", "Exporting")
            with bar(rounds * (last - wanted.after), console, words) as (progress, task):
                advanced = partial(progress.advance, task)
                exporter = Exporter(Feed(client, addresses.registry), wanted, advanced, seal)
                manifest, digest = exporter.write(file, last, end)
    except (Unanswered, NoteError) as error:
        complain(console, error if isinstance(error, Unanswered) else Unanswered(str(error)))
        return 2
    except OSError as error:
        say(
            f"Không ghi được {error.filename}.",
            f"{error.filename} cannot be written: {error.strerror}",
        )
        return 2
    except ContradictedLog as error:
        print_fault_lines([error.fault], console)
        say(
            "Sổ trái với chuỗi hoặc điểm kiểm của chính nó: không xuất. Hãy báo người vận hành.",
            "The log contradicts its own chain or checkpoint: nothing is exported. Inform the "
            "operator.",
        )
        return 1
    say(
        f"Đã xuất {number(manifest.count)} sự kiện vào {file} (SHA-256 {digest}).",
        f"{number_en(manifest.count)} events are in the file.",
    )
    _say_ends(console, manifest, head if wanted.until is None else last)
    return 0


def _seal(client: Client, reporting: str, position: int, *, witnessed: bool) -> Seal | None:
    """Return a checkpoint, the last or the last with a quorum; None for a log without any.

    For one that covers a position it is asked again for a while.
    """
    end = time.monotonic() + SEALED_WITHIN_SECONDS
    while True:
        try:
            served = ServedLog(client, reporting, "witnessed" if witnessed else "last")
        except RequestRefused:
            if witnessed:
                raise
            return None
        if witnessed or served.checkpoint.size >= position or time.monotonic() > end:
            return Seal(served.note, served)
        time.sleep(_ASK_AGAIN_SECONDS)


def _say_what_there_is(console: Terminal, end: int, *, sealed: bool) -> None:
    say = said_on(console)
    if sealed:
        say(
            f"Sổ được niêm phong đến vị trí {number(end)}; hãy chọn lại khoảng cần xuất.",
            f"The log is sealed up to position {number_en(end)}; choose the range again.",
        )
        return
    say(
        f"Sổ có các vị trí từ 1 đến {number(end)}; hãy chọn lại khoảng cần xuất.",
        f"The log holds the positions 1 to {number_en(end)}; choose the range again.",
    )


def _say_ends(console: Terminal, manifest: Manifest, head: int) -> None:
    """Print the chain and the checkpoint of an export, and where the log had more."""
    say = said_on(console)
    reached = manifest.head
    say(
        f"Chuỗi tại vị trí {number(reached.position)}: {reached.chain.hex()}",
        f"the chain at position {number_en(reached.position)}; hold it against a receipt.",
    )
    if manifest.checkpoint is None:
        say(
            "Sổ chưa được niêm phong: tệp không có điểm kiểm (định dạng 1).",
            "The log is not sealed: the file has no checkpoint (format 1).",
        )
        return
    origin, size, root = Checkpoint.parse(manifest.checkpoint.text)
    lines = sum(each.name != origin for each in manifest.checkpoint.signatures)
    say(
        f"Điểm kiểm của {origin}: {number(size)} sự kiện, gốc {to_base64(root)}, "
        f"{lines} chữ ký chứng kiến.",
        f"The checkpoint of {origin} has {number_en(size)} events and {lines} cosignatures.",
    )
    if reached.position < head:
        say(
            f"Sổ đã đến vị trí {number(head)}: các sự kiện sau điểm kiểm không có trong tệp.",
            f"The log goes on to position {number_en(head)}: events after the checkpoint are not "
            "in the file.",
        )
