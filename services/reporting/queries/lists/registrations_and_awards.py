"""The lists of registrations, replications and awards: a page of what stands behind the figures."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from services.reporting.figures.measures import AwardBits, RegistrationBits, from_thousandths
from services.reporting.figures.members import EntitySets
from services.reporting.readmodels.awards.state import SUBJECT as AWARD
from services.reporting.readmodels.parts.version_rows import known_at
from services.reporting.readmodels.registrations.state import SUBJECT as REGISTRATION
from shared.database.columns import among
from shared.vocabulary import Flag
from shared.web.answers.pagination import Listed, cut

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from services.reporting.figures.cube import Cube, Cubes
    from services.reporting.queries.filters import Item, ListQuery
    from services.reporting.readmodels.awards.readmodel import Awards
    from services.reporting.readmodels.registrations.readmodel import Registrations
    from shared.readmodel.store import Store

_CHUNK = 1_000
_REGISTRATIONS = int(RegistrationBits.REGISTERED | RegistrationBits.WITHDRAWN)
_REPLICATED = int(RegistrationBits.REPLICATED)
_AWARDS = int(AwardBits.GRANTED | AwardBits.REVOKED)

REGISTRATION_COLUMNS = (
    "registration_id",
    "model_id",
    "plan_year",
    "programme",
    "unit_id",
    "unit_name",
    "occurred_on",
    "title",
    "registration_kind",
    "owner_kind",
    "owner_org_id",
    "subject_form",
    "origin_kind",
    "level",
    "field_code",
    "block_code",
    "eligible",
    "tier",
    "recognized_level",
    "recognized_on",
    "decided_by_org_id",
    "decision_number",
    "revoked",
    "withdrawn",
    "flags",
    "position",
    "evaluated_on",
    "classification",
    "evaluation_total",
    "session_id",
    "declined_on",
)
REPLICATION_COLUMNS = (
    "source_model_id",
    "target_model_id",
    "target_unit_id",
    "plan_year",
    "programme",
    "unit_id",
    "unit_name",
    "occurred_on",
    "how",
    "position",
)
AWARD_COLUMNS = (
    "award_id",
    "plan_year",
    "programme",
    "unit_id",
    "unit_name",
    "occurred_on",
    "award_form",
    "award_name",
    "grantor_org_id",
    "recipient_kind",
    "recipient_org_id",
    "recipient_person_ref",
    "recipient_unit_id",
    "basis_kind",
    "registration_ids",
    "decision_number",
    "decision_signed_on",
    "presented",
    "presented_on",
    "revoked",
    "flags",
    "position",
)


class EntityLists:
    """Pages of registrations, replications and awards, year by year, in the order of recording."""

    def __init__(
        self, store: Store, tallies: Cubes, registrations: Registrations, awards: Awards
    ) -> None:
        self._store = store
        self._tallies = tallies
        self._registrations = registrations
        self._awards = awards
        self._standing = EntitySets()

    def registrations(self, reading: ListQuery) -> Listed:
        """Return a page of registrations, withdrawn ones too."""
        return self._page(
            reading, self._tallies.registrations, _REGISTRATIONS, self._registration_items
        )

    def replications(self, reading: ListQuery) -> Listed:
        """Return a page of replications, each where the registration that it counts under lies."""
        limit, after = reading.page.limit, reading.page.after
        place = (after("year", 0), after("thing", 0), after("position", 0))
        found: list[tuple[tuple[int, int, int], Item]] = []
        for item_place, item in self._replications(reading, place):
            found.append((item_place, item))
            if len(found) > limit:
                break
        page, last = cut(found, limit)
        if last is None:
            return Listed([item for _, item in page], None)
        year, thing, position = last[0]
        following = reading.place(year=year, thing=thing, position=position)
        return Listed([item for _, item in page], following)

    def _replications(
        self, reading: ListQuery, after: tuple[int, int, int]
    ) -> Iterator[tuple[tuple[int, int, int], Item]]:
        """Yield (place, item) of the replications after a place (year, thing, position)."""
        tally = self._tallies.registrations
        for year in self._years(reading, tally):
            if year < after[0]:
                continue
            things = self._standing.of(tally, reading, year, bits=_REPLICATED)
            first = int(things.numbers.searchsorted(after[1])) if year == after[0] else 0
            for begin in range(first, len(things.numbers), _CHUNK):
                end = begin + _CHUNK
                homes = {
                    thing: _Home.of(tally, unit, day, dims)
                    for thing, _, unit, day, dims in zip(
                        *(column[begin:end].tolist() for column in things), strict=True
                    )
                }
                for row in self._said_of_models(reading, homes):
                    place = (year, row["thing"], row["position"])
                    if place > after:
                        yield place, _replication(row, homes[row["thing"]], reading)

    def _said_of_models(
        self, reading: ListQuery, things: Collection[int]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the statements that stand behind things of models, in order."""
        table = self._registrations.model_statements.table
        said = table.c
        retracted = said.retracted_position
        with self._store.reading() as connection:
            query = (
                select(table)
                .where(among(connection, said.thing, things), said.position <= reading.position)
                .where(retracted.is_(None) | (retracted > reading.position))
                .order_by(said.thing, said.position)
            )
            return [dict(row) for row in connection.execute(query).mappings()]

    def awards(self, reading: ListQuery) -> Listed:
        """Return a page of awards granted, revoked ones too."""
        return self._page(reading, self._tallies.awards, _AWARDS, self._award_items)

    def _page(
        self,
        reading: ListQuery,
        tally: Cube,
        bits: int,
        items_of: Callable[[ListQuery, Collection[int]], Sequence[Item]],
    ) -> Listed:
        limit = reading.page.limit
        year, thing = reading.page.after("year", 0), reading.page.after("thing", 0)
        found: list[tuple[int, int]] = []
        for each in self._years(reading, tally):
            if each < year:
                continue
            after = thing if each == year else 0
            things = self._standing.of(tally, reading, each, bits=bits).numbers
            first = int(things.searchsorted(after, side="right"))
            needed = limit + 1 - len(found)
            found += [(each, int(number)) for number in things[first : first + needed]]
            if len(found) > limit:
                break
        page, last = cut(found, limit)
        by_thing = {item.pop("thing"): item for item in items_of(reading, [t for _, t in page])}
        items = [by_thing[number] for _, number in page]
        return Listed(items, reading.place(year=last[0], thing=last[1]) if last else None)

    @staticmethod
    def _years(reading: ListQuery, tally: Cube) -> Sequence[int]:
        stated = reading.filters.plan_year
        return tally.memory.years() if stated is None else [stated]

    def _registration_items(self, reading: ListQuery, things: Collection[int]) -> Sequence[Item]:
        if not things:
            return []
        model = self._registrations
        thing, title = model.things.c, model.titles.c
        with self._store.reading() as connection:
            latest = (
                select(title.thing, func.max(title.from_position).label("at"))
                .where(among(connection, title.thing, things))
                .where(title.from_position <= reading.position)
                .group_by(title.thing)
                .subquery()
            )
            query = (
                select(
                    thing.subject,
                    thing.model_id,
                    thing.plan_year,
                    thing.programme,
                    title.title,
                    model.versions,
                )
                .where(among(connection, thing.thing, things))
                .where(thing.thing == model.versions.c.thing)
                .where(known_at(model.versions, reading.position))
                .where(latest.c.thing == thing.thing)
                .where(title.thing == thing.thing, title.from_position == latest.c.at)
            )
            rows = connection.execute(query).mappings().all()
        return [_registration(dict(row), reading) for row in rows]

    def _award_items(self, reading: ListQuery, things: Collection[int]) -> Sequence[Item]:
        if not things:
            return []
        model = self._awards
        with self._store.reading() as connection:
            query = (
                select(model.things.c.subject, model.versions)
                .where(among(connection, model.things.c.thing, things))
                .where(model.things.c.thing == model.versions.c.thing)
                .where(known_at(model.versions, reading.position))
            )
            rows = connection.execute(query).mappings().all()
        return [_award(dict(row), reading) for row in rows]


class _Home(NamedTuple):
    """Where a thing of a model counts: a registration's unit and day, and the programme."""

    unit_id: str
    day: str
    programme: str

    @classmethod
    def of(cls, tally: Cube, unit: int, day: int, dims: int) -> _Home:
        """Return what the numbers of a tally stand for."""
        memory = tally.memory
        (unit_id,), (programme, *_) = memory.units.words[unit], memory.dims.words[dims]
        return cls(unit_id, date.fromordinal(day).isoformat(), programme)


def _replication(row: Mapping[str, Any], home: _Home, reading: ListQuery) -> Item:
    stated = {
        **row,
        "source_model_id": row["model_id"],
        "programme": home.programme,
        "unit_id": home.unit_id,
        "unit_name": reading.unit_name(home.unit_id, home.day),
    }
    return {column: stated[column] for column in REPLICATION_COLUMNS}


def _registration(row: dict[str, Any], reading: ListQuery) -> Item:
    recognized, total = row["tier"] is not None, row["evaluation_total"]
    flags = {
        Flag.RECOGNIZED_WITHOUT_ELIGIBLE: recognized and not row["eligible"],
        Flag.DECISION_WITHOUT_NUMBER: recognized and not row["decision_number"],
        Flag.UNKNOWN_ORGANIZATION: row["unknown_organization"],
    }
    more = {
        "registration_id": row["subject"].removeprefix(REGISTRATION),
        "unit_name": reading.unit_name(row["unit_id"], row["occurred_on"]),
        "subject_form": row["subject_form"] or "model",
        "flags": [flag.value for flag, raised in flags.items() if raised],
        "position": row["from_position"],
        "evaluation_total": None if total is None else from_thousandths(total),
    }
    return _item(row, more, REGISTRATION_COLUMNS)


def _award(row: dict[str, Any], reading: ListQuery) -> Item:
    in_force = not row["revoked"]
    flags = {
        Flag.DECISION_WITHOUT_NUMBER: in_force and not row["decision_number"],
        Flag.POSSIBLE_DUPLICATE_AWARD: in_force and row["possible_duplicate"],
        Flag.UNKNOWN_ORGANIZATION: in_force and row["unknown_organization"],
    }
    more = {
        "award_id": row["subject"].removeprefix(AWARD),
        "unit_name": reading.unit_name(row["unit_id"], row["occurred_on"]),
        "registration_ids": row["registration_ids"].split(),
        "flags": [flag.value for flag, raised in flags.items() if raised],
        "position": row["from_position"],
    }
    return _item(row, more, AWARD_COLUMNS)


def _item(row: dict[str, Any], more: dict[str, Any], columns: Sequence[str]) -> Item:
    stated = {**row, **more}
    return {"thing": row["thing"], **{column: stated[column] for column in columns}}
