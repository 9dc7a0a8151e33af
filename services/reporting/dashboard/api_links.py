"""The addresses at which programs read what a page shows, pinned to the position of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from shared.vocabulary import DEFAULT_PROGRAMME

if TYPE_CHECKING:
    from services.reporting.dashboard.page_context import PageContext

PAGE_FORMS = ("xlsx", "docx", "csv")
"""The files that a table of a page can be taken as, what an office opens first of all."""


def api_address(asked: PageContext, path: str, **more: object) -> str:
    """Return the address of a list of the scope and year."""
    return _address(asked, path, unit_id=asked.unit, programme=DEFAULT_PROGRAMME, **more)


def files_of(asked: PageContext, path: str, **more: object) -> dict[str, str]:
    """Return the addresses of a whole list as files: `json`, others in the page's language."""
    return _files(asked, api_address(asked, path, **more))


def reconciliation_files(asked: PageContext, *, every_year: bool) -> dict[str, str]:
    """Return the addresses of what was asserted of the scope: of the year, or of all times."""
    year = None if every_year else asked.year
    return _files(
        asked, _address(asked, "/reconciliation", unit_id=asked.unit, year=year, map=None)
    )


def history_files(asked: PageContext, model_id: str) -> dict[str, str]:
    """Return the addresses of the history of a model."""
    return _files(asked, _address(asked, f"/models/{quote(model_id)}/history", year=None, map=None))


def table_files(asked: PageContext, by: str) -> dict[str, str]:
    """Return the addresses of one table of the summary as files."""
    of_unit = asked.unit is not None
    path = f"/summaries/units/{quote(str(asked.unit))}" if of_unit else "/summaries/national"
    return _files(asked, _address(asked, path, programme=DEFAULT_PROGRAMME, by=by))


def page_files(asked: PageContext, path: str, **more: object) -> dict[str, str]:
    """Return the addresses of a table that only a page has, as files."""
    return {form: asked.choice.address(path, **more, format=form) for form in PAGE_FORMS}


def _files(asked: PageContext, address: str) -> dict[str, str]:
    return {
        "json": f"{address}&format=json",
        **{form: f"{address}&format={form}&lang={asked.choice.lang}" for form in PAGE_FORMS},
    }


def _address(asked: PageContext, path: str, **more: object) -> str:
    stated = {
        "year": asked.year,
        "known_at": asked.as_of.position,
        "map": asked.map.stated,
        **more,
    }
    return f"{path}?" + urlencode({k: v for k, v in stated.items() if v is not None})
