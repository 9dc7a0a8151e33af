"""A drawing as SVG: on a page, where its style is the page's, and as a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FONT = "Be Vietnam Pro"
INK, SOFT, PAPER, TRACK = "#1d1b1a", "#665f59", "#ffffff", "#f6f2ec"
_MARGIN = 16
_CHARACTER = 0.56
"""The mean width of a character of the font, in its size."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: its name, what it shows, its size in units of its own, and its parts.

    Every part has its colours as attributes, so that it needs no style sheet; that of the page
    replaces those of words. A drawing with links is a group of them, any other one image.
    """

    name: str
    title: str
    description: str
    width: int
    height: int
    body: Markup
    linked: bool = False

    def on_page(self) -> Markup:
        """Return it as a part of a page."""
        return Markup(
            '<svg viewBox="0 0 {width} {height}" role="{role}" class="drawing {name}" '
            'font-family="{font}" aria-labelledby="{name}-title {name}-desc">'
            '<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>'
            "{body}</svg>"
        ).format(
            width=self.width,
            height=self.height,
            role="group" if self.linked else "img",
            name=self.name,
            font=FONT,
            title=self.title,
            desc=self.description,
            body=self.body,
        )

    def as_file(self, subtitle: str, foot: Sequence[str]) -> str:
        """Return it as a file: under its title, with the origin of its figures below it."""
        width = self.width + 2 * _MARGIN
        heads = list(_lines([(self.title, 22, "700", INK), (subtitle, 16, "400", SOFT)], width))
        feet = list(_lines([(each, 13, "400", SOFT) for each in foot], width))
        top = _MARGIN + sum(height for _, height in heads) + 8
        bottom = top + self.height + 14
        height = bottom + sum(each for _, each in feet) + _MARGIN
        parts = [
            _placed(heads, _MARGIN),
            Markup('<g transform="translate({x} {y})">{body}</g>').format(
                x=_MARGIN, y=top, body=self.body
            ),
            _placed(feet, bottom),
        ]
        return str(
            Markup(
                '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc" '
                'font-family="{font}, sans-serif">'
                '<title id="title">{title}</title><desc id="desc">{desc}</desc>'
                '<rect width="{width}" height="{height}" fill="{paper}"/>{parts}</svg>\n'
            ).format(
                width=width,
                height=height,
                font=FONT,
                title=self.title,
                desc=self.description,
                paper=PAPER,
                parts=Markup("").join(parts),
            )
        )


def text(
    x: float,
    y: float,
    said: str,
    *,
    size: int,
    colour: str = INK,
    bold: bool = False,
    anchor: str = "start",
    word: bool = True,
) -> Markup:
    """Return a line of text on its base line; a `word` takes the colour of the page's text."""
    return Markup(
        '<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{weight}{anchor}{word}>'
        "{said}</text>"
    ).format(
        x=round(x, 1),
        y=round(y, 1),
        size=size,
        colour=colour,
        weight=Markup(' font-weight="700"') if bold else "",
        anchor="" if anchor == "start" else Markup(' text-anchor="{}"').format(anchor),
        word=Markup(' class="word"') if word else "",
        said=said,
    )


def link(href: str | None, said: str, part: Markup) -> Markup:
    """Return a part as a link with this name, or unchanged where there is no address."""
    title = Markup("<title>{}</title>").format(said)
    if href is None:
        return Markup("<g>{}{}</g>").format(title, part)
    return Markup('<a href="{}" aria-label="{}">{}{}</a>').format(href, escape(said), title, part)


def width_of(said: str, size: float) -> float:
    """Return about how wide a text is."""
    return len(said) * size * _CHARACTER


def _lines(
    parts: Sequence[tuple[str, int, str, str]], width: int
) -> Iterator[tuple[tuple[str, int, str, str], int]]:
    """Yield each text in lines that fit, with the height of each line."""
    for said, size, weight, colour in parts:
        room = int((width - 2 * _MARGIN) / (size * _CHARACTER))
        line = ""
        for word in said.split():
            if line and len(line) + 1 + len(word) > room:
                yield (line, size, weight, colour), round(size * 1.35)
                line = word
            else:
                line = f"{line} {word}".strip()
        if line:
            yield (line, size, weight, colour), round(size * 1.35)


def _placed(lines: Sequence[tuple[tuple[str, int, str, str], int]], top: int) -> Markup:
    placed, y = [], top
    for (said, size, weight, colour), height in lines:
        y += height
        placed.append(
            text(_MARGIN, y - size * 0.3, said, size=size, colour=colour, bold=weight == "700")
        )
    return Markup("").join(placed)
