"""`dvk demo`: the ledger for a moment, the city's table, and the check of every figure of it."""

import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from services.console.comparison import (
    Compared,
    Summary,
    compare,
    in_words,
    outcomes,
    rows_of,
    summary_of,
)
from services.console.delivery import Undeliverable
from services.console.home import CannotStart, port_taken
from services.console.ledger import Interrupted, running
from services.console.sample.places import names_of_codes
from services.console.sample.reconstruction import CITY
from services.console.tables import plain_table, show_table
from services.console.up import asked_to_end, complain, fill
from services.console.words import CODES, OUTCOMES, number, said_on
from shared.bus.redis_server import RedisMissing, find_redis_server
from shared.settings import Settings

_FIELD_KIND = ("field", "registration_kind")
_OWNER_KIND = ("owner_kind", "registration_kind")


def demo(environment: Mapping[str, str], console: Console) -> int:
    """Run the demonstration; 0 only if every figure of the account agrees."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping, _settings(environment, console) as settings:
            with running(settings, say=say, stopping=stopping) as ledger:
                fill(ledger, console)
                agree = show(ledger.client, ledger.addresses.reporting, console)
            say("Đã dừng mọi tiến trình.", "Everything is stopped.")
    except Interrupted:
        say("Đã dừng giữa chừng.", "Interrupted.")
        return 130
    except (CannotStart, Undeliverable, httpx.HTTPError) as error:
        complain(console, error)
        return 1
    return 0 if agree else 1


def show(client: httpx.Client, reporting: str, console: Console) -> bool:
    """Print the city's tables and the check; tell whether all agree."""
    city = summary_of(client, reporting, CITY, [_FIELD_KIND, _OWNER_KIND, ("block",), ("unit",)])
    for heading, table in city_tables(city):
        show_table(console, heading, table)
    compared, elsewhere = compare(client, reporting)
    heading = "Đối chiếu với số liệu công bố · Check against the published figures"
    show_table(console, heading, check_table(compared))
    told = outcomes(elsewhere)
    listed, others = told.total(), len(elsewhere)
    agreeing = sum(one.agrees for one in compared)
    all_agree = agreeing == len(compared) and listed == others
    mark = "[bold green]✓[/]" if agreeing == len(compared) else "[bold red]✗[/]"
    console.print(
        f"{mark} {agreeing}/{len(compared)} số liệu công bố của thành phố Bắc Kạn năm 2022 khớp "
        f"với sổ. [dim]· {agreeing} of {len(compared)} published figures agree.[/]",
        soft_wrap=True,
    )
    mark = "[bold green]✓[/]" if listed == others else "[bold red]✗[/]"
    console.print(
        f"{mark} {listed}/{others} số liệu của bốn bài báo khác được ghi nhận và đối chiếu, không "
        f"cộng vào tổng nào. [dim]· {listed} of {others} figures of the other accounts are "
        "asserted and reconciled; nothing is added to a sum.[/]",
        soft_wrap=True,
    )
    for outcome, count in told.most_common():
        vietnamese, english = OUTCOMES[outcome]
        console.print(f"  {count:>2} {vietnamese} [dim]· {english}[/]", soft_wrap=True)
    return all_agree


def city_tables(city: Summary) -> Iterator[tuple[str, Table]]:
    """Return the account's tables with their headings, as the ledger sums them up."""
    measures = city["measures"]
    year = plain_table()
    for head in ("Đăng ký", "Đủ điều kiện", "Được công nhận", "Đơn vị kiểm tra", "Tổ chức"):
        year.add_column(head, justify="right")
    columns = (
        "registered",
        "eligible",
        "recognized",
        "inspected_units",
        "recognized_organizations",
    )
    year.add_row(*(number(measures[name]) for name in columns))
    place = f"{city['scope']['name']} {city['year']}"
    yield f"{place} — tái dựng từ số đã công bố · reconstructed from published totals", year
    stages = ("registered", "eligible", "recognized")
    yield "Lĩnh vực · Field", _cells(city, _FIELD_KIND, stages)
    yield "Chủ thể · Owner", _cells(city, _OWNER_KIND, stages)
    of_blocks = ("registered", "recognized", "recognized_organizations")
    yield "Khối · Block", _cells(city, ("block",), of_blocks)
    yield "Xã, phường · Ward", _cells(city, ("unit",), stages)


def check_table(compared: Sequence[Compared]) -> Table:
    """Return every figure of the account beside the ledger's."""
    table = plain_table()
    table.add_column("Mã", style="dim")
    table.add_column("Nội dung · What is counted")
    table.add_column("Công bố", justify="right")
    table.add_column("Sổ", justify="right")
    table.add_column("")
    for one in compared:
        told = "—" if one.ledger is None else number(one.ledger)
        mark = "[green]khớp ✓[/]" if one.agrees else "[bold red]lệch ✗[/]"
        told = told if one.agrees else f"[bold red]{told}[/]"
        published = number(one.figure.value)
        table.add_row(
            one.figure.figure_id.removeprefix("press-"), in_words(one.figure), published, told, mark
        )
    return table


def _cells(city: Summary, by: tuple[str, ...], measures: tuple[str, ...]) -> Table:
    heads = {
        "registered": "Đăng ký",
        "eligible": "Đủ điều kiện",
        "recognized": "Được công nhận",
        "recognized_organizations": "Tổ chức",
    }
    table = plain_table()
    for _ in by:
        table.add_column("")
    for measure in measures:
        table.add_column(heads[measure], justify="right")
    names = CODES | names_of_codes()
    for row in rows_of(city, by):
        table.add_row(
            *(_label(row, key, names, city) for key in by),
            *(number(row[measure]) for measure in measures),
        )
    return table


def _label(
    row: Mapping[str, str | None], dimension: str, names: Mapping[str, str], city: Summary
) -> str:
    if dimension == "unit":
        if row["unit"] == city["scope"]["unit_id"]:
            return "ghi ở cấp thành phố · the city itself"
        return row.get("unit_name") or "chưa phân bổ · unallocated"
    code = row[dimension]
    return names.get(code, code) if code else "—"


@contextmanager
def _settings(environment: Mapping[str, str], console: Console) -> Iterator[Settings]:
    """Yield settings of its own: a demonstration never touches a ledger that is in use."""
    settings = replace(Settings.from_environment(environment), sample=True)
    if any(port_taken(settings.host, settings.port + step) for step in range(3)):
        settings = replace(settings, port=_free_ports(settings.host))
    if "DVK_HOME" in environment:
        yield settings
        return
    alone = replace(settings, database_url=None, redis_url=_redis_if_needed(settings))
    if alone != settings:
        said_on(console)(
            "Bản trình diễn dùng kho dữ liệu riêng, không dùng DATABASE_URL và REDIS_URL.",
            "The demonstration uses stores of its own; set DVK_HOME to use yours.",
        )
    with tempfile.TemporaryDirectory(prefix="dvk-demo-") as home:
        yield replace(alone, home=Path(home))


def _redis_if_needed(settings: Settings) -> str | None:
    try:
        find_redis_server()
    except RedisMissing:
        return settings.redis_url
    return None


def _free_ports(host: str) -> int:
    """Return the first of three ports in a row that nothing listens on."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port < 65_000 and not any(port_taken(host, port + step) for step in range(3)):
            return port
    raise CannotStart("Không còn cổng trống.", "No three free ports in a row were found.")
