"""The page on who may send events: publishers with their units, days, powers and keys."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.reporting.api.signals import day_of_signals
from services.reporting.dashboard.api_links import trust_files
from services.reporting.dashboard.page_parameters import TRUST_PAGE, start_of
from services.reporting.trust.reads import TrustQuery
from shared.web.answers.csv_tables import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext
    from services.reporting.queries.filters import Item

SHOWN_GRANTS = 100


def trust_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the grants that concern the scope with the keys of their publishers, in parts."""
    start = start_of(parameters)
    reads, as_of, words = context.reads.trust, context.as_of, context.words
    day = day_of_signals(context.choice.known_at, as_of, context.today)
    query = TrustQuery(as_of, day)
    state = reads.state(as_of)
    grants = [each for each in reads.items("grants", query) if _concerns(context, each, day)]
    shown = grants[start : start + SHOWN_GRANTS]
    publishers = {each["publisher_id"] for each in shown}
    keys = [each for each in reads.items("keys", query) if each["publisher_id"] in publishers]
    roots = {root["publisher_id"] for root in state["roots"]}
    more = start + len(shown)

    def at(offset: int) -> str:
        return context.choice.address(TRUST_PAGE, start=offset or None)

    return {
        "place": context.place(),
        "state": state,
        "began": words("trust_began").format(
            position=words.number(state["began_at"]), time=words.moment(reads.began_time(as_of))
        )
        if state["began"]
        else None,
        "roots": words("trust_roots_say").format(
            roots=", ".join(sorted(roots)), threshold=words.number(state["threshold"])
        )
        if state["began"]
        else None,
        "grants": [_grant(context, each, roots, day) for each in shown],
        "keys": [_key(context, each) for each in keys],
        "pending": [_pending(context, each) for each in reads.items("pending", query)],
        "first": start + 1,
        "last": more,
        "count": len(grants),
        "previous": at(max(start - SHOWN_GRANTS, 0)) if start else None,
        "next": at(more) if more < len(grants) else None,
        "files": {name: trust_files(context, name) for name in ("grants", "keys", "pending")},
    }


def _concerns(context: PageContext, grant: Item, day: date) -> bool:
    """Return whether a grant's unit is the scope, above it, or below it, on the day of the page."""
    unit, of_grant = context.unit, grant["unit_id"]
    if unit is None or of_grant is None:
        return True
    return of_grant in _path(context, unit, day) or unit in _path(context, of_grant, day)


def _path(context: PageContext, unit_id: str, day: date) -> Sequence[str]:
    path = context.reads.unit_path(unit_id, context.as_of, day)
    return [each["unit_id"] for each in path] or [unit_id]


def _grant(context: PageContext, grant: Item, roots: set[str], day: date) -> dict[str, Any]:
    words, unit, language = context.words, grant["unit_id"], context.words.language
    ended = grant["ended_at"]
    if ended is not None:
        state = words("trust_ended_at").format(position=words.number(ended))
    else:
        state = words("trust_in_force" if grant["in_force"] else "trust_not_in_force")
    name = None if unit is None else context.called([(unit, day)])(unit, day)
    return {
        "publisher": grant["publisher_id"],
        "is_root": grant["publisher_id"] in roots,
        "unit": name or words("trust_no_limit"),
        "address": None if unit is None else context.unit_address(unit),
        "families": said("families", grant["families"], language),
        "powers": said("powers", grant["powers"], language),
        "days": _days(context, grant),
        "in_force": grant["in_force"],
        "state": state,
        "position": words.number(grant["position"]),
        "known_there": context.choice.address(TRUST_PAGE, known_at=grant["position"]),
    }


def _days(context: PageContext, grant: Item) -> str:
    words, first, until = context.words, grant["speaks_from"], grant["speaks_to"]
    if first is None:
        return words("trust_always")
    if until is None:
        return words("trust_from").format(first=words.day(first))
    last = date.fromisoformat(until) - timedelta(days=1)
    return words("trust_span").format(first=words.day(first), last=words.day(last))


def _key(context: PageContext, key: Item) -> dict[str, Any]:
    words, language = context.words, context.words.language
    revoked, suspect = key["revoked_at"], key["suspect_from"]
    state = words("trust_live")
    if revoked is not None:
        why = (said("why", key["why"], language) or "").lower()
        state = words("trust_revoked_at").format(position=words.number(revoked), why=why)
    query = urlencode({"key": key["key_id"], "known_at": context.as_of.position})
    return {
        "publisher": key["publisher_id"],
        "key_id": key["key_id"],
        "use": said("key_use", key["key_use"], language),
        "live": revoked is None,
        "state": state,
        "suspects": None
        if suspect is None
        else words("trust_suspects").format(position=words.number(suspect)),
        "suspects_address": f"/trust/suspects?{query}",
        "position": words.number(key["position"]),
        "known_there": context.choice.address(TRUST_PAGE, known_at=key["position"]),
    }


def _pending(context: PageContext, item: Item) -> dict[str, Any]:
    words = context.words
    return {
        "change": words.event(item["type"]),
        "publisher": item["publisher_id"],
        "agreed": ", ".join(item["approved_by"]),
        "since": words.moment(item["recordedtime"]),
    }
