"""`GET /trust` and the lists under it: who may speak for what, as known at any moment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.api import list_tables
from services.reporting.api import parameters as p
from services.reporting.api.etag import UNCHANGED, unless_known
from services.reporting.api.file_names import named
from services.reporting.api.provenance import origin
from services.reporting.api.signals import day_of_signals
from services.reporting.queries.as_of import AsOf
from services.reporting.queries.facade import RECORDED_MAP, Pin, Queries
from services.reporting.trust.reads import TrustListName, TrustQuery
from shared.clock import Clock, day_in_vietnam
from shared.errors import broken
from shared.events.payloads.authority import KEY_ID_PATTERN
from shared.vocabulary import Family, KeyUse, Power, RevocationReason
from shared.vocabulary.code_words import Both
from shared.web.answers.csv_tables import ListTable, Row, Style
from shared.web.answers.json_response import as_json
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import INVALID_CURSOR, Listed, Page, PageParams
from shared.web.openapi.responses import (
    COUNT,
    MAYBE_TEXT,
    TEXT,
    array_schema,
    list_responses,
    object_schema,
    problem_responses,
    row_schema,
    summary,
    words,
)

_MAYBE_COUNT = {"type": ["integer", "null"]}
_TRUE_FALSE = {"type": "boolean"}
_KNOWN_AT = object_schema(position=COUNT, time=MAYBE_TEXT)
_ROOT = object_schema(publisher_id=TEXT, live_keys=COUNT)
_STATE = object_schema(
    known_at=_KNOWN_AT,
    began=_TRUE_FALSE,
    began_at=_MAYBE_COUNT,
    digest={**MAYBE_TEXT, "description": "of the event with which trust began: the pin"},
    realm=MAYBE_TEXT,
    threshold=_MAYBE_COUNT,
    roots=array_schema(_ROOT),
    checkpoint_keys=array_schema(TEXT),
    publishers=COUNT,
    pending=COUNT,
)
_SHAPES: dict[str, Any] = {
    "publisher_id": TEXT,
    "is_root": _TRUE_FALSE,
    "grants_in_force": COUNT,
    "live_keys": COUNT,
    "position": COUNT,
    "grant_id": TEXT,
    "unit_id": {**MAYBE_TEXT, "description": "null: everything, which only roots have"},
    "unit_name": MAYBE_TEXT,
    "families": array_schema({"enum": [str(each) for each in Family]}),
    "powers": array_schema({"enum": [str(each) for each in Power]}),
    "id_prefixes": array_schema(TEXT),
    "under": MAYBE_TEXT,
    "given_by": MAYBE_TEXT,
    "in_force": {**_TRUE_FALSE, "description": "on the day of knowledge"},
    "ended_at": _MAYBE_COUNT,
    "recordedtime": TEXT,
    "key_id": TEXT,
    "key_use": {"enum": [str(each) for each in KeyUse]},
    "key": TEXT,
    "live": _TRUE_FALSE,
    "added_with": MAYBE_TEXT,
    "revoked_at": _MAYBE_COUNT,
    "why": {"enum": [*(str(each) for each in RevocationReason), None]},
    "suspect_from": _MAYBE_COUNT,
    "type": TEXT,
    "subject": TEXT,
    "source": TEXT,
    "id": TEXT,
    "approved_by": array_schema(TEXT),
    "threshold": COUNT,
    **dict.fromkeys(("speaks_from", "speaks_to", "facts_from", "facts_to"), MAYBE_TEXT),
}
KeyId = Annotated[
    str,
    Query(
        pattern=KEY_ID_PATTERN,
        **words(en="The id of the key that signed them.", vi="Mã khóa đã ký các sự kiện."),
    ),
]


class _TrustList(NamedTuple):
    """A list: its name, which ends its path, the name of its file, its words and its table."""

    name: TrustListName
    called: Both
    about: Both
    table: ListTable


_LISTS = (
    _TrustList(
        "publishers",
        ("nơi gửi", "publishers"),
        ("Các nơi được gửi sự kiện", "The publishers that may send events"),
        list_tables.TRUST_PUBLISHERS,
    ),
    _TrustList(
        "grants",
        ("quyền gửi", "grants"),
        ("Nơi nào được gửi sự kiện của đơn vị nào", "Who may speak for which units"),
        list_tables.TRUST_GRANTS,
    ),
    _TrustList(
        "keys",
        ("khóa ký", "keys"),
        ("Các khóa ký, kể cả đã thu hồi", "The keys of publishers, revoked ones too"),
        list_tables.TRUST_KEYS,
    ),
    _TrustList(
        "pending",
        ("chờ đồng ý", "pending"),
        (
            "Các thay đổi về quyền và khóa đang chờ nơi gốc khác đồng ý",
            "Changes of grants and keys that wait for another root",
        ),
        list_tables.TRUST_PENDING,
    ),
)
_SUSPECTS: tuple[Both, Both] = (
    ("sự kiện đáng ngờ", "suspects"),
    (
        "Các sự kiện do một khóa ký, từ vị trí đáng ngờ",
        "The events that a key signed, from where it is in doubt",
    ),
)


def add_trust(router: APIRouter, pin: Pin, clock: Clock) -> None:
    """Add the addresses to a router."""
    _add_state(router, pin)
    for each in _LISTS:
        vi, en = each.about
        router.get(
            f"/trust/{each.name}",
            name=f"trust_{each.name}",
            **summary(en=en, vi=vi),
            responses=_responses(each.table),
        )(_answering(each, pin, clock))
    _add_suspects(router, pin)


def _add_state(router: APIRouter, pin: Pin) -> None:
    content = {"application/json": {"schema": _STATE}}
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "the state of trust", "content": content},
        304: UNCHANGED,
        **problem_responses(422, 503),
    }

    @router.get(
        "/trust",
        **summary(
            en="Whether events must be signed, since when, and who the roots are",
            vi="Sự kiện có phải ký không, từ khi nào, và các nơi gốc",
        ),
        responses=responses,
    )
    def trust(request: Request, known_at: p.KnownAt = None) -> Response:
        reads, as_of = pin(known_at)

        def answer(headers: Mapping[str, str]) -> Response:
            body = as_json(reads.trust.state(as_of))
            return Response(body, media_type="application/json", headers=dict(headers))

        return unless_known(request, as_of, None, answer)


def _answering(read: _TrustList, pin: Pin, clock: Clock) -> Callable[..., Response]:
    def answer(request: Request, page: PageParams, known_at: p.KnownAt = None) -> Response:
        reads, as_of = pin(p.pinned_moment(page, known_at))
        day = _day_of(page, known_at, as_of, clock)
        query = TrustQuery(as_of, day)

        def rows(items: Sequence[Row], style: Style) -> Iterable[Row]:
            dated = [{**item, "occurred_on": day.isoformat()} for item in items]
            return reads.labelled(dated, as_of, style)

        about = _about(reads, (read.called, read.about), as_of, known_at)
        answering = Answering(
            read=lambda part: reads.trust.listed(read.name, query, part),
            table=read.table,
            rows=rows,
            **about,
        )
        # Whether a grant is in force depends on the day as well.
        of_day = replace(RECORDED_MAP, day=day)
        return unless_known(
            request,
            as_of,
            of_day,
            lambda headers: list_response(request, page, answering, headers),
        )

    return answer


def _add_suspects(router: APIRouter, pin: Pin) -> None:
    vi, en = _SUSPECTS[1]

    @router.get(
        "/trust/suspects",
        **summary(en=en, vi=vi),
        responses=_responses(list_tables.TRUST_SUSPECTS),
    )
    def suspects(
        request: Request, *, key: KeyId, page: PageParams, known_at: p.KnownAt = None
    ) -> Response:
        reads, as_of = pin(p.pinned_moment(page, known_at))

        def read(part: Page) -> Listed:
            return reads.trust.suspects(key, as_of, part)

        answering = Answering(
            read=read,
            table=list_tables.TRUST_SUSPECTS,
            rows=lambda items, style: reads.labelled(items, as_of, style),
            **_about(reads, _SUSPECTS, as_of, known_at, key),
        )
        return unless_known(
            request, as_of, None, lambda headers: list_response(request, page, answering, headers)
        )


def _responses(table: ListTable) -> dict[int | str, dict[str, Any]]:
    shapes = {column: _SHAPES[column] for column in table.columns}
    row = row_schema(table.columns, **shapes)
    return {**list_responses(row, 404, 422, 503), 304: UNCHANGED}


def _about(
    reads: Queries, said: tuple[Both, Both], as_of: AsOf, known_at: str | None, *also: str
) -> dict[str, Any]:
    """Return the name and the origin of a file."""
    called, title = said
    return {
        "name": named(reads, called, as_of, known_at=known_at, also=also),
        "about": origin(reads, title, as_of, known_at=known_at),
    }


def _day_of(page: Page, known_at: str | None, as_of: AsOf, clock: Clock) -> date:
    """Return the day of knowledge, or that of the first page which a cursor keeps."""
    if page.place is None:
        return day_of_signals(known_at, as_of, day_in_vietnam(clock()))
    try:
        return date.fromisoformat(page.after("day", ""))
    except ValueError:
        raise broken(INVALID_CURSOR) from None
