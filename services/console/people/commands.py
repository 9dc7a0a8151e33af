"""The command lines of `dvk account`: accounts, tokens of programs, and roles of officers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from services.console.client.ledger_address import plain_console
from services.console.options import Address
from services.console.trust.commands import AsPublisher, KeyFile, Out, Realm, sender_of
from shared.settings import Settings
from shared.vocabulary import OfficerRole

app = typer.Typer(
    help="Tài khoản đăng nhập của máy này · Local accounts, in the database of the settings.",
    no_args_is_help=True,
)
OfficerName = Annotated[
    str, typer.Argument(help="Mã cán bộ hoặc tên đăng nhập · An officer reference or a user name.")
]
RoleName = Annotated[OfficerRole, typer.Argument(help="Vai trò · The role.")]
UnitId = Annotated[str, typer.Argument(help="Mã đơn vị · The id of the unit.")]
UserName = Annotated[str, typer.Argument(help="Tên đăng nhập · The user name.")]


@app.command()
def add(user_name: UserName) -> None:
    """Thêm tài khoản, in đường dẫn dùng một lần · Add an account; print its one-time link."""
    from services.console.people.actions import add as run  # noqa: PLC0415  loaded when needed

    raise typer.Exit(run(user_name, Settings.from_environment(), plain_console()))


@app.command()
def link(user_name: UserName) -> None:
    """Đường dẫn mới để đặt lại mật khẩu · A new one-time link, to set the password again."""
    from services.console.people.actions import link as run  # noqa: PLC0415  as above

    raise typer.Exit(run(user_name, Settings.from_environment(), plain_console()))


@app.command("list")
def list_all() -> None:
    """Liệt kê tài khoản · List the accounts with their officer references."""
    from services.console.people.actions import list_all as run  # noqa: PLC0415  as above

    raise typer.Exit(run(Settings.from_environment(), plain_console()))


@app.command()
def token(
    user_name: UserName,
    days: Annotated[
        int, typer.Option(min=1, max=730, help="Số ngày có hiệu lực · For how many days.")
    ] = 365,
    adds: Annotated[
        bool,
        typer.Option(
            "--add", help="Thêm tài khoản nếu chưa có · Add the account if there is none."
        ),
    ] = False,
) -> None:
    """Mã cho chương trình, thay mã trước · A token for programs; the one before ends."""
    from services.console.people.actions import token as run  # noqa: PLC0415  as above

    settings = Settings.from_environment()
    raise typer.Exit(run(user_name, days, settings, plain_console(), adds=adds))


@app.command()
def grant(  # noqa: PLR0917  Typer reads a command from its parameters
    officer: OfficerName,
    role: RoleName,
    unit: UnitId,
    sender: AsPublisher,
    key: KeyFile,
    valid_from: Annotated[
        str | None, typer.Option("--from", help="Ngày đầu; trống: hôm nay · The first day.")
    ] = None,
    valid_to: Annotated[
        str | None, typer.Option("--until", help="Ngày đầu hết vai trò · The first day without.")
    ] = None,
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Giao vai trò cho cán bộ hoặc chương trình · Grant a role in a unit and all below it."""
    from services.console.trust.statements import today  # noqa: PLC0415  as above

    days = {"valid_from": valid_from or today(), "valid_to": valid_to}
    data = {"role": role.value, "unit_id": unit, **days}
    _change("RoleGranted", officer, data, (sender, key, realm, address, out))


@app.command("end-role")
def end_role(  # noqa: PLR0917  as above
    officer: OfficerName,
    role: RoleName,
    unit: UnitId,
    sender: AsPublisher,
    key: KeyFile,
    reason: Annotated[str, typer.Option(help="Lý do · The reason.")],
    realm: Realm = None,
    address: Address = None,
    out: Out = None,
) -> None:
    """Chấm dứt một vai trò · End a role."""
    data = {"role": role.value, "unit_id": unit, "reason": reason}
    _change("RoleEnded", officer, data, (sender, key, realm, address, out))


@app.command("sign-out")
def sign_out(user_name: UserName) -> None:
    """Kết thúc mọi phiên, theo tên hoặc mã cán bộ · End all sessions of a name or reference."""
    from services.console.people.actions import sign_out as run  # noqa: PLC0415  as above

    raise typer.Exit(run(user_name, Settings.from_environment(), plain_console()))


@app.command()
def remove(user_name: UserName) -> None:
    """Xóa tài khoản và các phiên của nó · Delete an account and its sessions."""
    from services.console.people.actions import remove as run  # noqa: PLC0415  as above

    raise typer.Exit(run(user_name, Settings.from_environment(), plain_console()))


def _change(
    name: str,
    officer: str,
    data: Mapping[str, str | None],
    sending: tuple[str, Path, str | None, str | None, Path | None],
) -> None:
    """Send the event of a role as the options of its sender say."""
    from services.console.people.roles import change_role  # noqa: PLC0415  as above

    raise typer.Exit(change_role(name, officer, data, sender_of(*sending), plain_console()))
