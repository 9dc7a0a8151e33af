"""`dvk up`: loads data at the first start, and runs the ledger until it is asked to stop."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

import orjson
from rich.text import Text

from services.console.commands.complaints import complain
from services.console.datasets.nation import nation_events
from services.console.datasets.sample import sample_events
from services.console.local.data_directory import CannotStart
from services.console.local.ledger import (
    Interrupted,
    Ledger,
    log_head,
    running,
    wait_until_complete,
)
from services.console.output.texts import Terminal, number, number_en, said_on
from services.console.people.actions import link
from services.console.people.one_machine import (
    OFFICER,
    is_one_machine,
    lacks_password,
    renew_token,
)
from shared.client.delivery import Delivery, Item, Undeliverable
from shared.settings import Settings


def up(settings: Settings, console: Terminal) -> int:
    """Run the ledger; return the exit code."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping:
            started = monotonic()
            say("Đang khởi động sổ…", "Starting the ledger…")
            if is_one_machine(settings) and settings.kept_trust is not None:
                renew_token(settings)
            with running(settings, say=say, stopping=stopping) as ledger:
                fill(ledger, console)
                welcome(ledger, monotonic() - started, console)
                ledger.watch()
                say("Đang dừng…", "Stopping…")
            say("Đã dừng. Dữ liệu được giữ lại.", "Stopped. The data is kept.")
    except Interrupted:
        say("Đã dừng trước khi khởi động xong.", "Stopped before the start was complete.")
        return 130
    except (CannotStart, Undeliverable) as error:
        complain(console, error)
        return 1
    return 0


@contextmanager
def asked_to_end() -> Iterator[Event]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into one event while the context is open."""
    stopping = Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, ask) for number in _ENDING}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def fill(ledger: Ledger, console: Terminal) -> None:
    """Load map and sample into an empty log, and wait until every read model has them."""
    say = said_on(console)
    doing = console.pick("Đang nạp bản đồ và dữ liệu mẫu…", "Loading the map and the sample…")
    with console.status(doing) as status:

        def advanced(sent: int, total: int) -> None:
            status.update(f"{doing} {console.number(sent)}/{console.number(total)}")

        filled = load_first(ledger, advanced)
    if filled is not None:
        of_map, of_sample = filled
        say(
            f"Đã nạp bản đồ cả nước: {number(of_map)} sự kiện (theo bộ dữ liệu cộng "
            "đồng, không phải danh mục chính thức).",
            f"The map of the country is loaded: {number_en(of_map)} events (a community data set).",
        )
        say(
            f"Đã nạp dữ liệu mẫu: {number(of_sample)} sự kiện (Bắc Kạn 2022, tái dựng "
            "từ số đã công bố).",
            f"The sample is loaded: {number_en(of_sample)} events (reconstructed from "
            "published totals).",
        )
    wait_until_complete(ledger)


def welcome(ledger: Ledger, seconds: float, console: Terminal) -> None:
    """Print the addresses and folders; the terminal wraps lines, so addresses stay whole."""
    home, addresses = ledger.settings.home, ledger.addresses
    said_on(console)(
        f"Sổ “Dân vận khéo” đã sẵn sàng sau {number(seconds, 1)} giây.",
        f"The ledger is ready after {number_en(seconds, 1)} s.",
    )
    words = Text("\n")
    words.append(console.pick("Mở bảng tổng hợp tại:", "Open the dashboard at:"), style="bold")
    words.append(f"\n  {addresses.reporting}/\n\n", style="bold underline cyan")
    for what, place in (
        (("Danh sách", "Lists"), f"{addresses.lists}/lists/"),
        (("Đăng ký", "Registry"), addresses.registry),
        (("Đánh giá", "Evaluation"), addresses.evaluation),
        (("Dữ liệu", "Data"), home),
        (("Nhật ký", "Logs"), home / "logs"),
    ):
        words.append(f"{console.pick(*what):<11} {place}\n")
    console.print(words, soft_wrap=True)
    if is_one_machine(ledger.settings) and lacks_password(ledger.settings):
        link(OFFICER, ledger.settings, console)
    said_on(console)("Nhấn Ctrl-C để dừng.", "Press Ctrl-C to stop.")


def load_first(ledger: Ledger, advanced: Callable[[int, int], None]) -> tuple[int, int] | None:
    """Send the map and the sample through the services at the first start, else return None.

    Returns their numbers of events; the units of the sample are then known from the map.

    A start that was interrupted while loading is marked, and the next one loads everything.
    """
    # The name dates from when there was only the sample; older ledgers still have it.
    marker = ledger.settings.home / "sample.json"
    begun = marker.exists() and orjson.loads(marker.read_bytes()).get("state") == "loading"
    if not ledger.settings.sample or (log_head(ledger) > 0 and not begun):
        return None
    marker.write_bytes(b'{"state":"loading"}')
    of_map = [orjson.dumps(event) for event in nation_events()]
    of_sample = [orjson.dumps(event) for event in sample_events()]
    total, sent = len(of_map) + len(of_sample), 0
    delivery = Delivery(ledger.client, ledger.addresses, patience_seconds=30)
    for items in delivery.send_all([*of_map, *of_sample]):
        _require_taken(items)
        sent += len(items)
        advanced(sent, total)
        if ledger.stopping.is_set():
            raise Interrupted
    marker.write_bytes(b'{"state":"loaded"}')
    return len(of_map), len(of_sample)


def _require_taken(items: list[Item]) -> None:
    for item in items:
        if item["status"] not in {"accepted", "duplicate", "parked"}:
            raise Undeliverable(f"{item['id']}: {orjson.dumps(item['problem']).decode()}")
