"""The command lines of `dvk webhooks`."""

import signal
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address
from shared.settings import Settings

app = typer.Typer(
    help="Gửi sự kiện tới hệ thống khác · Deliver events to other systems.",
    no_args_is_help=True,
)


@app.callback()
def every_command() -> None:
    """Gửi sự kiện tới hệ thống khác · Deliver events to other systems."""


@app.command()
def run(
    address: Address = None,
    once: Annotated[
        bool, typer.Option("--once", help="Gửi xong thì dừng · Deliver what is due, then end.")
    ] = False,
) -> None:
    """Gửi sự kiện mới cho đến khi dừng (Ctrl-C) · Deliver new events until Ctrl-C."""
    from services.console.subscriptions.webhooks import webhooks as deliver  # noqa: PLC0415  loaded when needed

    # A shell starts what is in the background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings = Settings.from_environment()
    raise typer.Exit(deliver(settings, ledger_at(address), plain_console(), once=once))
