"""The right to names of persons: the one function that the pages ask."""

from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request

from shared.errors import LedgerError, Problem, declare
from shared.vocabulary import OfficerRole
from shared.web.signin.gate import Officers

NAMES_NEED_SIGN_IN = declare(
    "list_names_need_sign_in",
    403,
    vi="Chỉ cán bộ đã đăng nhập và có vai trò xem họ tên cá nhân mới tra cứu được ở đây. Người vận "
    "hành tra cứu trên máy chủ bằng dvk persons show.",
    en="Only officers who signed in and have the role for names of persons look them up here. The "
    "operator does so on the server with dvk persons show.",
)


class PersonReader(NamedTuple):
    """The officer of a request, and whether names of a unit may be shown to that officer."""

    officer_ref: str
    may_read: Callable[[str], bool]


def readers_of(officers: Officers) -> Callable[[Request], PersonReader | None]:
    """Return the function that finds the officer of a request, None without a session."""

    def found(request: Request) -> PersonReader | None:
        session = officers.session_of(request)
        if session is None:
            return None
        return PersonReader(
            session.officer_ref,
            lambda unit_id: officers.may(
                request, session, (OfficerRole.PERSONAL,), unit_id or None
            ),
        )

    return found


def person_reader(request: Request) -> PersonReader:
    """Return the officer of a request; raises `NAMES_NEED_SIGN_IN` if there is none.

    The composition of the desk sets `app.state.person_reader_of`.
    """
    found: PersonReader | None = request.app.state.person_reader_of(request)
    if found is None:
        raise LedgerError(Problem(NAMES_NEED_SIGN_IN))
    return found
