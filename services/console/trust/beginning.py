"""`dvk trust begin`: the event with which trust begins, appended straight to the log.

It needs the database and not the door: beginning trust is for the operator, not for publishers.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import orjson

from services.console.local.data_directory import CannotStart
from services.console.trust.statements import Sender, about_publisher, envelope, today
from services.lists.uploads.events import PUBLISHER as DESK
from services.registry.decider import RegistryDecider
from shared.appending.appender import Appender
from shared.appending.outcomes import Refused, Unfit
from shared.clock import system_clock
from shared.errors import LedgerError, Unavailable
from shared.eventlog.sql import open_log
from shared.events.acceptance.receive import receive
from shared.territory import Territory
from shared.trust.keys import SecretKey
from shared.trust.notes import ED25519, VerifierKey
from shared.trust.signing import signed_events
from shared.vocabulary import Family, KeyUse, Power

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from shared.settings import Settings
    from shared.vocabulary import OfficerRole

FIRST_ROOT = "root"


def roots_of_one_machine(settings: Settings) -> dict[str, SecretKey]:
    """Return the one root of a ledger on one machine, whose key is made under `DVK_HOME`."""
    return {FIRST_ROOT: SecretKey.kept_at(settings.home / "keys" / f"{FIRST_ROOT}.key")}


class SealKeys(NamedTuple):
    """The vkeys that seal the log, and the witnesses that must cosign: what audits ask for."""

    vkeys: tuple[str, ...] = ()
    policy: str | None = None

    @classmethod
    def of_one_machine(cls, settings: Settings) -> SealKeys:
        """Return the key of the sealer on this machine, if it has one."""
        file = settings.seal_key
        if settings.database_url is not None or not file.exists():
            return cls()
        return cls((str(VerifierKey(settings.origin, ED25519, SecretKey.load(file).public)),))


def begin(
    settings: Settings,
    realm: str,
    roots: Mapping[str, SecretKey],
    threshold: int,
    seals: SealKeys = SealKeys(),  # noqa: B008  it is immutable
) -> str:
    """Append `TrustBegan` with these roots, and return its digest, which is to be pinned.

    On one machine the digest is kept for `dvk up`. Raises `CannotStart` if it is refused.
    """
    stated = [
        {"publisher_id": name, "key": key.written, "proof": key.proof(realm, name)}
        for name, key in roots.items()
    ]
    data = {"occurred_on": today(), "realm": realm, "roots": stated, "threshold": threshold}
    if seals.vkeys:
        data["checkpoint_keys"] = list(seals.vkeys)
    if seals.policy is not None:
        data["witness_policy"] = seals.policy
    event = envelope("TrustBegan", "trust/ledger", data, next(iter(roots)))
    with _appending(settings) as append:
        digest = append(orjson.dumps(event))
    if settings.database_url is None:
        settings.trust_file.write_text(f"{digest}\n", "ascii")
        settings.realm_file.write_text(f"{realm}\n", "ascii")
    return digest


class Machine(NamedTuple):
    """A ledger on one machine that has just begun trust: its root, whose events wait for no other.

    `country` is the unit over which rights and roles are given. Events about one that is not in
    the log yet are parked, and take effect when the map is loaded.
    """

    settings: Settings
    realm: str
    root: str
    key: SecretKey
    country: str

    @property
    def sender(self) -> Sender:
        """Return the root as the sender of authority events."""
        return Sender(self.root, self.key, self.realm, "", None)

    def authorize_desk(self) -> None:
        """Make the list desk's key, and authorise it for the country."""
        file = self.settings.signing_key
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            SecretKey.new().save(file)
        desk = SecretKey.load(file)
        right = {
            "grant_id": f"{DESK}.{self.country}",
            "unit_id": self.country,
            "families": [each.value for each in Family],
            "powers": [Power.PUBLISH.value],
            "speaks_from": today(),
        }
        new_key = {
            "key": desk.written,
            "use": KeyUse.EVENTS.value,
            "proof": desk.proof(self.realm, DESK),
        }
        with _appending(self.settings) as append:
            append(about_publisher("PublisherAuthorized", DESK, right, self.sender))
            append(about_publisher("KeyAdded", DESK, new_key, self.sender))

    def grant_roles(self, officers: Mapping[str, Iterable[OfficerRole]]) -> None:
        """Grant roles over the country to officers, from today on."""
        with _appending(self.settings) as append:
            for reference, roles in officers.items():
                for role in roles:
                    granted = {
                        "officer_ref": reference,
                        "role": role.value,
                        "unit_id": self.country,
                        "valid_from": today(),
                        "occurred_on": today(),
                    }
                    subject = f"officer/{reference}"
                    event = envelope("RoleGranted", subject, granted, self.root)
                    append(orjson.dumps(signed_events([event], self.key, self.realm)[0]))


def country_of(settings: Settings) -> str | None:
    """Return the id of the country in the log, None if it has no map yet."""
    with closing(open_log(settings.log_url, family=Family.REGISTRY)) as log:
        territory = Territory()
        territory.fold(log.under("unit/", "reorganization/"))
    return territory.country(date.max)


@contextmanager
def _appending(settings: Settings) -> Iterator[Callable[[bytes], str]]:
    """Yield a function that appends an event and returns its digest, or raises `CannotStart`."""
    log = open_log(settings.log_url, family=Family.REGISTRY)
    appender = Appender(log, RegistryDecider())

    def append(event: bytes) -> str:
        try:
            received = receive(event, now_us=system_clock(), family=Family.REGISTRY)
            answer = appender.submit([received])
            appender.step()
            (outcome,) = answer.result()
        except Unavailable:
            raise
        except LedgerError as error:
            raise CannotStart.for_reason(error) from error
        if isinstance(outcome, Refused | Unfit):
            raise CannotStart.for_reason(LedgerError(outcome.problem))
        return received.digest.hex()

    try:
        yield append
    finally:
        log.close()
