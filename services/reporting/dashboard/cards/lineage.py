"""The lineage of a model as a picture: where it was taken from, and where it was taken up."""

from __future__ import annotations

from textwrap import shorten, wrap
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DRAWN = 8
"""The number of boxes of a side; the list below the picture has all."""
_WIDTH, _BOX, _HEIGHT, _GAP = 720, 208, 54, 12
_LINE = 24
_LINES = 2


class Relative(NamedTuple):
    """A model or unit of the lineage: its name, the address of its card, the day and the way."""

    name: str
    address: str | None
    day: str
    how: str


def lineage(
    title: str, name: str, sources: Sequence[Relative], targets: Sequence[Relative]
) -> Markup:
    """Return the picture: sources on the left, the model in the middle, targets on the right."""
    left, right = sources[:MOST_DRAWN], targets[:MOST_DRAWN]
    rows = max(len(left), len(right), 1)
    height = rows * (_HEIGHT + _GAP) - _GAP
    middle = (_WIDTH - _BOX) // 2
    own_top = (height - _HEIGHT) // 2
    parts = [_box(middle, own_top, name, None, "own")]
    for x, side in ((0, left), (_WIDTH - _BOX, right)):
        begin = (height - (len(side) * (_HEIGHT + _GAP) - _GAP)) // 2
        for index, each in enumerate(side):
            top = begin + index * (_HEIGHT + _GAP)
            ends = (_BOX, middle) if x == 0 else (middle + _BOX, x)
            tops = (top, own_top) if x == 0 else (own_top, top)
            parts.append(_arrow(ends, tops))
            parts.append(_box(x, top, each.name, each.address, "other"))
    return Markup(
        '<svg viewBox="0 0 {width} {height}" role="group" aria-label="{title}" class="lineage">'
        "<title>{title}</title>{parts}</svg>"
    ).format(width=_WIDTH, height=height, title=title, parts=Markup("").join(parts))


def _box(x: int, top: int, name: str, address: str | None, kind: str) -> Markup:
    lines = wrap(shorten(name, _LINE * _LINES, placeholder="…"), _LINE)[:_LINES] or [name[:_LINE]]
    first = top + _HEIGHT // 2 - 9 * (len(lines) - 1)
    text = Markup("").join(
        Markup('<text x="{x}" y="{y}">{line}</text>').format(x=x + 10, y=first + 18 * i, line=line)
        for i, line in enumerate(lines)
    )
    box = Markup(
        '<g class="{kind}"><title>{name}</title>'
        '<rect x="{x}" y="{top}" width="{width}" height="{height}" rx="4"/>{text}</g>'
    ).format(
        kind=kind, name=name, x=x + 1, top=top + 1, width=_BOX - 2, height=_HEIGHT - 2, text=text
    )
    return Markup('<a href="{to}">{box}</a>').format(to=address, box=box) if address else box


def _arrow(ends: tuple[int, int], tops: tuple[int, int]) -> Markup:
    (begin, end), half = ends, _HEIGHT // 2
    return Markup(
        '<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/><circle cx="{x2}" cy="{y2}" r="4"/>'
    ).format(x1=begin, y1=tops[0] + half, x2=end, y2=tops[1] + half)
