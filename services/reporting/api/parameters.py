"""The query parameters that the reads share, as FastAPI documents and parses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from starlette.requests import Request

from shared.events.payloads.payload import ID_PATTERN
from shared.vocabulary import Flag, Measure
from shared.web.answers.pagination import Page
from shared.web.openapi.responses import words

MOST_TABLES = 20

Year = Annotated[int, Query(ge=1900, le=2999, **words(en="The plan year.", vi="Năm của kế hoạch."))]
MaybeYear = Annotated[
    int | None,
    Query(ge=1900, le=2999, **words(en="Only of this plan year.", vi="Chỉ của năm này.")),
]
TouchedYear = Annotated[
    int | None,
    Query(
        ge=1900,
        le=2999,
        **words(
            en="Only figures whose period touches this year.",
            vi="Chỉ những con số có thời kỳ liên quan đến năm này.",
        ),
    ),
]
KnownAt = Annotated[
    str | None,
    Query(
        max_length=40,
        **words(
            en="As known at a position, a time with offset, or a date; unstated: now.",
            vi="Số liệu đã ghi sổ đến một vị trí, thời điểm có múi giờ hoặc ngày; trống: hiện nay.",
        ),
    ),
]
Map = Annotated[
    str | None,
    Query(
        max_length=10,
        **words(
            en="The map: `recorded` (default), `current`, or a date.",
            vi="Bản đồ hành chính: `recorded` (mặc định), `current`, hoặc ngày.",
        ),
    ),
]
Since = Annotated[
    str | None,
    Query(
        max_length=40,
        **words(
            en="What changed since this position, time with offset, or date.",
            vi="Thay đổi số liệu kể từ vị trí, thời điểm có múi giờ, hoặc ngày này.",
        ),
    ),
]
CountedMeasure = Annotated[
    Measure | Flag,
    Query(
        **words(
            en="The measure (or flag) whose figure is explained.",
            vi="Chỉ tiêu (hoặc điều cần xem lại) của con số được giải thích.",
        ),
    ),
]
Programme = Annotated[
    str, Query(pattern=ID_PATTERN, **words(en="The programme.", vi="Phong trào."))
]
MaybeProgramme = Annotated[
    str | None,
    Query(pattern=ID_PATTERN, **words(en="Only of this programme.", vi="Chỉ của phong trào này.")),
]
UnitId = Annotated[
    str | None,
    Query(
        pattern=ID_PATTERN,
        **words(
            en="Only of this unit and all below it on the map.",
            vi="Chỉ của đơn vị này và mọi đơn vị bên dưới trên bản đồ.",
        ),
    ),
]
By = Annotated[
    list[str] | None,
    Query(
        max_length=MOST_TABLES,
        **words(
            en="A cross table: one or more dimensions joined by commas; may be repeated.",
            vi="Một biểu phân tổ: một hoặc nhiều chiều, cách nhau bằng dấu phẩy; lặp lại được.",
        ),
    ),
]
SummaryFormat = Annotated[
    str | None,
    Query(
        pattern="^(json|csv|xlsx|docx)$",
        **words(
            en="`json`, `csv`, `xlsx` or `docx`; default: by `Accept`. All but `json` hold the "
            "one table of `by`, or without `by` one row of the scope.",
            vi="`json`, `csv`, `xlsx` hoặc `docx`; không ghi: theo `Accept`. Ba dạng sau là một "
            "bảng của `by`, hoặc nếu không ghi `by` thì là một dòng của phạm vi.",
        ),
    ),
]
ByDimension = Annotated[
    str | None,
    Query(
        max_length=64,
        **words(
            en="Only with this value of the dimension; empty: with none.",
            vi="Chỉ có giá trị này; để rỗng: không có giá trị.",
        ),
    ),
]

Cell = Mapping[str, str | None]
"""The stated dimensions of a request with their values; an empty value means null."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The parameters of every list, as stated."""

    unit_id: str | None
    year: int | None
    known_at: str | None
    map: str | None
    programme: str | None


def list_params(
    unit_id: UnitId = None,
    year: MaybeYear = None,
    known_at: KnownAt = None,
    map: Map = None,  # noqa: A002  the contract names it so
    programme: MaybeProgramme = None,
) -> ListRequest:
    """Return the parameters of a list."""
    return ListRequest(unit_id, year, known_at, map, programme)


def list_cell(request: Request, unit: ByDimension = None) -> Cell:
    """Return the stated dimension of every list."""
    return _stated(request, unit=unit)


def award_cell(
    request: Request,
    unit: ByDimension = None,
    award_form: ByDimension = None,
    recipient_kind: ByDimension = None,
) -> Cell:
    """Return the stated dimensions of awards."""
    return _stated(request, unit=unit, award_form=award_form, recipient_kind=recipient_kind)


def registration_cell(  # noqa: PLR0917  the dimensions of the contract
    request: Request,
    unit: ByDimension = None,
    field: ByDimension = None,
    block: ByDimension = None,
    owner_kind: ByDimension = None,
    registration_kind: ByDimension = None,
    level: ByDimension = None,
    tier: ByDimension = None,
    classification: ByDimension = None,
) -> Cell:
    """Return the stated dimensions of registrations."""
    return _stated(
        request,
        unit=unit,
        field=field,
        block=block,
        owner_kind=owner_kind,
        registration_kind=registration_kind,
        level=level,
        tier=tier,
        classification=classification,
    )


def any_cell(
    registrations: Annotated[Cell, Depends(registration_cell)],
    awards: Annotated[Cell, Depends(award_cell)],
) -> Cell:
    """Return the stated dimensions of any table."""
    return {**registrations, **awards}


def _stated(request: Request, **values: str | None) -> Cell:
    return {name: value or None for name, value in values.items() if name in request.query_params}


ListParams = Annotated[ListRequest, Depends(list_params)]


def pinned_moment(page: Page, known_at: str | None) -> str | None:
    """Return the requested position; a cursor keeps the position of its first page."""
    return known_at if page.place is None else str(page.after("at", 0))
