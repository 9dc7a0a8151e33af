"""Curves through the months of a year, one for each year that is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from services.reporting.dashboard.drawing.svg import Drawing, text

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT = 760, 220
_LEFT, _STEP, _TOP, _FLOOR = 40, 54, 16, 196
_COLOURS = {"a": "#a31621", "b": "#c98a1b"}


@dataclass(frozen=True, slots=True)
class MonthCurve:
    """A year: its label, and its value at the end of each month (fewer than twelve: so far)."""

    label: str
    values: Sequence[int]
    shade: str = "a"


def months(name: str, title: str, curves: Sequence[MonthCurve]) -> Drawing:
    """Return curves from 0 upward, each with its label at its end."""
    most = max((max(curve.values) for curve in curves), default=0) or 1
    parts = [
        Markup('<line x1="0" y1="{y}" x2="{x}" y2="{y}" stroke="#e2dcd5" class="axis"/>').format(
            y=_FLOOR, x=_WIDTH
        )
    ]
    for curve in curves:
        points = [
            (_LEFT + _STEP * month, _FLOOR - round((_FLOOR - _TOP) * value / most))
            for month, value in enumerate(curve.values)
        ]
        x, y = points[-1]
        below = curve.shade == "b"
        label = text(
            min(x + 8, _WIDTH - 60), max(y + (16 if below else -4), 12), curve.label, size=15
        )
        parts.append(
            Markup(
                '<g><title>{label}: {last}</title><polyline points="{points}" fill="none" '
                'stroke="{colour}" stroke-width="3" class="joined {shade}"/>{named}</g>'
            ).format(
                label=curve.label,
                last=curve.values[-1],
                points=" ".join(f"{px},{py}" for px, py in points),
                colour=_COLOURS[curve.shade],
                shade=curve.shade,
                named=label,
            )
        )
    said = "; ".join(f"{curve.label}: {curve.values[-1]}" for curve in curves)
    return Drawing(name, title, said, _WIDTH, _HEIGHT, Markup("").join(parts))
