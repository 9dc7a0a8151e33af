"""`dvk demo`: a temporary ledger, the city's tables, and a check of every figure in them."""

import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from rich.table import Table

from services.console.client.published_comparison import (
    Compared,
    Summary,
    code_in_words,
    compare,
    in_words,
    outcomes,
    rows_of,
    summary_of,
)
from services.console.commands.complaints import complain
from services.console.commands.up import asked_to_end, fill
from services.console.datasets.sample.reconstruction import CITY
from services.console.local.data_directory import CannotStart, port_taken
from services.console.local.ledger import Interrupted, running
from services.console.local.redis_server import RedisMissing, find_redis_server
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import OUTCOMES, Terminal, both, said_on
from shared.client.addresses import PORTS
from shared.client.delivery import Undeliverable
from shared.settings import Settings
from shared.vocabulary import Measure

_FIELD_KIND = ("field", "registration_kind")
_OWNER_KIND = ("owner_kind", "registration_kind")
_OF_THE_YEAR = (
    Measure.REGISTERED,
    Measure.ELIGIBLE,
    Measure.RECOGNIZED,
    Measure.INSPECTED_UNITS,
    Measure.RECOGNIZED_ORGANIZATIONS,
)
_SHORT = {
    Measure.ELIGIBLE: ("Đủ điều kiện", "Eligible"),
    Measure.RECOGNIZED_ORGANIZATIONS: ("Tổ chức", "Organisations"),
}


def demo(environment: Mapping[str, str], console: Terminal) -> int:
    """Run the demonstration; 0 only if every figure of the account agrees."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping, settings_of_its_own(environment, console) as settings:
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


def show(client: httpx.Client, reporting: str, console: Terminal) -> bool:
    """Print the city's tables and the check; say whether all agree."""
    city = summary_of(client, reporting, CITY, [_FIELD_KIND, _OWNER_KIND, ("block",), ("unit",)])
    for heading, table in city_tables(city, console):
        show_table(console, heading, table)
    compared, elsewhere = compare(client, reporting)
    heading = both("Đối chiếu với số liệu công bố", "Check against the published figures")
    show_table(console, heading, check_table(compared, console))
    counts = outcomes(elsewhere)
    listed, others = counts.total(), len(elsewhere)
    agreeing = sum(one.agrees for one in compared)
    all_agree = agreeing == len(compared) and listed == others
    _print_count(
        console,
        agreeing,
        len(compared),
        "số liệu công bố của thành phố Bắc Kạn năm 2022 khớp với sổ.",
        "published figures of the city of Bắc Kạn for 2022 agree.",
    )
    _print_count(
        console,
        listed,
        others,
        "số liệu của bốn bài báo khác được ghi nhận và đối chiếu, không cộng vào tổng nào.",
        "figures of the other accounts are asserted and reconciled; nothing is added to a sum.",
    )
    for outcome, count in counts.most_common():
        console.print(f"  {count:>2} {both(*OUTCOMES[outcome])}", soft_wrap=True)
    return all_agree


def _print_count(console: Terminal, some: int, of: int, vietnamese: str, english: str) -> None:
    """Print how many of the figures agree."""
    console.print("[bold green]✓[/]" if some == of else "[bold red]✗[/]", end=" ")
    said_on(console)(f"{some}/{of} {vietnamese}", f"{some}/{of} {english}")


def city_tables(city: Summary, console: Terminal) -> Iterator[tuple[str, Table]]:
    """Return the account's tables with their headings, with the ledger's sums."""
    measures = city["measures"]
    year = plain_table()
    for measure in _OF_THE_YEAR:
        year.add_column(_head(measure, console), justify="right")
    year.add_row(*(console.number(measures[measure]) for measure in _OF_THE_YEAR))
    place = f"{city['scope']['name']} {city['year']}"
    made_up = both("tái dựng từ số đã công bố", "reconstructed from published totals")
    yield f"{place} — {made_up}", year
    stages = (Measure.REGISTERED, Measure.ELIGIBLE, Measure.RECOGNIZED)
    yield console.pick("Lĩnh vực", "Field"), _cells(city, _FIELD_KIND, stages, console)
    yield console.pick("Chủ thể", "Owner"), _cells(city, _OWNER_KIND, stages, console)
    of_blocks = (Measure.REGISTERED, Measure.RECOGNIZED, Measure.RECOGNIZED_ORGANIZATIONS)
    yield console.pick("Khối", "Block"), _cells(city, ("block",), of_blocks, console)
    yield console.pick("Xã, phường", "Ward"), _cells(city, ("unit",), stages, console)


def check_table(compared: Sequence[Compared], console: Terminal) -> Table:
    """Return every figure of the account next to the ledger's."""
    table = plain_table()
    table.add_column(console.pick("Mã", "Id"), style="dim")
    table.add_column(console.pick("Nội dung", "What is counted"))
    table.add_column(console.pick("Công bố", "Published"), justify="right")
    table.add_column(console.pick("Sổ", "Ledger"), justify="right")
    table.add_column("")
    for one in compared:
        shown, mark = console.number(one.ledger), f"[green]{console.pick('khớp', 'agrees')} ✓[/]"
        if not one.agrees:
            shown = f"[bold red]{shown}[/]"
            mark = f"[bold red]{console.pick('lệch', 'differs')} ✗[/]"
        figure_id, published = one.figure.figure_id, console.number(one.figure.value)
        what = in_words(one.figure, console.words)
        table.add_row(figure_id.removeprefix("press-"), what, published, shown, mark)
    return table


def _head(measure: Measure, console: Terminal) -> str:
    """Return the words of a measure, in a short form for the longest."""
    short = _SHORT.get(measure)
    return console.pick(*short) if short else console.words(measure)


def _cells(
    city: Summary, by: tuple[str, ...], measures: tuple[Measure, ...], console: Terminal
) -> Table:
    table = plain_table()
    for _ in by:
        table.add_column("")
    for measure in measures:
        table.add_column(_head(measure, console), justify="right")
    for row in rows_of(city, by):
        table.add_row(
            *(_label(row, key, city, console) for key in by),
            *(console.number(row[measure]) for measure in measures),
        )
    return table


def _label(row: Mapping[str, str | None], dimension: str, city: Summary, console: Terminal) -> str:
    if dimension == "unit":
        if row["unit"] == city["scope"]["unit_id"]:
            return console.pick("ghi ở cấp thành phố", "the city itself")
        return row.get("unit_name") or console.pick("chưa phân bổ", "unallocated")
    code = row[dimension]
    return code_in_words(code, console.words) if code else "—"


@contextmanager
def settings_of_its_own(environment: Mapping[str, str], console: Terminal) -> Iterator[Settings]:
    """Yield settings of its own: a demonstration never touches a ledger in use."""
    settings = replace(Settings.from_environment(environment), sample=True)
    if any(port_taken(settings.host, settings.port + step) for step in range(PORTS)):
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
    """Return the first of as many free ports in a row as there are services."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind((host, 0))
            port = int(probe.getsockname()[1])
        if port < 65_000 and not any(port_taken(host, port + step) for step in range(PORTS)):
            return port
    raise CannotStart("Không còn cổng trống.", "No free ports in a row were found.")
