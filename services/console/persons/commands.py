"""The command lines of `dvk persons`."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import ledger_at, plain_console
from services.console.options import Address
from services.console.trust.commands import Realm
from services.lists.uploads.events import PUBLISHER as DESK
from shared.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Họ tên cá nhân · Names of persons.")

Reference = Annotated[str, typer.Argument(help="Mã cá nhân (p-…) · The reference.")]
AsPublisher = Annotated[
    str, typer.Option("--as", help="Nơi gửi đứng tên sự kiện · The publisher of the event.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key",
        exists=True,
        dir_okay=False,
        help="Khóa ký; trống: khóa của bàn danh sách · The key; else the desk's.",
    ),
]


@app.command()
def show(
    reference: Reference,
    reason: Annotated[str, typer.Option(help="Lý do, được lưu lại · The reason; recorded.")],
) -> None:
    """Xem họ tên, có ghi lại · Show a name; the look-up is recorded."""
    from services.console.persons.actions import show as run  # noqa: PLC0415  loaded when needed

    raise typer.Exit(run(Settings.from_environment(), reference, reason, plain_console()))


@app.command("look-ups")
def look_ups(
    reference: Annotated[str | None, typer.Argument(help="Mã cá nhân · Of one person.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="Số lần · How many.")] = 50,
) -> None:
    """Các lần tra cứu · List the look-ups, the newest first."""
    from services.console.persons.actions import list_look_ups  # noqa: PLC0415  as above

    list_look_ups(Settings.from_environment(), reference, count, plain_console())


@app.command()
def hold(
    reference: Reference,
    ground: Annotated[str, typer.Option(help="Căn cứ phải lưu giữ · The ground of the law.")],
) -> None:
    """Không cho xóa · Let a person not be erased."""
    from services.console.persons.actions import hold as run  # noqa: PLC0415  as above

    raise typer.Exit(run(Settings.from_environment(), reference, ground, plain_console()))


@app.command()
def release(reference: Reference) -> None:
    """Cho xóa lại · End the hold on a person."""
    from services.console.persons.actions import release as run  # noqa: PLC0415  as above

    raise typer.Exit(run(Settings.from_environment(), reference, plain_console()))


@app.command()
def erase(  # noqa: PLR0917  Typer reads a command from its parameters
    reference: Reference,
    ground: Annotated[
        str,
        typer.Option(
            help="Căn cứ: request, consent_withdrawn, purpose_ended, unlawful, order · The ground."
        ),
    ],
    requested_on: Annotated[
        str, typer.Option(help="Ngày yêu cầu, năm-tháng-ngày · The day of the request.")
    ],
    document: Annotated[
        str | None, typer.Option(help="Số văn bản giải quyết · The number of the document.")
    ] = None,
    sender: AsPublisher = DESK,
    key: KeyFile = None,
    realm: Realm = None,
    address: Address = None,
) -> None:
    """Xóa một cá nhân, rồi ghi sổ · Erase a person for good, and record it in the ledger."""
    from services.console.persons import actions  # noqa: PLC0415  as above

    request = actions.requested(ground, requested_on, document)
    sending = actions.Sending(sender, key, realm, ledger_at(address))
    settings = Settings.from_environment()
    raise typer.Exit(actions.erase(settings, reference, request, sending, plain_console()))


@app.command()
def publish(
    key: KeyFile = None,
    realm: Realm = None,
    address: Address = None,
) -> None:
    """Ghi sổ các lần xóa chưa ghi được · Publish erasures that the ledger does not have yet."""
    from services.console.persons import actions  # noqa: PLC0415  as above

    sending = actions.Sending(DESK, key, realm, ledger_at(address))
    raise typer.Exit(actions.publish(Settings.from_environment(), sending, plain_console()))
