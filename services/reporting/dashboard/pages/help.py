"""The page of help: position, day of knowledge and map in the words of an officer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.reporting.dashboard.page_context import PageContext


def help_page(_: PageContext, _parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return nothing of its own: its words are in the templates, its position in the frame."""
    return {}
