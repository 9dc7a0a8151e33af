"""`dvk archive` and `dvk audit --archive`: the log as immutable files, and figures from them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from services.console.client.http_client import Unanswered
from services.console.commands.audit import print_verdict, server_figures
from services.console.commands.complaints import complain
from services.console.commands.publish import bar
from services.console.commands.rebuild import finished, opened
from services.console.local.data_directory import CannotStart
from services.console.output.faults import print_mark
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from services.console.trust.audited_archive import judge_archive
from services.console.trust.audited_export import AGREES, CANNOT, DISAGREES
from services.reporting.archive import checking, replay, writer
from services.reporting.archive.engines import Engine, UnknownEngine, engine_at
from services.reporting.archive.layout import POSITIONS, NotAnArchive, Storage
from services.reporting.archive.sealing import seal_archive
from services.reporting.archive.sql_counts import COUNTED, counts_in_sql
from services.reporting.audit.comparison import (
    AuditScope,
    Cell,
    Disagreement,
    answer_of_first,
    disagreements,
)
from services.reporting.audit.exporter import Seal
from shared.errors import LedgerError
from shared.events.redacted_record import REDACTED_TYPES
from shared.trust.notes import NoteError
from shared.vocabulary import DEFAULT_PROGRAMME, Measure
from shared.web.answers.as_of_parameters import known_at, map_choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.console.commands.audit import AuditQuery
    from services.reporting.archive.layout import ArchiveManifest
    from services.reporting.queries.facade import Queries
    from shared.clock import Clock
    from shared.eventlog.protocol import Head, Reader
    from shared.eventlog.seal_store import SealStore
    from shared.settings import Settings


def archive(to: str, positions: int | None, settings: Settings, console: Terminal) -> int:
    """Append whole files of the log; 0 when the archive has all that the log fills."""

    def run() -> None:
        with opened(settings) as (log, _):
            try:
                storage = Storage(to)
                before = storage.manifest()
                first = before.head.position if before else 0
                head = log.head().position
                each = before.positions if before else positions or POSITIONS
                whole = (head - first) // each * each
                with bar(whole, console, ("Đang lưu trữ", "Archiving")) as (progress, task):
                    advanced = partial(progress.advance, task)
                    manifest = writer.archive(
                        log,
                        storage,
                        positions or POSITIONS,
                        advanced,
                        log.of_types(REDACTED_TYPES),
                    )
                seal = _seal(log.seals(settings.origin))
                manifest = seal_archive(storage, manifest, seal)
            except NotAnArchive as error:
                raise CannotStart(f"Không lưu trữ được vào {to}.", str(error)) from error
        _print_archived(manifest, first, head, console, sealed=seal is not None)

    return finished(
        run,
        console,
        interrupted=(
            "Đã ngắt. Những tệp đã ghi vẫn đúng; chạy lại lệnh sẽ ghi tiếp.",
            "Interrupted. The files that were written are whole; the next run goes on.",
        ),
    )


def _seal(seals: SealStore) -> Seal | None:
    """Return the last checkpoint of the log with its cosignatures, None of a log without."""
    last = seals.last()
    return None if last is None else Seal(seals.note(last), seals)


def _print_archived(
    manifest: ArchiveManifest, first: int, head: int, console: Terminal, *, sealed: bool
) -> None:
    say, last = said_on(console), manifest.head.position
    if last > first:
        say(
            f"Đã lưu trữ các vị trí {number(first + 1)} đến {number(last)}.",
            f"The positions {number_en(first + 1)} to {number_en(last)} are archived.",
        )
        say(
            f"Chuỗi tại vị trí {number(last)}: {manifest.head.chain.hex()}",
            f"the chain at position {number_en(last)}; hold it against a receipt.",
        )
    if last and sealed and not manifest.checkpoint:
        say(
            "Chưa có điểm kiểm nào của sổ bao hết kho lưu trữ; lần chạy sau sẽ ghi.",
            "no checkpoint of the log covers the archive yet; a later run states it.",
        )
    say(
        f"Còn {number(head - last)} sự kiện chưa đủ một tệp ({number(manifest.positions)} vị trí).",
        f"{number_en(head - last)} events do not fill a file of {number_en(manifest.positions)}.",
    )


@dataclass(frozen=True)
class ArchiveAudit:
    """An archive, and the engine that folds it."""

    address: str
    engine: str


def audit_archive(asked: ArchiveAudit, query: AuditQuery, clock: Clock, console: Terminal) -> int:
    """Verify an archive and compute its figures; 0 all right, 1 a fault or difference, 2 cannot."""
    say = said_on(console)
    try:
        storage, engine = Storage(asked.address), engine_at(asked.engine)
        manifest = storage.manifest()
        if manifest is None:
            say(f"Không có kho lưu trữ ở {asked.address}.", f"No archive is at {asked.address}.")
            return CANNOT
        if not _is_intact(manifest, asked, engine, console):
            return DISAGREES
        judged = judge_archive(storage, manifest, query, clock, console)
        if judged != AGREES:
            return judged
        return _figures(storage, manifest, engine, query, clock, console)
    except (NotAnArchive, UnknownEngine, NoteError, OSError) as error:
        say("Không kiểm toán được kho lưu trữ này.", str(error))
    except Unanswered as error:
        complain(console, error)
    except LedgerError as error:
        rule, params = error.problem.rule, error.problem.params
        say(rule.words("vi", params), rule.words("en", params))
    return CANNOT


def _is_intact(
    manifest: ArchiveManifest, asked: ArchiveAudit, engine: Engine, console: Terminal
) -> bool:
    say = said_on(console)
    with console.status(console.pick("Kiểm tra các tệp…", "Verifying the files…")):
        faults = list(checking.verify(manifest, asked.address, engine))
    for fault in faults:
        at, at_en = "", ""
        if fault.position is not None:
            at, at_en = f", vị trí {number(fault.position)}", f", position {fault.position}"
        print_mark(console, good=False)
        say(f"{fault.file}{at}: {fault.vietnamese}", f"{fault.file}{at_en}: {fault.english}")
    if not faults:
        count = manifest.head.position
        print_mark(console, good=True)
        say(
            f"{number(count)} sự kiện trong {number(len(manifest.files))} tệp: mã băm và mắt xích "
            "đều đúng.",
            f"{number_en(count)} events in {number_en(len(manifest.files))} files: digests and "
            "chain are right.",
        )
        say(
            f"Chuỗi tại vị trí {number(count)}: {manifest.head.chain.hex()}",
            "Hold it against a receipt or a server.",
        )
    return not faults


def _figures(  # noqa: PLR0917  what is asked, and of what
    storage: Storage,
    manifest: ArchiveManifest,
    engine: Engine,
    query: AuditQuery,
    clock: Clock,
    console: Terminal,
) -> int:
    def position(log: Reader) -> int:
        if query.known_at is None:
            return log.head().position
        return known_at(query.known_at, log).position

    years = None if query.plan_year is None else [query.plan_year]
    with ExitStack() as stack:
        with console.status(console.pick("Tính lại từ kho lưu trữ…", "Folding the archive…")):
            reads = stack.enter_context(replay.replayed(storage, engine, position, years))
        counts = _in_sql(storage, manifest, reads, query, console)
        audited = [
            _of_year(reads, manifest.head, year, query, clock, console, counts)
            for year in years or reads.years()
        ]
    return max(audited, default=AGREES)


def _in_sql(
    storage: Storage,
    manifest: ArchiveManifest,
    reads: Queries,
    query: AuditQuery,
    console: Terminal,
) -> Mapping[tuple[int, str], int] | None:
    """Return the nation's counts by SQL, None where DuckDB is not installed or a unit is asked."""
    if query.unit_id is not None or find_spec("duckdb") is None:
        return None
    with console.status(console.pick("Đếm lại bằng SQL…", "Counting again in SQL…")):
        until = reads.as_of().position
        return counts_in_sql(storage, manifest, until, DEFAULT_PROGRAMME)


def _of_year(  # noqa: PLR0917  what is asked, and of what
    reads: Queries,
    head: Head,
    year: int,
    query: AuditQuery,
    clock: Clock,
    console: Terminal,
    counts: Mapping[tuple[int, str], int] | None,
) -> int:
    """Print the measures of a year; compare them with other readings, and a server if named."""
    scope = AuditScope(query.unit_id, year, map_choice(query.map, clock), reads.as_of())
    figures = answer_of_first(reads, scope)
    server = server_figures(head, scope, query.against) if query.against else None
    known = console.number(scope.as_of.position)
    title = console.pick(
        f"{query.unit_id or 'Cả nước'} {year} — bản đồ {scope.map.stated}, đến vị trí {known}",
        f"{query.unit_id or 'The nation'} {year} — map {scope.map.stated}, at position {known}",
    )
    show_table(console, title, _table(figures, server, console))
    found: list[Disagreement] = []
    if counts is not None:
        folded = {Cell(each): figures[Cell(each)] for each in COUNTED}
        in_sql = {Cell(each): counts.get((year, each), 0) for each in COUNTED}
        found += (differing := disagreements(folded, in_sql))
        who, who_en = "lần đếm bằng SQL", "the counts in SQL"
        print_verdict(console, who, who_en, len(in_sql), differing, of="chỉ tiêu cả nước")
    if server is not None:
        found += (differing := disagreements(figures, server))
        print_verdict(console, "máy chủ", "the server", len(server), differing)
    return DISAGREES if found else AGREES


def _table(
    figures: Mapping[Cell, Any], server: Mapping[Cell, Any] | None, console: Terminal
) -> Any:  # noqa: ANN401  a table of rich
    table = plain_table()
    table.add_column(console.pick("Chỉ tiêu", "Measure"))
    table.add_column(console.pick("Kho lưu trữ", "Archive"), justify="right")
    if server is not None:
        table.add_column(console.pick("Máy chủ", "Server"), justify="right")
    for measure in Measure:
        readings = [each for each in (figures, server) if each is not None]
        values = [each.get(Cell(str(measure)), 0) for each in readings]
        table.add_row(console.words(measure), *map(console.number, values))
    return table
