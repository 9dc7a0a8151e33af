"""The address of Redis: of one server, or of the sentinels that know which server is the master."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SENTINEL_PORT = 26379
_ONE_SERVER = ("redis", "rediss", "unix")
_SENTINELS = {"redis+sentinel": False, "rediss+sentinel": True}
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?")
_OF_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_FORM = "redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT/MASTER"
_ESCAPED_VI = "trong mật khẩu, / ? @ # viết là %2F %3F %40 %23"
_ESCAPED_EN = "in passwords / ? @ # are written %2F %3F %40 %23"


class UnusableRedisAddress(ValueError):  # noqa: N818  the message is what the user reads
    """An address of no known form; the message has both languages, and no password."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(f"{vi} · {en} ({_FORM})")


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server (`url`), or sentinels with the name of their master.

    `options` are keyword arguments of a connection to the master, `of_sentinels` of one to a
    sentinel; passwords are among them.
    """

    url: str = field(default="", repr=False)
    sentinels: tuple[tuple[str, int], ...] = ()
    master: str = ""
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    of_sentinels: Mapping[str, object] = field(default_factory=dict, repr=False)


def redis_address(url: str) -> RedisAddress:
    """Return the parts of an address; raises `UnusableRedisAddress`.

    One server is `redis://`, `rediss://` (TLS) or `unix://`, as the library reads them. Sentinels
    are `redis+sentinel://` or `rediss+sentinel://`: hosts with commas between them, the name of
    the master, and the options `db`, `sentinel_username`, `sentinel_password`, and with TLS
    `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile` and `ssl_check_hostname`. User and password before
    the hosts are those of the master.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme in _ONE_SERVER:
        _require_port(url)
        return RedisAddress(url)
    if scheme not in _SENTINELS:
        raise UnusableRedisAddress(
            "phải bắt đầu bằng redis://, rediss://, unix://, redis+sentinel:// hoặc "
            "rediss+sentinel://",
            "it begins with redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://",
        )
    place, _, query = rest.partition("?")
    authority, _, master = place.partition("/")
    login, _, hosts = authority.rpartition("@")
    if not master or "/" in master:
        raise UnusableRedisAddress(
            "sau các máy sentinel phải có tên của máy chủ chính, như /dvk",
            "the name of the master follows the sentinels, as in /dvk",
        )
    tls = _SENTINELS[scheme]
    options, of_sentinels = _options(query, tls=tls)
    user, _, password = login.partition(":")
    if user:
        options["username"] = unquote(user)
    if password:
        options["password"] = unquote(password)
    return RedisAddress(
        sentinels=tuple(_hosts(hosts)),
        master=unquote(master),
        options=options,
        of_sentinels=of_sentinels,
    )


def _require_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise UnusableRedisAddress(
            f"cổng không phải là số; nhiều máy thì cần sentinel; {_ESCAPED_VI}",
            f"the port is no number; several hosts need sentinels; {_ESCAPED_EN}",
        ) from None


def _hosts(stated: str) -> Iterator[tuple[str, int]]:
    for number, each in enumerate(stated.split(","), start=1):
        found = _HOST.fullmatch(each)
        port = int(found[2] or SENTINEL_PORT) if found else 0
        if found is None or not 0 < port < 65_536:
            raise UnusableRedisAddress(
                f"sentinel số {number} không phải là máy:cổng; {_ESCAPED_VI}",
                f"sentinel {number} is no host:port; {_ESCAPED_EN}",
            )
        yield found[1].strip("[]"), port


def _options(query: str, *, tls: bool) -> tuple[dict[str, object], dict[str, object]]:
    """Return the options of connections to the master, and of those to sentinels."""
    of_master: dict[str, object] = {}
    of_sentinels: dict[str, object] = {}
    both: dict[str, object] = {"ssl": True} if tls else {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "db" and value.isascii() and value.isdigit():
            of_master["db"] = int(value)
        elif name in _OF_SENTINELS:
            of_sentinels[_OF_SENTINELS[name]] = value
        elif tls and name in _FILES:
            both[name] = value
        elif tls and name == "ssl_check_hostname" and value in {"yes", "no"}:
            both[name] = value == "yes"
        else:
            raise UnusableRedisAddress(
                f"không có tùy chọn {name} như vậy",
                f"there is no such option {name}",
            )
    return of_master | both, of_sentinels | both
