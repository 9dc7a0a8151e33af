"""Lists of the registry, as known at any position: units, organisations, taxonomies."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from services.registry.decider import RegistryDecider
from services.registry.queries.map_versions import KnownMaps
from services.registry.queries.registered_models import (
    TAXONOMY_COLUMNS,
    organization_view,
    taxonomies_at,
)
from services.registry.queries.units import UNIT_COLUMNS, UnitFilter, UnitListings, unit_as_json
from shared.appending.appender import Appender
from shared.clock import Clock
from shared.errors import Language
from shared.eventlog.protocol import Reader
from shared.events.payloads.payload import ID_PATTERN
from shared.territory import Territory
from shared.vocabulary import AdministrativeLevel, TaxonomyKind
from shared.web.answers.as_of_parameters import CURRENT, known_at, map_choice
from shared.web.answers.csv_tables import ListTable, Row, Style, label_of
from shared.web.answers.list_answers import Answering, list_response
from shared.web.answers.pagination import Listed, Page, PageParams, cut
from shared.web.answers.problems import parameter_error
from shared.web.openapi.responses import list_responses, row_schema, summary, words

ORGANIZATION_COLUMNS = (
    "org_id",
    "name",
    "kind",
    "unit_id",
    "block_code",
    "side",
    "external_ids",
    "predecessors",
    "successors",
    "position",
)
UNITS = ListTable(
    UNIT_COLUMNS,
    frozenset({"level", "parent_id"}),
    headings={"unit_id": ("Mã đơn vị", "Unit id")},
)
ORGANIZATIONS = ListTable(ORGANIZATION_COLUMNS, frozenset({"unit_id", "side"}))
TAXONOMIES = ListTable(TAXONOMY_COLUMNS, frozenset({"taxonomy", "jurisdiction_unit_id"}))
IdFilter = Annotated[str | None, Query(pattern=ID_PATTERN)]
KnownAt = Annotated[
    str | None,
    Query(
        alias="known_at",
        max_length=40,
        **words(
            en="A position, a time with offset, or a date; unstated: now.",
            vi="Vị trí, thời điểm có múi giờ, hoặc ngày; để trống: hiện nay.",
        ),
    ),
]
MapOfDay = Annotated[
    str | None,
    Query(
        alias="map",
        max_length=10,
        **words(en="`current` (default) or a date.", vi="`current` (mặc định) hoặc ngày."),
    ),
]
PartOfName = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        **words(
            en="Part of a name, accents optional; former names too.",
            vi="Một phần của tên, không cần dấu; kể cả tên cũ.",
        ),
    ),
]


def add_units(
    router: APIRouter, appender: Appender, decider: RegistryDecider, clock: Clock
) -> None:
    """Add GET /units."""

    @contextmanager
    def territory() -> Iterator[Territory]:
        with appender.reading():
            yield decider.territory

    listings = UnitListings(KnownMaps(appender.log, territory))

    @router.get(
        "/units",
        tags=["map"],
        **summary(en="The administrative units of a day", vi="Các đơn vị hành chính của một ngày"),
        responses=list_responses(row_schema(UNIT_COLUMNS), 422, 503),
    )
    def units(
        *,
        request: Request,
        page: PageParams,
        map_stated: MapOfDay = None,
        known_at_stated: KnownAt = None,
        level: AdministrativeLevel | None = None,
        parent_id: IdFilter = None,
        scheme: IdFilter = None,
        code: IdFilter = None,
        q: PartOfName = None,
    ) -> Response:
        day = _day(page, map_stated, clock)
        position = _position(page, known_at_stated, appender.log)
        chosen = UnitFilter(level, parent_id, scheme, code, q)
        place = {"day": day.isoformat(), "position": position}

        def read(part: Page) -> Listed:
            start = part.after("after", 0)
            # Indices into the unfiltered list stay the same from page to page.
            found = list(islice(chosen.choose(listings.on(day, position), start), part.limit + 1))
            shown, last = cut(found, part.limit)
            items = [unit_as_json(state) for _, state in shown]
            return Listed(items, {"after": last[0], **place} if last else None)

        def rows(items: Sequence[Row], _style: Style) -> Iterator[Row]:
            names = {unit.state.unit_id: unit.state.name for unit in listings.on(day, position)}
            return ({**each, "parent_id_label": names.get(each["parent_id"])} for each in items)

        stated = partial(_named, vi="đơn vị hành chính", en="units", position=position)

        def name(language: Language) -> tuple[str | None, ...]:
            return (*stated(language), day.isoformat())

        return list_response(request, page, Answering(read, UNITS, name, rows))


def add_organizations(router: APIRouter, appender: Appender, decider: RegistryDecider) -> None:
    """Add GET /organizations."""

    @router.get(
        "/organizations",
        tags=["organizations"],
        **summary(en="Organisations, as last defined", vi="Các tổ chức, theo định nghĩa mới nhất"),
        responses=list_responses(row_schema(ORGANIZATION_COLUMNS), 422, 503),
    )
    def organizations(
        request: Request, page: PageParams, known_at_stated: KnownAt = None
    ) -> Response:
        position = _position(page, known_at_stated, appender.log)

        def read(part: Page) -> Listed:
            after = part.after("after", "")
            with appender.reading():
                found = decider.organizations.listed(position, after=after, limit=part.limit + 1)
            shown, last = cut(found, part.limit)
            place = {"after": last.org_id, "position": position} if last else None
            return Listed([organization_view(each) for each in shown], place)

        name = partial(_named, vi="tổ chức", en="organizations", position=position)
        rows = _with_units("unit_id", appender, decider)
        return list_response(request, page, Answering(read, ORGANIZATIONS, name, rows))


def add_taxonomies(router: APIRouter, appender: Appender, decider: RegistryDecider) -> None:
    """Add GET /taxonomies."""

    @router.get(
        "/taxonomies",
        tags=["taxonomies"],
        **summary(en="The versions of taxonomies that stand", vi="Các phiên bản danh mục"),
        responses=list_responses(row_schema(TAXONOMY_COLUMNS), 422, 503),
    )
    def taxonomies(
        request: Request,
        page: PageParams,
        known_at_stated: KnownAt = None,
        jurisdiction_unit_id: IdFilter = None,
        taxonomy: TaxonomyKind | None = None,
    ) -> Response:
        position = _position(page, known_at_stated, appender.log)

        def read(part: Page) -> Listed:
            after = part.after("after", 0)
            versions = taxonomies_at(appender.log, position, jurisdiction_unit_id, taxonomy)
            found = [version for version in versions if version["position"] > after]
            shown, last = cut(found, part.limit)
            return Listed(
                shown, {"after": last["position"], "position": position} if last else None
            )

        name = partial(_named, vi="danh mục", en="taxonomies", position=position)
        rows = _with_units("jurisdiction_unit_id", appender, decider)
        return list_response(request, page, Answering(read, TAXONOMIES, name, rows))


def _named(language: Language, *, vi: str, en: str, position: int) -> tuple[str | None, ...]:
    if language == "vi":
        return vi, f"vị trí {position}"
    return en, f"position {position}"


def _with_units(
    column: str, appender: Appender, decider: RegistryDecider
) -> Callable[[Sequence[Row], Style], Iterable[Row]]:
    """Return a function that adds to each row the latest name of the unit in a column."""

    def rows(items: Sequence[Row], _style: Style) -> Iterable[Row]:
        with appender.reading():
            histories = {each[column]: decider.territory.names(each[column]) for each in items}
        names = {
            unit_id: names[-1].name if names else unit_id for unit_id, names in histories.items()
        }
        return ({**each, label_of(column): names[each[column]]} for each in items)

    return rows


def _day(page: Page, stated: str | None, clock: Clock) -> date:
    """Return the day of the map; a cursor keeps the day of its first page."""
    if page.place is not None:
        stated = page.after("day", "")
    day = map_choice(stated, clock, default=CURRENT).day
    if day is None:
        raise parameter_error(
            "map",
            vi="danh mục đơn vị cần một ngày hoặc current",
            en="the list of units needs a day or current",
        )
    return day


def _position(page: Page, stated: str | None, log: Reader) -> int:
    """Return the requested position; a cursor keeps the position of its first page."""
    if page.place is not None:
        stated = str(page.after("position", 0))
    return known_at(stated, log).position
