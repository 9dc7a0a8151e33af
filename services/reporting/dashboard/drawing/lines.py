"""A line through years: only years of equal length that follow each other are joined."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from services.reporting.dashboard.drawing.svg import SOFT, Drawing, text

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT = 420, 200
_LEFT, _TOP, _FLOOR = 40, 34, 166


@dataclass(frozen=True, slots=True)
class YearPoint:
    """A year's figure; `joined` says whether a line may lead to it from the year before it.

    `whole` is false for a year that is not over: its figure is of a shorter time.
    """

    year: int
    label: str
    number: str
    value: int
    joined: bool
    whole: bool = True


def lines(name: str, title: str, points: Sequence[YearPoint], *, shade: str = "a") -> Drawing:
    """Return the figures of years from 0 upward, each with its number."""
    most = max((each.value for each in points), default=0) or 1
    first = min((each.year for each in points), default=0)
    span = max((each.year for each in points), default=0) - first
    step = (_WIDTH - 2 * _LEFT) / span if span else 0.0

    def place(point: YearPoint) -> tuple[float, float]:
        x = _LEFT + step * (point.year - first) if span else _WIDTH / 2
        return round(x, 1), round(_FLOOR - (_FLOOR - _TOP) * point.value / most, 1)

    colour = "#c98a1b" if shade == "b" else "#a31621"
    parts = [
        Markup('<line x1="0" y1="{y}" x2="{x}" y2="{y}" stroke="#e2dcd5" class="axis"/>').format(
            y=_FLOOR, x=_WIDTH
        )
    ]
    for before, after in itertools.pairwise(points):
        if after.joined and after.year == before.year + 1:
            (x1, y1), (x2, y2) = place(before), place(after)
            parts.append(
                Markup(
                    '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="3" '
                    'class="joined {}"/>'
                ).format(x1, y1, x2, y2, colour, shade)
            )
    parts += [_point(each, place(each), colour, shade) for each in points]
    said = "; ".join(f"{each.label}: {each.number}" for each in points)
    return Drawing(name, title, said, _WIDTH, _HEIGHT, Markup("").join(parts))


def _point(point: YearPoint, at: tuple[float, float], colour: str, shade: str) -> Markup:
    x, y = at
    return Markup(
        '<g><title>{label}: {number}</title><circle cx="{x}" cy="{y}" r="5" fill="{fill}" '
        'stroke="{colour}" stroke-width="3" class="{point} {shade}"/>{counted}{year}</g>'
    ).format(
        label=point.label,
        number=point.number,
        x=x,
        y=y,
        fill=colour if point.whole else "#ffffff",
        colour=colour,
        point="point" if point.whole else "open-point",
        shade=shade,
        counted=text(x, y - 12, point.number, size=17, bold=True, anchor="middle"),
        year=text(x, _FLOOR + 24, str(point.year), size=15, colour=SOFT, anchor="middle"),
    )
