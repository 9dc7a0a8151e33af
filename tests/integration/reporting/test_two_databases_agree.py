"""One log, three ways to the same figures: SQLite, PostgreSQL, and plain SQL over the deltas."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from services.reporting.figures.measures import REGISTRATIONS
from services.reporting.queries.filters import ListQuery
from services.reporting.queries.sorting import title_order
from services.reporting.queries.sorting.ranks import SortBy
from services.reporting.queries.sorting.sorted_query import SortedQuery
from shared.web.answers.pagination import Page
from tests.support.figures_of_events import Projecting
from tests.support.random_maps import DAYS, KINDS, Intent, build
from tests.support.random_reviews import YEARS
from tests.support.random_years import lived
from tests.support.scenarios import History

BY = ("unit", "field,tier", "owner_kind", "award_form,recipient_kind")
LISTS = ("registrations", "awards", "plans", "inspections", "outcomes", "figures")
SEED = 20_251_122


@pytest.fixture(scope="module")
def history() -> History:
    random = Random(SEED)  # a test's dice
    tried = [
        Intent(
            random.choice(KINDS),
            random.randrange(DAYS),
            (random.randrange(20), random.randrange(20), random.randrange(20)),
        )
        for _ in range(16)
    ]
    return lived(build(tried).events, SEED, facts_each=40)


@pytest.fixture(scope="module")
def on_sqlite(history: History, tmp_path_factory: Any) -> Iterator[Projecting]:
    folder = tmp_path_factory.mktemp("reporting")
    projecting = Projecting(f"sqlite:///{folder / 'r.db'}", history=history, run=500).project()
    yield projecting
    projecting.store.close()


@pytest.fixture(scope="module")
def on_postgres(history: History, fresh_database: str) -> Iterator[Projecting]:
    projecting = Projecting(fresh_database, history=history, run=13).project().started_again()
    yield projecting
    projecting.store.close()


@pytest.mark.postgres
def test_both_databases_give_the_same_summaries_and_lists(
    on_sqlite: Projecting, on_postgres: Projecting
) -> None:
    head = on_sqlite.runner.position
    assert on_postgres.runner.position == head
    assert not on_sqlite.runner.quarantined()
    assert not on_postgres.runner.quarantined()
    random = Random(SEED)  # a test's dice
    for position in (head, *(random.randint(1, head) for _ in range(20))):
        for year in YEARS:
            for map_ in ("recorded", "current", "2020-01-05"):
                asked: dict[str, Any] = {"known_at": position, "map": map_, "by": BY}
                assert on_sqlite.summary(None, year, **asked) == on_postgres.summary(
                    None, year, **asked
                )
        for name in LISTS:
            listed = on_sqlite.list(name, known_at=position)
            assert listed == on_postgres.list(name, known_at=position), name


def test_plain_sql_over_the_deltas_gives_the_same_sums(on_sqlite: Projecting) -> None:
    tally = on_sqlite.catalog.registrations.delta_tables
    deltas = tally.deltas.c
    random = Random(SEED)  # a test's dice
    for year in YEARS:
        for position in (random.randint(1, on_sqlite.runner.position) for _ in range(10)):
            sums: Counter[str] = Counter()
            for bit, name in enumerate(REGISTRATIONS.bits):
                mask = 1 << bit
                after = func.coalesce(deltas.after, 0).bitwise_and(mask) / mask
                before = func.coalesce(deltas.before, 0).bitwise_and(mask) / mask
                query = (
                    select(func.sum(after - before))
                    .where(deltas.plan_year == year, deltas.position <= position)
                    .where(deltas.dims == tally.dims.c.id)
                    .where(tally.dims.c.programme == "dan_van_kheo")
                )
                with on_sqlite.store.reading() as connection:
                    sums[name] = int(connection.scalar(query) or 0)
            found = on_sqlite.summary(None, year, known_at=position)["measures"]
            compared = [name for name in REGISTRATIONS.bits if name in found]
            assert {name: sums[name] for name in compared} == {
                name: found[name] for name in compared
            }


def test_the_things_behind_a_figure_are_as_many_as_the_figure(on_sqlite: Projecting) -> None:
    for year in YEARS:
        measures = on_sqlite.summary(None, year)["measures"]
        listed = on_sqlite.list("registrations", year=year)
        listed = [each for each in listed if each["programme"] == "dan_van_kheo"]
        counted = {
            "registered": [each for each in listed if not each["withdrawn"]],
            "withdrawn": [each for each in listed if each["withdrawn"]],
            "recognized": [each for each in listed if each["tier"]],
            "revoked": [each for each in listed if each["revoked"]],
        }
        assert {name: len(things) for name, things in counted.items()} == {
            name: measures[name] for name in counted
        }


SORTED = ("title", "unit_id", "owner_org_id", "field_code", "tier", "occurred_on")


@pytest.mark.postgres
@pytest.mark.parametrize("way", [(30_000, 0), (0, 20_000), (0, 0)])
def test_both_databases_sort_a_list_alike_by_every_column(
    on_sqlite: Projecting,
    on_postgres: Projecting,
    way: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(title_order, "SORTED_IN_MEMORY", way[0])
    monkeypatch.setattr(title_order, "WALKED", way[1])
    monkeypatch.setattr(title_order, "_SMALLEST_CHUNK", 2)
    head = on_sqlite.runner.position
    for position in (
        head - sum(way) // 10_000,
        head - 40 + sum(way) // 10_000,
    ):  # a place of its own
        for column in SORTED:
            for descending in (False, True):
                one, other = (
                    _ids(projecting, SortBy(column, descending), position)
                    for projecting in (on_sqlite, on_postgres)
                )
                assert one == other, (column, descending, position)
                assert len(one) > 4


def _ids(projecting: Projecting, sort: SortBy, position: int) -> list[str]:
    as_of = projecting.reads.as_of(str(position))
    query = ListQuery.of(projecting.filters(), as_of, Page(), projecting.reads.maps)
    asked = SortedQuery("registrations", query, sort)
    return [
        each["registration_id"] for part in projecting.reads.sorted.parts(asked) for each in part
    ]
