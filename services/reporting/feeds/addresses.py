"""The addresses of the feeds of a page's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.reporting.dashboard.page_context import PageContext


def feed_address(context: PageContext, of: str = "") -> str | None:
    """Return the address of the scope's Atom feed, None before there is a country.

    `of="/signals"` is the feed of its signals.
    """
    unit_id = context.unit or context.reads.country(context.as_of)
    if unit_id is None:
        return None
    language = "?lang=en" if context.words.language == "en" else ""
    return f"/feeds/{unit_id}{of}.atom{language}"
