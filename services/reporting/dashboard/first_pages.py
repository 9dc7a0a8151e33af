"""The pages that readers open first, as reads to be made ahead of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from services.reporting.dashboard.cards.exchange import exchange_page
from services.reporting.dashboard.lists.page import list_page
from services.reporting.dashboard.page_context import PageContext
from services.reporting.dashboard.page_parameters import PageParameters
from services.reporting.dashboard.pages.annexes import annexes_page
from services.reporting.dashboard.pages.signals import signals_page
from services.reporting.dashboard.pages.year import year_page
from services.reporting.dashboard.pages.years import years_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.reporting.queries.facade import Pin
    from shared.clock import Clock

FIRST = (year_page, signals_page, list_page, years_page, exchange_page, annexes_page)
"""In this order: the first loads the figures of the latest year, on which all others depend."""


def first_pages(pin: Pin, clock: Clock) -> Sequence[Callable[[], object]]:
    """Return a read of each page, of the nation in its latest year."""

    def read(view: Callable[[PageContext, dict[str, str]], dict[str, Any]]) -> None:
        view(PageContext.of(pin, PageParameters(), clock), {})

    return [partial(read, view) for view in FIRST]
