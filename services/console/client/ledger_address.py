"""The address of the ledger that a command uses, and the console it prints on."""

import sys
from io import TextIOWrapper

from services.console.output.texts import Terminal
from shared.settings import Settings


def ledger_at(*stated: str | None) -> str:
    """Return the stated address, else that of a `dvk up` with the same settings."""
    for address in filter(None, stated):
        return address
    from shared.client.addresses import on_ports  # noqa: PLC0415  loaded when needed

    settings = Settings.from_environment()
    return on_ports(settings.host, settings.port).reporting


def plain_console() -> Terminal:
    """Return the console of standard output.

    A terminal that cannot write Vietnamese shows question marks; that must not end a ledger.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Terminal(highlight=False)
