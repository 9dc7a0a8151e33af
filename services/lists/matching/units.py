"""Administrative units by the names that offices write, on the map of one day.

Within a province hardly any two communes bear the same name, but over the whole country many do:
a name is only looked for below the unit of the list, and never guessed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.lists.matching.candidates import Match, by_plain_name, nearest
from services.lists.matching.unit_aliases import NO_ALIASES, UnitAliases
from shared.vocabulary.vietnamese import plain, sort_key

_KINDS = {
    "xã": ("xa", "x"),
    "phường": ("phuong", "p", "ph"),
    "thị trấn": ("thi tran", "tt"),
    "đặc khu": ("dac khu", "dk"),
    "huyện": ("huyen", "h"),
    "quận": ("quan", "q"),
    "thị xã": ("thi xa", "tx"),
    "thành phố": ("thanh pho", "tp"),
    "tỉnh": ("tinh", "t"),
}
"""Kinds of unit as plain words and as the abbreviations of offices."""

_OFFICE = re.compile(
    r"^(?:ubnd|ủy ban nhân dân|uỷ ban nhân dân|ubmttq|mttq|đảng ủy|đảng uỷ)\s+", re.IGNORECASE
)
_SHORT = re.compile(r"^(?:(tx|tp|tt|dk|ph|p|x|h|q|t)\s*\.|(tx|tp|tt)\s)\s*(?=\S)", re.IGNORECASE)
"""An abbreviation with its full stop; those that are no syllable stand without one too."""
_WORDS = {words[0]: kind for kind, words in _KINDS.items()}
_SHORTS = {word: kind for kind, words in _KINDS.items() for word in words[1:]}


@dataclass(frozen=True, slots=True)
class ListUnit:
    """A unit on the map of a day, as the registry lists it."""

    unit_id: str
    name: str
    level: str
    parent_id: str | None


class UnitsOfDay:
    """The units of one day, found by name below a unit."""

    def __init__(self, units: Iterable[ListUnit], aliases: UnitAliases = NO_ALIASES) -> None:
        self._aliases = aliases
        self.by_id = {unit.unit_id: unit for unit in units}
        self._children: dict[str | None, list[ListUnit]] = {}
        for unit in self.by_id.values():
            self._children.setdefault(unit.parent_id, []).append(unit)
        self._names: dict[str, _Names] = {}

    def path(self, unit_id: str) -> tuple[str, ...]:
        """Return the ids of a unit and of all above it, the unit first."""
        path: list[str] = []
        while unit_id in self.by_id and unit_id not in path:
            path.append(unit_id)
            unit_id = self.by_id[unit_id].parent_id or ""
        return tuple(path)

    def within(self, scope_id: str) -> Iterator[ListUnit]:
        """Yield a unit and every unit below it."""
        waiting = [scope_id]
        while waiting:
            unit_id = waiting.pop()
            if unit_id in self.by_id:
                yield self.by_id[unit_id]
                waiting += [unit.unit_id for unit in self._children.get(unit_id, ())]

    def find(self, text: str, scope_id: str) -> Match[ListUnit]:
        """Return the unit that a text names within a scope, by id or by name."""
        names = self._names.get(scope_id)
        if names is None:
            names = self._names[scope_id] = _Names(self.within(scope_id), self._aliases, self.path)
        return names.find(text)


class _Names:
    """The names of the units of a scope, with and without their kinds."""

    def __init__(
        self,
        units: Iterable[ListUnit],
        aliases: UnitAliases,
        path: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._units = tuple(units)
        self._ids = {unit.unit_id: unit for unit in self._units}
        bare = [(bare_name(unit.name), unit) for unit in self._units]
        self._full = _by_sort_key((unit.name, unit) for unit in self._units)
        self._bare = _by_sort_key(bare)
        self._plain = by_plain_name([*bare, *((unit.name, unit) for unit in self._units)])
        self._spelled = aliases.spelled
        self._other = by_plain_name(
            [
                *((aliases.spelled(name), unit) for name, unit in bare),
                *(
                    (aliases.spelled(alias.name), unit)
                    for alias in aliases.names
                    for unit in self._plain.get(plain(alias.means), ())
                    if alias.jurisdiction in path(unit.unit_id)
                ),
            ]
        )

    def find(self, text: str) -> Match[ListUnit]:
        if text in self._ids:
            return Match(self._ids[text])
        name = _OFFICE.sub("", text.strip())
        kind, bare = kind_and_bare_name(name)
        exact = self._full.get(sort_key(name)) or self._of_kind(
            self._bare.get(sort_key(bare), ()), kind
        )
        if exact:
            return Match(exact[0]) if len(exact) == 1 else Match(None, tuple(exact)[:3])
        similar = self._of_kind(self._plain.get(plain(bare), ()), kind)
        other = self._of_kind(self._other.get(self._spelled(bare), ()), kind)
        for found in (similar, other):
            if len(found) == 1:
                return Match(found[0])
        if similar or other:
            return Match(None, tuple(similar or other)[:3])
        return Match(None, nearest(bare, self._plain))

    @staticmethod
    def _of_kind(units: Sequence[ListUnit], kind: str | None) -> Sequence[ListUnit]:
        """Keep the units of a kind; a kind that none of them has says nothing."""
        return [unit for unit in units if kind == kind_and_bare_name(unit.name)[0]] or units


def kind_and_bare_name(name: str) -> tuple[str | None, str]:
    """Return the kind of unit that a name begins with, and the rest; a bare number stays whole."""
    short = _SHORT.match(plain(name))
    if short:
        rest = re.sub(r"^\w+\s*[.\s]\s*", "", name.strip())
        return _SHORTS[short.group(1) or short.group(2)], rest
    words = name.split()
    for count in (2, 1):
        kind = _WORDS.get(plain(" ".join(words[:count])))
        if kind and len(words) > count:
            return kind, " ".join(words[count:])
    return None, name.strip()


def bare_name(name: str) -> str:
    """Return a unit's name without its kind."""
    return kind_and_bare_name(name)[1]


def _by_sort_key(named: Iterable[tuple[str, ListUnit]]) -> dict[str, list[ListUnit]]:
    grouped: dict[str, list[ListUnit]] = {}
    for name, unit in named:
        grouped.setdefault(sort_key(name), []).append(unit)
    return grouped
