"""The address of a PostgreSQL as its own tools write it, with one host or several."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

DRIVER = "postgresql+psycopg"
DEFAULT_PORT = "5432"
_ADDRESS = re.compile(r"(?P<scheme>[\w+]+)://(?P<place>[^/?]*)(?P<path>/[^?]*)?(\?(?P<asked>.*))?")
_PLACE = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(:(?P<port>\d*))?")
_FORM = (
    "must be postgresql://user:password@host:port/name, with %-escapes in user and password; "
    "several hosts as h1:5432,h2:5432 or as ?host=h1,h2&port=5432,5432"
)
_SCHEMES = frozenset({"postgres", "postgresql", DRIVER})


def sqlalchemy_address(address: str, *, reads_only: bool = False) -> str:
    """Return an address for SQLAlchemy; one of another database as it is.

    Several hosts are given as libpq takes them, `@h1:5432,h2:5432/dvk` or `?host=h1,h2&port=…`.
    Connections then go to the first that takes writes (`reads_only`: to the first that answers),
    unless `target_session_attrs` says otherwise. Raises ValueError, which names no part of the
    address: any may be the password.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or found["scheme"] not in _SCHEMES:
        return address
    login, at, places = found["place"].rpartition("@")
    asked = dict(parse_qsl(found["asked"] or "", keep_blank_values=True, strict_parsing=False))
    if "," in places:
        if "host" in asked:
            raise ValueError(_FORM)
        hosts, ports = _split(places)
        asked = {"host": hosts, "port": ports, **asked}
        places = ""
    if "," not in asked.get("host", ""):
        return f"{DRIVER}://{address.partition('://')[2]}"
    asked["port"] = _as_many(asked["host"], asked.get("port", ""))
    asked.setdefault("target_session_attrs", "any" if reads_only else "read-write")
    query = urlencode(asked, quote_via=quote, safe=",:/[]")
    return f"{DRIVER}://{login}{at}{places}{found['path'] or ''}?{query}"


def _split(places: str) -> tuple[str, str]:
    """Return the hosts and their ports, each with commas, of `h1:5432,h2`."""
    found = [_PLACE.fullmatch(place) for place in places.split(",")]
    if not all(each and each["host"] for each in found):
        raise ValueError(_FORM)
    hosts = [unquote(each["host"]).strip("[]") for each in found if each]
    return ",".join(hosts), ",".join(each["port"] or DEFAULT_PORT for each in found if each)


def _as_many(hosts: str, ports: str) -> str:
    """Return a port for each host: the one that is stated for all, or each its own."""
    many, stated = hosts.count(",") + 1, [port or DEFAULT_PORT for port in ports.split(",")]
    if len(stated) == 1:
        stated *= many
    if len(stated) != many or not all(port.isdigit() for port in stated):
        raise ValueError(_FORM)
    return ",".join(stated)
