"""A page looked at: as wide as a phone or a desk, in light or dark, and measured by axe."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

NARROW, WIDE = ("vi", "dark", 400), ("en", "light", 1280)
"""Language, colours and width of two looks that have nothing in common."""
_ONE_OF_EACH_LOOK = """() => {
    const looks = new Map(), numbers = new Map(), counts = [];
    for (const each of document.querySelectorAll('body, body *')) {
        const { color, fill, stroke, backgroundColor, backgroundImage, opacity, fontSize,
            fontWeight, position, float, textShadow, filter } = getComputedStyle(each);
        const look = [numbers.get(each.parentElement), each.tagName, each.getAttribute('class'),
            color, fill, stroke, backgroundColor, backgroundImage, opacity, fontSize, fontWeight,
            position, float, textShadow, filter].join('|');
        if (!looks.has(look)) looks.set(look, looks.size);
        const number = looks.get(look);
        numbers.set(each, number);
        counts[number] = (counts[number] ?? 0) + 1;
        if (counts[number] > 2) each.setAttribute('data-as-before', '');
    }
    axe.configure({ rules: [{ id: 'color-contrast', selector: ':not([data-as-before])' }] });
}"""
"""Contrast takes most of the time: it is measured at two of all elements that are coloured alike,
as is everything around them. All other rules are asked of every element."""


@contextmanager
def looking(measured: Page, width: int, scheme: Any = "light") -> Iterator[Page]:
    """Give that page as wide and in such colours; it shows what was looked at before."""
    measured.context.clear_cookies()
    measured.set_viewport_size({"width": width, "height": 800})
    measured.emulate_media(media="screen", color_scheme=scheme)
    yield measured


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds, with the first element of each finding."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(_ONE_OF_EACH_LOOK)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] }).then(all => all.violations)")
    return [(each["id"], each["nodes"][0]["html"]) for each in found]


def wider(page: Page, width: int) -> list[str]:
    """Return what reaches beyond the width of a page: headings, forms, drawings, frames, all."""
    parts = page.locator("html, h1, h2, form, .notice, svg.drawing, .pages, .scroll")
    right = "e.tagName == 'HTML' ? e.scrollWidth : e.getBoundingClientRect().right"
    beyond = f"(all, width) => all.filter(e => ({right}) > width).map(e => e.outerHTML)"
    return list(parts.evaluate_all(beyond, width))
