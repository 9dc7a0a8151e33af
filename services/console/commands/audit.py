"""`dvk audit`: an export is verified and read twice, without any server, and compared."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from services.console.client import http_client
from services.console.client.addresses import addresses_at, client_for
from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered
from services.console.commands.complaints import complain
from services.console.output.change_lines import event_lines
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.reporting.audit import comparison
from services.reporting.audit.comparison import AuditScope, Cell, Disagreement
from services.reporting.audit.export_file import Export, verify
from services.reporting.audit.independent_reading import IndependentReading
from services.reporting.audit.replay import CannotReplay, replayed
from services.reporting.queries.facade import Queries
from shared.clock import Clock
from shared.errors import LedgerError
from shared.vocabulary import Flag, Measure
from shared.web.answers.as_of_parameters import map_choice

SHOWN = 20
AGREES, DISAGREES, CANNOT = 0, 1, 2


@dataclass(frozen=True)
class AuditQuery:
    """What the auditor asks; `plan_year` None verifies the file and asks for no figure."""

    plan_year: int | None = None
    unit_id: str | None = None
    map: str = "recorded"
    known_at: str | None = None
    against: str | None = None


def audit(file: Path, question: AuditQuery, clock: Clock, console: Terminal) -> int:
    """Audit an export; 0 only if all agrees, 1 if something differs, 2 if it cannot be audited."""
    say = said_on(console)
    try:
        with _bar(
            console, console.pick("Kiểm tra tệp", "Verifying"), file.stat().st_size
        ) as advanced:
            export = verify(file, advanced)
    except (OSError, ValueError) as error:
        say(f"Không đọc được bản xuất {file}.", f"{file} cannot be read as an export: {error}")
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


def _audited(export: Export, question: AuditQuery, clock: Clock, console: Terminal) -> int:
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


def tell_faults(export: Export, console: Terminal) -> bool:
    """Print what is wrong with the file, or that nothing is; tell whether it is whole."""
    say = said_on(console)
    manifest = export.manifest
    for fault in export.faults[:SHOWN]:
        told = both(
            f"{_place(fault.position)}: {fault.vietnamese}",
            f"{_place_en(fault.position)}: {fault.english}",
        )
        console.print(Text(f"✗ {told}", style="bold red"), soft_wrap=True)
    if len(export.faults) > SHOWN:
        more = len(export.faults) - SHOWN
        say(f"… và {number(more)} lỗi nữa.", f"and {number_en(more)} more.")
    if export.faults:
        return False
    _mark(console, good=True)
    say(
        f"{number(manifest.count)} sự kiện: mọi mã băm, mắt xích, vị trí và dòng cuối đều đúng.",
        f"{number_en(manifest.count)} events: digests, chain, positions and trailer are right.",
    )
    at, chain = manifest.head.position, manifest.head.chain.hex()
    told = console.pick(f"Chuỗi tại vị trí {number(at)}", f"The chain at position {number_en(at)}")
    console.print(f"  {told}: {chain}\n  ", end="", soft_wrap=True)
    say(
        "Hãy đối chiếu với biên nhận hoặc máy chủ.",
        "Hold it against a receipt or a server.",
    )
    return True


def _place(position: int | None) -> str:
    return "tệp" if position is None else f"vị trí {number(position)}"


def _place_en(position: int | None) -> str:
    return "file" if position is None else f"position {number_en(position)}"


def _mark(console: Terminal, *, good: bool) -> None:
    """Print whether what the rest of the line says is as it should be."""
    console.print("[bold green]✓[/]" if good else "[bold red]✗[/]", end=" ")


def _figures(export: Export, question: AuditQuery, clock: Clock, console: Terminal) -> int:
    refusal = _refusal(export, question)
    if refusal is not None:
        said_on(console)(*refusal)
        return CANNOT
    with ExitStack() as stack:
        with _bar(
            console, console.pick("Đọc lần một", "First reading"), export.manifest.count
        ) as advanced:
            reads = stack.enter_context(replayed(export, advanced))
        return _compared(export, reads, question, clock, console)


def _refusal(export: Export, question: AuditQuery) -> tuple[str, str] | None:
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
    export: Export, reads: Queries, question: AuditQuery, clock: Clock, console: Terminal
) -> int:
    """Read twice, ask the server, print, and return the exit code."""
    year = question.plan_year or 0
    chosen = map_choice(question.map, clock)
    asked = AuditScope(question.unit_id, year, chosen, reads.as_of(question.known_at))
    first = comparison.answer_of_first(reads, asked)
    with console.status(console.pick("Đọc lần hai, độc lập…", "The independent reading…")):
        second = comparison.independent_reading(export, asked.as_of.position)
        answer = comparison.answer_of_second(second, asked)
    server = _server(export, asked, question.against) if question.against else None
    show_table(
        console, _heading(reads, asked, console), figures_table(first, answer, server, console)
    )
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


def _heading(reads: Queries, asked: AuditScope, console: Terminal) -> str:
    unit = asked.unit_id or console.words("nation")
    if asked.unit_id is not None:
        snapshot = reads.atlas.at(asked.as_of.position)
        with snapshot.lock:
            named = snapshot.name(asked.unit_id, asked.map.day or date(asked.plan_year, 12, 31))
        unit = f"{named} ({asked.unit_id})"
    known = console.number(asked.as_of.position)
    told = console.pick(
        f"bản đồ {asked.map.stated}, đã ghi sổ đến vị trí {known}",
        f"map {asked.map.stated}, as known at position {known}",
    )
    return f"{unit} {asked.plan_year} — {told}"


def figures_table(
    first: Mapping[Cell, Any],
    second: Mapping[Cell, Any],
    server: Mapping[Cell, Any] | None,
    console: Terminal,
) -> Table:
    """Return the twelve measures as each reading has them."""
    table = plain_table()
    table.add_column(console.pick("Chỉ tiêu", "Measure"))
    heads = [("Bảng tổng hợp", "Read models"), ("Đọc lại", "Second reading"), ("Máy chủ", "Server")]
    for head in heads if server is not None else heads[:2]:
        table.add_column(console.pick(*head), justify="right")
    table.add_column("")
    for measure in Measure:
        cell = Cell(str(measure))
        told = [reading[cell] for reading in (first, second, server) if reading is not None]
        mark = f"[bold red]{console.pick('lệch', 'differs')} ✗[/]"
        if len(set(told)) == 1:
            mark = f"[green]{console.pick('khớp', 'agrees')} ✓[/]"
        table.add_row(console.words(measure), *map(console.number, told), mark)
    return table


def _tell_verdict(
    console: Terminal, who: str, who_en: str, cells: int, differing: Sequence[Disagreement]
) -> None:
    _mark(console, good=not differing)
    if not differing:
        said_on(console)(
            f"{number(cells)} ô (chỉ tiêu, {len(comparison.TABLES)} biểu phân tổ, kết quả, chất "
            f"lượng, mã kiểm chứng): {who} khớp.",
            f"{number_en(cells)} cells agree with {who_en}.",
        )
        return
    said_on(console)(
        f"{number(len(differing))} ô lệch với {who}.",
        f"{number_en(len(differing))} cells differ from {who_en}.",
    )
    for each in differing[:SHOWN]:
        told = f"    {each.cell.in_words()}: {each.first} ≠ {each.other}"
        console.print(Text(told, style="red"), soft_wrap=True)


def _tell_things(  # noqa: PLR0917  both readings and what they were asked
    console: Terminal,
    export: Export,
    reads: Queries,
    second: IndependentReading,
    asked: AuditScope,
    differing: Sequence[Disagreement],
) -> None:
    """Print the things that one reading counts and the other does not, with their events."""
    counted = {*map(str, Measure), *map(str, Flag)}
    for each in [d for d in differing if d.cell.name in counted][:SHOWN]:
        things = list(comparison.uncounted(reads, second, asked, each.cell))
        for thing in things[:SHOWN]:
            by_second = ("chỉ lần đọc lại đếm", "counted by the independent reading only")
            by_first = ("chỉ bảng tổng hợp đếm", "counted by the read models only")
            told = console.pick(*(by_first if thing.counted_by_first else by_second))
            line = Text(f"    {each.cell.in_words()}: {thing.subject} — {told}")
            console.print(line, soft_wrap=True)
            for event in comparison.events_of(export, thing.subject, asked.as_of.position):
                console.print(
                    Text(f"      {event.position} {event.type}", style="dim"), soft_wrap=True
                )


def _tell_closing(
    console: Terminal, export: Export, reads: Queries, second: IndependentReading, asked: AuditScope
) -> bool:
    """Print whether the closing of the year is confirmed, and what changed since."""
    closed = comparison.closing_of(export, reads, second, asked)
    if closed is None:
        said_on(console)(
            "Năm này chưa khóa sổ tại đơn vị này.", "The year is not closed for this unit."
        )
        return True
    confirmed = closed.stated == closed.first == closed.second
    verdict = ("tính lại ra mã khác", "the readings give another digest")
    if confirmed:
        verdict = ("cả hai cách đọc tính lại đúng", "both readings give the same")
    at = closed.position
    _mark(console, good=confirmed)
    said_on(console)(
        f"Khóa sổ tại vị trí {number(at)}: {closed.stated} — {verdict[0]}.",
        f"Closed at position {number_en(at)}: {closed.stated} — {verdict[1]}.",
    )
    changes = list(comparison.changes_since(reads, asked, closed.position))
    if not changes:
        said_on(console)(
            "Không có gì thay đổi từ khi khóa sổ.", "Nothing has changed since closing."
        )
    for measure, before, after, events in changes:
        since = console.pick("Thay đổi từ khi khóa sổ", "Changed since closing")
        moved = f"{console.number(before)} → {console.number(after)}"
        console.print(f"  {since}: {console.words(measure)}: {moved}", soft_wrap=True)
        for event in events[:SHOWN]:
            for line in event_lines(event, console):
                console.print(line, soft_wrap=True)
    return confirmed


def _server(export: Export, asked: AuditScope, url: str) -> Mapping[Cell, Any]:
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
        return comparison.flat(http_client.asked(client, url, query))


@contextmanager
def _bar(console: Terminal, words: str, total: int) -> Iterator[Any]:
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
