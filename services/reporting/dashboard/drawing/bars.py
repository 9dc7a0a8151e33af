"""Bars: of a funnel, of the parts of a whole, and of units by rank; each with its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from services.reporting.dashboard.drawing.svg import SOFT, TRACK, Drawing, text, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COLOURS = ("#a31621", "#c98a1b", "#2f5d8a", "#3c7a4a", "#7d5a8c", "#8a8178")
SHADES = len(COLOURS)
MOST_RANKED = 34
FIRST_RANKED = 20
"""The bars drawn of more units than the 34 provinces."""
_NAMED = {"a": 0, "b": 1}
_WIDTH = 720
_LABEL_LINE = 38
_BAR = 24
_GAP = 12
_RANKED_LINE = 26
_RANKED_BAR = 220


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number as written, its value, and the address of its explanation."""

    label: str
    number: str
    value: int
    shade: str = "a"
    href: str | None = None


def bars(name: str, title: str, each: Sequence[Bar]) -> Drawing:
    """Return one bar below another, each under its label and number, all left-aligned.

    The bars are separate counts, so no line joins them; the largest has the full width.
    """
    whole = max((bar.value for bar in each), default=0) or 1
    line = _LABEL_LINE + _BAR + _GAP
    rows = [_bar(bar, whole, index * line) for index, bar in enumerate(each)]
    return Drawing(
        name,
        title,
        _in_words(each),
        _WIDTH,
        len(each) * line,
        Markup("").join(rows),
        linked=any(bar.href for bar in each),
    )


def _bar(bar: Bar, whole: int, top: int) -> Markup:
    width = max(round(_WIDTH * bar.value / whole), 2 if bar.value else 0)
    number = Markup(
        '<text x="{x}" y="{y}" font-size="20" font-weight="700" text-anchor="end" fill="#1d1b1a" '
        'class="number">{number}</text>'
    ).format(x=_WIDTH, y=top + _LABEL_LINE - 12, number=bar.number)
    if bar.href is not None:
        number = Markup('<a href="{href}">{number}</a>').format(href=bar.href, number=number)
    return Markup(
        "<g><title>{label}: {said}</title>"
        '<text x="0" y="{base}" font-size="20" fill="#1d1b1a" class="label">{label}</text>'
        '{number}<rect x="0" y="{y}" width="{whole}" height="{bar}" rx="3" fill="{track}" '
        'class="track"/><rect x="0" y="{y}" width="{width}" height="{bar}" rx="3" '
        'fill="{colour}" class="bar {shade}"/></g>'
    ).format(
        label=bar.label,
        said=bar.number,
        base=top + _LABEL_LINE - 12,
        number=number,
        y=top + _LABEL_LINE,
        whole=_WIDTH,
        width=width,
        bar=_BAR,
        track=TRACK,
        colour=COLOURS[_NAMED[bar.shade]],
        shade=bar.shade,
    )


def share(name: str, title: str, parts: Sequence[Bar]) -> Drawing:
    """Return one bar divided among its parts, each labelled in the table below it."""
    whole = sum(part.value for part in parts) or 1
    x = 0.0
    rows: list[Markup] = []
    for index, part in enumerate(parts):
        width = _WIDTH * part.value / whole
        rows.append(
            Markup(
                '<g><title>{label}: {number}</title><rect x="{x:.1f}" y="4" width="{width:.1f}" '
                'height="26" fill="{colour}" class="bar s{index}"/></g>'
            ).format(
                label=part.label,
                number=part.number,
                x=x,
                width=max(width - 1, 0),
                colour=COLOURS[index % SHADES],
                index=index % SHADES,
            )
        )
        x += width
    return Drawing(name, title, _in_words(parts), _WIDTH, 34, Markup("").join(rows))


def ranked(name: str, title: str, each: Sequence[Bar], more: str | None) -> Drawing:
    """Return a bar on each line, the largest first; `more` says how many are left out."""
    whole = max((bar.value for bar in each), default=0) or 1
    labels = max((width_of(bar.label, 15) for bar in each), default=0) + 12
    numbers = max((width_of(bar.number, 15) for bar in each), default=0) + 14
    rows = []
    for index, bar in enumerate(each):
        top = index * _RANKED_LINE
        width = max(_RANKED_BAR * bar.value / whole, 2 if bar.value else 0)
        rows.append(
            Markup(
                "<g><title>{label}: {number}</title>{said}"
                '<rect x="{x:.0f}" y="{y}" width="{width:.1f}" height="16" rx="2" '
                'fill="#a31621" class="bar a"/>{counted}</g>'
            ).format(
                label=bar.label,
                number=bar.number,
                said=text(0, top + 17, bar.label, size=15),
                x=labels,
                y=top + 4,
                width=width,
                counted=text(labels + width + 8, top + 17, bar.number, size=15, bold=True),
            )
        )
    height = len(each) * _RANKED_LINE + 4
    if more:
        rows.append(text(0, height + 16, more, size=14, colour=SOFT))
        height += 24
    width_needed = round(labels + _RANKED_BAR + numbers)
    return Drawing(name, title, _in_words(each), width_needed, height, Markup("").join(rows))


def _in_words(parts: Sequence[Bar]) -> str:
    return "; ".join(f"{part.label}: {part.number}" for part in parts)
