"""The lineage of units: those of 30 June 2025, those of 1 July, and the changes between them."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

COUNTRY = "vn"
_Row = dict[str, str]


_KINDS = (
    "đặc khu",
    "huyện",
    "phường",
    "quận",
    "thành phố",
    "thị trấn",
    "thị xã",
    "xã",
)
_CITIES = {"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"}
"""The six cities among the 34 provinces; five of them had the same name before."""


class Called(NamedTuple):
    """A name in the form of the ledger, and the kind of the unit."""

    name: str
    kind: str


def province_called(written: str) -> Called:
    """Return the name of a province, which does not include its kind."""
    return Called(written, "thành phố" if written in _CITIES else "tỉnh")


def called(written: str) -> Called:
    """Return the name of a district or commune, which begins with its kind.

    The data write both `Thành Phố` and `Thành phố`; a name of no known kind is a ValueError.
    """
    for kind in _KINDS:
        if written.lower().startswith(f"{kind} "):
            return Called(f"{kind.capitalize()}{written[len(kind) :]}", kind)
    raise ValueError(f"{written!r} begins with no kind of unit")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit before or after 1 July 2025; `code` is that of the statistics office."""

    unit_id: str
    code: str
    name: str
    kind: str
    level: str
    parent_id: str


class UnitChange(NamedTuple):
    """A change of one unit into another, `whole` or in `part`, by unit ids."""

    source: str
    target: str
    share: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """Both maps, parents before their children, and every change from the one to the other."""

    before: tuple[Unit, ...]
    after: tuple[Unit, ...]
    steps: tuple[UnitChange, ...]


def unit_id_of(code: str) -> str:
    """Return the unit id of a statistics-office code as used from 2004 to June 2025."""
    return f"gso-2004-{code}"


@cache
def lineage() -> Lineage:
    """Return the lineage read from the two files."""
    provinces, communes = _rows("provinces"), _rows("communes")
    steps = (*_steps(_of_provinces(provinces)), *_steps(_of_communes(communes)))
    ids = {_code_of(step.target): step.target for step in steps}
    return Lineage(
        before=_once(_before(provinces, communes)),
        after=_once(_after(provinces, communes, ids)),
        steps=steps,
    )


def _rows(of: str) -> list[_Row]:
    path = files(__package__).joinpath("data", f"{of}-2025-07-01.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _of_provinces(rows: Iterable[_Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        yield row["old_code"], row["new_code"], "whole"


def _of_communes(rows: Iterable[_Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        # Five island districts had no commune: they themselves became special zones.
        source = row["old_commune_code"] or row["old_district_code"]
        yield source, row["new_commune_code"], row["share"]


def _steps(rows: Iterable[tuple[str, str, str]]) -> Iterator[UnitChange]:
    """Turn codes into unit ids: after 1 July 2025 a unit is a new one, with one exception.

    It continues if its single source went into it whole and has the same code.
    """
    sources: dict[str, list[tuple[str, str]]] = {}
    for old, new, share in rows:
        sources.setdefault(new, []).append((old, share))
    for new, drawn_from in sources.items():
        continues = drawn_from == [(new, "whole")]
        target = unit_id_of(new) if continues else f"gso-2025-{new}"
        for old, share in drawn_from:
            yield UnitChange(unit_id_of(old), target, share)


def _before(provinces: Iterable[_Row], communes: Iterable[_Row]) -> Iterator[Unit]:
    for row in provinces:
        name = province_called(row["old_name"])
        yield _unit(unit_id_of(row["old_code"]), name, "province", COUNTRY)
    for row in communes:
        district, province = unit_id_of(row["old_district_code"]), row["old_province_code"]
        yield _unit(district, called(row["old_district"]), "district", unit_id_of(province))
        if code := row["old_commune_code"]:
            yield _unit(unit_id_of(code), called(row["old_commune"]), "commune", district)


def _after(
    provinces: Iterable[_Row], communes: Iterable[_Row], ids: Mapping[str, str]
) -> Iterator[Unit]:
    for row in provinces:
        name = province_called(row["new_name"])
        yield _unit(ids[row["new_code"]], name, "province", COUNTRY)
    for row in communes:
        unit_id, province = ids[row["new_commune_code"]], ids[row["new_province_code"]]
        yield _unit(unit_id, called(row["new_commune"]), "commune", province)


def _unit(unit_id: str, name: Called, level: str, parent_id: str) -> Unit:
    return Unit(unit_id, _code_of(unit_id), name.name, name.kind, level, parent_id)


def _once(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Return each unit once, by level and code; rows repeat them."""
    levels = ("province", "district", "commune")
    return tuple(sorted(set(units), key=lambda unit: (levels.index(unit.level), unit.code)))


def _code_of(unit_id: str) -> str:
    return unit_id.rpartition("-")[2]
