"""`dvk up`: the ledger runs until somebody ends it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

from rich.text import Text

from services.console.client.addresses import is_loopback
from services.console.client.delivery import Undeliverable
from services.console.commands.complaints import complain
from services.console.local.data_directory import CannotStart
from services.console.local.first_start import load_first
from services.console.local.ledger import (
    Interrupted,
    Ledger,
    running,
    wait_until_complete,
)
from services.console.output.texts import Terminal, both, number, number_en, said_on
from shared.settings import Settings


def up(settings: Settings, console: Terminal) -> int:
    """Run the ledger; return the exit code."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping:
            started = monotonic()
            say("Đang khởi động sổ…", "Starting the ledger…")
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
    """Turn Ctrl-C, SIGTERM and a closed terminal into one wish to end, as long as this lasts."""
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
    """Load map and sample when the log is empty, and wait until every read model has them."""
    say = said_on(console)
    doing = console.pick("Đang nạp bản đồ và dữ liệu mẫu…", "Loading the map and the sample…")
    with console.status(doing) as status:

        def advanced(sent: int, total: int) -> None:
            status.update(f"{doing} {console.number(sent)}/{console.number(total)}")

        filled = load_first(ledger, advanced)
    if filled is not None:
        say(
            f"Đã nạp bản đồ cả nước: {number(filled.map_events)} sự kiện (theo bộ dữ liệu cộng "
            "đồng, không phải danh mục chính thức).",
            f"The map of the country is loaded: {number_en(filled.map_events)} events (a community "
            "data set).",
        )
        say(
            f"Đã nạp dữ liệu mẫu: {number(filled.sample_events)} sự kiện (Bắc Kạn 2022, tái dựng "
            "từ số đã công bố).",
            f"The sample is loaded: {number_en(filled.sample_events)} events (reconstructed from "
            "published totals).",
        )
    wait_until_complete(ledger)


def welcome(ledger: Ledger, seconds: float, console: Terminal) -> None:
    """Print what a person needs to know now; the terminal breaks lines, so addresses stay whole."""
    home, addresses = ledger.settings.home, ledger.addresses
    said_on(console)(
        f"Sổ “Dân vận khéo” đã sẵn sàng sau {number(seconds, 1)} giây.",
        f"The ledger is ready after {number_en(seconds, 1)} s.",
    )
    words = Text("\n")
    words.append(console.pick("Mở bảng tổng hợp tại:", "Open the dashboard at:"), style="bold")
    words.append(f"\n  {addresses.reporting}/\n\n", style="bold underline cyan")
    for what, place in (
        (("Đăng ký", "Registry"), addresses.registry),
        (("Đánh giá", "Evaluation"), addresses.evaluation),
        (("Dữ liệu", "Data"), home),
        (("Nhật ký", "Logs"), home / "logs"),
    ):
        words.append(f"{console.pick(*what):<11} {place}\n")
    console.print(words, soft_wrap=True)
    said_on(console)("Nhấn Ctrl-C để dừng.", "Press Ctrl-C to stop.")
    if not is_loopback(ledger.settings.host):
        warning = both(
            "CẢNH BÁO: mọi máy trong mạng đều gửi được sự kiện vào sổ này "
            f"(DVK_HOST={ledger.settings.host}). Người gửi chưa được xác thực.",
            "WARNING: every machine of the network can publish to this ledger; publishers have "
            "no identities yet.",
        )
        console.print(Text(warning, style="bold red"), soft_wrap=True)
