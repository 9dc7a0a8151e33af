"""`GET /signals` and `GET /signals/{code}`: what needs to be looked at, as lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.provenance import day_of_knowledge, origin
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import Pin, Queries
from services.reporting.queries.filters import Filters, pinned
from services.reporting.signals.catalog import SIGNALS
from services.reporting.signals.found import SignalCode, SignalLevel
from services.reporting.signals.reads import SignalQuery, SignalState
from shared.clock import Clock, day_in_vietnam
from shared.errors import LedgerError, Problem
from shared.events.bilingual import half_of, said
from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.vocabulary.code_words import CODE_WORDS, Both
from shared.web.answers.as_of_parameters import CURRENT, MapChoice, map_choice
from shared.web.answers.csv_tables import ListTable, Row, Style
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import INVALID_CURSOR, Listed, Page, PageParams
from shared.web.openapi.responses import (
    COUNT,
    MAYBE_TEXT,
    TEXT,
    array_schema,
    list_responses,
    object_schema,
    row_schema,
    summary,
    words,
)

Unit = Annotated[
    str | None,
    Query(
        pattern=ID_PATTERN,
        **words(en="The unit; unstated: the nation.", vi="Đơn vị; không ghi là cả nước."),
    ),
]
OVERVIEW = ListTable(
    ("signal", "signal_level", "number", "rule", "rule_source", "today"),
    frozenset({"signal", "signal_level"}),
)
_MAYBE_COUNT = {"type": ["integer", "null"]}
_STATE: dict[str, Any] = {
    "signal": {"enum": [str(each) for each in SignalCode]},
    "signal_level": {"enum": [str(each) for each in SignalLevel]},
    "number": {**_MAYBE_COUNT, "description": "null where it was not computed (`later`)"},
    "rule": {**TEXT, "description": "the rule in words, Vietnamese · English"},
    "rule_source": {**MAYBE_TEXT, "description": "where the deadline and thresholds come from"},
    "today": {**TEXT, "description": "the day of knowledge, by which deadlines are judged"},
}
_BY_UNIT = array_schema(object_schema(unit_id=MAYBE_TEXT, number=COUNT))


def day_of_signals(known_at: str | None, as_of: AsOf, today: date) -> date:
    """Return the day by which deadlines are judged: the day of knowledge, today where it is now."""
    known = day_of_knowledge(known_at, as_of) if known_at is not None else None
    return today if known is None else min(known, today)


def state_item(state: SignalState, today: date) -> dict[str, Any]:
    """Return one signal in the form of the contract."""
    signal = SIGNALS[state.code]
    rule = said(signal.says(state.limits, "vi"), signal.says(state.limits, "en"))
    return {
        "signal": state.code.value,
        "signal_level": state.found.level.value,
        "number": state.found.number,
        "rule": rule,
        "rule_source": signal.source(state.limits),
        "today": today.isoformat(),
    }


def signal_rows(
    reads: Queries, rows: Sequence[Row], query: SignalQuery, style: Style
) -> Iterable[Row]:
    """Return rows of a signal with labels; a row without a day has the names of the map's."""
    day = query.filters.map.day or date(query.year, 12, 31)
    dated = [{"occurred_on": day.isoformat(), **row} for row in rows]
    named = [{**row, "occurred_on": row["occurred_on"] or day.isoformat()} for row in dated]
    return reads.labelled(named, query.as_of, style)


@dataclass(frozen=True, slots=True)
class SignalRequest:
    """The parameters of both addresses, as stated."""

    page: Page
    unit: str | None
    year: int
    known_at: str | None
    map: str | None


def signal_params(
    page: PageParams,
    year: p.Year,
    unit: Unit = None,
    known_at: p.KnownAt = None,
    map: p.Map = None,  # noqa: A002  the contract names it so
) -> SignalRequest:
    """Return the parameters of a signal."""
    return SignalRequest(page, unit, year, known_at, map)


SignalParams = Annotated[SignalRequest, Depends(signal_params)]


@dataclass(frozen=True)
class _Asked:
    """One request: the reads, the query, and what its files say of it."""

    reads: Queries
    query: SignalQuery
    known_at: str | None

    @classmethod
    def of(cls, pin: Pin, clock: Clock, stated: SignalRequest) -> Self:
        """Resolve unit, year, known_at and map; a cursor pins the moment, the map and the day."""
        page, known_at = stated.page, stated.known_at
        chosen = map_choice(stated.map, clock)
        if page.place is not None:
            chosen = pinned(chosen, page)
        reads, as_of = pin(p.pinned_moment(page, known_at))
        today = day_of_signals(known_at, as_of, day_in_vietnam(clock()))
        if page.place is not None:
            today = _day(page.after("today", ""))
        filters = Filters(stated.unit, stated.year, DEFAULT_PROGRAMME, chosen)
        return cls(reads, SignalQuery(filters, as_of, today), known_at)

    def tagged(self) -> MapChoice:
        """Return the map for the tag of the answer, which depends on the day too."""
        chosen = self.query.filters.map
        return chosen if chosen.stated == CURRENT else replace(chosen, day=self.query.today)

    def about(self, table: ListTable, called: Both, title: Both) -> dict[str, Any]:
        """Return the table of a file, its name and its origin."""
        query = self.query
        filters = query.filters
        return {
            "table": table,
            "name": named(
                self.reads,
                called,
                query.as_of,
                known_at=self.known_at,
                unit_id=filters.unit_id,
                year=filters.plan_year,
                map_=filters.map,
            ),
            "about": origin(
                self.reads,
                title,
                query.as_of,
                known_at=self.known_at,
                unit_id=filters.unit_id,
                years=(query.year,),
                map_=filters.map,
            ),
        }


def _day(stated: str) -> date:
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise LedgerError(Problem(INVALID_CURSOR)) from None


def add_signals(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the addresses to a router."""
    _add_overview(router, pin, clock)
    _add_rows(router, pin, clock)


def _add_overview(router: APIRouter, pin: Pin, clock: Clock) -> None:
    row = row_schema((*OVERVIEW.columns, "by_unit"), **_STATE, by_unit=_BY_UNIT)

    @router.get(
        "/signals",
        **summary(
            en="What needs to be looked at in a unit and year",
            vi="Việc cần làm của một đơn vị trong một năm",
        ),
        responses={**list_responses(row, 404, 422, 503), 304: UNCHANGED},
        response_class=Response,
    )
    def signals(request: Request, stated: SignalParams) -> Response:
        asked = _Asked.of(pin, clock, stated)

        def read(_: Page) -> Listed:
            states = asked.reads.signals.every(asked.query)
            items = [{**state_item(each, asked.query.today), **_by_unit(each)} for each in states]
            return Listed(items, None)

        about = asked.about(
            OVERVIEW, ("việc cần làm", "signals"), ("Việc cần làm", "What needs to be looked at")
        )
        answering = Answering(read=read, rows=_in_words, **about)
        return unless_known(
            request,
            asked.query.as_of,
            asked.tagged(),
            lambda headers: list_response(request, stated.page, answering, headers),
        )


def _add_rows(router: APIRouter, pin: Pin, clock: Clock) -> None:
    page_schema = list_responses({"type": "object"}, 404, 422, 503)
    content = page_schema[200]["content"]["application/json"]["schema"]
    content["properties"] |= {**_STATE, "by_unit": _BY_UNIT}
    content["required"] = [*content["required"], *_STATE, "by_unit"]

    @router.get(
        "/signals/{code}",
        **summary(
            en="The rows behind one signal of a unit and year",
            vi="Danh sách của một việc cần làm",
        ),
        responses={**page_schema, 304: UNCHANGED},
        response_class=Response,
    )
    def signal(
        request: Request, code: Annotated[SignalCode, Path()], stated: SignalParams
    ) -> Response:
        asked = _Asked.of(pin, clock, stated)
        reads, query = asked.reads, asked.query

        def read(part: Page) -> Listed:
            state = reads.signals.one(code, query)
            beside = {**state_item(state, query.today), **_by_unit(state)}
            return reads.signals.rows(code, query, part)._replace(beside=beside)

        title = CODE_WORDS["signal"][code]
        called = (title[0].lower(), title[1].lower())
        answering = Answering(
            read=read,
            rows=lambda items, style: signal_rows(reads, items, query, style),
            **asked.about(SIGNALS[code].table, called, title),
        )
        return unless_known(
            request,
            query.as_of,
            asked.tagged(),
            lambda headers: list_response(request, stated.page, answering, headers),
        )


def _by_unit(state: SignalState) -> dict[str, Any]:
    counts = state.found.by_unit
    return {"by_unit": [{"unit_id": each, "number": counts[each]} for each in counts]}


def _in_words(items: Sequence[Row], style: Style) -> Iterable[Row]:
    """Return the rows with the rule in the reader's language."""
    for item in items:
        source = item["rule_source"]
        yield {
            **item,
            "rule": half_of(item["rule"], style.language),
            "rule_source": source and half_of(source, style.language),
        }
