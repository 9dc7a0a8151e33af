"""`dvk status`: how the ledger is, in words for somebody at the end of a long day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.console.addresses import Addresses, addresses_at, client_for
from services.console.tables import plain_table, show_table
from services.console.words import number

_PAGE = 1000
_LONG_PAGES = 10


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service: whether it answers and is ready, and what waits or was refused there.

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


def status(to: str, console: Console) -> int:
    """Print the state of the ledger; 0 when all is well, 1 when somebody has to look."""
    with client_for(to, 5) as client:
        return tell(client, to, console)


def tell(client: httpx.Client, to: str, console: Console) -> int:
    """Ask the services behind an address, print what they say, and return the exit code."""
    addresses = addresses_at(to, client)
    states = [_state(client, name, address) for name, address in addresses.named()]
    completeness = _completeness(client, addresses)
    if not any(state.answers for state in states):
        console.print(
            Text(f"Không có sổ nào trả lời tại {to}.", style="bold red"),
            Text("Chạy sổ bằng lệnh: dvk up · No ledger answers there; start one with dvk up."),
            sep="\n",
        )
        return 1
    show_table(console, "Dịch vụ · Services", services_table(states))
    if completeness is not None:
        head = completeness["log"]["head"]
        heading = f"Bảng tổng hợp · Read models — sổ có {number(head)} sự kiện · log head {head}"
        show_table(console, heading, models_table(completeness))
    troubles = list(_troubles(states, completeness))
    for trouble in troubles:
        console.print(Text(f"• {trouble}", style="yellow"))
    if not troubles:
        console.print("[bold green]✓[/] Mọi thứ ổn, không cần làm gì. [dim]· All is well.[/]")
    return 1 if troubles else 0


def services_table(states: list[ServiceState]) -> Table:
    """Return one row for each service."""
    table = plain_table()
    for head in ("Dịch vụ", "Tình trạng"):
        table.add_column(head)
    for head in ("Đang chờ\nparked", "Bị từ chối\nrefused", "Cách ly\nquarantined"):
        table.add_column(head, justify="right")
    table.add_column("Địa chỉ", style="dim", overflow="fold")
    for state in states:
        counts = (state.parked, state.refused, state.quarantined)
        table.add_row(state.name, _condition(state), *map(_count, counts), _place(state))
    return table


def models_table(completeness: Mapping[str, Any]) -> Table:
    """Return one row for each read model, beside the head of the log."""
    head = completeness["log"]["head"]
    table = plain_table()
    table.add_column("Bảng")
    table.add_column("Vị trí\nposition", justify="right")
    table.add_column("Đã xử lý\nhandled", justify="right")
    table.add_column("")
    for model in completeness["read_models"]:
        handled = number(model["events_handled"])
        told = _told(model, head)
        table.add_row(model["name"], number(model["position"]), handled, told)
    return table


def _told(model: Mapping[str, Any], head: int) -> Text:
    """Return whether a read model holds the log, and if not, what it lacks."""
    if model["equal"]:
        return Text("đủ ✓", style="green")
    if model["position"] < head:
        return Text(f"còn {number(head - model['position'])} sự kiện", style="yellow")
    if held := model.get("events_held"):
        return Text(f"cách ly {number(held)} sự kiện · held", style="yellow")
    return Text(f"đã loại bỏ {number(model.get('events_discarded', 0))} sự kiện · discarded")


def _troubles(states: list[ServiceState], completeness: Mapping[str, Any] | None) -> Iterator[str]:
    for state in states:
        if not state.answers:
            yield f"{state.name} không trả lời · does not answer. Xem nhật ký của dịch vụ."
        elif not state.ready:
            yield f"{state.name} chưa sẵn sàng · is not ready: {state.failing}"
        if state.quarantined:
            yield (
                f"{state.name}: {state.quarantined} chuỗi sự kiện bị cách ly, cần người vận hành "
                "xem · quarantined, somebody has to look."
            )
    if completeness and any(
        model["position"] < completeness["log"]["head"] for model in completeness["read_models"]
    ):
        yield "Bảng tổng hợp chưa theo kịp sổ; thử lại sau ít giây · Read models catch up."


def _state(client: httpx.Client, name: str, address: str) -> ServiceState:
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
        _listed(client, f"{address}/parked"),
        _listed(client, f"{address}/refused"),
        _quarantined(client, address),
    )


def _listed(client: httpx.Client, url: str) -> int | None:
    """Return how many items a list holds; what is beyond ten thousand is not counted."""
    count, cursor = 0, None
    for _ in range(_LONG_PAGES):
        params = {"limit": str(_PAGE), **({"cursor": cursor} if cursor else {})}
        try:
            answer = client.get(url, params=params)
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


def _condition(state: ServiceState) -> Text:
    if not state.answers:
        return Text("không trả lời ✗", style="bold red")
    return Text("sẵn sàng ✓", style="green") if state.ready else Text("chưa sẵn sàng", "yellow")


def _place(state: ServiceState) -> str:
    """Return the address without what every address begins with."""
    return state.address.removeprefix("http://")


def _count(value: int | None) -> Text:
    if value is None:
        return Text("—", style="dim")
    return Text(number(value), style="yellow" if value else "")
