"""Every setting of the ledger, read once from the environment at the composition root."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from shared.bus.address import UnusableRedisAddress, redis_address
from shared.database.postgres.address import sqlalchemy_address

if TYPE_CHECKING:
    from collections.abc import Mapping

_Number = TypeVar("_Number", int, float)
LOOPBACK = "127.0.0.1"
LOOPBACK_HOSTS = frozenset({"localhost", LOOPBACK, "[::1]"})
ANY_HOST = "*"
_ORIGIN = re.compile(r"[!-*,-~]{1,200}")
_HOST_NAME = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]|\*")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process, as listed in docs/operations.md (a test compares).

    Those with a password or token in them are not shown by `repr`.
    """

    home: Path
    """`DVK_HOME`: the folder of the embedded state (default `./var`)."""
    port: int
    """`DVK_PORT`: the port of reporting; registry has the next, evaluation the one after."""
    host: str
    """`DVK_HOST`: the address to bind; one that is not loopback needs trust."""
    hosts: frozenset[str]
    """`DVK_ALLOWED_HOSTS`: host names under which the services answer in addition to those of
    loopback and `DVK_HOST`; `*` is any."""
    database_url: str | None = field(repr=False)
    """`DATABASE_URL`: a PostgreSQL address, of one host or several; without it SQLite files under
    `DVK_HOME`."""
    redis_url: str | None = field(repr=False)
    """`REDIS_URL`: the Redis server, or the sentinels that know it; `dvk up` starts its own if
    unset."""
    sample: bool
    """`DVK_SAMPLE`: 0 starts with an empty log."""
    park_days: float
    """`DVK_PARK_DAYS`: how many days an event may be parked (default 30)."""
    log_level: str
    """`DVK_LOG_LEVEL`: debug, info, warning or error."""
    trust: str | None = None
    """`DVK_TRUST`: the digest of the event with which trust began; `dvk up` reads the file `trust`
    of `DVK_HOME` if unset."""
    realm: str | None = None
    """`DVK_REALM`: the realm for which `dvk sign`, `dvk publish --key` and the list desk sign
    (default: what the file `realm` of `DVK_HOME` says)."""
    desk_key: Path | None = None
    """`DVK_DESK_KEY`: the file of the key with which the list desk signs what it sends, once trust
    began (default: `keys/dvk-lists.key` of `DVK_HOME`)."""
    ledger_url: str | None = None
    """`DVK_LEDGER_URL`: the ledger's proxy, for the list desk (default: the ports next to it)."""
    public_url: str | None = None
    """`DVK_PUBLIC_URL`: the address of the pages for their readers, as in feeds, e-mails and
    webhooks (default: the one of the request)."""
    smtp_url: str | None = field(default=None, repr=False)
    """`DVK_SMTP_URL`: the mail server of `dvk digest`, `smtp://` or `smtps://`."""
    mail_from: str | None = None
    """`DVK_MAIL_FROM`: the sender of the digests."""
    publisher: str | None = None
    """`DVK_PUBLISHER`: the name of the body that publishes the data, for the catalogue."""
    origin: str = "localhost/ledger"
    """`DVK_ORIGIN`: the name of this log in its checkpoints, for ever (default
    `localhost/ledger`)."""
    witness_policy: Path | None = None
    """`DVK_WITNESS_POLICY`: a file with the witnesses whose cosignatures count (tlog-policy)."""
    licence: str | None = None
    """`DVK_LICENCE`: the address of the licence of the data, for the catalogue."""
    people_database: str | None = field(default=None, repr=False)
    """`DVK_PEOPLE_URL`: the PostgreSQL address of the role that keeps accounts and sessions."""
    require_sign_in: bool = False
    """`DVK_REQUIRE_SIGN_IN`: 1 asks for a session where a route is not public."""
    token: str | None = field(default=None, repr=False)
    """`DVK_TOKEN`: the token of an account, with which a command or the list desk reads (default:
    for this machine's own ledger that of the file `token` of `DVK_HOME`)."""
    oidc_issuer: str | None = None
    """`DVK_OIDC_ISSUER`: the OpenID provider, exactly as its metadata state it: `https://`, or
    `http://` on loopback."""
    oidc_client_id: str | None = None
    """`DVK_OIDC_CLIENT_ID`: the ledger's id at the provider."""
    oidc_client_secret: str | None = field(default=None, repr=False)
    """`DVK_OIDC_CLIENT_SECRET`: the ledger's secret at the provider."""
    follow: bool = False
    """`DVK_FOLLOW`: 1 lets reporting only read, from a hot standby of PostgreSQL."""
    follow_seconds: float = 60
    """`DVK_FOLLOW_SECONDS`: how far behind a standby may be and still say what is known now
    (default 60)."""

    @property
    def log_url(self) -> str:
        """Return the database address of the log."""
        return self.database_url or f"sqlite:///{self.home / 'log.db'}"

    @property
    def reporting_url(self) -> str:
        """Return the database address of the read models, a separate file on SQLite."""
        return self.database_url or f"sqlite:///{self.home / 'reporting.db'}"

    @property
    def lists_url(self) -> str:
        """Return the database address of the list desk: a file of its own on SQLite."""
        return self.database_url or f"sqlite:///{self.home / 'lists.db'}"

    @property
    def people_url(self) -> str:
        """Return the database address of accounts and sessions: a file of its own on SQLite."""
        stated = self.people_database or self.database_url
        return stated or f"sqlite:///{self.home / 'people.db'}"

    @property
    def lists_key(self) -> Path:
        """Return the file with the list desk's key, which is never in its database."""
        return self.home / "lists.key"

    @property
    def signing_key(self) -> Path:
        """Return the file of the key with which the list desk signs."""
        return self.desk_key or self.home / "keys" / "dvk-lists.key"

    @property
    def token_file(self) -> Path:
        """Return the file with the token of this machine's own programs, once trust began on it."""
        return self.home / "token"

    @property
    def kept_trust(self) -> str | None:
        """Return `trust`, else the digest that `dvk trust begin` kept on this machine."""
        return self.trust or kept(self.trust_file)

    @property
    def kept_realm(self) -> str | None:
        """Return `realm`, else the one that `dvk trust begin` kept on this machine."""
        return self.realm or kept(self.realm_file)

    @property
    def realm_file(self) -> Path:
        """Return the file in which `dvk trust begin` keeps the realm for `dvk up`."""
        return self.home / "realm"

    @property
    def trust_file(self) -> Path:
        """Return the file in which `dvk trust begin` keeps the digest for `dvk up`."""
        return self.home / "trust"

    @property
    def seal_key(self) -> Path:
        """Return the file with the key that signs checkpoints."""
        return self.home / "keys" / "seal.key"

    @property
    def seal_memory(self) -> Path:
        """Return the folder with the sealer's last checkpoint, outside every database."""
        return self.home / "seal"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; an invalid one raises an error that names it."""
        get = environment.get
        host = get("DVK_HOST", LOOPBACK)
        follow = get("DVK_FOLLOW", "0") == "1"
        return cls(
            home=Path(get("DVK_HOME", "var")).resolve(),
            port=_number("DVK_PORT", get("DVK_PORT", "8080"), int),
            host=host,
            hosts=LOOPBACK_HOSTS | {host.lower()} | _names(get("DVK_ALLOWED_HOSTS", "")),
            database_url=_database("DATABASE_URL", get("DATABASE_URL"), reads_only=follow),
            redis_url=_redis_url(get("REDIS_URL") or None),
            sample=get("DVK_SAMPLE", "1") != "0",
            park_days=_number("DVK_PARK_DAYS", get("DVK_PARK_DAYS", "30"), float),
            log_level=get("DVK_LOG_LEVEL", "info").lower(),
            trust=get("DVK_TRUST", "").strip() or None,
            realm=get("DVK_REALM") or None,
            desk_key=Path(stated) if (stated := get("DVK_DESK_KEY")) else None,
            ledger_url=get("DVK_LEDGER_URL") or None,
            public_url=get("DVK_PUBLIC_URL", "").rstrip("/") or None,
            smtp_url=get("DVK_SMTP_URL") or None,
            mail_from=get("DVK_MAIL_FROM") or None,
            publisher=get("DVK_PUBLISHER") or None,
            licence=get("DVK_LICENCE") or None,
            origin=_origin(get("DVK_ORIGIN") or "localhost/ledger"),
            witness_policy=Path(policy) if (policy := get("DVK_WITNESS_POLICY")) else None,
            people_database=_database("DVK_PEOPLE_URL", get("DVK_PEOPLE_URL")),
            require_sign_in=get("DVK_REQUIRE_SIGN_IN", "0") == "1",
            token=get("DVK_TOKEN") or None,
            oidc_issuer=_issuer(get("DVK_OIDC_ISSUER") or None),
            oidc_client_id=get("DVK_OIDC_CLIENT_ID") or None,
            oidc_client_secret=get("DVK_OIDC_CLIENT_SECRET") or None,
            follow=follow,
            follow_seconds=_number("DVK_FOLLOW_SECONDS", get("DVK_FOLLOW_SECONDS", "60"), float),
        )


def kept(file: Path) -> str | None:
    """Return the one word in a file, None without it."""
    try:
        return file.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def _number(name: str, text: str, kind: type[_Number]) -> _Number:
    try:
        return kind(text)
    except ValueError:
        message = f"{name} must be a number, not {text!r}"
        raise SystemExit(message) from None


def _origin(stated: str) -> str:
    if not _ORIGIN.fullmatch(stated):
        message = f"DVK_ORIGIN must be ASCII without spaces and '+', not {stated!r}"
        raise SystemExit(message)
    return stated


def _names(stated: str) -> frozenset[str]:
    names = frozenset(name for each in stated.split(",") if (name := each.strip().lower()))
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            message = (
                "DVK_ALLOWED_HOSTS must be names such as ledger.example.org, without scheme and "
                f"port, with commas between them, not {name!r}"
            )
            raise SystemExit(message)
    return names


def _issuer(stated: str | None) -> str | None:
    """Return the issuer, whose answers must not be changed on their way."""
    if stated is None:
        return None
    parts = urlsplit(stated)
    on_loopback = parts.scheme == "http" and parts.hostname in {"localhost", LOOPBACK, "::1"}
    if not on_loopback and (parts.scheme != "https" or not parts.hostname):
        message = f"DVK_OIDC_ISSUER must be an https:// address, not {stated!r}"
        raise SystemExit(message)
    return stated


def _redis_url(stated: str | None) -> str | None:
    try:
        if stated is not None:
            redis_address(stated)
    except UnusableRedisAddress as error:
        message = f"REDIS_URL: {error}"
        raise SystemExit(message) from None
    return stated


def _database(name: str, stated: str | None, *, reads_only: bool = False) -> str | None:
    """Return the address of a database for SQLAlchemy."""
    if not stated:
        return None
    try:
        return sqlalchemy_address(stated, reads_only=reads_only)
    except ValueError as error:
        message = f"{name}: {error}"
        raise SystemExit(message) from None
