"""`GET /explain`: the entities behind a figure, or the events that changed it since a moment."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.list_tables import CHANGE_MEMBERS, CHANGES, ENTITIES, EVENT_MEMBERS
from services.reporting.api.provenance import origin
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.explaining import reasons
from services.reporting.queries.explaining.differences import Difference
from services.reporting.queries.explaining.explanations import Explained
from services.reporting.queries.facade import Pin, Queries
from services.reporting.queries.filters import Filters, pinned
from shared.clock import Clock
from shared.errors import Language
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from shared.web.answers.csv_tables import Row, Style, said
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, PageParams
from shared.web.files.office_table import Provenance
from shared.web.openapi.responses import (
    COUNT,
    FILES,
    MAYBE_TEXT,
    NEXT,
    TEXT,
    array_schema,
    object_schema,
    problem_responses,
    response,
    summary,
)

_SHAPES: dict[str, Mapping[str, Any]] = {
    "position": COUNT,
    "delta": COUNT,
    "decision": {"type": ["object", "null"]},
    "title": {**MAYBE_TEXT, "description": "what it is about, where it has a title"},
    **reasons.SHAPES,
}


def _row(columns: Sequence[str]) -> dict[str, Any]:
    return object_schema({each: _SHAPES.get(each, TEXT) for each in columns})


_EVENTS = array_schema(_row((*EVENT_MEMBERS, *reasons.SHAPES)))
_ENTITY = object_schema(subject=TEXT, events=_EVENTS)
_ENTITIES = object_schema(figure=COUNT, items=array_schema(_ENTITY), next=NEXT)
_CHANGED = array_schema(_row((*CHANGE_MEMBERS, *reasons.SHAPES)))
_CHANGES = object_schema(before=COUNT, after=COUNT, items=_CHANGED, next=NEXT)
_ANSWER = response(
    {"oneOf": [_ENTITIES, _CHANGES]},
    en="one item for each thing counted; with `since`, one for each event that changed the figure",
    vi="mỗi mục là một đối tượng được đếm; với `since`, mỗi mục là một sự kiện làm đổi con số",
)
_ANSWER["content"] |= FILES


def add_explain(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the route; it takes a summary's parameters, a measure, and the cell of a table."""

    @router.get(
        "/explain",
        **summary(
            en="What a figure counts, event by event, or what changed it since a moment",
            vi="Một con số đếm những gì, từng sự kiện; hoặc sự kiện nào đã làm đổi con số",
        ),
        responses={200: _ANSWER, 304: UNCHANGED, **problem_responses(404, 422, 503)},
    )
    def explain(
        request: Request,
        *,
        page: PageParams,
        cell: Annotated[p.Cell, Depends(p.any_cell)],
        measure: p.CountedMeasure,
        year: p.Year,
        unit_id: p.UnitId = None,
        known_at: p.KnownAt = None,
        since: p.Since = None,
        map: p.Map = None,  # noqa: A002  the contract names it so
        by: p.By = None,
        programme: p.Programme = DEFAULT_PROGRAMME,
    ) -> Response:
        read_by(by or ())  # accepted so that the address of a summary can be reused
        chosen = map_choice(map, clock)
        known_at = p.pinned_moment(page, known_at)
        if page.place is not None:
            since = since and str(page.after("since", 0))
            chosen = pinned(chosen, page)
        reads, as_of = pin(known_at)
        filters = Filters(unit_id, year, programme, chosen, cell)

        if since is None:
            answering = Answering(
                lambda part: _entities(reads.explain(filters, measure, as_of, part)),
                ENTITIES,
                _name(reads, filters, measure, as_of, known_at),
                lambda items, style: reads.labelled(list(_flat(items, style)), as_of, style),
                _origin(reads, filters, measure, as_of, known_at),
            )
        else:
            earlier = reads.before(since, as_of)
            answering = Answering(
                lambda part: _changes(reads.differ(filters, measure, earlier, as_of, part)),
                CHANGES,
                _name(reads, filters, measure, as_of, known_at, since=earlier),
                lambda items, style: [reasons.as_row(each, style) for each in items],
                _origin(reads, filters, measure, as_of, known_at, since=earlier),
            )
        return unless_known(
            request, as_of, chosen, lambda headers: list_response(request, page, answering, headers)
        )


def _entities(found: Explained) -> Listed:
    return Listed(found.items, found.after, {"figure": found.figure})


def _changes(found: Difference) -> Listed:
    return Listed(found.items, found.place, {"before": found.before, "after": found.after})


def _name(
    reads: Queries,
    filters: Filters,
    measure: str,
    as_of: AsOf,
    known_at: str | None,
    *,
    since: AsOf | None = None,
) -> Callable[[Language], Iterable[str | None]]:
    def parts(language: Language) -> Iterable[str | None]:
        vi = language == "vi"
        what = ("giải thích", "explanation") if since is None else ("thay đổi", "changes")
        begun = f"{'từ vị trí' if vi else 'since position'} {since.position}" if since else None
        cell = [None if value is None else str(value) for value in filters.dimensions.values()]
        yield from named(
            reads,
            what,
            as_of,
            known_at=known_at,
            unit_id=filters.unit_id,
            year=filters.plan_year,
            map_=filters.map,
            also=[said("measure", measure, language), *cell, begun],
        )(language)

    return parts


def _origin(
    reads: Queries,
    filters: Filters,
    measure: str,
    as_of: AsOf,
    known_at: str | None,
    *,
    since: AsOf | None = None,
) -> Callable[[Language, str], Provenance]:
    vi, en = said("measure", measure, "vi"), said("measure", measure, "en")
    cell = ", ".join(f"{name} = {value or '—'}" for name, value in filters.dimensions.items())
    beside = f" ({cell})" if cell else ""
    if since is None:
        question = (f"Con số “{vi}”{beside} đếm những gì", f"What “{en}”{beside} counts")
    else:
        begun = since.position
        question = (
            f"Thay đổi của con số “{vi}”{beside} từ vị trí {begun}",
            f"Changes of “{en}”{beside} since position {begun}",
        )
    return origin(
        reads,
        question,
        as_of,
        known_at=known_at,
        unit_id=filters.unit_id,
        years=() if filters.plan_year is None else (filters.plan_year,),
        map_=filters.map,
    )


def _flat(items: Iterable[Row], style: Style) -> Iterator[Row]:
    """Yield a row for each event, as for a spreadsheet: of a decision only its number."""
    for item in items:
        for event in item["events"]:
            decision = event["decision"] or {}
            row = reasons.as_row(event, style)
            yield {"subject": item["subject"], **row, "decision": decision.get("number")}
