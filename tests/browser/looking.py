"""A page looked at: as wide as a phone or a desk, in light or dark, and measured by axe."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NARROW, WIDE = ("vi", "dark", 400), ("en", "light", 1280)
"""Language, colours and width of two looks that have nothing in common."""


@contextmanager
def looking(measured: Page, width: int, scheme: Any = "light") -> Iterator[Page]:
    """Give that page as wide and in such colours, and empty."""
    measured.context.clear_cookies()
    measured.set_viewport_size({"width": width, "height": 800})
    measured.emulate_media(media="screen", color_scheme=scheme)
    yield measured
    measured.goto("about:blank")


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds, with the first element of each finding."""
    found = Axe().run(page).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]
