"""The routes of feeds: Atom, the newest first, and CloudEvents after a position, in order."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.dashboard.page_context import PageContext
from services.reporting.dashboard.page_parameters import PageParameters
from services.reporting.feeds.atom import ATOM_TYPE, AtomFeed, atom
from services.reporting.feeds.entries import entries_of
from services.reporting.feeds.kinds import FeedKind
from services.reporting.feeds.signal_days import last_day
from services.reporting.feeds.signal_feed import signal_document
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import RECORDED_MAP, Pin, Queries
from services.reporting.queries.scope import naming_day, scope_of
from shared.clock import Clock, rfc3339
from shared.events.payloads.payload import EXACT_INTEGER, ID_PATTERN
from shared.events.recorded import feed_item
from shared.web.answers.as_of_parameters import MapChoice
from shared.web.answers.json_response import as_json
from shared.web.openapi.responses import (
    COUNT,
    array_schema,
    object_schema,
    problem_responses,
    response,
    summary,
    words,
)

SHOWN_ENTRIES = 50
MOST_EVENTS = 500
"""The number of events of one answer of CloudEvents, as in a batch of publishers."""

UnitPath = Annotated[str, Path(pattern=ID_PATTERN)]
Of = Annotated[
    list[FeedKind] | None,
    Query(
        **words(
            en="Only this kind; may be repeated; unstated: all.",
            vi="Chỉ loại này; lặp lại được; trống: mọi loại.",
        )
    ),
]
Before = Annotated[
    int | None,
    Query(
        ge=1,
        le=EXACT_INTEGER,
        **words(en="Only before this position.", vi="Chỉ trước vị trí này."),
    ),
]
After = Annotated[
    int,
    Query(
        ge=0,
        le=EXACT_INTEGER,
        **words(en="Only after this position.", vi="Chỉ sau vị trí này."),
    ),
]
Lang = Annotated[
    str,
    Query(
        pattern="^(vi|en)$",
        **words(en="`vi` (default) or `en`.", vi="`vi` (mặc định) hoặc `en`."),
    ),
]


BeforeDay = Annotated[
    date | None,
    Query(**words(en="Only days before this one.", vi="Chỉ những ngày trước ngày này.")),
]
_EARLIEST = date(1970, 1, 9)
"""Nothing was recorded before 1970; a page reads a week."""
_ATOM: dict[int | str, Any] = {
    200: response(
        {"type": "string"},
        en="an Atom feed, RFC 4287; older pages by `next`, RFC 5005",
        vi="một nguồn tin Atom, RFC 4287; các trang cũ hơn ở `next`, RFC 5005",
        media_type=ATOM_TYPE,
    ),
    304: UNCHANGED,
    **problem_responses(404, 422, 503),
}


def add_feeds(router: APIRouter, pin: Pin, clock: Clock, public_url: str | None) -> None:
    """Add the routes; addresses in feeds begin with `public_url`, else with the request's own."""

    @router.get(
        "/feeds/{unit_id}.atom",
        **summary(
            en="Entries of a unit, the newest first (Atom)",
            vi="Những việc mới của một đơn vị, mới nhất trước (Atom)",
        ),
        responses=_ATOM,
        response_class=Response,
    )
    def atom_feed(
        request: Request, unit_id: UnitPath, of: Of = None, before: Before = None, lang: Lang = "vi"
    ) -> Response:
        choice = PageParameters(lang="en" if lang == "en" else "vi", unit=unit_id)
        context = PageContext.of(pin, choice, clock)
        _require_known(context.reads, unit_id, context.as_of)
        root = public_url or str(request.base_url).rstrip("/")

        def answer(headers: Mapping[str, str]) -> Response:
            body = _document(context, unit_id, sorted(set(of or ())), before, root)
            return Response(body, headers=dict(headers), media_type=f"{ATOM_TYPE}; charset=utf-8")

        return unless_known(request, context.as_of, None, answer)

    @router.get(
        "/feeds/{unit_id}.json",
        **summary(
            en="The events of a unit after a position, in order (CloudEvents)",
            vi="Các sự kiện của một đơn vị sau một vị trí, theo thứ tự (CloudEvents)",
        ),
        responses={
            200: response(
                object_schema(reached=COUNT, items=array_schema({"type": "object"})),
                en="events as the log's feed has them; `reached` is the next `after`",
                vi="các sự kiện như trong sổ cái; `reached` là `after` của lần đọc sau",
            ),
            **problem_responses(404, 422, 503),
        },
        response_class=Response,
    )
    def events(
        unit_id: UnitPath,
        of: Of = None,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = MOST_EVENTS,
    ) -> Response:
        reads, as_of = pin(None)
        _require_known(reads, unit_id, as_of)
        found = reads.activity.after(unit_id, set(of or FeedKind), after, as_of.position, limit)
        reached = after if found.further is None else found.further
        records = b",".join(feed_item(event) for event in found.events)
        head = as_json({"reached": reached})[:-1]
        return Response(head + b',"items":[' + records + b"]}", media_type="application/json")

    _add_signals(router, pin, clock, public_url)


def _add_signals(router: APIRouter, pin: Pin, clock: Clock, public_url: str | None) -> None:
    @router.get(
        "/feeds/{unit_id}/signals.atom",
        **summary(
            en="The days on which signals of a unit began or ended, the newest first (Atom)",
            vi="Những ngày có việc cần làm mới hoặc đã hết của một đơn vị, mới nhất trước (Atom)",
        ),
        responses=_ATOM,
        response_class=Response,
    )
    def signal_feed(
        request: Request, unit_id: UnitPath, before: BeforeDay = None, lang: Lang = "vi"
    ) -> Response:
        choice = PageParameters(lang="en" if lang == "en" else "vi", unit=unit_id)
        context = PageContext.of(pin, choice, clock)
        _require_known(context.reads, unit_id, context.as_of)
        newest = last_day(clock())
        stated = newest + timedelta(1) if before is None else max(before, _EARLIEST)
        last = min(newest, stated - timedelta(1))
        root = public_url or str(request.base_url).rstrip("/")

        def answer(headers: Mapping[str, str]) -> Response:
            body = signal_document(context, pin, unit_id, last, root, first=last == newest)
            return Response(body, headers=dict(headers), media_type=f"{ATOM_TYPE}; charset=utf-8")

        # It depends on days that are over only, not on what was recorded since.
        _, as_of = pin(last.isoformat())
        return unless_known(request, as_of, MapChoice(last.isoformat(), last), answer)


def _require_known(reads: Queries, unit_id: str, as_of: AsOf) -> None:
    """Raise NotFound for a unit that was never opened."""
    snapshot = reads.maps.at(as_of.position)
    scope_of(unit_id, RECORDED_MAP, snapshot, naming_day(RECORDED_MAP, None))


def _document(
    context: PageContext, unit_id: str, of: list[FeedKind], before: int | None, root: str
) -> bytes:
    position, texts = context.as_of.position, context.words
    page = context.reads.activity.before(
        unit_id, of or list(FeedKind), min(before or position + 1, position + 1), SHOWN_ENTRIES
    )
    entries = entries_of(page.events, context)
    kinds = {str(kind): texts(f"feed_{kind}") for kind in FeedKind}
    named = f" · {', '.join(kinds[kind] for kind in of)}" if of else ""

    def here(**more: object) -> str:
        language = {"lang": texts.language} if texts.language != "vi" else {}
        query = urlencode({"of": of, **language, **more}, doseq=True)
        return f"{root}/feeds/{unit_id}.atom" + (f"?{query}" if query else "")

    feed = AtomFeed(
        feed_id="+".join([unit_id, *of]),
        title=f"{texts('title')} · {context.place()}{named}",
        author=texts("title"),
        language=texts.language,
        updated=entries[0].updated if entries else rfc3339(context.as_of.recorded_us or 0),
        page=root + context.choice.address(year=None, known_at=None),
        here=here(**({} if before is None else {"before": before})),
        first=here(),
        next=None if page.further is None else here(before=page.further),
        kinds=kinds,
    )
    return atom(feed, entries, root)
