"""`dvk quarantine`: the subjects in quarantine, the reasons, and the operator's decisions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import httpx
from rich.text import Text

from services.console.client.http_client import Unanswered, client_for
from services.console.client.quarantine_client import quarantined_by_rules, require_rules_readable
from services.console.commands.rebuild import finished, opened, show_differences, show_swapped
from services.console.local.data_directory import CannotStart
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from services.reporting.readmodels.catalog import Catalog, made
from shared.client.addresses import addresses_at
from shared.clock import rfc3339, system_clock
from shared.readmodel import quarantine
from shared.readmodel.rebuild.requeue import NOT_IN_QUARANTINE, Quarantine, bring_up
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.eventlog.protocol import Reader
    from shared.readmodel.quarantine import Quarantined
    from shared.readmodel.store import Store
    from shared.settings import Settings

_SHOWN = 20


class QuarantineSubject(NamedTuple):
    """The subject of a decision: in a read model, or in a service's rules."""

    name: str
    subject: str


def list_all(settings: Settings, to: str, console: Terminal) -> int:
    """List all of the quarantine: read models from the database, rules from the services."""

    def run() -> None:
        with opened(settings) as (_, store):
            bring_up(store)
            rows = list(_read_model_rows(store, console))
        rules, unreachable = _rows_of_rules(to, console)
        table = plain_table()
        for head in (("Nơi", "Where"), ("Chuỗi", "Subject")):
            table.add_column(console.pick(*head), overflow="fold")
        for head in (("Vị trí", "Position"), ("Đang giữ", "Held")):
            table.add_column(console.pick(*head), justify="right")
        for head in (("Từ", "Since"), ("Tình trạng", "State"), ("Lý do", "Reason")):
            table.add_column(console.pick(*head), overflow="fold")
        for row in (*rows, *rules):
            table.add_row(*map(Text, row))
        if rows or rules:
            show_table(console, console.pick("Cách ly", "Quarantine"), table)
        else:
            said_on(console)("Không có gì bị cách ly.", "Nothing is in quarantine.")
        for name in unreachable:
            said_on(console)(
                f"{name} không trả lời, nên chưa hỏi được phần xét duyệt của nó.",
                f"{name} does not answer: the quarantine of its rules is unknown.",
            )

    return _done(run, console)


def show(named: QuarantineSubject, settings: Settings, to: str, console: Terminal) -> int:
    """Show one subject: the reason, the events held, past decisions."""

    def run() -> None:
        if _is_service(named.name):
            _show_rules(named, to, console)
            return
        with opened(settings) as (log, store):
            bring_up(store)
            found = next(
                (e for e in _of(store, named).subjects() if e.subject == named.subject), None
            )
            if found is None:
                raise _not_found(named)
            _print_subject(found, log, console)
            _print_decisions(store, named, console)

    return _done(run, console)


def requeue(
    named: QuarantineSubject,
    settings: Settings,
    to: str,
    console: Terminal,
    *,
    reason: str = "",
    accept: Sequence[str] = (),
) -> int:
    """Fold a subject again; 0 when it left the quarantine, 1 when it stays, with the reason."""

    def run() -> None:
        if _is_service(named.name):
            require_rules_readable(Family(named.name), named.subject, to)
        else:
            with opened(settings) as (log, store):
                bring_up(store)
                done = _of(store, named).requeue(
                    named.subject,
                    log,
                    partial(made, named.name),
                    clock=system_clock,
                    reason=reason,
                    accept=accept,
                )
            show_swapped(console, [done])
            show_differences(console, [done.findings], accepted=True)
        said_on(console)(
            f"{named.subject} đã ra khỏi cách ly của {named.name}.",
            f"{named.subject} is out of the quarantine of {named.name}.",
        )

    return _done(run, console)


def discard(named: QuarantineSubject, reason: str, settings: Settings, console: Terminal) -> int:
    """Discard a subject from a read model, with a reason that is kept for ever."""

    def run() -> None:
        if _is_service(named.name):
            raise CannotStart(
                "Không thể loại bỏ một chuỗi của phần xét duyệt: sổ cái giữ mọi sự kiện. Hãy sửa "
                "chương trình rồi chạy dvk quarantine requeue.",
                "A stream of the rules cannot be discarded: the log keeps every event. Fix the "
                "program, then run dvk quarantine requeue.",
            )
        if not reason.strip():
            raise CannotStart("Hãy nêu lý do: --reason 'LÝ DO'", "Give the reason: --reason 'TEXT'")
        with opened(settings) as (_, store):
            bring_up(store)
            found = _of(store, named).discard(named.subject, reason.strip(), system_clock())
        said_on(console)(
            f"Đã loại bỏ {found.subject} khỏi bảng {named.name} từ vị trí "
            f"{number(found.position)}; "
            "/completeness và /quarantine vẫn nêu rõ.",
            f"Discarded {found.subject} from {named.name} from position "
            f"{number_en(found.position)} on; "
            "/completeness and /quarantine go on saying so.",
        )

    return _done(run, console)


def _done(run: Callable[[], None], console: Terminal) -> int:
    interrupted = ("Đã ngắt; không có gì thay đổi.", "Interrupted; nothing has changed.")
    return finished(run, console, interrupted=interrupted)


def _is_service(name: str) -> bool:
    return name in set(Family)


def _of(store: Store, named: QuarantineSubject) -> Quarantine:
    known = [model.name for model in Catalog().all()]
    if named.name not in known:
        listed = ", ".join([*known, *Family])
        raise CannotStart(
            f"Không có bảng tổng hợp hay dịch vụ {named.name}. Có: {listed}.",
            f"There is no read model or service {named.name}. There are: {listed}.",
        )
    return Quarantine(store, named.name)


def _not_found(named: QuarantineSubject) -> CannotStart:
    params = {"read_model": named.name, "subject": named.subject}
    return CannotStart(NOT_IN_QUARANTINE.words("vi", params), NOT_IN_QUARANTINE.words("en", params))


def _read_model_rows(store: Store, console: Terminal) -> Iterator[tuple[str, ...]]:
    with store.reading() as connection:
        discarded = quarantine.discarded(connection)
    for model in Catalog().all():
        for each in Quarantine(store, model.name).subjects():
            choice = discarded.get((model.name, each.subject))
            state = console.pick("đang giữ", "held")
            if choice is not None:
                state = console.pick("đã loại bỏ", "discarded") + f": {choice.reason}"
            yield (
                model.name,
                each.subject,
                console.number(each.position),
                console.number(each.events_held),
                rfc3339(each.since_us),
                state,
                each.reason,
            )


def _rows_of_rules(to: str, console: Terminal) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the rows of the rules, and the services that did not answer."""
    rows: list[tuple[str, ...]] = []
    unreachable: list[str] = []
    with client_for(to, 10) as client:
        for name, address in addresses_at(to, client).named():
            try:
                found = quarantined_by_rules(client, address)
            except (Unanswered, httpx.HTTPError):
                unreachable.append(name)
                continue
            rows += [
                (
                    name,
                    str(each["subject"]),
                    console.number(each["position"] or None),
                    console.number(each["events_held"]),
                    str(each["since"]),
                    console.pick("đang giữ", "held"),
                    str(each["reason"]),
                )
                for each in found
            ]
    return rows, unreachable


def _show_rules(named: QuarantineSubject, to: str, console: Terminal) -> None:
    with client_for(to, 10) as client:
        address = addresses_at(to, client).of(Family(named.name))
        found = [e for e in quarantined_by_rules(client, address) if e["subject"] == named.subject]
    if not found:
        raise _not_found(named)
    for each in found:
        for name, value in each.items():
            console.print(Text(f"{name}: {value}"), soft_wrap=True)


def _print_subject(found: Quarantined, log: Reader, console: Terminal) -> None:
    say = said_on(console)
    say(f"Chuỗi: {found.subject}", f"Subject: {found.subject}")
    say(
        f"Dừng ở vị trí {number(found.position)} ({found.event_type})",
        f"Stopped at position {number_en(found.position)} ({found.event_type})",
    )
    since = rfc3339(found.since_us)
    say(f"Từ: {since}", f"Since: {since}")
    say(f"Lý do: {found.reason}", f"Reason: {found.reason}")
    held = found.events_held
    say(f"Số sự kiện đang giữ: {number(held)}", f"Events held: {number_en(held)}")
    waiting = [e for e in log.streams([found.subject]) if e.position >= found.position]
    table = plain_table()
    table.add_column(console.pick("Vị trí", "Position"), justify="right")
    for head in (("Loại", "Type"), ("Nguồn", "Source"), ("Mã", "Id")):
        table.add_column(console.pick(*head), overflow="fold")
    for event in waiting[:_SHOWN]:
        position = console.number(event.position)
        table.add_row(position, event.type, Text(event.key.source), event.key.id)
    show_table(console, console.pick("Các sự kiện đang giữ", "Events that wait"), table)


def _print_decisions(store: Store, named: QuarantineSubject, console: Terminal) -> None:
    with store.reading() as connection:
        decided = [
            each
            for each in quarantine.decisions(connection)
            if (each.read_model, each.subject) == (named.name, named.subject)
        ]
    for each in decided:
        text = f"{rfc3339(each.decided_us)}: {each.decision} — {each.reason}"
        said_on(console)(
            f"Người vận hành đã quyết định: {text}", f"An operator has decided: {text}"
        )
