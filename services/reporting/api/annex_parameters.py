"""The query parameters of annexes, the same for all."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from services.reporting.api import parameters as p
from shared.events.payloads.payload import ID_PATTERN
from shared.web.answers.problems import parameter_error
from shared.web.files.office_table import FormStyle
from shared.web.openapi.responses import words

MOST_YEARS = 10

OneYear = Annotated[
    int | None,
    Query(
        ge=1900,
        le=2999,
        **words(
            en="The plan year; or else `from` and `to`.",
            vi="Năm của kế hoạch; nếu không thì ghi `from` và `to`.",
        ),
    ),
]
FirstYear = Annotated[
    int | None,
    Query(
        alias="from",
        ge=1900,
        le=2999,
        **words(
            en="The first of several years (at most 10); they are never added up.",
            vi="Năm đầu của giai đoạn (nhiều nhất 10 năm); không bao giờ cộng qua các năm.",
        ),
    ),
]
LastYear = Annotated[
    int | None,
    Query(
        alias="to",
        ge=1900,
        le=2999,
        **words(en="The last of several years.", vi="Năm cuối của giai đoạn."),
    ),
]
Unit = Annotated[
    str | None,
    Query(
        pattern=ID_PATTERN,
        **words(en="The unit; unstated: the nation.", vi="Đơn vị; không ghi là cả nước."),
    ),
]
Style = Annotated[
    FormStyle,
    Query(
        **words(
            en="The style of the document: of the `state` (Decree 30/2020) or of the `party` "
            "(Guidance 36-HD/VPTW), in the form in force on the day of knowledge.",
            vi="Thể thức văn bản: của Nhà nước (`state`, Nghị định 30/2020) hoặc của Đảng "
            "(`party`, Hướng dẫn 36-HD/VPTW), theo mẫu có hiệu lực vào ngày số liệu.",
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class AnnexParameters:
    """The parameters of an annex; `years` are checked."""

    years: tuple[int, ...]
    unit: str | None
    known_at: str | None
    map: str | None
    style: FormStyle


def annex_params(  # noqa: PLR0917  the parameters of the contract
    year: OneYear = None,
    first: FirstYear = None,
    last: LastYear = None,
    unit: Unit = None,
    known_at: p.KnownAt = None,
    map: p.Map = None,  # noqa: A002  the contract names it so
    style: Style = FormStyle.STATE,
) -> AnnexParameters:
    """Return the parameters of an annex."""
    return AnnexParameters(years_of(year, first, last), unit, known_at, map, style)


AnnexParams = Annotated[AnnexParameters, Depends(annex_params)]


def years_of(year: int | None, first: int | None, last: int | None) -> tuple[int, ...]:
    """Return the years of `year`, or of `from` and `to`; anything else is 422."""
    if year is not None and first is None and last is None:
        return (year,)
    if year is not None or first is None or last is None:
        raise parameter_error(
            "year", vi="ghi year, hoặc cả from và to", en="state year, or both from and to"
        )
    if not 0 <= last - first < MOST_YEARS:
        raise parameter_error(
            "to",
            vi=f"không trước from, và không quá {MOST_YEARS} năm",
            en=f"not before from, and at most {MOST_YEARS} years",
        )
    return tuple(range(first, last + 1))
