"""A drawing as PNG, with the fonts that are shipped and no others."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import resvg_py

from services.reporting.dashboard.drawing.svg import FONT

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ZOOM = 2.0
"""Pixels for each unit of a drawing: sharp in print at half its size."""


def png(svg: str) -> bytes:
    """Return an SVG file as PNG."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=font_files(),
        font_family=FONT,
        sans_serif_family=FONT,
        zoom=ZOOM,
    )


@cache
def font_files() -> list[str]:
    """Return the paths of the shipped fonts: Be Vietnam Pro has every Vietnamese letter."""
    folder: Traversable = files("services.reporting.dashboard.drawing") / "fonts"
    return sorted(str(each) for each in folder.iterdir() if each.name.endswith(".ttf"))
