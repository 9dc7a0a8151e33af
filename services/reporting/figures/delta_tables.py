"""The tables of a cube: append-only deltas, and intern tables for their small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, Table, Text

from shared.database.columns import BYTEWISE, POSITION

TIER = "tier"
NO_YEAR = 0
"""The plan year of entities without one, which count in every year."""


class Contribution(NamedTuple):
    """The contribution of one entity; units, dimensions and organisations are interned numbers.

    `day` is the proleptic ordinal of the day on which the entity occurred, `org` is 0 where none
    is counted. `amount` is the set of bits of the figures in which the entity counts, or an exact
    value in thousandths. `tier_day` is the ordinal of the day of the recognition that gave the
    tier, where there are tiers.
    """

    plan_year: int
    unit: int
    day: int
    dims: int
    org: int
    amount: int
    tier_day: int = 0


@dataclass(frozen=True)
class TallyTables:
    """The tables of one cube, and the names of its dimensions in the order of `dims`."""

    deltas: Table
    dims: Table
    units: Table
    orgs: Table
    years: Table
    dimensions: tuple[str, ...]

    @property
    def has_tiers(self) -> bool:
        """Say whether entities may have a tier, which has a day of its own."""
        return TIER in self.dimensions


def tally_tables(metadata: MetaData, prefix: str, dimensions: tuple[str, ...]) -> TallyTables:
    """Declare the tables of one cube under a prefix such as `rm_awards_`."""
    return TallyTables(
        deltas=_deltas(metadata, prefix, has_tiers=TIER in dimensions),
        dims=Table(
            f"{prefix}dims",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            *(Column(name, Text) for name in dimensions),
        ),
        units=_words(metadata, f"{prefix}units", "unit_id"),
        orgs=_words(metadata, f"{prefix}orgs", "org_id"),
        years=Table(
            f"{prefix}years",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("plan_year", SmallInteger, nullable=False),
        ),
        dimensions=dimensions,
    )


def _deltas(metadata: MetaData, prefix: str, *, has_tiers: bool) -> Table:
    """Declare the deltas, indexed by year in log order only; a null amount means no contribution.

    The deltas of a year are read in one scan, so on SQLite the table itself is kept in that order.
    """
    return Table(
        f"{prefix}deltas",
        metadata,
        Column("plan_year", SmallInteger, primary_key=True, autoincrement=False),
        Column("position", POSITION, primary_key=True, autoincrement=False),
        Column("ordinal", Integer, primary_key=True, autoincrement=False),
        Column("thing", Integer, nullable=False),
        Column("unit", Integer, nullable=False),
        Column("day", Integer, nullable=False),
        Column("dims", Integer, nullable=False),
        Column("org", Integer, nullable=False),
        *((Column("tier_day", Integer, nullable=False),) if has_tiers else ()),
        Column("before", BigInteger),
        Column("after", BigInteger),
        sqlite_with_rowid=False,
    )


def _words(metadata: MetaData, name: str, word: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column(word, BYTEWISE, nullable=False),
    )
