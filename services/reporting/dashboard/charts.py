"""Charts as SVG made on the server: text stays text, and every bar says its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

SHADES = 6
_BAR = 34
_GAP = 14
_LABEL = 210
_WIDTH = 720
_NUMBER = 96


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its number as written, its value, and a note on hover."""

    label: str
    number: str
    value: int
    note: str = ""
    shade: str = "a"


def funnel(title: str, bars: Sequence[Bar]) -> Markup:
    """Return horizontal bars, each centred, from the most to what became of it."""
    room = _WIDTH - _LABEL - _NUMBER
    most = max((bar.value for bar in bars), default=0) or 1
    height = len(bars) * (_BAR + _GAP) + _GAP
    rows: list[Markup] = []
    for index, bar in enumerate(bars):
        y = _GAP + index * (_BAR + _GAP)
        width = max(round(room * bar.value / most), 2 if bar.value else 0)
        x = _LABEL + (room - width) // 2
        middle = y + _BAR // 2
        rows.append(
            Markup(
                '<g><title>{note}</title><text x="{label_x}" y="{middle}" class="label">{label}'
                '</text><rect x="{x}" y="{y}" width="{width}" height="{bar}" rx="3" '
                'class="bar {shade}"/><text x="{number_x}" y="{middle}" class="number">{number}'
                "</text></g>"
            ).format(
                note=bar.note or f"{bar.label}: {bar.number}",
                label_x=_LABEL - 12,
                middle=middle,
                label=bar.label,
                x=x,
                y=y,
                width=width,
                bar=_BAR,
                shade=bar.shade,
                number_x=_WIDTH,
                number=bar.number,
            )
        )
    return _svg(title, height, rows)


def share(title: str, parts: Sequence[Bar]) -> Markup:
    """Return one bar divided among its parts, each labelled below it."""
    whole = sum(part.value for part in parts) or 1
    x = 0.0
    rows: list[Markup] = []
    for index, part in enumerate(parts):
        width = _WIDTH * part.value / whole
        rows.append(
            Markup(
                '<g><title>{label}: {number}</title><rect x="{x:.1f}" y="4" width="{width:.1f}" '
                'height="26" class="bar s{index}"/></g>'
            ).format(
                label=part.label,
                number=part.number,
                x=x,
                width=max(width - 1, 0),
                index=index % SHADES,
            )
        )
        x += width
    return _svg(title, 34, rows)


def _svg(title: str, height: int, rows: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}" class="chart">'
        "<title>{title}</title>{rows}</svg>"
    ).format(width=_WIDTH, height=height, title=escape(title), rows=Markup("").join(rows))
