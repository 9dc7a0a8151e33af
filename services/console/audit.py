"""`dvk audit`: an export is verified and read twice, without any server, and compared."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from services.console import asking
from services.console.addresses import addresses_at, client_for
from services.console.asking import Unanswered
from services.console.feed import Feed
from services.console.tables import plain_table, show_table
from services.console.up import complain
from services.console.words import number, said_on
from services.reporting.audit import comparison
from services.reporting.audit.comparison import Asked, Cell, Disagreement
from services.reporting.audit.export_file import Export, verify
from services.reporting.audit.replay import CannotReplay, replayed
from services.reporting.audit.second_reading import SecondReading
from services.reporting.dashboard.words import Words
from services.reporting.reads import Reads
from shared.clock import Clock
from shared.errors import LedgerError
from shared.vocabulary import Flag, Measure
from shared.web.moments import map_choice

SHOWN = 20
_WORDS = Words("vi")
AGREES, DISAGREES, CANNOT = 0, 1, 2


@dataclass(frozen=True)
class Question:
    """What the auditor asks; `plan_year` None verifies the file and asks for no figure."""

    plan_year: int | None = None
    unit_id: str | None = None
    map: str = "recorded"
    known_at: str | None = None
    against: str | None = None


def audit(file: Path, question: Question, clock: Clock, console: Console) -> int:
    """Audit an export; 0 only if all agrees, 1 if something differs, 2 if it cannot be audited."""
    say = said_on(console)
    try:
        with _bar(console, "Kiểm tra tệp · Verifying", file.stat().st_size) as advanced:
            export = verify(file, advanced)
    except (OSError, ValueError) as error:
        say(f"Không đọc được bản xuất {file}.", f"The file cannot be read as an export: {error}")
        return CANNOT
    if not tell_faults(export, console):
        say(
            "Tệp đã bị thay đổi: không tính số liệu từ tệp này.",
            "The file was changed, so no figure is computed from it.",
        )
        return DISAGREES
    if question.plan_year is None:
        return AGREES
    return _audited(export, question, clock, console)


def _audited(export: Export, question: Question, clock: Clock, console: Console) -> int:
    """Compute and compare the figures; say why where it cannot be done."""
    say = said_on(console)
    try:
        return _figures(export, question, clock, console)
    except Unanswered as error:
        complain(console, error)
    except CannotReplay as error:
        say("Không phát lại được bản xuất này.", f"It cannot be replayed: {error}")
    except LedgerError as error:
        rule, params = error.problem.rule, error.problem.params
        say(rule.words("vi", params), rule.words("en", params))
    return CANNOT


def tell_faults(export: Export, console: Console) -> bool:
    """Print what is wrong with the file, or that nothing is; tell whether it is whole."""
    say = said_on(console)
    manifest = export.manifest
    for fault in export.faults[:SHOWN]:
        where = "tệp · file" if fault.position is None else f"vị trí {number(fault.position)}"
        told = f"✗ {where}: {fault.vietnamese} · {fault.english}"
        console.print(Text(told, style="bold red"), soft_wrap=True)
    if len(export.faults) > SHOWN:
        more = len(export.faults) - SHOWN
        say(f"… và {number(more)} lỗi nữa.", f"and {more} more.")
    if export.faults:
        return False
    console.print(
        f"[bold green]✓[/] {number(manifest.count)} sự kiện: mọi mã băm, mắt xích, vị trí và dòng "
        f"cuối đều đúng. [dim]· {manifest.count} events: digests, chain, positions and trailer are "
        "right.[/]",
        soft_wrap=True,
    )
    head = manifest.head
    console.print(
        f"  Chuỗi tại vị trí {number(head.position)}: {head.chain.hex()}\n"
        "  [dim]Hãy đối chiếu với biên nhận hoặc máy chủ · Hold it against a receipt or a "
        "server.[/]",
        soft_wrap=True,
    )
    return True


def _figures(export: Export, question: Question, clock: Clock, console: Console) -> int:
    refusal = _refusal(export, question)
    if refusal is not None:
        said_on(console)(*refusal)
        return CANNOT
    with ExitStack() as stack:
        with _bar(console, "Đọc lần một · First reading", export.manifest.count) as advanced:
            reads = stack.enter_context(replayed(export, advanced))
        return _compared(export, reads, question, clock, console)


def _refusal(export: Export, question: Question) -> tuple[str, str] | None:
    """Return why the file does not hold the figures that are asked for."""
    selection = export.manifest.selection
    if selection["kind"] == "year" and selection["year"] != question.plan_year:
        return (
            f"Tệp này chỉ chứa năm {selection['year']}.",
            f"This export holds the year {selection['year']} only.",
        )
    if not export.manifest.holds_the_past:
        return (
            "Tệp này là một khoảng giữa sổ: thiếu những sự kiện đứng trước, nên không tính được.",
            "This export does not begin with the log, so no figure can be computed from it.",
        )
    return None


def _compared(
    export: Export, reads: Reads, question: Question, clock: Clock, console: Console
) -> int:
    """Read twice, ask the server, print, and return the exit code."""
    year = question.plan_year or 0
    chosen = map_choice(question.map, clock)
    asked = Asked(question.unit_id, year, chosen, reads.as_of(question.known_at))
    first = comparison.answer_of_first(reads, asked)
    with console.status("Đọc lần hai, độc lập… · The second reading…"):
        second = comparison.second_reading(export, asked.as_of.position)
        answer = comparison.answer_of_second(second, asked)
    server = _server(export, asked, question.against) if question.against else None
    show_table(console, _heading(reads, asked), figures_table(first, answer, server))
    differing = comparison.disagreements(first, answer)
    _tell_verdict(console, "hai cách đọc", "both readings", len(first), differing)
    _tell_things(console, export, reads, second, asked, differing)
    agrees = not differing
    if server is not None:
        differing = comparison.disagreements(first, server)
        _tell_verdict(console, "máy chủ", "the server", len(server), differing)
        agrees = agrees and not differing
    closed = _tell_closing(console, export, reads, second, asked)
    return AGREES if agrees and closed else DISAGREES


def _heading(reads: Reads, asked: Asked) -> str:
    unit = asked.unit_id or "cả nước · the nation"
    if asked.unit_id is not None:
        snapshot = reads.atlas.at(asked.as_of.position)
        with snapshot.lock:
            named = snapshot.name(asked.unit_id, asked.map.day or date(asked.plan_year, 12, 31))
        unit = f"{named} ({asked.unit_id})"
    known = number(asked.as_of.position)
    return (
        f"{unit} {asked.plan_year} — bản đồ · map {asked.map.stated}, "
        f"biết đến vị trí · known at {known}"
    )


def figures_table(
    first: Mapping[Cell, Any], second: Mapping[Cell, Any], server: Mapping[Cell, Any] | None
) -> Table:
    """Return the twelve measures as each reading has them."""
    table = plain_table()
    table.add_column("Chỉ tiêu · Measure")
    for head in ("Bảng tổng hợp", "Đọc lại", *(("Máy chủ",) if server is not None else ())):
        table.add_column(head, justify="right")
    table.add_column("")
    for measure in Measure:
        cell = Cell(str(measure))
        told = [reading[cell] for reading in (first, second, server) if reading is not None]
        mark = "[green]khớp ✓[/]" if len(set(told)) == 1 else "[bold red]lệch ✗[/]"
        table.add_row(_WORDS(measure), *(number(value) for value in told), mark)
    return table


def _tell_verdict(
    console: Console, who: str, who_en: str, cells: int, differing: Sequence[Disagreement]
) -> None:
    if not differing:
        console.print(
            f"[bold green]✓[/] {number(cells)} ô (chỉ tiêu, {len(comparison.TABLES)} biểu phân tổ, "
            f"kết quả, chất lượng, mã kiểm chứng): {who} khớp. [dim]· {cells} cells agree with "
            f"{who_en}.[/]",
            soft_wrap=True,
        )
        return
    console.print(
        f"[bold red]✗[/] {number(len(differing))} ô lệch với {who}. [dim]· {len(differing)} cells "
        f"differ from {who_en}.[/]",
        soft_wrap=True,
    )
    for each in differing[:SHOWN]:
        told = f"    {each.cell.in_words()}: {each.first} ≠ {each.other}"
        console.print(Text(told, style="red"), soft_wrap=True)


def _tell_things(  # noqa: PLR0917  both readings and what they were asked
    console: Console,
    export: Export,
    reads: Reads,
    second: SecondReading,
    asked: Asked,
    differing: Sequence[Disagreement],
) -> None:
    """Print the things that one reading counts and the other does not, with their events."""
    counted = {*map(str, Measure), *map(str, Flag)}
    for each in [d for d in differing if d.cell.name in counted][:SHOWN]:
        things = list(comparison.uncounted(reads, second, asked, each.cell))
        for thing in things[:SHOWN]:
            where = "bảng tổng hợp" if thing.counted_by_first else "lần đọc lại"
            console.print(f"    {each.cell.in_words()}: {thing.subject} — chỉ {where} đếm")
            for event in comparison.events_of(export, thing.subject, asked.as_of.position):
                console.print(Text(f"      {event.position} {event.type}", style="dim"))


def _tell_closing(
    console: Console, export: Export, reads: Reads, second: SecondReading, asked: Asked
) -> bool:
    """Print whether the closing of the year is confirmed, and what changed since."""
    closed = comparison.closing_of(export, reads, second, asked)
    if closed is None:
        said_on(console)(
            "Năm này chưa khóa sổ tại đơn vị này.", "The year is not closed for this unit."
        )
        return True
    confirmed = closed.stated == closed.first == closed.second
    mark = "[bold green]✓[/]" if confirmed else "[bold red]✗[/]"
    verdict = "cả hai cách đọc tính lại đúng" if confirmed else "tính lại ra mã khác"
    console.print(
        f"{mark} Khóa sổ tại vị trí {number(closed.position)}: {closed.stated} — {verdict}. "
        "[dim]· as closed[/]",
        soft_wrap=True,
    )
    changes = list(comparison.changes_since(reads, asked, closed.position))
    if not changes:
        said_on(console)(
            "Không có gì thay đổi từ khi khóa sổ.", "Nothing has changed since closing."
        )
    for measure, before, after, events in changes:
        told = f"{_WORDS(measure)}: {number(before)} → {number(after)}"
        console.print(f"  Thay đổi từ khi khóa sổ · Changed since closing: {told}")
        for event in events[:SHOWN]:
            line = f"    {event['position']} {event['type']} {event['subject']} {event['delta']:+d}"
            console.print(Text(line, style="dim"), soft_wrap=True)
    return confirmed


def _server(export: Export, asked: Asked, url: str) -> Mapping[Cell, Any]:
    """Return the figures of a running server for the same question; its log must be this one."""
    with client_for(url, 60) as client:
        addresses = addresses_at(url, client)
        head = export.manifest.head
        if Feed(client, addresses.registry).head(head.position).chain != head.chain:
            message = f"the log of {url} has another chain at position {head.position}"
            raise Unanswered(message)
        scope = "national" if asked.unit_id is None else f"units/{asked.unit_id}"
        query = httpx.QueryParams(
            [
                ("year", str(asked.plan_year)),
                ("map", asked.map.stated),
                ("known_at", str(asked.as_of.position)),
                *(("by", table) for table in comparison.TABLES),
            ]
        )
        url = f"{addresses.reporting}/summaries/{scope}"
        return comparison.flat(asking.asked(client, url, query))


@contextmanager
def _bar(console: Console, words: str, total: int) -> Iterator[Any]:
    """Show how far a long work is; what advances it states how much is done."""
    columns = (
        TextColumn(words),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.update(task, completed=done)
