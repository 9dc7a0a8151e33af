"""`dvk account grant` and `dvk account end-role`: roles of officers, as signed events."""

from collections.abc import Mapping
from typing import Any

from services.console.output.texts import Terminal
from services.console.people.actions import is_reference, with_accounts
from services.console.trust import statements
from services.console.trust.actions import send
from services.console.trust.statements import Sender
from shared.people.accounts import Accounts
from shared.people.sessions import Sessions
from shared.settings import Settings


def change_role(
    name: str, officer: str, data: Mapping[str, Any], sender: Sender, console: Terminal
) -> int:
    """Send `RoleGranted` or `RoleEnded` for an officer, by the reference or the user name."""
    about = [officer]

    def look_up(accounts: Accounts, _: Sessions) -> None:
        about[:] = [accounts.known(officer).officer_ref]

    settings = Settings.from_environment()
    if not is_reference(officer) and with_accounts(settings, console, look_up):
        return 1
    return send(statements.about_officer(name, about[0], data, sender), sender, console)
