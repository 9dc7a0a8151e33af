"""The users of Redis in a data centre: each publisher its own streams, each service its own family.

Publishers can add to their own intake streams and read their own receipts, and nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shared.bus.streams import EVENTS, INTAKES, intake, receipts, user_of
from shared.events.payloads.authority import PUBLISHER_PATTERN
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATOR = "operator"
SERVICES = tuple(family.value for family in Family)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PUBLISHER = re.compile(rf"{user_of('')}(?P<id>.+)")
_OF_PUBLISHERS = "-@all +xadd +xread +auth +hello +ping"
_OF_SERVICES = (
    "-@all +auth +hello +ping +info +scan +client|kill +acl|list +acl|setuser "
    "+multi +exec +discard +watch +unwatch +memory|usage "
    "+xadd +xread +xrange +xlen +xdel +xtrim +xinfo +del"
)


class UnusablePasswords(ValueError):  # noqa: N818  the message is what the user reads
    """A list of passwords that makes no users; the message has both languages."""


def acl_lines(passwords: str) -> list[str]:
    """Return the lines of an ACL file from lines of a user and the SHA-256 of its password (hex).

    Users are the services, `operator`, and `publisher-<id>` for each publisher. Raises
    `UnusablePasswords`.
    """
    given = dict(_read(passwords))
    missing = [name for name in (*SERVICES, OPERATOR) if name not in given]
    if missing:
        names = ", ".join(missing)
        raise UnusablePasswords(f"thiếu mật khẩu của {names} · no password of {names}")
    lines = ["user default reset off", _user(OPERATOR, given.pop(OPERATOR), "~* &* +@all")]
    lines += [_user(each, given.pop(each), _of_service(Family(each))) for each in SERVICES]
    return lines + [_user(name, given[name], _of_publisher(name)) for name in sorted(given)]


def _read(passwords: str) -> Iterator[tuple[str, str]]:
    named: set[str] = set()
    for number, line in enumerate(passwords.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        name = words[0]
        if len(words) != 2 or not _SHA256.fullmatch(words[1]):
            raise UnusablePasswords(
                f"dòng {number}: cần tên và SHA-256 (64 chữ số hệ 16) · "
                f"line {number}: a name and a SHA-256 (64 hexadecimal digits) are needed"
            )
        if not (_is_publisher(name) or name in {*SERVICES, OPERATOR}):
            raise UnusablePasswords(
                f"dòng {number}: {name} không phải dịch vụ, operator hay {user_of('')}<mã> · "
                f"line {number}: {name} is no service, not operator and no {user_of('')}<id>"
            )
        if name in named:
            raise UnusablePasswords(
                f"dòng {number}: {name} ghi hai lần · line {number}: {name} is repeated"
            )
        named.add(name)
        yield name, words[1]


def _is_publisher(name: str) -> bool:
    found = _PUBLISHER.fullmatch(name)
    return found is not None and re.fullmatch(PUBLISHER_PATTERN, found["id"]) is not None


def _user(name: str, password: str, rights: str) -> str:
    return f"user {name} reset on #{password} {rights}"


def _of_publisher(name: str) -> str:
    publisher = name.removeprefix(user_of(""))
    own = [*(intake(family, publisher) for family in Family), receipts(publisher)]
    return f"{' '.join(f'~{each}' for each in own)} resetchannels {_OF_PUBLISHERS}"


def _of_service(family: Family) -> str:
    own = [EVENTS, receipts("*"), intake(family), intake(family, "*")]
    # dvk doctor runs beside reporting and looks at the streams of all services.
    own += [INTAKES] * (family is Family.REPORTING)
    return f"{' '.join(f'~{each}' for each in own)} resetchannels {_OF_SERVICES}"
