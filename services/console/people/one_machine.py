"""The accounts of a ledger on one machine, where one officer does everything once trust began."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from shared.people.accounts import Accounts
from shared.people.database import PeopleDatabase
from shared.people.sessions import Sessions
from shared.vocabulary import OfficerRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.settings import Settings

OFFICER, PROGRAMS = "van-hanh", "dvk-programs"
"""The account of the officer, and that of the machine's own commands and list desk."""
ROLES: Mapping[str, tuple[OfficerRole, ...]] = {
    OFFICER: (OfficerRole.OPERATOR, OfficerRole.CLERK),
    PROGRAMS: (OfficerRole.OPERATOR,),
}
"""The roles over the country that each of them gets."""
_TOKEN_DAYS = 365


def is_one_machine(settings: Settings) -> bool:
    """Return whether the log and the accounts are files of this machine."""
    return settings.database_url is None and settings.people_database is None


def first_accounts(settings: Settings) -> Mapping[str, tuple[OfficerRole, ...]]:
    """Add both accounts, if they are missing; return the roles to grant by officer reference."""
    with closing(PeopleDatabase(settings.people_url)) as database:
        accounts = Accounts(database)
        found = {name: accounts.find(name) or accounts.add(name) for name in ROLES}
    return {account.officer_ref: ROLES[name] for name, account in found.items()}


def renew_token(settings: Settings) -> None:
    """Write a new token of the machine's programs, if they have an account; the old one ends."""
    with closing(PeopleDatabase(settings.people_url)) as database:
        account = Accounts(database).find(PROGRAMS)
        if account is None:
            return
        token = Sessions(database).give_token(account.officer_ref, PROGRAMS, _TOKEN_DAYS)
    draft = settings.token_file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", opener=_for_its_owner) as file:
        file.write(f"{token}\n")
    draft.replace(settings.token_file)


def lacks_password(settings: Settings) -> bool:
    """Return whether the officer has an account whose one-time link was not used yet."""
    with closing(PeopleDatabase(settings.people_url)) as database:
        account = Accounts(database).find(OFFICER)
    return account is not None and not account.has_password


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
