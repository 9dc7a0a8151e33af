"""The API addresses of the data on a page, pinned to the position of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from services.reporting.dashboard.page_context import PageContext

PAGE_FORMS = ("xlsx", "docx", "csv")
"""The formats of a page's tables, in the order of their links."""


def api_address(context: PageContext, path: str, **more: object) -> str:
    """Return the address of a list of the scope and year."""
    return _address(context, path, unit_id=context.unit, programme=DEFAULT_PROGRAMME, **more)


def files_of(context: PageContext, path: str, **more: object) -> dict[str, str]:
    """Return the addresses of a whole list as files: `json`, others in the page's language."""
    return _files(context, api_address(context, path, **more))


def reconciliation_files(context: PageContext, *, every_year: bool) -> dict[str, str]:
    """Return the addresses of the scope's asserted figures: of the year, or of all years."""
    year = None if every_year else context.year
    return _files(
        context, _address(context, "/reconciliation", unit_id=context.unit, year=year, map=None)
    )


def history_files(context: PageContext, model_id: str) -> dict[str, str]:
    """Return the addresses of the history of a model."""
    return _files(
        context, _address(context, f"/models/{quote(model_id)}/history", year=None, map=None)
    )


def signal_files(context: PageContext, path: str) -> dict[str, str]:
    """Return the addresses of signals as files; without a position, so that today stays today."""
    known_at = context.choice.known_at
    return _files(context, _address(context, path, unit=context.unit, known_at=known_at))


def trust_files(context: PageContext, name: str) -> dict[str, str]:
    """Return the addresses of a list of trust as files; unpinned as those of signals are."""
    address = _address(
        context, f"/trust/{name}", year=None, map=None, known_at=context.choice.known_at
    )
    return {form: each.replace("?&", "?") for form, each in _files(context, address).items()}


def table_files(context: PageContext, by: str) -> dict[str, str]:
    """Return the addresses of one table of the summary as files."""
    of_unit = context.unit is not None
    path = f"/summaries/units/{quote(str(context.unit))}" if of_unit else "/summaries/national"
    return _files(context, _address(context, path, programme=DEFAULT_PROGRAMME, by=by))


def page_files(context: PageContext, path: str, **more: object) -> dict[str, str]:
    """Return the addresses of a page's own table as files."""
    return {form: context.choice.address(path, **more, format=form) for form in PAGE_FORMS}


def _files(context: PageContext, address: str) -> dict[str, str]:
    return {
        "json": f"{address}&format=json",
        **{form: f"{address}&format={form}&lang={context.choice.lang}" for form in PAGE_FORMS},
    }


def _address(context: PageContext, path: str, **more: object) -> str:
    stated = {
        "year": context.year,
        "known_at": context.as_of.position,
        "map": context.map.stated,
        **more,
    }
    return f"{path}?" + urlencode({k: v for k, v in stated.items() if v is not None})
