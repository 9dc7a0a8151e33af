"""`dvk audit`: an export is verified offline, evaluated by two implementations, and compared."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table
from rich.text import Text

from services.console.client import http_client
from services.console.client.feed import Feed
from services.console.client.http_client import Unanswered, client_for
from services.console.commands.complaints import complain
from services.console.output.audited_file import print_intact
from services.console.output.change_lines import event_lines
from services.console.output.faults import bar_of, print_mark
from services.console.output.reasons import print_reasons
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from services.console.trust.audited_checkpoint import SealTerms
from services.console.trust.audited_export import AGREES, CANNOT, DISAGREES, judge_export
from services.reporting.audit import comparison
from services.reporting.audit.comparison import AuditScope, Cell, Disagreement
from services.reporting.audit.export_file import Export
from services.reporting.audit.independent_reading import IndependentReading
from services.reporting.audit.replay import CannotReplay, replayed
from services.reporting.audit.verification import verify
from services.reporting.queries.facade import Queries
from shared.client.addresses import addresses_at
from shared.clock import Clock
from shared.errors import LedgerError
from shared.eventlog.protocol import Head
from shared.vocabulary import Flag, Measure
from shared.web.answers.as_of_parameters import map_choice

SHOWN = 20


@dataclass(frozen=True)
class AuditQuery:
    """The auditor's query; without `plan_year` only the file is verified.

    `trust` is the pinned digest (hex) of the event with which trust began; `vkeys` are keys of the
    log, `policy` and `checkpoint` files with a policy and with a checkpoint of earlier; `older` is
    an export of before, which has the originals of redacted events.
    """

    plan_year: int | None = None
    unit_id: str | None = None
    map: str = "recorded"
    known_at: str | None = None
    against: str | None = None
    trust: str | None = None
    older: Path | None = None
    vkeys: tuple[str, ...] = ()
    policy: Path | None = None
    checkpoint: Path | None = None


def audit(file: Path, query: AuditQuery, clock: Clock, console: Terminal) -> int:
    """Audit an export; 0 if all agrees, 1 if something differs, 2 if it cannot be audited."""
    say = said_on(console)
    try:
        terms = SealTerms.read(query.vkeys, query.policy, query.checkpoint)
    except (OSError, ValueError) as error:
        say(f"Không dùng được khóa, chính sách hay điểm kiểm: {error}", f"Not usable: {error}")
        return CANNOT
    try:
        with bar_of(
            console, console.pick("Kiểm tra tệp", "Verifying"), file.stat().st_size
        ) as advanced:
            export = verify(file, advanced)
    except (OSError, ValueError) as error:
        say(f"Không đọc được bản xuất {file}.", f"{file} cannot be read as an export: {error}")
        return CANNOT
    if not print_intact(export, query.older, console):
        return DISAGREES
    judged = judge_export(export, terms, query.trust, query.against, clock=clock, console=console)
    if judged is None:
        return CANNOT
    audited = AGREES if query.plan_year is None else _audited(export, query, clock, console)
    print_reasons(judged.reasons, console)
    return judged.with_figures(audited)


def _audited(export: Export, query: AuditQuery, clock: Clock, console: Terminal) -> int:
    """Compute and compare the figures; print the reason where that is impossible."""
    say = said_on(console)
    try:
        return _figures(export, query, clock, console)
    except Unanswered as error:
        complain(console, error)
    except CannotReplay as error:
        say("Không phát lại được bản xuất này.", f"It cannot be replayed: {error}")
    except LedgerError as error:
        rule, params = error.problem.rule, error.problem.params
        say(rule.words("vi", params), rule.words("en", params))
    return CANNOT


def _figures(export: Export, query: AuditQuery, clock: Clock, console: Terminal) -> int:
    refusal = _refusal(export, query)
    if refusal is not None:
        said_on(console)(*refusal)
        return CANNOT
    with ExitStack() as stack:
        with bar_of(
            console, console.pick("Đọc lần một", "First reading"), export.manifest.count
        ) as advanced:
            reads = stack.enter_context(replayed(export, advanced))
        return _compared(export, reads, query, clock, console)


def _refusal(export: Export, query: AuditQuery) -> tuple[str, str] | None:
    """Return why the file does not hold the requested figures, or None."""
    selection = export.manifest.selection
    if selection["kind"] == "year" and selection["year"] != query.plan_year:
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
    export: Export, reads: Queries, query: AuditQuery, clock: Clock, console: Terminal
) -> int:
    """Compute both readings, query the server, print, and return the exit code."""
    year = query.plan_year or 0
    chosen = map_choice(query.map, clock)
    scope = AuditScope(query.unit_id, year, chosen, reads.as_of(query.known_at))
    first = comparison.answer_of_first(reads, scope)
    with console.status(console.pick("Đọc lần hai, độc lập…", "The independent reading…")):
        second = comparison.independent_reading(export, scope.as_of.position)
        answer = comparison.answer_of_second(second, scope)
    at = query.against
    server = server_figures(export.manifest.head, scope, at) if at else None
    show_table(
        console, _heading(reads, scope, console), figures_table(first, answer, server, console)
    )
    differing = comparison.disagreements(first, answer)
    print_verdict(console, "hai cách đọc", "both readings", len(first), differing)
    _print_uncounted(console, export, reads, second, scope, differing)
    agrees = not differing
    if server is not None:
        differing = comparison.disagreements(first, server)
        print_verdict(console, "máy chủ", "the server", len(server), differing)
        agrees = agrees and not differing
    closed = _print_closing(console, export, reads, second, scope)
    return AGREES if agrees and closed else DISAGREES


def _heading(reads: Queries, scope: AuditScope, console: Terminal) -> str:
    unit = scope.unit_id or console.words("nation")
    if scope.unit_id is not None:
        snapshot = reads.maps.at(scope.as_of.position)
        with snapshot.lock:
            named = snapshot.name(scope.unit_id, scope.map.day or date(scope.plan_year, 12, 31))
        unit = f"{named} ({scope.unit_id})"
    known = console.number(scope.as_of.position)
    details = console.pick(
        f"bản đồ {scope.map.stated}, đã ghi sổ đến vị trí {known}",
        f"map {scope.map.stated}, as known at position {known}",
    )
    return f"{unit} {scope.plan_year} — {details}"


def figures_table(
    first: Mapping[Cell, Any],
    second: Mapping[Cell, Any],
    server: Mapping[Cell, Any] | None,
    console: Terminal,
) -> Table:
    """Return a table of the twelve measures in each reading."""
    table = plain_table()
    table.add_column(console.pick("Chỉ tiêu", "Measure"))
    heads = [("Bảng tổng hợp", "Read models"), ("Đọc lại", "Second reading"), ("Máy chủ", "Server")]
    for head in heads if server is not None else heads[:2]:
        table.add_column(console.pick(*head), justify="right")
    table.add_column("")
    for measure in Measure:
        cell = Cell(str(measure))
        values = [reading[cell] for reading in (first, second, server) if reading is not None]
        mark = f"[bold red]{console.pick('lệch', 'differs')} ✗[/]"
        if len(set(values)) == 1:
            mark = f"[green]{console.pick('khớp', 'agrees')} ✓[/]"
        table.add_row(console.words(measure), *map(console.number, values), mark)
    return table


def print_verdict(
    console: Terminal,
    who: str,
    who_en: str,
    cells: int,
    differing: Sequence[Disagreement],
    *,
    of: str = "",
) -> None:
    """Print whether a number of cells agrees with another reading, and the first that do not.

    `of` says in Vietnamese which cells there are, if not all of a summary.
    """
    print_mark(console, good=not differing)
    if not differing:
        every = (
            f"chỉ tiêu, {len(comparison.TABLES)} biểu phân tổ, kết quả, chất lượng, mã kiểm chứng"
        )
        said_on(console)(
            f"{number(cells)} ô ({of or every}): {who} khớp.",
            f"{number_en(cells)} cells agree with {who_en}.",
        )
        return
    said_on(console)(
        f"{number(len(differing))} ô lệch với {who}.",
        f"{number_en(len(differing))} cells differ from {who_en}.",
    )
    for each in differing[:SHOWN]:
        text = f"    {each.cell.in_words()}: {each.first} ≠ {each.other}"
        console.print(Text(text, style="red"), soft_wrap=True)


def _print_uncounted(  # noqa: PLR0917  both readings and their query
    console: Terminal,
    export: Export,
    reads: Queries,
    second: IndependentReading,
    scope: AuditScope,
    differing: Sequence[Disagreement],
) -> None:
    """Print the entities that only one reading counts, with their events."""
    counted = {*map(str, Measure), *map(str, Flag)}
    for each in [d for d in differing if d.cell.name in counted][:SHOWN]:
        entities = list(comparison.uncounted(reads, second, scope, each.cell))
        for entity in entities[:SHOWN]:
            by_second = ("chỉ lần đọc lại đếm", "counted by the independent reading only")
            by_first = ("chỉ bảng tổng hợp đếm", "counted by the read models only")
            counted_by = console.pick(*(by_first if entity.counted_by_first else by_second))
            line = Text(f"    {each.cell.in_words()}: {entity.subject} — {counted_by}")
            console.print(line, soft_wrap=True)
            for event in comparison.events_of(export, entity.subject, scope.as_of.position):
                console.print(
                    Text(f"      {event.position} {event.type}", style="dim"), soft_wrap=True
                )


def _print_closing(
    console: Terminal, export: Export, reads: Queries, second: IndependentReading, scope: AuditScope
) -> bool:
    """Print whether the closing of the year is confirmed, and the changes since."""
    closed = comparison.closing_of(export, reads, second, scope)
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
    print_mark(console, good=confirmed)
    said_on(console)(
        f"Khóa sổ tại vị trí {number(at)}: {closed.stated} — {verdict[0]}.",
        f"Closed at position {number_en(at)}: {closed.stated} — {verdict[1]}.",
    )
    changes = list(comparison.changes_since(reads, scope, closed.position))
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


def server_figures(head: Head, scope: AuditScope, url: str) -> Mapping[Cell, Any]:
    """Return a running server's figures for the same query; its log must have the same head."""
    with client_for(url, 60) as client:
        addresses = addresses_at(url, client)
        if Feed(client, addresses.registry).head(head.position).chain != head.chain:
            message = f"the log of {url} has another chain at position {head.position}"
            raise Unanswered(message)
        path = "national" if scope.unit_id is None else f"units/{scope.unit_id}"
        query = httpx.QueryParams(
            [
                ("year", str(scope.plan_year)),
                ("map", scope.map.stated),
                ("known_at", str(scope.as_of.position)),
                *(("by", table) for table in comparison.TABLES),
            ]
        )
        url = f"{addresses.reporting}/summaries/{path}"
        return comparison.flat(http_client.get_json(client, url, query))
