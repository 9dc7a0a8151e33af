"""The page of officers: every role in a unit and below it, held or ended, for its operators."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from shared.people.accounts import Accounts
from shared.people.role_records import RoleRecord
from shared.vocabulary import OfficerRole
from shared.web.answers.problem_pages import reader_language
from shared.web.signin.ledger_officers import LedgerOfficers
from shared.web.signin.pages import SignInPages
from shared.web.signin.texts import SignInTexts

ROLES_SHOWN = 200
_NAMES = (OfficerRole.PERSONAL,)


class OfficerPage:
    """Makes the page: references of officers; names of accounts only with the role `personal`."""

    def __init__(self, pages: SignInPages, officers: LedgerOfficers, accounts: Accounts) -> None:
        self._pages = pages
        self._officers = officers
        self._accounts = accounts

    def show(self, request: Request) -> Response:
        """Return the roles in a unit (`unit`; the country without) and below it, by 200.

        `ended=1` are those that are held no more; `start` is the number of roles before the page.
        """
        query, roles = request.query_params, self._officers.roles
        unit_id, w = query.get("unit") or None, SignInTexts(reader_language(request))
        today = roles.today()
        records = roles.records_under(unit_id)
        over = [each for each in records if _is_over(each, today)]
        held = [each for each in records if not _is_over(each, today)]
        held.sort(key=lambda each: (each.held.unit_id, each.held.role, each.officer_ref))
        is_over = query.get("ended") == "1"
        listed = over[::-1] if is_over else held
        stated = query.get("start", "0")
        start = int(stated) if stated.isascii() and stated.isdecimal() else 0
        shown = listed[start : start + ROLES_SHOWN]
        names = {each: roles.unit_name(each) for each in {r.held.unit_id for r in shown}}

        def at(**more: object) -> str:
            kept = {"unit": unit_id, "lang": w.language, **more}
            return "/officers?" + urlencode({k: v for k, v in kept.items() if v})

        more = start + ROLES_SHOWN
        return self._pages.page(
            request,
            "officers",
            unit=roles.unit_name(unit_id),
            accounts=self._names(request, unit_id),
            rows=[_row(each, names[each.held.unit_id], today, w) for each in shown],
            is_over=is_over,
            counts=(len(held), len(over)),
            tabs=(at(), at(ended=1)),
            previous=at(ended=int(is_over), start=max(start - ROLES_SHOWN, 0)) if start else None,
            next=at(ended=int(is_over), start=more) if more < len(listed) else None,
        )

    def _names(self, request: Request, unit_id: str | None) -> dict[str, str] | None:
        """Return the names of accounts by officer reference, None for readers who may not."""
        session = self._officers.session_of(request)
        if session is None or not self._officers.may(request, session, _NAMES, unit_id):
            return None
        return {each.officer_ref: each.user_name for each in self._accounts.every()}


def _is_over(record: RoleRecord, day: date) -> bool:
    """Return whether a role is held no more; one whose first day is ahead is not over."""
    last = record.held.valid_to
    return record.ended_at is not None or (last is not None and last <= day)


def _row(record: RoleRecord, unit: str, day: date, w: SignInTexts) -> dict[str, Any]:
    return {
        "officer": record.officer_ref,
        "role": w.role(record.held.role),
        "unit": unit,
        "first": w.day(record.held.valid_from),
        "last": w.day(record.held.valid_to),
        "state": _state(record, day, w),
        "position": w("position", position=w.number(record.granted_at)),
        "granted": w.moment(record.granted_us),
    }


def _state(record: RoleRecord, day: date, w: SignInTexts) -> str:
    if record.ended_us is not None:
        ended = w.day_of(record.ended_us)
        if record.reason is None:
            return w("is_replaced", day=ended)
        return w("is_ended", day=ended, reason=record.reason)
    if _is_over(record, day):
        return w("is_over")
    return w("is_held" if record.held.is_valid(day) else "is_ahead")
