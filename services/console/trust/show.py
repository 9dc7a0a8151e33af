"""`dvk trust show`: who may speak for what, as a running ledger answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.console.client.http_client import Unanswered, client_for, get_json
from services.console.commands.complaints import complain
from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from shared.client.addresses import addresses_at
from shared.web.answers.csv_tables import Style, in_one_text, in_words, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx
    from rich.table import Table

_SHOWN = {
    "grants": ("publisher_id", "unit_name", "unit_id", "families", "powers", "speaks_from",
               "speaks_to", "in_force", "grant_id"),
    "keys": ("publisher_id", "key_id", "key_use", "live", "why", "position"),
    "pending": ("publisher_id", "type", "source", "id", "approved_by", "recordedtime"),
}  # fmt: skip
_HEADINGS = {
    "grants": ("Ai được gửi", "Who may send"),
    "keys": ("Khóa ký", "Keys"),
    "pending": ("Đang chờ đồng ý", "Waiting for approval"),
}
_CODES = frozenset({"families", "powers", "key_use", "why", "type"})


def show(to: str, known_at: str | None, console: Terminal) -> int:
    """Print state, grants, keys and pending approvals; 0 if the ledger answered, else 2."""
    try:
        with client_for(to, 60) as client:
            show_of(client, addresses_at(to, client).reporting, known_at, console)
    except Unanswered as error:
        complain(console, error)
        return 2
    return 0


def show_of(client: httpx.Client, reporting: str, known_at: str | None, console: Terminal) -> None:
    """Query reporting and print. Raises `Unanswered`."""
    asked = {} if known_at is None else {"known_at": known_at}
    state = get_json(client, f"{reporting}/trust", asked)
    _show_state(state, console)
    if state["began"]:
        for name in _SHOWN:
            _show_list(client, reporting, name, asked, console)


def _show_state(state: Mapping[str, Any], console: Terminal) -> None:
    say = said_on(console)
    if not state["began"]:
        say(
            "Sổ này chưa bắt đầu chế độ ký: ai trên máy này cũng gửi được sự kiện.",
            "This ledger has not begun trust: anyone on the machine may send events.",
        )
        return
    began_at, roots = state["began_at"], ", ".join(each["publisher_id"] for each in state["roots"])
    say(
        f"Từ vị trí {number(began_at)} sự kiện nào cũng phải ký. Nơi gốc: {roots}; cần "
        f"{state['threshold']} nơi đồng ý.",
        f"From position {number_en(began_at)} on every event is signed. Roots: {roots}; "
        f"{state['threshold']} must agree.",
    )
    pinned = f"DVK_TRUST={state['digest']}\nDVK_REALM={state['realm']}"
    console.print(pinned, highlight=False, soft_wrap=True)


def _show_list(
    client: httpx.Client, reporting: str, name: str, asked: Mapping[str, str], console: Terminal
) -> None:
    items = get_json(client, f"{reporting}/trust/{name}", {**asked, "format": "json"})["items"]
    if items:
        show_table(console, console.pick(*_HEADINGS[name]), _table(_SHOWN[name], items, console))


def _table(columns: Sequence[str], items: Sequence[Mapping[str, Any]], console: Terminal) -> Table:
    language = console.words.language
    table = plain_table()
    for column in columns:
        table.add_column(in_words(column, language))
    for item in items:
        table.add_row(*(_cell(column, item[column], console) for column in columns))
    return table


def _cell(column: str, value: Any, console: Terminal) -> str:  # noqa: ANN401  JSON
    language = console.words.language
    if value is None or value == []:
        return "—"
    if column in _CODES:
        return said(column, value, language) or "—"
    if isinstance(value, bool | list):
        return in_one_text(column, value, Style(language, worded=True))
    if column == "recordedtime":
        return console.words.moment(value)
    return console.words.day(value) if column.startswith("speaks_") else str(value)
