"""The command lines of `dvk forward`."""

import re
import signal
from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import address as address_of
from services.console.output.texts import both
from shared.settings import Settings

app = typer.Typer(
    help="Chuyển sổ này lên sổ cấp trên · Forward this ledger to another.",
    invoke_without_command=True,
)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")

StateFile = Annotated[
    Path | None,
    typer.Option(
        "--cursor",
        dir_okay=False,
        help="Tệp giữ tình trạng (mặc định forwarding.db trong DVK_HOME) · Where the state is.",
    ),
]


def _name(stated: str) -> str:
    if _NAME.fullmatch(stated) is None:
        raise typer.BadParameter(
            both(
                f"“{stated}” không phải là tên nơi gửi, ví dụ thai-nguyen.",
                f"“{stated}” is no name of a publisher, such as thai-nguyen.",
            )
        )
    return stated


@app.callback()
def forward(  # noqa: PLR0917  Typer reads a command from its parameters
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option("--to", parser=address_of, metavar="URL", help="Sổ nhận · The other ledger."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--as", parser=_name, metavar="NAME", help="Tên của sổ này ở đó · Its name there."
        ),
    ] = None,
    own: Annotated[
        str | None,
        typer.Option(
            "--from",
            parser=address_of,
            metavar="URL",
            help="Sổ được chuyển (mặc định: sổ của máy này) · The ledger that is forwarded.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key", exists=True, dir_okay=False, help="Khóa của tên đó · The key of that name."
        ),
    ] = None,
    once: Annotated[
        bool,
        typer.Option("--once", help="Chuyển xong thì dừng · Forward what is recorded, then end."),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Gửi lại những sự kiện đã bị từ chối, rồi dừng · Send what was refused again, "
            "then end.",
        ),
    ] = False,
    cursor: StateFile = None,
) -> None:
    """Chuyển mọi sự kiện cho đến khi dừng (Ctrl-C) · Forward all events until Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    if to is None or name is None:
        raise typer.BadParameter(both("cần --to và --as", "--to and --as are required"))
    from services.console.forwarding.actions import ForwardingLine  # noqa: PLC0415  loaded when needed
    from services.console.forwarding.actions import forward as run  # noqa: PLC0415  as above
    from services.console.trust.actions import loaded  # noqa: PLC0415  as above

    # A shell starts what is in the background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    line = ForwardingLine(
        ledger_at(own),
        to,
        f"/publishers/{name}",
        None if key is None else loaded(key),
        _file(cursor),
    )
    raise typer.Exit(run(line, plain_console(), once=once, again=again))


@app.command()
def status(cursor: StateFile = None) -> None:
    """Đã chuyển đến đâu, điều gì bị từ chối · How far it is, and what was refused."""
    from services.console.forwarding.actions import show_status  # noqa: PLC0415  as above

    raise typer.Exit(show_status(_file(cursor), plain_console()))


def _file(stated: Path | None) -> Path:
    from shared.client.forwarding_state import FORWARDING_FILE  # noqa: PLC0415  as above

    return (stated or Settings.from_environment().home / FORWARDING_FILE).absolute()
