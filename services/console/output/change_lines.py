"""The lines that show an event that changed a figure: its subject, the change, the reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from services.console.output.texts import Terminal
from services.reporting.dashboard.reason_lines import why


def event_lines(event: Mapping[str, Any], console: Terminal) -> Iterator[Text]:
    """Yield the lines of an event; the terminal wraps them."""
    words = console.words
    sign = Text(f"{words.signed(event['delta']):>4}", style="bold")
    about = words(event.get("title") or event["subject"])
    yield Text.assemble("  ", sign, "  ", words.event(event["type"]), ": ", (about, "bold"))
    position = f"{words('position').lower()} {console.number(event['position'])}"
    name = event["type"].removeprefix("dvk.")
    recorded = words.moment(event.get("recordedtime"))
    line = f"        {position} · {name} · {event['subject']} · {recorded}"
    yield Text(line, style="dim")
    for what, text in why(event, words):
        yield Text(f"        {what}: {text}")
