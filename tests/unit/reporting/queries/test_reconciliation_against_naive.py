"""What the reconciliation says of random figures about random years is what the rules say."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.reporting.audit.independent_reading import IndependentReading
from shared.appending.decider import NotLoaded
from shared.events.recorded import feed_item
from shared.vocabulary import Family, Measure
from shared.web.answers.pagination import Page
from tests.support.asserted_figures import figure, page
from tests.support.event_builders import retracted
from tests.support.feed_items import Said
from tests.support.figures_of_events import Projecting
from tests.support.naive_reconciliation import NaiveReconciliation
from tests.support.random_maps import DAYS, FIRST_DAY, Intent, build, intents
from tests.support.random_years import lived
from tests.support.scenarios import History
from tests.support.unit_events import COUNTRY

FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
"""A history that fails is told as it was found: to make it smaller takes minutes."""
CASES = {"tried": intents, "seed": st.integers(0, 2**32)}
METRICS = (*Measure, *["workdays", "money_vnd"] * 3, "land_donated_m2", "trees_planted")
PERIODS: Sequence[dict[str, Any]] = (
    *[{"from": "2020-01-01", "to": "2020-12-31", "kind": "year"}] * 6,
    *[{"from": "2020-01-01", "to": "2021-12-31", "kind": "multi_year"}] * 6,
    {"from": "2021-01-01", "to": "2021-12-31", "kind": "multi_year"},
    {"from": "2020-01-01", "to": "2020-06-30", "kind": "year"},
    {"from": "2019-07-01", "to": "2020-06-30", "kind": "multi_year"},
    {"from": None, "to": "2020-12-31", "kind": "as_of"},
    {"from": "2020-01-01", "to": "2020-12-31", "kind": "as_of"},
    {"from": None, "to": "2020-12-31", "kind": "year"},
    {"from": "2020-01-01", "to": "2020-12-31", "kind": "relative"},
    {"from": "2030-01-01", "to": "2030-12-31", "kind": "year"},
)
DIMENSIONS: Sequence[dict[str, Any]] = (
    *[{}] * 30,
    {"owner_kind": "household"},
    {"field": "economy", "registration_kind": "new"},
    {"tier": None},
    {"tier": "recognized"},
    {"level": None},
    {"classification": None},
    {"award_form": "giay_khen"},
    {"recipient_kind": "collective"},
    {"award_form": "giay_khen", "recipient_kind": "household"},
    {"field": "economy", "award_form": "giay_khen"},
    {"colour": "red"},
)
PROGRAMMES: Sequence[dict[str, Any]] = ({}, {}, {"programme": "don_vi_dan_van_tot"})


def test_the_naive_rules_are_those_of_the_contract() -> None:
    log = Said()
    for unit_id, parent_id in (("vn", None), ("p", "vn"), ("a", "p")):
        log.open(unit_id, parent_id)
    two_years = {"from": "2021-01-01", "to": "2022-12-31", "kind": "multi_year"}
    unstated = {"from": None, "to": None, "kind": "relative"}
    early = {"from": "2010-01-01", "to": "2010-12-31", "kind": "year"}
    log.register(1, plan_year=2021)
    log.register(2)
    log.register(3)
    log.report(1, 1_234.5, registration_id="r-2")
    log.report(2, 8, registration_id="r-2", metric="households", nature="stock")
    log.assert_figure("registered", 3, period=two_years)
    log.assert_figure("registered", 2, qualifier="more_than")
    log.assert_figure("workdays", 1_000, qualifier="approx")
    log.assert_figure("registered", 2, dimensions={"field": "economy"})
    log.assert_figure("exemplars", 1, period=unstated)
    log.assert_figure("awards_granted", 1, dimensions={"grantor": "o"})
    log.assert_figure("awards_granted", 1, dimensions={"field": "economy"})
    log.assert_figure("households", 8)
    log.assert_figure("registered", 8, period={**early, "kind": "as_of"})
    log.assert_figure("registered", 8, period=unstated)
    log.assert_figure("registered", 8, period=early)
    found = [
        (item["log"], item["difference"], item["result"], item["reason"])
        for item in NaiveReconciliation(log.items).items()
    ]
    no = "cannot_be_checked"
    assert found == [
        (3, 0, "agrees", None),
        (2, 0, "differs", None),
        (1234.5, 234.5, "agrees", None),
        (2, 0, "agrees", None),
        (None, None, no, "unknown_metric"),
        (None, None, no, "unknown_dimension"),
        (None, None, no, "unknown_dimension"),
        (None, None, no, "stock"),
        (None, None, no, "stock"),
        (None, None, no, "unstated_period"),
        (None, None, no, "no_events"),
    ]


@settings(max_examples=6, deadline=None, phases=FOUND)
@given(**CASES)
def test_what_is_told_of_any_figure_is_what_the_rules_say(
    tried: Sequence[Intent], seed: int
) -> None:
    _agrees(tried, seed)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@settings(max_examples=500, deadline=None, phases=FOUND)
@given(**CASES)
def test_what_is_told_of_figures_about_many_histories_is_what_the_rules_say(
    tried: Sequence[Intent], seed: int
) -> None:
    _agrees(tried, seed)


def _agrees(tried: Sequence[Intent], seed: int) -> None:
    random = Random(seed)
    history = lived(build(tried).events, seed, facts_each=16)
    _assert_figures(history, random)
    with TemporaryDirectory() as folder:
        projecting = Projecting(f"sqlite:///{Path(folder) / 'r.db'}", history=history).project()
        head = projecting.runner.position
        for position in (head, random.randint(1, head)):
            served = page(projecting, known_at=position, page=Page(1_000)).items
            expected = NaiveReconciliation(_known(history, position)).items()
            told, wanted = (sorted(map(_told, each), key=_by_id) for each in (served, expected))
            assert told == list(map(_or_nearly, wanted))
        projecting.store.close()


def _told(item: dict[str, Any]) -> tuple[Any, ...]:
    numbers = (item[name] for name in ("log", "difference"))
    words = (str(item[name]) for name in ("figure_id", "result", "reason"))
    return *words, *(each if each is None else float(each) for each in numbers)


def _by_id(told: tuple[Any, ...]) -> str:
    return str(told[0])


def _or_nearly(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """Allow for the last digit of JSON: the naive reading takes a year's sum from 15 digits."""
    return tuple(
        pytest.approx(each, rel=1e-14, abs=0) if isinstance(each, float) else each for each in told
    )


def _assert_figures(history: History, random: Random) -> None:
    """Assert sixty figures of units that exist; some replace others, some are taken back."""
    units = IndependentReading(_known(history, 100_000)).units()
    asserted = []
    for _ in range(60):
        told = figure(
            random.randrange(45),
            metric=str(random.choice(METRICS)),
            unit_id=random.choice([COUNTRY, random.choice(units)]),
            period=random.choice(PERIODS),
            dimensions={**random.choice(DIMENSIONS), **_by_unit(units, random)},
            value=random.choice([0, 1, 1, 2, 3, 7, 8.5]),
            qualifier=random.choice(["exact", "exact", "more_than", "approx"]),
            occurred_on=(FIRST_DAY + timedelta(days=random.randrange(DAYS))).isoformat(),
            **random.choice(PROGRAMMES),
        )
        if _accepted(history, told):
            asserted.append(told)
    for told in random.sample(asserted, min(3, len(asserted))):
        _accepted(history, retracted(told))


def _known(history: History, position: int) -> list[dict[str, Any]]:
    """Return the items of the feed up to a position."""
    events = history.log.as_family(Family.REPORTING).read(0, position)
    return [json.loads(feed_item(event)) for event in events]


def _by_unit(units: Sequence[str], random: Random) -> dict[str, Any]:
    return random.choice([*[{}] * 7, {"unit": random.choice([*units, None])}])


def _accepted(history: History, event: Any) -> bool:
    try:
        if not history.when(event, service=Family.REPORTING).accepted:
            return False
    except NotLoaded:
        return False
    history.record(event, service=Family.REPORTING)
    return True
