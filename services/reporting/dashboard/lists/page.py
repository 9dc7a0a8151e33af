"""The page of any list: its filters as a form, its columns as links that sort it, its pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from services.reporting.dashboard.api_links import PAGE_FORMS
from services.reporting.dashboard.cell_links import CELL, ROW, Names, cell_of
from services.reporting.dashboard.lists.cells import cells_of
from services.reporting.dashboard.lists.declarations import LISTS, ListDeclaration
from services.reporting.dashboard.page_parameters import EVERY, LIST_PAGE
from services.reporting.queries.explaining.titles import ORGANIZATION
from services.reporting.queries.filters import Filters, ListQuery
from services.reporting.queries.sorting.ranks import SortBy
from services.reporting.queries.sorting.sorted_query import SortedQuery
from shared.vocabulary import DEFAULT_PROGRAMME, Dimension
from shared.vocabulary.code_words import CODE_WORDS
from shared.web.answers.csv_tables import in_words, said
from shared.web.answers.pagination import Page
from shared.web.answers.problems import parameter_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from services.reporting.dashboard.page_context import PageContext

SHOWN_ITEMS = 50
OWN = ("list", "measure", "organization", *CELL, "sort", "page", "at", "years", "format")
EQUAL = ("state", "scopes", "rating", "metric", "nature", "qualifier", "origin_kind", "kind")
COLUMNS = ("block_code", "side", "programme")
PARAMETERS = (*OWN, *EQUAL, *COLUMNS)
_MOST_PAGES = 10**6
_DIMENSION_COLUMNS = {
    "field_code": Dimension.FIELD,
    "block_code": Dimension.BLOCK,
    "tier": Dimension.TIER,
    "award_form": Dimension.AWARD_FORM,
}
_MAY_BE_ABSENT = frozenset({Dimension.TIER, Dimension.CLASSIFICATION, Dimension.LEVEL})


class AskedList(NamedTuple):
    """A list that an address asks for, with the context at its position."""

    declared: ListDeclaration
    query: SortedQuery
    context: PageContext
    page: int
    every_year: bool


def asked_list(context: PageContext, parameters: Mapping[str, str]) -> AskedList:
    """Return the list, filters and order of an address; later pages keep the first's position."""
    declared = _declared(parameters)
    if (at := parameters.get("at")) is not None:
        if not at.isdecimal():
            raise parameter_error("at", vi="phải là một vị trí", en="must be a position")
        context = replace(context, as_of=context.reads.as_of(at))
    every_year = parameters.get("years") == "all" or not declared.of_years
    cell = {
        name: value
        for name, value in cell_of(parameters).items()
        if name == Dimension.UNIT or name in declared.dimensions
    }
    filters = Filters(
        context.unit,
        None if every_year else context.year,
        DEFAULT_PROGRAMME if declared.of_years else None,
        context.map,
        cell,
    )
    names = Names.of(context)

    def named(column: str, code: str) -> str:
        if column in _DIMENSION_COLUMNS:
            return names(_DIMENSION_COLUMNS[column], code)
        return _said(column, code, context)

    query = SortedQuery(
        declared.name,
        ListQuery.of(filters, context.as_of, Page(), context.reads.maps),
        _sort(declared, parameters),
        context.choice.lang,
        declared.bits(_figure(declared, parameters)),
        parameters.get("organization") if declared.name == "registrations" else None,
        {name: parameters[name] or None for name in declared.equal if name in parameters},
        named,
    )
    return AskedList(declared, query, context, _page(parameters), every_year)


def list_page(context: PageContext, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of a list."""
    asked = asked_list(context, parameters)
    declared, context = asked.declared, asked.context
    first = (asked.page - 1) * SHOWN_ITEMS
    part = context.reads.sorted.part(asked.query, first, SHOWN_ITEMS)
    pages = max(-(-part.of // SHOWN_ITEMS), 1)
    if asked.page > pages:
        raise parameter_error("page", vi=f"chỉ có {pages} trang", en=f"is beyond page {pages}")

    def address(**changed: object) -> str:
        return context.choice.address(LIST_PAGE, **{**_state(asked), **changed})

    at = context.as_of.position
    return {
        "place": context.place(),
        "lists": [(each, context.choice.address(LIST_PAGE, list=each)) for each in LISTS],
        "list": declared.name,
        "owner": _owner(asked),
        "heads": list(_heads(asked, address)),
        "rows": cells_of(declared, part.items, context),
        "count": part.of,
        "first": first + 1,
        "last": first + len(part.items),
        "pages": pages,
        "page": asked.page,
        "turns": [(words, address(page=to, at=at)) for words, to in turns(asked.page, pages)],
        "filters": list(_filters(asked, parameters)),
        "unfiltered": _unfiltered(asked),
        "every_year": asked.every_year,
        "of_years": declared.of_years,
        "hidden": _hidden(asked),
        "own_files": {form: address(format=form, at=at) for form in PAGE_FORMS},
    }


def _declared(parameters: Mapping[str, str]) -> ListDeclaration:
    declared = LISTS.get(parameters.get("list", "registrations"))
    if declared is None:
        raise parameter_error("list", vi="không có danh sách này", en="is no list")
    return declared


def _sort(declared: ListDeclaration, parameters: Mapping[str, str]) -> SortBy:
    sort = SortBy.read(parameters.get("sort", declared.sort))
    if sort.column not in {column.name for column in declared.columns}:
        raise parameter_error(
            "sort", vi="không phải một cột của danh sách này", en="is no column of this list"
        )
    return sort


def _figure(declared: ListDeclaration, parameters: Mapping[str, str]) -> str | None:
    figure = parameters.get("measure")
    if figure is not None and figure not in declared.figures:
        raise parameter_error(
            "measure", vi="danh sách này không đếm chỉ tiêu đó", en="is not counted by this list"
        )
    return figure


def _page(parameters: Mapping[str, str]) -> int:
    stated = parameters.get("page", "1")
    if not (stated.isdecimal() and len(stated) < len(str(_MOST_PAGES)) and int(stated) > 0):
        raise parameter_error("page", vi="phải là số trang, từ 1", en="must be a page, from 1")
    return int(stated)


def _heads(asked: AskedList, address: Callable[..., str]) -> Iterator[dict[str, Any]]:
    """Yield the heads of the columns, each a link that sorts by it, and then the other way."""
    sort, language = asked.query.sort, asked.context.choice.lang
    for column in asked.declared.columns:
        chosen = column.name == sort.column
        reverse = SortBy(column.name, descending=chosen and not sort.descending)
        direction = "descending" if sort.descending else "ascending"
        yield {
            "text": asked.declared.table.heading(column.name, language),
            "address": address(sort=str(reverse)),
            "sorted": direction if chosen else None,
            "numeric": column.numeric,
        }


def _state(asked: AskedList) -> dict[str, Any]:
    """Return the list, filters and order as parameters of an address."""
    query, declared = asked.query, asked.declared
    cell = {
        ROW if name == Dimension.UNIT else name: value or ""
        for name, value in query.list_query.filters.dimensions.items()
    }
    figure = next((each for each in declared.figures if declared.bits(each) == query.bits), None)
    return {
        "list": declared.name,
        "measure": figure,
        "organization": query.owner,
        **cell,
        **{name: value or "" for name, value in query.equal.items()},
        "years": "all" if asked.every_year and declared.of_years else None,
        "sort": None if str(query.sort) == declared.sort else str(query.sort),
    }


def turns(page: int, pages: int) -> list[tuple[str, int]]:
    """Return the pages that a reader may turn to, each with its words."""
    places = (
        ("first_page", 1, page > 2),
        ("previous_page", page - 1, page > 1),
        ("next_page", page + 1, page < pages),
        ("last_page", pages, page < pages - 1),
    )
    return [(words, to) for words, to, there in places if there]


def _unfiltered(asked: AskedList) -> str | None:
    """Return the address of the list without filters, None if it has none."""
    query = asked.query
    dimensions = query.list_query.filters.dimensions
    if not any((query.bits, query.owner, query.equal, dimensions)):
        return None
    return asked.context.choice.address(LIST_PAGE, list=asked.declared.name)


def _said(column: str, code: str, context: PageContext) -> str:
    if column == "scopes":
        return said(column, code.split(), context.choice.lang) or code
    return said(column, code, context.choice.lang) or code


def _filters(asked: AskedList, parameters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the fields of the form, each with its options in words."""
    declared, context = asked.declared, asked.context
    if declared.figures:
        yield _field(
            "measure", [(f, context.words(f)) for f in declared.figures], asked, parameters
        )
    names = Names.of(context)
    for dimension in declared.dimensions:
        options = [
            (code, names(dimension, code)) for code in codes_of(declared.name, dimension, context)
        ]
        if dimension in _MAY_BE_ABSENT:
            options.append(("", names(dimension, None)))
        yield _field(dimension, options, asked, parameters)
    for column in declared.equal:
        codes = context.reads.sorted.values(asked.query, column)
        options = [(code, asked.query.named(column, code)) for code in codes]
        yield _field(column, sorted(options, key=lambda each: each[1]), asked, parameters)


def codes_of(name: str, dimension: Dimension, context: PageContext) -> Sequence[str]:
    """Return the codes of a dimension: of taxonomies, closed ones, then others that occur."""
    if dimension is Dimension.CLASSIFICATION:  # free text: only that of the scope
        rows = context.summary([dimension])["tables"][0]["rows"]
        return [row[dimension] for row in rows if row[dimension] is not None]
    named = context.reads.names(dimension, context.unit, context.year, context.as_of)
    known = dict.fromkeys(list(named) or CODE_WORDS.get(dimension, {}))
    return list({**known, **dict.fromkeys(context.reads.sorted.codes(name, dimension))})


def _field(
    name: str,
    options: Sequence[tuple[str, str]],
    asked: AskedList,
    parameters: Mapping[str, str],
) -> dict[str, Any]:
    context = asked.context
    stated = parameters.get(name)
    every = (EVERY, context.words("every_value"))
    known = any(code == stated for code, _ in options)
    further = [] if stated is None or known else [(stated, stated)]
    heading = in_words(name, context.choice.lang)
    return {
        "name": name,
        "heading": context.words("figure_of_list") if name == "measure" else heading,
        "options": [
            {"value": code, "text": text, "chosen": code == stated}
            for code, text in (every, *options, *further)
        ],
        "chosen": stated is not None,
    }


def _owner(asked: AskedList) -> str | None:
    """Return the name of the organisation whose models are listed."""
    owner, context = asked.query.owner, asked.context
    if owner is None:
        return None
    titled = context.reads.titles({ORGANIZATION + owner}, context.as_of)
    return next((each.title for each in titled.values()), None) or owner


def _hidden(asked: AskedList) -> list[tuple[str, str]]:
    """Return the choices of the page that its form does not change."""
    choice, state = asked.context.choice, _state(asked)
    stated = {
        "lang": None if choice.lang == "vi" else choice.lang,
        "unit": choice.unit,
        "year": choice.year,
        "known_at": choice.known_at,
        "map": choice.map,
        **{name: state.get(name) for name in ("list", ROW, "organization", "sort")},
    }
    return [(name, str(value)) for name, value in stated.items() if value is not None]
