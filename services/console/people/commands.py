"""The command lines of `dvk account`: add, link, list, token, sign-out, remove."""

from typing import Annotated

import typer

from services.console.client.ledger_address import plain_console
from shared.settings import Settings

app = typer.Typer(
    help="Tài khoản đăng nhập của máy này · Local accounts, in the database of the settings.",
    no_args_is_help=True,
)
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
) -> None:
    """Mã cho chương trình, thay mã trước · A token for programs; the one before ends."""
    from services.console.people.actions import token as run  # noqa: PLC0415  as above

    raise typer.Exit(run(user_name, days, Settings.from_environment(), plain_console()))


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
