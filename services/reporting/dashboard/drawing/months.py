"""Lines through the twelve months of years, added up from zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from services.reporting.dashboard.drawing.bars import COLOURS
from services.reporting.dashboard.drawing.svg import Drawing, text

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT, _TOP, _FLOOR = 720, 220, 24, 196
_LEFT, _STEP = 20, 56


@dataclass(frozen=True, slots=True)
class MonthLine:
    """One line: its label, its last number as written, and the value of each month."""

    label: str
    number: str
    values: Sequence[int]


def month_lines(name: str, title: str, each: Sequence[MonthLine]) -> Drawing:
    """Return lines over twelve months (fewer: a line ends earlier), each labelled at its end."""
    most = max((max(line.values) for line in each), default=0) or 1
    parts = [
        Markup('<line x1="0" y1="{y}" x2="{x}" y2="{y}" stroke="#e2dcd5" class="axis"/>').format(
            y=_FLOOR, x=_WIDTH
        )
    ]
    for shade, line in enumerate(each):
        places = [
            (_LEFT + _STEP * month, round(_FLOOR - (_FLOOR - _TOP) * value / most, 1))
            for month, value in enumerate(line.values)
        ]
        x, y = places[-1]
        parts.append(
            Markup(
                '<g><title>{label}: {number}</title><polyline points="{points}" fill="none" '
                'stroke="{colour}" stroke-width="3"{dashes}/>{named}</g>'
            ).format(
                label=line.label,
                number=line.number,
                points=" ".join(f"{px},{py}" for px, py in places),
                colour=COLOURS[shade],
                dashes=Markup(' stroke-dasharray="8 5"') if shade else "",
                named=text(x + 8, y + 5 if not shade else y + 20, line.label, size=17),
            )
        )
    said = "; ".join(f"{line.label}: {line.number}" for line in each)
    return Drawing(name, title, said, _WIDTH, _HEIGHT, Markup("").join(parts))
