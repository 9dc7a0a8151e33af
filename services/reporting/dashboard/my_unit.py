"""The reader's own unit: remembered in a cookie that holds unit, level and language, nothing else.

It decides one thing: where the bare address of the dashboard leads. Every other address states its
unit, so a page that is linked, kept or printed is the same for every reader.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from fastapi.responses import RedirectResponse, Response
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation

from services.reporting.dashboard.page_parameters import MY_UNIT_PAGE, YEAR_PAGE, PageParameters
from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary import AdministrativeLevel
from shared.web.answers.problems import parameter_error
from shared.web.signin.cookie import SessionCookie

if TYPE_CHECKING:
    from collections.abc import Mapping

COOKIE = "dvk_my_unit"
_YEAR_SECONDS = 365 * 86_400
_LEVELS = frozenset(map(str, AdministrativeLevel))


def remembered(request: Request) -> dict[str, str]:
    """Return the parameters that the cookie holds; one that is not understood holds none."""
    stated = dict(parse_qsl(request.cookies.get(_name(request), "")[:300]))
    return _understood(stated) if re.fullmatch(ID_PATTERN, stated.get("unit", "")) else {}


def _name(request: Request) -> str:
    """Return the name of the cookie: bound to the host where readers come over TLS."""
    return f"__Host-{COOKIE}" if SessionCookie.of(request).secure else COOKIE


def _understood(stated: Mapping[str, str]) -> dict[str, str]:
    kept = {"unit": stated["unit"]}
    if stated.get("level") in _LEVELS:
        kept["level"] = stated["level"]
    if stated.get("lang") == "en":
        kept["lang"] = "en"
    return kept


async def remember(request: Request) -> Response:
    """Remember the unit of a form, or forget it where the form names none; show its page."""
    async with request.form(max_files=0, max_fields=5) as form:
        stated = {name: str(value) for name, value in form.items()}
    unit = stated.get("unit", "")
    if unit and not re.fullmatch(ID_PATTERN, unit):
        raise parameter_error("unit", vi="không phải mã đơn vị", en="is no id of a unit")
    language = {"lang": "en"} if stated.get("lang") == "en" else {}
    kept = _understood(stated) if unit else language
    to = f"{YEAR_PAGE}?{urlencode(kept)}" if kept else YEAR_PAGE
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    if unit:
        answer.set_cookie(
            _name(request),
            urlencode(kept),
            max_age=_YEAR_SECONDS,
            httponly=True,
            samesite="lax",
            secure=SessionCookie.of(request).secure,
        )
    else:
        answer.delete_cookie(_name(request), secure=SessionCookie.of(request).secure)
    return answer


def about_my_unit(mine: Mapping[str, str], choice: PageParameters) -> dict[str, object]:
    """Return what a page says of the reader's unit: its address, and whether it is this one."""
    return {
        "my_unit_form": MY_UNIT_PAGE,
        "my_unit": YEAR_PAGE if mine else None,
        "is_my_unit": bool(mine) and mine["unit"] == choice.unit,
    }
