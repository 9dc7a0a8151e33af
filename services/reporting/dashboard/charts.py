"""Charts as SVG rendered on the server: text stays text, and every bar shows its number."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

SHADES = 6
_WIDTH = 720
_LABEL_LINE = 38
_BAR = 24
_GAP = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its number as written, its value, and the address of its explanation."""

    label: str
    number: str
    value: int
    shade: str = "a"
    href: str | None = None


def bars(title: str, each: Sequence[Bar], *, most: int | None = None) -> Markup:
    """Return one bar below another, each under its label and number, all left-aligned.

    The bars are separate counts, so no line joins them. `most` is the value of the full width;
    by default the largest of these.
    """
    whole = most or max((bar.value for bar in each), default=0) or 1
    line = _LABEL_LINE + _BAR + _GAP
    rows = [_bar(bar, whole, index * line) for index, bar in enumerate(each)]
    return _svg(title, len(each) * line, rows)


def _bar(bar: Bar, whole: int, top: int) -> Markup:
    width = max(round(_WIDTH * bar.value / whole), 2 if bar.value else 0)
    number = Markup('<text x="{x}" y="{y}" class="number">{number}</text>').format(
        x=_WIDTH, y=top + _LABEL_LINE // 2, number=bar.number
    )
    if bar.href is not None:
        number = Markup('<a href="{href}">{number}</a>').format(href=bar.href, number=number)
    return Markup(
        '<g><title>{label}: {said}</title><text x="0" y="{middle}" class="label">{label}</text>'
        '{number}<rect x="0" y="{y}" width="100%" height="{bar}" rx="3" class="track"/>'
        '<rect x="0" y="{y}" width="{width}" height="{bar}" rx="3" class="bar {shade}"/>'
        "</g>"
    ).format(
        label=bar.label,
        said=bar.number,
        middle=top + _LABEL_LINE // 2,
        number=number,
        y=top + _LABEL_LINE,
        width=width,
        bar=_BAR,
        shade=bar.shade,
    )


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


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its label, and its value at each of twelve steps (fewer: it ends earlier)."""

    label: str
    values: Sequence[int]
    shade: str = "a"


def lines(title: str, each: Sequence[Line]) -> Markup:
    """Return lines over twelve steps from zero, each with its label at its end."""
    whole = max((max(line.values) for line in each), default=0) or 1
    height, top, bottom = 220, 16, 196
    rows = [
        Markup('<line x1="0" x2="{x}" y1="{y}" y2="{y}" class="axis"/>').format(x=_WIDTH, y=bottom)
    ]
    for line in each:
        points = [
            (40 + 54 * step, bottom - round((bottom - top) * value / whole))
            for step, value in enumerate(line.values)
        ]
        x, y = points[-1]
        rows.append(
            Markup(
                '<g><title>{label}: {last}</title><polyline points="{points}" '
                'class="line {shade}"/><text x="{x}" y="{y}" class="label">{label}</text></g>'
            ).format(
                label=line.label,
                last=line.values[-1],
                points=" ".join(f"{px},{py}" for px, py in points),
                shade=line.shade,
                x=min(x + 6, _WIDTH - 60),
                y=max(y - 4 if line.shade == "a" else y + 16, 12),
            )
        )
    return _svg(title, height, rows)


def _svg(title: str, height: int, rows: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg viewBox="0 0 {width} {height}" role="group" aria-label="{title}" class="chart">'
        "<title>{title}</title>{rows}</svg>"
    ).format(width=_WIDTH, height=height, title=escape(title), rows=Markup("").join(rows))
