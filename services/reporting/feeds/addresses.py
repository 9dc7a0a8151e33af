"""The address of the feed of a page's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.reporting.dashboard.page_context import PageContext


def feed_address(context: PageContext) -> str | None:
    """Return the address of the scope's Atom feed, None before there is a country."""
    unit_id = context.unit or context.reads.country(context.as_of)
    if unit_id is None:
        return None
    language = "?lang=en" if context.words.language == "en" else ""
    return f"/feeds/{unit_id}.atom{language}"
