"""The tile map: a cell for each province on a grid, split among its former ones on earlier maps."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from services.reporting.dashboard.drawing.svg import INK, SOFT, Drawing, link, text, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STEPS = ("#fbeee6", "#f5d3c4", "#eaae9b", "#d87f71", "#b54542", "#8f1d26")
"""The colours of the six steps, from the lowest."""
_WHITE_FROM = 4
_HATCHED = "url(#hatched)"
_PATTERN = Markup(
    '<defs><pattern id="hatched" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="8" height="8" fill="#f6f2ec"/>'
    '<rect width="2" height="8" fill="#cfc6bc"/></pattern></defs>'
)
_HEIGHT, _SPLIT_HEIGHT, _GAP = 84, 72, 4
_NARROW, _WIDE = 104, 158
_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class TileCell:
    """A cell of the layout: its name, its place, the province today and the former ones."""

    name: str
    row: int
    column: int
    unit: str
    former: tuple[str, ...] = ()
    province: str | None = None
    """The province of islands, whose figures are in those of the province."""


@dataclass(frozen=True, slots=True)
class TileLayout:
    """The grid: provinces, and islands beside them."""

    provinces: Sequence[TileCell]
    islands: Sequence[TileCell]


@dataclass(frozen=True, slots=True)
class TileFigure:
    """A unit in a cell: its name, its number as written, its value (None: no data), its page."""

    name: str
    number: str
    value: int | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class TileWords:
    """The words of the legend."""

    steps: str
    no_data: str
    islands: str


class TileBox(NamedTuple):
    """The place and the size of a rectangle."""

    x: float
    y: float
    width: float
    height: float


@cache
def layout() -> TileLayout:
    """Return the grid of the data file."""
    path = files("services.reporting.dashboard.drawing") / "provinces.toml"
    stated = tomllib.loads(path.read_text("utf-8"))
    return TileLayout(*([_cell(each) for each in stated[of]] for of in ("province", "islands")))


def _cell(stated: Mapping[str, Any]) -> TileCell:
    return TileCell(**{**stated, "former": tuple(stated.get("former", ()))})


def tiles(name: str, title: str, figures: Mapping[str, TileFigure], legend: TileWords) -> Drawing:
    """Return the map of the units with figures, each in the cell of its province.

    A cell with several units is split into bars. A province on the map without data is hatched.
    """
    grid = layout()
    cells = [(cell, _in_cell(cell, figures)) for cell in grid.provinces]
    split = any(len(units) > 1 for _, units in cells)
    width = _WIDE if split else _NARROW
    steps = step_of([each.value for _, units in cells for each in units if each.value is not None])
    tall = _SPLIT_HEIGHT if split else _HEIGHT
    parts: list[Markup] = [_PATTERN]
    for cell, units in cells:
        x, y = cell.column * (width + _GAP), cell.row * (tall + _GAP)
        if not units:
            parts.append(_empty(cell, TileBox(x, y, width, tall)))
        elif split:
            parts += _split(units, steps, TileBox(x, y, width, tall))
        else:
            parts.append(_whole(cell, units[0], steps, TileBox(x, y, width, tall)))
    parts += [_island(each, width, tall) for each in grid.islands]
    parts.append(_legend(steps, figures, legend, 3 * (width + _GAP) + 6, 3 * (tall + _GAP)))
    rows = 1 + max(cell.row for cell in grid.provinces)
    return Drawing(
        name,
        title,
        "; ".join(f"{each.name}: {each.number}" for _, units in cells for each in units),
        _COLUMNS * (width + _GAP) - _GAP,
        rows * (tall + _GAP) - _GAP,
        Markup("").join(parts),
        linked=any(each.href for each in figures.values()),
    )


def step_of(values: Sequence[int]) -> dict[int, int]:
    """Return the step (0 to 5) of each value by quantiles: equal values share a step."""
    ordered = sorted(values)
    return {value: len(STEPS) * ordered.index(value) // len(ordered) for value in set(ordered)}


def _in_cell(cell: TileCell, figures: Mapping[str, TileFigure]) -> list[TileFigure]:
    units = dict.fromkeys([cell.unit, *cell.former])
    return [figures[unit] for unit in units if unit in figures]


def _fill(value: int | None, steps: Mapping[int, int]) -> tuple[str, str, str]:
    """Return the fill, the colour of the text, and the class of a tile."""
    if value is None:
        return _HATCHED, INK, "no-data"
    step = steps[value]
    return STEPS[step], "#ffffff" if step >= _WHITE_FROM else INK, f"q{step}"


def _box(box: TileBox, fill: str, kind: str) -> Markup:
    return Markup(
        '<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="4" fill="{}" stroke="#b8aea3" '
        'class="tile {}"/>'
    ).format(*box, fill, kind)


def _whole(cell: TileCell, unit: TileFigure, steps: Mapping[int, int], box: TileBox) -> Markup:
    x, y, width, _ = box
    fill, colour, kind = _fill(unit.value, steps)
    middle = x + width / 2
    names = list(_wrapped(cell.name))
    size = 18 if len(unit.number) > 7 else 22
    parts = [_box(box, fill, kind)]
    top = y + (24 if len(names) > 1 else 34)
    for index, each in enumerate(names):
        room = round(20 * (width - 12) / max(width_of(each, 20), 1))
        parts.append(_said(middle, top + index * 22, each, min(20, room), colour))
    parts.append(_said(middle, y + 74, unit.number, size, colour, bold=True))
    return link(unit.href, f"{unit.name}: {unit.number}", Markup("").join(parts))


def _split(units: Sequence[TileFigure], steps: Mapping[int, int], box: TileBox) -> Iterator[Markup]:
    x, y, width, tall = box
    height = (tall - 2 * (len(units) - 1)) / len(units)
    for index, unit in enumerate(units):
        fill, colour, kind = _fill(unit.value, steps)
        top = y + index * (height + 2)
        base = top + height / 2 + 5
        room = width - width_of(unit.number, 14) - 18
        size = min(14, max(9, round(room / max(width_of(unit.name, 1), 1))))
        part = Markup("").join(
            [
                _box(TileBox(x, top, width, height), fill, kind),
                _said(x + 5, base, unit.name, size, colour, anchor="start"),
                _said(x + width - 5, base, unit.number, 14, colour, bold=True, anchor="end"),
            ]
        )
        yield link(unit.href, f"{unit.name}: {unit.number}", part)


def _empty(cell: TileCell, box: TileBox) -> Markup:
    x, y, width, _ = box
    parts = [_box(box, "none", "not-on-map")]
    for index, each in enumerate(_wrapped(cell.name)):
        parts.append(text(x + width / 2, y + 34 + index * 22, each, size=20, colour=SOFT,
                          anchor="middle"))  # fmt: skip
    return link(None, cell.name, Markup("").join(parts))


def _island(cell: TileCell, width: int, tall: int) -> Markup:
    x, y = cell.column * (width + _GAP), cell.row * (tall + _GAP)
    middle = x + width / 2
    box = Markup(
        '<rect x="{:g}" y="{:g}" width="{}" height="{}" rx="4" fill="none" stroke="#665f59" '
        'stroke-width="2" stroke-dasharray="6 4" class="islands"/>'
    ).format(x + 1, y + 1, width - 2, tall - 2)
    names = [*_wrapped(cell.name), f"({cell.province})"]
    lines = [
        text(middle, y + 24 + index * 21, each, size=18 if index < len(names) - 1 else 15,
             colour=INK, anchor="middle")
        for index, each in enumerate(names)
    ]  # fmt: skip
    return link(None, f"{cell.name} ({cell.province})", Markup("").join([box, *lines]))


def _legend(
    steps: Mapping[int, int],
    figures: Mapping[str, TileFigure],
    words: TileWords,
    x: float,
    y: float,
) -> Markup:
    numbers = {each.value: each.number for each in figures.values() if each.value is not None}
    rows: list[tuple[str, str, str]] = []
    for step, colour in enumerate(STEPS):
        inside = sorted(value for value, place in steps.items() if place == step)
        if inside:
            ends = list(dict.fromkeys([numbers[inside[0]], numbers[inside[-1]]]))
            rows.append((colour, f"q{step}", " – ".join(ends)))
    rows.append((_HATCHED, "no-data", words.no_data))
    parts = [text(x, y + 16, words.steps, size=16, colour=SOFT)]
    for index, (fill, kind, said) in enumerate(rows):
        top = y + 28 + index * 28
        parts += [_box(TileBox(x, top, 30, 20), fill, kind), text(x + 40, top + 16, said, size=17)]
    top = y + 28 + len(rows) * 28
    dashed = Markup(
        '<rect x="{:g}" y="{:g}" width="28" height="18" rx="3" fill="none" stroke="#665f59" '
        'stroke-width="2" stroke-dasharray="5 3" class="islands"/>'
    ).format(x + 1, top + 1)
    return Markup("").join([*parts, dashed, text(x + 40, top + 16, words.islands, size=17)])


def _said(
    x: float, y: float, said: str, size: int, colour: str, *, bold: bool = False,
    anchor: str = "middle",
) -> Markup:  # fmt: skip
    return text(x, y, said, size=size, colour=colour, bold=bold, anchor=anchor, word=False)


def _wrapped(name: str) -> Iterator[str]:
    """Yield a name in one line, or a longer one in two."""
    head, _, tail = name.partition(" ")
    if len(name) > 8 and tail:
        yield from (head, tail)
    else:
        yield name
