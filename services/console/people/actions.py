"""`dvk account`: adds, lists and removes accounts in the database of the settings."""

import re
from collections.abc import Callable
from contextlib import closing

from rich.text import Text

from services.console.output.tables import plain_table, show_table
from services.console.output.texts import Terminal, said_on
from shared.client.addresses import on_ports
from shared.clock import system_clock
from shared.errors import LedgerError
from shared.events.payloads.officers import OFFICER_REF_PATTERN
from shared.people.accounts import LINK_HOURS, Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from shared.settings import Settings


def add(user_name: str, settings: Settings, console: Terminal) -> int:
    """Add an account and print its one-time link; 1 if there is one already."""

    def run(accounts: Accounts, _: Sessions) -> None:
        account = accounts.add(user_name)
        said_on(console)(
            f"Đã thêm {account.user_name}, mã cán bộ {account.officer_ref}.",
            f"Added {account.user_name}, officer reference {account.officer_ref}.",
        )
        _show_link(accounts, user_name, settings, console)

    return with_accounts(settings, console, run)


def link(user_name: str, settings: Settings, console: Terminal) -> int:
    """Print a new one-time link of an account."""
    return with_accounts(
        settings,
        console,
        lambda accounts, _: _show_link(accounts, user_name, settings, console),
    )


def list_all(settings: Settings, console: Terminal) -> int:
    """List all accounts."""

    def run(accounts: Accounts, _: Sessions) -> None:
        table = plain_table()
        for head in (
            ("Tên đăng nhập", "User name"),
            ("Mã cán bộ", "Officer reference"),
            ("Mật khẩu", "Password"),
        ):
            table.add_column(console.pick(*head), overflow="fold")
        for each in accounts.every():
            is_set = console.pick("đã đặt", "set") if each.has_password else "–"
            table.add_row(*map(Text, (each.user_name, each.officer_ref, is_set)))
        show_table(console, console.pick("Tài khoản", "Accounts"), table)

    return with_accounts(settings, console, run)


def token(
    user_name: str, days: int, settings: Settings, console: Terminal, *, adds: bool = False
) -> int:
    """Print a new token of an account for programs; `adds` makes the account if there is none."""

    def run(accounts: Accounts, sessions: Sessions) -> None:
        if adds and accounts.find(user_name) is None:
            made = accounts.add(user_name)
            said_on(console)(
                f"Đã thêm {made.user_name}, mã cán bộ {made.officer_ref}, không có mật khẩu.",
                f"Added {made.user_name}, officer reference {made.officer_ref}, no password.",
            )
        account = accounts.known(user_name)
        given = sessions.give_token(account.officer_ref, account.user_name, days)
        said_on(console)(
            f"Mã của {account.user_name}, trong {days} ngày, chỉ hiện một lần (DVK_TOKEN):",
            f"The token of {account.user_name}, for {days} days, shown once (DVK_TOKEN):",
        )
        console.print(given, soft_wrap=True, markup=False)

    return with_accounts(settings, console, run)


def sign_out(user_name: str, settings: Settings, console: Terminal) -> int:
    """End all sessions of an account, or of an officer by the reference."""

    def run(accounts: Accounts, sessions: Sessions) -> None:
        of = user_name if is_reference(user_name) else accounts.known(user_name).officer_ref
        ended = sessions.end_all(of)
        said_on(console)(f"Đã kết thúc {ended} phiên.", f"Sessions ended: {ended}.")

    return with_accounts(settings, console, run)


def remove(user_name: str, settings: Settings, console: Terminal) -> int:
    """Delete an account with its sessions."""

    def run(accounts: Accounts, _: Sessions) -> None:
        gone = accounts.remove(user_name)
        said_on(console)(
            f"Đã xóa {gone.user_name}. Vai trò của {gone.officer_ref} trong sổ cái vẫn còn.",
            f"Deleted {gone.user_name}. The roles of {gone.officer_ref} in the ledger remain.",
        )

    return with_accounts(settings, console, run)


def is_reference(stated: str) -> bool:
    """Return whether an officer reference was stated, not a user name."""
    return re.fullmatch(OFFICER_REF_PATTERN, stated) is not None


def _show_link(accounts: Accounts, user_name: str, settings: Settings, console: Terminal) -> None:
    secret = accounts.link(user_name)
    address = settings.public_url or on_ports(settings.host, settings.port).reporting
    said_on(console)(
        f"Đường dẫn dùng một lần, trong {LINK_HOURS} giờ:",
        f"A link that works once, within {LINK_HOURS} hours:",
    )
    console.print(f"{address}/sign-in/link?link={secret}", soft_wrap=True, markup=False)


def with_accounts(
    settings: Settings, console: Terminal, run: Callable[[Accounts, Sessions], None]
) -> int:
    """Run something with the accounts and sessions; 1 with the words of a problem."""
    with closing(PeopleDatabase(settings.people_url)) as database:
        try:
            run(Accounts(database, system_clock), Sessions(database, system_clock))
        except LedgerError as error:
            rule, params = error.problem.rule, error.problem.params
            said_on(console)(rule.words("vi", params), rule.words("en", params))
            return 1
    return 0
