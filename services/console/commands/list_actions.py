"""The work of `dvk list`, done by the list desk's own parts on a state of this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from rich.table import Table
from rich.text import Text

from services.console.client.http_client import client_for
from services.console.commands.complaints import complain
from services.console.commands.publish import bar
from services.console.output.tables import show_table
from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.lists.app import worker_of
from services.lists.kinds.catalog import KINDS
from services.lists.output.annotated import annotated_copy
from services.lists.output.template import template
from services.lists.uploads.checked_rows import CheckedRow, RowState
from services.lists.uploads.filled_templates import FilledTemplate
from services.lists.uploads.list_form import ListForm, UnitAmbiguous, accepted, scope_of
from services.lists.uploads.upload import Upload, UploadStage
from services.lists.uploads.vanished_rows import vanished_of
from services.lists.uploads.worker import DeskWorker
from services.lists.web.texts import DeskTexts
from shared.client.addresses import addresses_at
from shared.client.delivery import Undeliverable
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.settings import Settings
from shared.side_files import open_beside

_SHOWN_ROWS = 20
_PAUSE_SECONDS = 0.1
_GOOD = {RowState.NEW, RowState.CHANGED, RowState.KNOWN}


def make_template(form: ListForm, out: Path, filled: str, to: str, console: Terminal) -> None:
    """Write the template of a kind, unit and year."""
    with _ended(console), _worker(to) as worker:
        found, plan_year, _ = scope_of(form, worker)
        of = FilledTemplate(KINDS[form.kind], found, plan_year, worker).template_of(filled)
        out.write_bytes(template(of))
        said_on(console)(f"Đã ghi {out}", f"{len(of.rows)} rows are filled in.")


def run_list(
    file: Path, form: ListForm, answers: list[str], to: str, console: Terminal, *, sending: bool
) -> None:
    """Check a list, send its good rows if it is to be sent, and end with the exit code.

    0: every row is good; 1: some are not; 2: the file or what was stated is; 3: the ledger is away.
    """
    with _ended(console), _worker(to) as worker:
        upload = accepted(form, file.name, file.read_bytes(), worker)
        given = dict(answer.partition("=")[::2] for answer in answers)
        upload = _worked(worker, worker.store.change(upload, answers=given), console)
        if sending and upload.stage is UploadStage.CHECKED:
            upload = _worked(
                worker, worker.store.change(upload, stage=UploadStage.SENDING), console
            )
        raise typer.Exit(_shown(worker, upload, file, console))


@contextmanager
def _worker(address: str) -> Iterator[DeskWorker]:
    """Give a worker whose state is in the folder of this machine, as the desk's own is."""
    settings = replace(Settings.from_environment(), database_url=None)
    with client_for(address, 60) as client:
        worker = worker_of(settings, client, addresses_at(address, client), system_clock)
        try:
            yield worker
        finally:
            worker.store.close()


@contextmanager
def _ended(console: Terminal) -> Iterator[None]:
    """End with 2 when what was stated is wrong, and with 3 when the ledger is away."""
    try:
        yield
    except UnitAmbiguous as error:
        complain(console, error)
        for unit in error.choices:
            console.print(Text(f"  {unit.unit_id}  {unit.name}"))
        raise typer.Exit(2) from error
    except LedgerError as error:
        complain(console, error)
        raise typer.Exit(2) from error
    except Undeliverable as error:
        complain(console, error)
        raise typer.Exit(3) from error
    except OSError as error:
        said_on(console)(
            f"Không đọc hoặc ghi được {error.filename}.",
            f"{error.filename} cannot be read or written: {error.strerror}",
        )
        raise typer.Exit(2) from error


def _worked(worker: DeskWorker, upload: Upload, console: Terminal) -> Upload:
    """Do the next step of an upload behind a progress bar."""
    step = threading.Thread(target=worker.work, args=(upload,))
    with bar(upload.total or 1, console) as (progress, task):
        step.start()
        while step.is_alive():
            step.join(_PAUSE_SECONDS)
            now = worker.store.get(upload.upload_id) or upload
            progress.update(task, completed=now.done, total=now.total or 1)
    return worker.store.get(upload.upload_id) or upload


def _shown(worker: DeskWorker, upload: Upload, file: Path, console: Terminal) -> int:
    """Show what became of a list and write the annotated copy; return the exit code."""
    say = said_on(console)
    if upload.problem is not None:
        console.print(Text(both(*upload.problem[1:]), style="red"), soft_wrap=True)
        if upload.stage is not UploadStage.SENT:
            return 3 if upload.problem[0] == "ledger_away" else 2
    words = DeskTexts("vi" if console.pick("vi", "en") == "vi" else "en")
    rows = worker.store.rows(upload.upload_id)
    sent = upload.stage is UploadStage.SENT
    table = Table(box=None)
    table.add_column(console.pick("Trạng thái", "State"))
    table.add_column(console.pick("Số dòng", "Rows"), justify="right")
    for state, count in sorted(upload.counts.items()):
        table.add_row(words.state(state, sent=sent), console.pick(number(count), number_en(count)))
    show_table(console, upload.file_name, table)
    _show_remarks(rows, words, console)
    _show_vanished(upload, words, console)
    copy = file.with_name(f"{file.stem}-ket-qua.xlsx")
    content = annotated_copy(worker.store.content(upload.upload_id), upload, rows, words)
    with open_beside(copy, "wb") as written:
        written.write(content)
    say(f"Tệp kèm kết quả từng dòng: {copy}", "The workbook with what became of each row.")
    return 0 if all(row.state in _GOOD for row in rows) else 1


def _show_remarks(rows: list[CheckedRow], words: DeskTexts, console: Terminal) -> None:
    said = [row for row in rows if row.remarks]
    for row in said[:_SHOWN_ROWS]:
        for remark in row.remarks:
            key = f" [{remark.key}]" if remark.key and remark.is_question else ""
            line = f"  {row.number}: {words.remark(remark)}{key}"
            console.print(Text(line), soft_wrap=True)
    if len(said) > _SHOWN_ROWS:
        rest = len(said) - _SHOWN_ROWS
        said_on(console)(f"… và {number(rest)} dòng nữa.", f"… and {number_en(rest)} more rows.")


def _show_vanished(upload: Upload, words: DeskTexts, console: Terminal) -> None:
    gone, named = vanished_of(upload)
    if not gone:
        return
    console.print(Text(words("vanished", count=words.number(gone)), style="bold"))
    console.print(Text(f"{words('vanished_note')} {words('vanished_how')}"), soft_wrap=True)
    for row in named[:_SHOWN_ROWS]:
        console.print(Text(f"  {words.vanished(row)}"), soft_wrap=True)
    if gone > _SHOWN_ROWS:
        console.print(Text(words("vanished_more", count=words.number(gone - _SHOWN_ROWS))))
