"""The command lines of `dvk quarantine`: list, show, requeue, discard."""

from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Accept, Address, FormerAddress
from shared.settings import Settings

app = typer.Typer(
    help="Những chuỗi sự kiện bị cách ly · Subjects in quarantine, and what to do about them.",
    no_args_is_help=True,
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Bảng tổng hợp, hoặc dịch vụ registry, evaluation, reporting · A read model, "
        "or a service for the quarantine of its rules.",
    ),
]
Subject = Annotated[str, typer.Argument(help="Chuỗi, ví dụ registration/r-1 · The subject.")]


@app.command("list")
def list_all(address: Address = None, former: FormerAddress = None) -> None:
    """Liệt kê mọi chuỗi bị cách ly · List everything in quarantine."""
    from services.console.commands.quarantine_actions import list_all as run  # noqa: PLC0415  loaded when needed

    raise typer.Exit(run(Settings.from_environment(), ledger_at(address, former), plain_console()))


@app.command()
def show(
    name: Name, subject: Subject, address: Address = None, former: FormerAddress = None
) -> None:
    """Nêu lý do và các sự kiện đang giữ · Show the reason and the events held."""
    from services.console.commands.quarantine_actions import QuarantineSubject  # noqa: PLC0415  as above
    from services.console.commands.quarantine_actions import show as run  # noqa: PLC0415  as above

    settings = Settings.from_environment()
    raise typer.Exit(
        run(QuarantineSubject(name, subject), settings, ledger_at(address, former), plain_console())
    )


@app.command()
def requeue(  # noqa: PLR0917  Typer reads a command from its parameters
    name: Name,
    subject: Subject,
    reason: Annotated[
        str, typer.Option("--reason", help="Lý do, nếu trước đó đã loại bỏ · Why, if discarded.")
    ] = "",
    accept: Accept = None,
    address: Address = None,
    former: FormerAddress = None,
) -> None:
    """Xử lý lại một chuỗi theo đúng thứ tự · Fold a subject again, in order, without downtime."""
    from services.console.commands.quarantine_actions import QuarantineSubject  # noqa: PLC0415  as above
    from services.console.commands.quarantine_actions import requeue as run  # noqa: PLC0415  as above

    named, settings = QuarantineSubject(name, subject), Settings.from_environment()
    at, console = ledger_at(address, former), plain_console()
    raise typer.Exit(run(named, settings, at, console, reason=reason, accept=accept or ()))


@app.command()
def discard(
    name: Name,
    subject: Subject,
    reason: Annotated[
        str, typer.Option("--reason", help="Lý do, được lưu mãi · The reason, kept for ever.")
    ],
) -> None:
    """Loại bỏ hẳn một chuỗi khỏi một bảng · Discard a subject from a read model."""
    from services.console.commands.quarantine_actions import QuarantineSubject  # noqa: PLC0415  as above
    from services.console.commands.quarantine_actions import discard as run  # noqa: PLC0415  as above

    named, settings = QuarantineSubject(name, subject), Settings.from_environment()
    raise typer.Exit(run(named, reason, settings, plain_console()))
