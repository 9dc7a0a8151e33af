"""`dvk up`: the ledger runs until somebody ends it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from services.console.addresses import is_loopback
from services.console.asking import Unanswered
from services.console.delivery import Undeliverable
from services.console.first_start import load_first
from services.console.home import CannotStart
from services.console.ledger import (
    Interrupted,
    Ledger,
    running,
    wait_until_complete,
)
from services.console.words import number, said_on
from shared.settings import Settings


def up(settings: Settings, console: Console) -> int:
    """Run the ledger; return the exit code."""
    say = said_on(console)
    try:
        with asked_to_end() as stopping:
            started = monotonic()
            say("Đang khởi động sổ…", "Starting the ledger…")
            with running(settings, say=say, stopping=stopping) as ledger:
                fill(ledger, console)
                console.print(welcome(ledger, monotonic() - started))
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


def fill(ledger: Ledger, console: Console) -> None:
    """Load map and sample when the log is empty, and wait until every read model has them."""
    say = said_on(console)
    doing, in_english = "Đang nạp bản đồ và dữ liệu mẫu…", "Loading the map and the sample…"
    with console.status(f"{doing} · {in_english}") as status:

        def advanced(sent: int, total: int) -> None:
            status.update(f"{doing} {number(sent)}/{number(total)} · {in_english}")

        filled = load_first(ledger, advanced)
    if filled is not None:
        say(
            f"Đã nạp bản đồ cả nước: {number(filled.map_events)} sự kiện (theo bộ dữ liệu cộng "
            "đồng, không phải danh mục chính thức).",
            f"The map of the country is loaded: {filled.map_events} events (a community data set).",
        )
        say(
            f"Đã nạp dữ liệu mẫu: {filled.sample_events} sự kiện (Bắc Kạn 2022, tái dựng từ số đã "
            "công bố).",
            f"The sample is loaded: {filled.sample_events} events (reconstructed from published "
            "totals).",
        )
    wait_until_complete(ledger)


def welcome(ledger: Ledger, seconds: float) -> Panel:
    """Return what a person needs to know now."""
    home, addresses = ledger.settings.home, ledger.addresses
    words = Text()
    words.append("Mở bảng tổng hợp tại  ", style="bold")
    words.append(f"{addresses.reporting}/\n", style="bold underline cyan")
    words.append("Open the dashboard there (English: the switch at the top)\n\n", style="dim")
    words.append(f"Đăng ký   registry     {addresses.registry}\n")
    words.append(f"Đánh giá  evaluation   {addresses.evaluation}\n")
    words.append(f"Dữ liệu   data         {home}\n")
    words.append(f"Nhật ký   logs         {home / 'logs'}\n\n")
    words.append("Nhấn Ctrl-C để dừng · Press Ctrl-C to stop", style="dim")
    if not is_loopback(ledger.settings.host):
        words.append(
            f"\n\nCẢNH BÁO: mọi máy trong mạng đều gửi được sự kiện vào sổ này "
            f"(DVK_HOST={ledger.settings.host}). Người gửi chưa được xác thực.\n"
            "WARNING: every machine of the network can publish to this ledger; publishers have "
            "no identities yet.",
            style="bold red",
        )
    title = f"Sổ “Dân vận khéo” đã sẵn sàng sau {seconds:.1f} giây · ready"
    return Panel(words, title=title, title_align="left", padding=(1, 2), expand=False)


def complain(console: Console, error: Exception) -> None:
    """Say what is wrong: first in Vietnamese, where there are words for it."""
    words = Text()
    if isinstance(error, CannotStart):
        words.append(f"{error.vietnamese}\n", style="bold red")
        words.append(error.english)
    elif isinstance(error, Unanswered):
        words.append("Sổ không trả lời được. The ledger did not answer.\n", style="bold red")
        words.append(str(error))
    else:
        words.append("Không gửi được sự kiện. Events could not be delivered.\n", style="bold red")
        words.append(str(error))
    console.print(words)
