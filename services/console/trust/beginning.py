"""`dvk trust begin`: the event with which trust begins, appended straight to the log.

It needs the database and not the door: beginning trust is for the operator, not for publishers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from services.console.local.data_directory import CannotStart
from services.console.trust.statements import envelope, today
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Refused, Unfit
from shared.clock import system_clock
from shared.errors import LedgerError, Unavailable
from shared.eventlog.sql import open_log
from shared.events.acceptance.receive import receive
from shared.trust.keys import SecretKey
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.settings import Settings

FIRST_ROOT = "root"


def roots_of_one_machine(settings: Settings) -> dict[str, SecretKey]:
    """Return the one root of a ledger on one machine, whose key is made under `DVK_HOME`."""
    return {FIRST_ROOT: SecretKey.kept_at(settings.home / "keys" / f"{FIRST_ROOT}.key")}


def begin(settings: Settings, realm: str, roots: Mapping[str, SecretKey], threshold: int) -> str:
    """Append `TrustBegan` with these roots, and return its digest, which is to be pinned.

    On one machine the digest is kept for `dvk up`. Raises `CannotStart` if it is refused.
    """
    stated = [
        {"publisher_id": name, "key": key.written, "proof": key.proof(realm, name)}
        for name, key in roots.items()
    ]
    data = {"occurred_on": today(), "realm": realm, "roots": stated, "threshold": threshold}
    event = envelope("TrustBegan", "trust/ledger", data, next(iter(roots)))
    log = open_log(settings.log_url, family=Family.REGISTRY)
    try:
        received = receive(orjson.dumps(event), now_us=system_clock(), family=Family.REGISTRY)
        appender = Appender(log, RegistryDecider())
        answer = appender.submit([received])
        appender.step()
        (outcome,) = answer.result()
    except Unavailable:
        raise
    except LedgerError as error:
        raise CannotStart.for_reason(error) from error
    finally:
        log.close()
    if isinstance(outcome, Refused | Unfit):
        raise CannotStart.for_reason(LedgerError(outcome.problem))
    digest = received.digest.hex()
    if settings.database_url is None:
        settings.trust_file.write_text(f"{digest}\n", "ascii")
    return digest
