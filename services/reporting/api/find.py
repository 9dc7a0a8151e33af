"""`GET /find`: models, organisations, units, awards and decisions that have some words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.list_tables import FOUND
from services.reporting.api.provenance import origin
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import Pin, Queries
from services.reporting.queries.filters import Filters, pinned
from services.reporting.queries.finding.entry_search import MOST
from services.reporting.queries.finding.finder import ITEM_MEMBERS, KINDS, LONGEST, FoundKind
from shared.clock import Clock
from shared.errors import Language, LedgerError, Problem
from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary.code_words import Both
from shared.web.answers.as_of_parameters import MapChoice, map_choice
from shared.web.answers.csv_tables import Row, said
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import (
    INVALID_CURSOR,
    FormatParam,
    LangParam,
    Listed,
    Page,
    decode_cursor,
    encode_cursor,
)
from shared.web.answers.representations import Form, representation_of
from shared.web.openapi.responses import (
    COUNT,
    FILES,
    MAYBE_TEXT,
    TEXT,
    array_schema,
    json_response,
    object_schema,
    problem_responses,
    summary,
    words,
)

MOST_ITEMS = 100


class FoundKindName(StrEnum):
    """The kinds of what is found."""

    MODEL = "model"
    ORGANIZATION = "organization"
    UNIT = "unit"
    AWARD = "award"
    DECISION = "decision"


_NUMBERS = {"plan_year": {"type": ["integer", "null"]}, "position": {"type": ["integer", "null"]}}
_ITEM = object_schema(
    **{
        member: {
            **_NUMBERS.get(member, MAYBE_TEXT),
            "description": about,
        }
        for member, about in zip(
            ITEM_MEMBERS,
            (
                "its kind",
                "`model/…`, `organization/…`, `unit/…`, `award/…`, `registration/…`",
                "title, name, or number of a decision; null for an award without a name",
                "the owner of a model, the organisation that received an award",
                "the id of that organisation",
                "the unit as recorded",
                "its name",
                "the year of a model's latest registration",
                "the form of an award, the kind of an organisation, the level of a unit",
                "the model, also of a decision that recognises one",
                "a decision's title; the unit that received an award; a unit's former name found",
                "the units that a unit is in",
                "the day of a decision",
                "the event since which it is found so",
            ),
            strict=True,
        )
    }
)
_GROUP = object_schema(
    kind={"enum": list(KINDS)},
    number=COUNT,
    exact={"type": "boolean", "description": "false: there are more than `number`"},
    items=array_schema(_ITEM),
    next={**MAYBE_TEXT, "description": "the `cursor` of the next page of this kind"},
)
_RESPONSE = json_response(
    "what was found, by kind, as known at one position; the newest first",
    {
        "q": TEXT,
        "map": TEXT,
        "known_at": object_schema(position=COUNT, time=MAYBE_TEXT),
        "groups": array_schema(_GROUP),
    },
)
_RESPONSE["content"] |= FILES


@dataclass(frozen=True, slots=True)
class FindParameters:
    """The parameters of a search, as stated; `page` is that of one kind, if it has a place."""

    q: str
    kind: FoundKindName | None
    unit: str | None
    known_at: str | None
    map: str | None
    page: Page


def find_params(  # noqa: PLR0917  the parameters of the contract
    q: Annotated[
        str,
        Query(
            max_length=LONGEST,
            **words(
                en="Words, accents optional; all must be there, the last may be half typed.",
                vi="Các từ, có dấu hoặc không; phải có đủ, từ cuối có thể gõ dở.",
            ),
        ),
    ],
    kind: Annotated[
        FoundKindName | None, Query(**words(en="Only this kind.", vi="Chỉ tìm loại này."))
    ] = None,
    unit: Annotated[
        str | None,
        Query(
            pattern=ID_PATTERN,
            **words(
                en="Only of this unit and all below it on the map.",
                vi="Chỉ của đơn vị này và mọi đơn vị bên dưới trên bản đồ.",
            ),
        ),
    ] = None,
    known_at: p.KnownAt = None,
    map: p.Map = None,  # noqa: A002  the contract names it so
    limit: Annotated[
        int,
        Query(ge=1, le=MOST_ITEMS, **words(en="Items of a kind.", vi="Số mục của mỗi loại.")),
    ] = 20,
    cursor: Annotated[
        str | None,
        Query(max_length=4096, **words(en="`next` of one kind.", vi="`next` của một loại.")),
    ] = None,
    format: FormatParam = None,  # noqa: A002  the contract's name; `representation_of` reads it
    lang: LangParam = None,
) -> FindParameters:
    """Return the parameters of a search."""
    del format, lang
    page = Page(limit, None if cursor is None else decode_cursor(cursor))
    return FindParameters(q, kind, unit, known_at, map, page)


_KIND_WORDS: Mapping[str, Both] = {
    "model": ("Mô hình", "Model"),
    "organization": ("Tổ chức", "Organisation"),
    "unit": ("Đơn vị hành chính", "Administrative unit"),
    "award": ("Khen thưởng", "Award"),
    "decision": ("Quyết định", "Decision"),
}
_CODES = {"unit": "level"}
"""The kinds whose codes are not forms of awards."""
FOUND_FILE = ("kết quả tìm", "found")
"""The name of the file of what was found."""


def found_rows(items: Iterable[Row], language: Language) -> Iterator[Row]:
    """Yield found items as rows of the table `FOUND`, with the labels of their codes."""
    for item in items:
        kind = item["kind"]
        yield {
            **item,
            "kind_label": _KIND_WORDS[kind][0 if language == "vi" else 1],
            "code_label": said(_CODES.get(kind, "award_form"), item["code"], language),
        }


def add_find(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the search to a router."""

    @router.get(
        "/find",
        **summary(
            en="What has these words: models, organisations, units, awards, decisions",
            vi="Những gì có các từ này: mô hình, tổ chức, đơn vị, khen thưởng, quyết định",
        ),
        responses={200: _RESPONSE, 304: UNCHANGED, **problem_responses(404, 422, 503)},
    )
    def find(request: Request, asked: Annotated[FindParameters, Depends(find_params)]) -> Response:
        page, chosen = asked.page, map_choice(asked.map, clock)
        if page.place is not None:
            chosen = pinned(chosen, page)
        kinds, start = _part(asked)
        reads, as_of = pin(p.pinned_moment(page, asked.known_at))

        def found(headers: Mapping[str, str]) -> Response:
            filters = Filters(asked.unit, None, None, chosen)
            chosen_form = representation_of(request)
            stop = start + page.limit
            if chosen_form.form is not Form.JSON and chosen_form.whole:
                stop = MOST
            groups = reads.find(asked.q, kinds, filters, as_of, (start, stop))
            place = {"at": as_of.position, "day": chosen.day.isoformat() if chosen.day else ""}
            if chosen_form.form is not Form.JSON:
                answering = _answering(reads, as_of, asked, chosen, _listed(groups, place))
                return list_response(request, page, answering, headers)
            body = {
                "q": asked.q,
                "map": chosen.stated,
                "known_at": as_of.as_json(),
                "groups": [_group(each, place) for each in groups],
            }
            return Response(as_json(body), media_type="application/json", headers=dict(headers))

        return unless_known(request, as_of, chosen, found)


def _part(asked: FindParameters) -> tuple[tuple[str, ...], int]:
    """Return the kinds that are asked for, and the first item; a cursor has one of each."""
    if asked.page.place is None:
        return (KINDS if asked.kind is None else (asked.kind,)), 0
    kind, start = asked.page.after("kind", ""), asked.page.after("start", 0)
    if start < 0 or kind not in KINDS:
        raise LedgerError(Problem(INVALID_CURSOR))
    return (kind,), start


def _listed(groups: Sequence[FoundKind], place: Mapping[str, object]) -> Listed:
    """Return the items of all kinds; those of one kind are followed by its next ones."""
    items = list(chain.from_iterable(each.items for each in groups))
    return Listed(items, _after(groups[0], place) if len(groups) == 1 else None)


def _answering(
    reads: Queries, as_of: AsOf, asked: FindParameters, chosen: MapChoice, listed: Listed
) -> Answering:
    """Return what was found as a file."""
    return Answering(
        lambda _page: listed,
        FOUND,
        named(
            reads,
            FOUND_FILE,
            as_of,
            known_at=asked.known_at,
            unit_id=asked.unit,
            map_=chosen,
            also=(asked.q,),
        ),
        lambda items, style: found_rows(items, style.language),
        origin(
            reads,
            (f"Kết quả tìm “{asked.q}”", f"Found for “{asked.q}”"),
            as_of,
            known_at=asked.known_at,
            unit_id=asked.unit,
            map_=chosen,
        ),
    )


def _after(found: FoundKind, place: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the place after the items of a kind, if more follow."""
    if found.after is None:
        return None
    return {**place, "kind": found.kind, "start": found.after}


def _group(found: FoundKind, place: Mapping[str, object]) -> dict[str, Any]:
    after = _after(found, place)
    return {
        "kind": found.kind,
        "number": found.number,
        "exact": found.exact,
        "items": found.items,
        "next": None if after is None else encode_cursor(after),
    }
