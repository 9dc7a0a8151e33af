"""`dvk rebuild`: builds read models next to the current ones, compares and swaps them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from services.console.client.http_client import Unanswered
from services.console.commands.complaints import complain
from services.console.local.data_directory import CannotStart
from services.console.local.version_checks import file_of
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from services.reporting.projection.rebuild import rebuilding
from services.reporting.readmodels.catalog import Catalog
from shared.errors import LedgerError
from shared.eventlog.checkpoint import LogMismatch
from shared.eventlog.sql import open_log
from shared.readmodel.rebuild.stages import Differs, Done, Rebuilt, Seconds, Stage
from shared.readmodel.store import Store
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.eventlog.sql import SqlEventLog
    from shared.readmodel.rebuild.diff import ComparisonReport
    from shared.readmodel.rebuild.rebuild import FillAhead
    from shared.settings import Settings

_SHOWN = 20
_DOING = {
    Stage.BEGUN: ("lập bảng mới", "filling"),
    Stage.FILLING: ("lập bảng mới", "filling"),
    Stage.FILLED: ("so sánh", "comparing"),
    Stage.COMPARING: ("so sánh", "comparing"),
    Stage.COMPARED: ("chuyển bảng", "moving in"),
    Stage.MOVED_IN: ("đổi bảng", "swapping"),
    Stage.SWAPPING: ("đổi bảng", "swapping"),
    Stage.SWAPPED: ("xong", "done"),
}


def rebuild(
    read_model: str | None,
    settings: Settings,
    console: Terminal,
    *,
    accept: Sequence[str] = (),
    roll_back: bool = False,
    drop_previous: bool = False,
    source: str | None = None,
) -> int:
    """Rebuild one read model, or all in one pass; 0 when all were swapped, 1 when none was.

    `source` is an archive to fill from, up to its head.
    """

    def run() -> None:
        if roll_back and drop_previous:
            raise CannotStart(
                "--drop-previous xóa chính bản mà --rollback quay lại: hãy bỏ một trong hai.",
                "--drop-previous drops what --rollback goes back to: leave one of them out.",
            )
        names = _asked(read_model, roll_back=roll_back)
        with opened(settings) as (log, store), _progress(names, console) as on_progress:
            rebuilds = rebuilding(
                log,
                store,
                names,
                accept=accept,
                on_progress=on_progress,
                fill_ahead=_fill_from(source),
            )
            if roll_back:
                done = Done([rebuilds.roll_back()], Seconds())
            else:
                done = rebuilds.rebuild(keep_previous=not drop_previous)
        show_swapped(console, done.each)
        if not roll_back:
            _show_seconds(console, done.seconds)
        show_differences(console, [each.findings for each in done.each], accepted=True)

    return finished(
        run,
        console,
        interrupted=(
            "Đã ngắt. Bảng đang dùng được giữ nguyên; chạy lại lệnh sẽ làm lại từ đầu.",
            "Interrupted. The read model answers as before; the next run begins again.",
        ),
    )


def _fill_from(source: str | None) -> FillAhead | None:
    if source is None:
        return None
    from services.reporting.archive.rebuild.fill import ArchiveFill  # noqa: PLC0415  an extra

    return ArchiveFill(source)


def finished(run: Callable[[], None], console: Terminal, *, interrupted: tuple[str, str]) -> int:
    """Run an action and return the exit code, printing any error."""
    try:
        run()
    except LedgerError as error:
        if isinstance(error, Differs):
            show_differences(console, [each.findings for each in error.found], accepted=False)
        complain(console, CannotStart.for_reason(error))
    except LogMismatch as error:
        complain(console, CannotStart("Sổ không phải là sổ mà bảng đã đọc.", str(error)))
    except (CannotStart, Unanswered) as error:
        complain(console, error)
    except KeyboardInterrupt:
        said_on(console)(*interrupted)
    else:
        return 0
    return 1


def _asked(read_model: str | None, *, roll_back: bool) -> Sequence[str]:
    known = Catalog.names()
    if read_model is None:
        if roll_back:
            raise CannotStart(
                "Hãy nêu tên bảng cần quay lại: dvk rebuild BẢNG --rollback",
                "Name the read model to roll back: dvk rebuild READ_MODEL --rollback",
            )
        return known
    if read_model not in known:
        listed = ", ".join(known)
        raise CannotStart(
            f"Không có bảng tổng hợp {read_model}. Có các bảng: {listed}.",
            f"There is no read model {read_model}. There are: {listed}.",
        )
    return [read_model]


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[SqlEventLog, Store]]:
    """Open the log and the read models; a missing file is not created."""
    if settings.database_url is None:
        for path in (file_of(settings.log_url), file_of(settings.reporting_url)):
            if not path.exists():
                raise CannotStart(
                    f"Không mở được sổ: không có tệp {path}. Hãy đặt DVK_HOME đúng thư mục của sổ.",
                    f"The ledger cannot be opened: there is no file {path}. Set DVK_HOME to the "
                    "folder of the ledger.",
                )
    with ExitStack() as stack:
        log = open_log(settings.log_url, family=Family.REPORTING)
        stack.callback(log.close)
        store = Store(settings.reporting_url)
        stack.callback(store.close)
        yield log, store


@contextmanager
def _progress(
    names: Sequence[str], console: Terminal
) -> Iterator[Callable[[Stage, int, int], None]]:
    """Show a progress bar of a rebuild."""
    columns = (
        TextColumn(f"[bold]{names[0] if len(names) == 1 else 'dvk rebuild'}[/]"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[doing]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=1, doing="")

        def on_progress(stage: Stage, done: int, of: int) -> None:
            bar = {"completed": done, "total": of} if stage in {Stage.BEGUN, Stage.FILLING} else {}
            progress.update(task, doing=console.pick(*_DOING[stage]), **bar)  # type: ignore[arg-type]

        yield on_progress


def show_swapped(console: Terminal, done: Sequence[Rebuilt]) -> None:
    """Print one row for each read model that was swapped."""
    table = plain_table()
    table.add_column(console.pick("Bảng", "Read model"))
    for head in (("Vị trí", "Position"), ("Hàng đã so", "Compared"), ("Khác biệt", "Differences")):
        table.add_column(console.pick(*head), justify="right")
    table.add_column(console.pick("Bản", "Generation"))
    for each in done:
        table.add_row(
            each.new.name,
            console.number(each.position),
            console.number(each.findings.compared),
            console.number(each.findings.accepted_total),
            f"{each.old.generation} → {each.new.generation}",
        )
    show_table(console, console.pick("Đã đổi", "Swapped"), table)


def _show_seconds(console: Terminal, took: Seconds) -> None:
    said_on(console)(
        f"Lập {number(took.filling, 1)} giây, so sánh {number(took.comparing, 1)}, chuyển "
        f"{number(took.moving, 1)}, đổi {number(took.swapping, 1)}.",
        f"Filled in {number_en(took.filling, 1)} s, compared in {number_en(took.comparing, 1)}, "
        f"moved in {number_en(took.moving, 1)}, swapped in {number_en(took.swapping, 1)}.",
    )


def show_differences(
    console: Terminal, found: Sequence[ComparisonReport], *, accepted: bool
) -> None:
    """Print the differences that were accepted, or those that were not."""
    shown = [d for each in found for d in (each.accepted if accepted else each.unaccepted)]
    total = sum(each.accepted_total if accepted else each.unaccepted_total for each in found)
    if not total:
        return
    table = plain_table()
    for head in (("Tên", "Name"), ("Loại", "Kind"), ("Cũ", "Old"), ("Mới", "New")):
        table.add_column(console.pick(*head), overflow="fold")
    for each in shown[:_SHOWN]:
        table.add_row(Text(each.name), each.kind, Text(each.old), Text(each.new))
    words = ("đã chấp nhận", "accepted") if accepted else ("chưa chấp nhận", "not accepted")
    heading = console.pick(f"khác biệt {words[0]}", f"differences {words[1]}")
    show_table(console, f"{console.number(total)} {heading}", table)
    if total > _SHOWN:
        said_on(console)(
            f"… và {number(total - _SHOWN)} nữa.", f"and {number_en(total - _SHOWN)} more."
        )
