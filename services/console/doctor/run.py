"""`dvk doctor`: runs every check and prints a short table, with advice for every fault."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from services.console.client.http_client import client_for
from services.console.doctor.commands import Commands
from services.console.doctor.databases import looking, reader_on
from services.console.doctor.finding import Bilingual, Finding, Level, worst
from services.console.doctor.list_desk import check_desk_files
from services.console.doctor.lock import check_file_lock, check_server_lock
from services.console.doctor.log import check_log, file_is_missing, unreachable
from services.console.doctor.machine import check_machine
from services.console.doctor.origins import check_forwarding, check_origins
from services.console.doctor.postgres import check_postgres
from services.console.doctor.read_models import check_read_models
from services.console.doctor.redis import check_redis
from services.console.doctor.seals import check_seals
from services.console.doctor.services import check_services
from services.console.doctor.trust import check_trust
from services.console.local.version_checks import file_of
from services.console.output.texts import Terminal, both, said_on
from shared.client.addresses import addresses_at
from shared.clock import MICROSECONDS, Clock
from shared.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from shared.settings import Settings

TITLES = {
    "release": "Bản phát hành · Release",
    "home": "Thư mục · Home",
    "disk": "Ổ đĩa · Disk",
    "log": "Sổ · Log",
    "schema": "Lược đồ · Schema",
    "positions": "Vị trí · Positions",
    "chain": "Chuỗi băm · Chain",
    "seal": "Niêm phong · Seal",
    "origins": "Sổ chuyển về · Origins",
    "forwarding": "Chuyển sổ · Forwarding",
    "clock": "Đồng hồ · Clock",
    "lock": "Khóa ghi · Append lock",
    "durability": "Độ bền · Durability",
    "connections": "Kết nối · Connections",
    "sessions": "Phiên · Sessions",
    "roles": "Vai trò · Roles",
    "replica": "Bản sao · Replica",
    "read_models": "Bảng tổng hợp · Read models",
    "same_log": "Cùng một sổ · Same log",
    "position": "Theo kịp sổ · Caught up",
    "completeness": "Tính đủ · Complete",
    "quarantine": "Cách ly · Quarantine",
    "redis": "Redis",
    "redis_sentinels": "Sentinel",
    "redis_role": "Vai của Redis · Its role",
    "redis_file": "Tệp của Redis · Its file",
    "stream": "Dòng sự kiện · Stream",
    "intake": "Dòng nhập · Intake",
    "trust": "Chế độ ký · Trust",
    "roots": "Nơi gốc · Roots",
    "pending": "Chờ đồng ý · Pending",
    "desk_signing": "Khóa ký của bàn · Desk signing",
    "desk_key": "Khóa bàn danh sách · Desk key",
    "desk_state": "Tệp bàn danh sách · Desk state",
    "services": "Dịch vụ · Services",
}
_PATIENCE_SECONDS = 10.0
"""Longer than a service itself waits for a hanging Redis, so that it can report that."""
_MARKS = {
    Level.WELL: (("✓ ổn", "✓ well"), "green"),
    Level.LOOK: (("! xem", "! look"), "yellow"),
    Level.BROKEN: (("✗ hỏng", "✗ broken"), "bold red"),
}


def doctor(
    settings: Settings, to: str, console: Terminal, *, clock: Clock, deep: bool, as_json: bool
) -> int:
    """Run every check; 0: all is well, 1: something needs attention, 2: something is broken."""
    findings = list(examined(settings, to, clock=clock, deep=deep))
    if as_json:
        console.print_json(json.dumps(report_of(findings), ensure_ascii=False))
    else:
        show(findings, console)
    return int(worst(findings))


def examined(settings: Settings, to: str, *, clock: Clock, deep: bool) -> Iterator[Finding]:
    """Yield every finding: the machine, the database, Redis, the list desk, the services."""
    yield from check_machine(settings)
    head: int | None = None
    missing = file_is_missing(settings.log_url)
    if missing is not None:
        yield missing
    else:
        try:
            with looking(settings.log_url) as connection:
                reader = reader_on(settings.log_url, connection)
                found = list(check_log(connection, reader, clock=clock, deep=deep))
                yield from found
                if worst(found) < Level.BROKEN or len(found) > 1:
                    head = reader.head().position
                if head is not None:
                    yield check_seals(connection, reader, settings, clock=clock, deep=deep)
                    yield from check_trust(settings, reader, clock)
                    yield from check_origins(connection)
                if settings.database_url is None:
                    yield check_file_lock(
                        settings.home / "log.db.lock", lambda: reader.head().position
                    )
                else:
                    yield check_server_lock(connection)
                    yield from check_postgres(connection)
                if head is not None:
                    yield from _read_models(settings, reader_on(settings.log_url, connection))
        except (SQLAlchemyError, LedgerError) as error:
            yield unreachable(_reason(error))
    yield from check_redis(settings, head, clock() / MICROSECONDS)
    yield from check_desk_files(settings)
    yield from check_forwarding(settings, clock)
    with client_for(to, _PATIENCE_SECONDS) as client:
        yield from check_services(client, addresses_at(to, client), clock, Commands.of(settings))


def _read_models(settings: Settings, log: Any) -> Iterator[Finding]:  # noqa: ANN401
    if settings.database_url is None and not file_of(settings.reporting_url).exists():
        return
    with looking(settings.reporting_url) as connection:
        yield from check_read_models(connection, log)


def show(findings: Sequence[Finding], console: Terminal) -> None:
    """Print one row for each check, then for each fault: the finding, the reason, the advice."""
    heading = both("Khám sổ", "Examination of the ledger")
    console.print(Text(heading, style="bold"), soft_wrap=True)
    titles = [title_of(each.check, console) for each in findings]
    width = max(map(len, titles), default=0)
    for each, title in zip(findings, titles, strict=True):
        # The terminal wraps the line: an address or a path in it stays whole.
        row = Text.assemble(" ", _mark(each.level, console), f" {title:<{width}}  ")
        console.print(row.append_text(_bilingual(each.found, console)), soft_wrap=True)
    for each in sorted(findings, key=lambda one: -one.level):
        if each.level:
            console.print(_advice(each, console), soft_wrap=True, end="")
    console.print()
    if not worst(findings):
        said_on(console)("Mọi thứ ổn, không cần làm gì.", "All is well, there is nothing to do.")


def _mark(level: Level, console: Terminal) -> Text:
    """Return the mark of a level, padded to the width of the widest."""
    words, style = _MARKS[level]
    widest = max(len(console.pick(*each)) for each, _ in _MARKS.values())
    return Text(f"{console.pick(*words):<{widest}}", style)


def _bilingual(words: Bilingual, console: Terminal) -> Text:
    """Return a sentence in both languages, the reader's first; a command only once."""
    text = Text(console.pick(words.vi, words.en))
    if words.vi != words.en:
        text.append(f" · {console.pick(words.en, words.vi)}", style="dim")
    return text


def _advice(each: Finding, console: Terminal) -> Text:
    words = Text("\n").append_text(_mark(each.level, console))
    found = console.pick(each.found.vi, each.found.en)
    words.append(f" {title_of(each.check, console)}: {found}\n", style="bold")
    if each.why:
        words.append(f"   {console.pick('Vì sao', 'Why')}: ")
        words.append_text(_bilingual(each.why, console)).append("\n")
    for step in each.do:
        if step.vi == step.en:
            words.append(f"     {step.vi}\n", style="cyan")
        else:
            words.append("   → ").append_text(_bilingual(step, console)).append("\n")
    return words


def title_of(check: str, console: Terminal) -> str:
    """Return the title of a check; for a service its name."""
    return console.words.one_of(TITLES.get(check, check))


def report_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the report in the form for programs."""
    return {
        "worst": worst(findings).name.lower(),
        "checks": [
            {
                "check": each.check,
                "level": each.level.name.lower(),
                "found": each.found._asdict(),
                "why": each.why._asdict() if each.why else None,
                "do": [step._asdict() for step in each.do],
            }
            for each in findings
        ],
    }


def _reason(error: Exception) -> str:
    """Return an error as one line, never with an address that holds a password."""
    cause = getattr(error, "orig", None) or error
    first = next(iter(str(cause).splitlines()), "")
    return f"{type(cause).__name__}: {first[:160]}"
