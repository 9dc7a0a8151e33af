"""`dvk status`: the state of the ledger, in plain words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import typer
from prometheus_client.parser import text_string_to_metric_families
from rich.text import Text

from services.console.client.http_client import client_for
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, both, number, number_en, said_on
from services.console.trust.actions import loaded
from shared.client.addresses import Addresses, addresses_at
from shared.client.signed_reads import SignedReads
from shared.trust.authority import SOURCE_PREFIX
from shared.trust.keys import SecretKey

_PAGE = 1000
_LONG_PAGES = 10


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The state of one service: reachable, ready, and its parked, refused and quarantined events.

    Counts are None where the service could not be asked; `failing` names what it lacks.
    """

    name: str
    address: str
    answers: bool
    ready: bool
    failing: str
    parked: int | None
    refused: int | None
    quarantined: int | None


class Own(NamedTuple):
    """A publisher and its key: once trust began, only its own parked and refused events."""

    publisher: str
    key: SecretKey


def own_of(key: Path | None, publisher: str | None) -> Own | None:
    """Return the publisher of the options of a command, if they name one."""
    if key is None and publisher is None:
        return None
    if key is None or publisher is None:
        raise typer.BadParameter(both("--key và --as đi cùng nhau", "--key goes with --as"))
    return Own(publisher, loaded(key))


def status(to: str, console: Terminal, own: Own | None = None) -> int:
    """Print the state of the ledger; 0 when all is well, 1 when something needs attention."""
    with client_for(to, 5) as client:
        return tell(client, to, console, own)


def tell(client: httpx.Client, to: str, console: Terminal, own: Own | None = None) -> int:
    """Query the services behind an address, print their state, and return the exit code."""
    addresses = addresses_at(to, client)
    states = [_state(client, name, address, own) for name, address in addresses.named()]
    completeness = _completeness(client, addresses)
    if not any(state.answers for state in states):
        message = both(f"Không có sổ nào trả lời tại {to}.", f"No ledger answers at {to}.")
        console.print(Text(message, style="bold red"), soft_wrap=True)
        said_on(console)("Chạy sổ bằng lệnh: dvk up", "Start one with: dvk up")
        return 1
    _show_services(console, states)
    if completeness is not None:
        _show_models(console, completeness)
    troubles = list(_troubles(states, completeness))
    for trouble in troubles:
        console.print(Text(f"• {both(*trouble)}", style="yellow"), soft_wrap=True)
    if not troubles:
        console.print("[bold green]✓[/] ", end="")
        said_on(console)("Mọi thứ ổn, không cần làm gì.", "All is well.")
    return 1 if troubles else 0


def _show_services(console: Terminal, states: list[ServiceState]) -> None:
    """Print one row for each service, and the addresses below, where there is room for them."""
    table = plain_table()
    for head in (("Dịch vụ", "Service"), ("Tình trạng", "State")):
        table.add_column(console.pick(*head))
    for head in (("Đang chờ", "Parked"), ("Bị từ chối", "Refused"), ("Cách ly", "Set aside")):
        table.add_column(console.pick(*head), justify="right")
    for state in states:
        counts = [
            _count(each, console) for each in (state.parked, state.refused, state.quarantined)
        ]
        table.add_row(state.name, _condition(state, console), *counts)
    show_table(console, console.pick("Dịch vụ", "Services"), table)
    for state in states:
        console.print(Text(f" {state.name:<11} {state.address}", style="dim"), soft_wrap=True)
    console.print()


def _show_models(console: Terminal, completeness: Mapping[str, Any]) -> None:
    """Print one row for each read model, next to the head of the log."""
    head = completeness["log"]["head"]
    table = plain_table()
    table.add_column(console.pick("Bảng", "Read model"))
    for each in (("Vị trí", "Position"), ("Đã xử lý", "Handled")):
        table.add_column(console.pick(*each), justify="right")
    table.add_column("")
    for model in completeness["read_models"]:
        handled = console.number(model["events_handled"])
        state = _progress(model, head, console)
        table.add_row(model["name"], console.number(model["position"]), handled, state)
    heading = console.pick(
        f"Bảng tổng hợp — sổ có {number(head)} sự kiện",
        f"Read models — the log holds {number_en(head)} events",
    )
    show_table(console, heading, table)


def _progress(model: Mapping[str, Any], head: int, console: Terminal) -> Text:
    """Return whether a read model has every event of the log, and if not, how many are missing."""

    def events(count: int, vietnamese: str, english: str) -> str:
        return console.pick(
            f"{vietnamese} {number(count)} sự kiện", f"{number_en(count)} events {english}"
        )

    if model["equal"]:
        return Text(console.pick("đủ ✓", "whole ✓"), style="green")
    if model["position"] < head:
        return Text(events(head - model["position"], "còn", "to go"), style="yellow")
    if held := model.get("events_held"):
        return Text(events(held, "cách ly", "held"), style="yellow")
    return Text(events(model.get("events_discarded", 0), "đã loại bỏ", "discarded"))


def _troubles(
    states: list[ServiceState], completeness: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    for state in states:
        if not state.answers:
            yield (
                f"{state.name} không trả lời. Xem nhật ký của dịch vụ.",
                f"{state.name} does not answer. Look at its log.",
            )
        elif not state.ready:
            yield (
                f"{state.name} chưa sẵn sàng: {state.failing}",
                f"{state.name} is not ready: {state.failing}",
            )
        if count := state.quarantined:
            yield (
                f"{state.name}: {number(count)} chuỗi sự kiện bị cách ly, cần người vận hành xem.",
                f"{state.name}: {number_en(count)} subjects in quarantine, an operator must act.",
            )
    if completeness and any(
        model["position"] < completeness["log"]["head"] for model in completeness["read_models"]
    ):
        yield (
            "Bảng tổng hợp chưa theo kịp sổ; thử lại sau ít giây.",
            "Read models are catching up; ask again in a few seconds.",
        )


def _state(client: httpx.Client, name: str, address: str, own: Own | None) -> ServiceState:
    try:
        answer = client.get(f"{address}/readyz")
    except httpx.TransportError:
        return ServiceState(name, address, False, False, "", None, None, None)
    failing = "" if answer.is_success else str(answer.json().get("detail", answer.status_code))
    return ServiceState(
        name,
        address,
        True,
        answer.is_success,
        failing,
        _listed(client, f"{address}/parked", own),
        _listed(client, f"{address}/refused", own),
        _quarantined(client, address),
    )


def _listed(client: httpx.Client, url: str, own: Own | None) -> int | None:
    """Return the length of a list, counting at most ten thousand items."""
    count, cursor = 0, None
    source = {} if own is None else {"source": f"{SOURCE_PREFIX}{own.publisher}"}
    auth = None if own is None else SignedReads(own.key)
    for _ in range(_LONG_PAGES):
        params = {"limit": str(_PAGE), **source, **({"cursor": cursor} if cursor else {})}
        try:
            answer = client.get(url, params=params, auth=auth)
            answer.raise_for_status()
        except httpx.HTTPError:
            return None
        page = answer.json()
        count += len(page["items"])
        cursor = page["next"]
        if cursor is None:
            break
    return count


def _quarantined(client: httpx.Client, address: str) -> int | None:
    """Return the sum of the service's quarantine metric, or None if it has none."""
    try:
        text = client.get(f"{address}/metrics").raise_for_status().text
    except httpx.HTTPError:
        return None
    values = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "quarantined" in sample.name and not sample.name.endswith("_created")
    ]
    return int(sum(values)) if values else None


def _completeness(client: httpx.Client, addresses: Addresses) -> Mapping[str, Any] | None:
    try:
        answer = client.get(f"{addresses.reporting}/completeness")
        answer.raise_for_status()
    except httpx.HTTPError:
        return None
    found: Mapping[str, Any] = answer.json()
    return found


def _condition(state: ServiceState, console: Terminal) -> Text:
    if not state.answers:
        return Text(console.pick("không trả lời ✗", "does not answer ✗"), style="bold red")
    if not state.ready:
        return Text(console.pick("chưa sẵn sàng", "not ready"), style="yellow")
    return Text(console.pick("sẵn sàng ✓", "ready ✓"), style="green")


def _count(value: int | None, console: Terminal) -> Text:
    if value is None:
        return Text("—", style="dim")
    return Text(console.number(value), style="yellow" if value else "")
