"""`dvk load-map`: writes the map of the whole country to a ledger or to a file."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import orjson
from rich.text import Text

from services.console.client.http_client import client_for
from services.console.commands.complaints import complain
from services.console.commands.publish import SHOWN_PROBLEMS, bar, counted, summary, waiting
from services.console.datasets.nation import nation_events
from services.console.output.tables import show_table
from services.console.output.texts import Terminal, number, number_en, said_on
from shared.client.addresses import addresses_at
from shared.client.delivery import Delivery, Item, Undeliverable
from shared.trust.signing import Signer


def write_map(out: Path, console: Terminal) -> int:
    """Write the events of the map as JSON Lines, always the same bytes; 1 if writing fails."""
    say = said_on(console)
    lines = [orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE) for event in nation_events()]
    try:
        out.write_bytes(b"".join(lines))
    except OSError as error:
        say(
            f"Không ghi được {out}: {error.strerror}. Hãy chọn nơi khác.",
            f"{out} cannot be written; choose another place.",
        )
        return 1
    say(
        f"Đã ghi {number(len(lines))} sự kiện vào {out}",
        f"{number_en(len(lines))} events were written.",
    )
    return 0


def load_map(
    to: str, console: Terminal, signer: Signer | None = None, publisher: str | None = None
) -> int:
    """Publish the map; 0 if all was accepted, 1 if some events were not, 2 if cut off.

    With a signer it is signed, in the name of the publisher whose key that is.
    """
    say = said_on(console)
    source = {} if publisher is None else {"source": f"/publishers/{publisher}"}
    events = [orjson.dumps({**event, **source}) for event in nation_events()]
    answered: list[Item] = []
    try:
        with client_for(to, 60) as client, bar(len(events), console) as (progress, task):

            def busy(reason: str, seconds: float) -> None:
                progress.update(task, doing=waiting(reason, seconds, console))

            delivery = Delivery(client, addresses_at(to, client), busy=busy, signer=signer)
            for items in delivery.send_all(events):
                answered += items
                done = counted(len(answered), console)
                progress.update(task, completed=len(answered), doing=done)
    except KeyboardInterrupt:
        say(
            "Đã ngắt. Chạy lại đúng lệnh này để nạp nốt; không có gì bị ghi hai lần.",
            "Interrupted. Run the same command to load the rest; nothing is recorded twice.",
        )
        return 2
    except Undeliverable as error:
        complain(console, error)
        say("Chạy lại đúng lệnh này để nạp nốt.", "Run the same command to load the rest.")
        return 2
    counts = Counter(str(item["status"]) for item in answered)
    title = console.pick("Bản đồ cả nước", "The map of the country")
    show_table(console, title, summary(counts, console))
    wrong = [item for item in answered if item["status"] in {"refused", "invalid"}]
    _show_problems(wrong, console)
    return 1 if wrong else 0


def _show_problems(wrong: Iterable[Item], console: Terminal) -> None:
    """Show the first events that the ledger did not accept, and why."""
    for item in list(wrong)[:SHOWN_PROBLEMS]:
        problem = item["problem"] or {}
        text = f"  {item['id']}: {problem.get('code')}: {problem.get('detail', '')}"
        console.print(Text(text, style="red"), soft_wrap=True)
