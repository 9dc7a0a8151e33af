"""One answer for a scope, year, map and position: live, rebuilt or replayed from an export (R4)."""

from __future__ import annotations

import json
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from services.reporting.audit.independent_reading import IndependentReading
from services.reporting.audit.replay import replayed
from services.reporting.audit.verification import verify
from services.reporting.queries.cross_tables import read_by
from services.reporting.queries.facade import Queries, SummaryQuery
from shared.clock import system_clock
from shared.errors import NotFound
from shared.events.recorded import feed_item
from shared.vocabulary import DEFAULT_PROGRAMME
from shared.web.answers.as_of_parameters import map_choice
from tests.support.exports import exported
from tests.support.random_reviews import YEARS
from tests.support.rebuildable_ledger import BY, NAMES, Rebuilding, random_history

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from shared.eventlog.protocol import Reader

MAPS = ("recorded", "current", "2020-01-05")
Asked = tuple[str | None, int, str, int]


def _asked(seed: int, head: int, units: list[str]) -> list[Asked]:
    """Return the questions: every year and map, at the head and at moments of the past."""
    random = Random(seed)
    positions = {head, *(random.randint(1, head) for _ in range(4))}
    scopes = [None, *random.sample(units, min(2, len(units)))]
    return [
        (scope, year, map_, position)
        for position in positions
        for scope in scopes
        for year in YEARS
        for map_ in MAPS
    ]


def _answers(reads: Queries, asked: list[Asked]) -> dict[Asked, Any]:
    return {question: _answer(reads, *question) for question in asked}


def _answer(reads: Queries, scope: str | None, year: int, map_: str, position: int) -> Any:
    """Return the summary, or what is said of a scope that the map lacks."""
    chosen = map_choice(map_, system_clock)
    question = SummaryQuery(scope, year, DEFAULT_PROGRAMME, chosen, read_by(BY))
    try:
        return reads.summary(question, reads.as_of(str(position)))
    except NotFound as error:
        return error.problem


def _require_one_answer(seed: int, urls: list[str], export: Path, *, facts_each: int) -> None:
    history = random_history(seed, facts_each)
    answers: dict[str, dict[Asked, Any]] = {}
    with ExitStack() as stack:
        for url in urls:
            ledger = Rebuilding(url, history).project()
            stack.callback(ledger.store.close)
            database = url.partition(":")[0]
            asked = _asked(seed, ledger.projection.position, _units(ledger.log))
            answers[f"live on {database}"] = _answers(ledger.reads, asked)
            ledger.rebuild(*NAMES, fill_run=30).rebuild()
            ledger.project()
            assert {ledger.generation(name) for name in NAMES} == {2}
            answers[f"rebuilt on {database}"] = _answers(ledger.reads, asked)
        reads = stack.enter_context(replayed(verify(exported(ledger.log, export))))
        answers["replayed from an export"] = _answers(reads, asked)
    first, expected = answers.popitem()
    shown = [each for each in expected.values() if isinstance(each, dict)]
    assert any(each["measures"]["registered"] for each in shown)
    assert any(each["scope"] != shown[0]["scope"] for each in shown)
    for way, found in answers.items():
        for question in asked:
            assert found[question] == expected[question], (seed, question, way, first)


def _units(log: Reader) -> list[str]:
    """Return every unit that was ever opened."""
    return IndependentReading(json.loads(feed_item(each)) for each in log.read(0, 100_000)).units()


@pytest.mark.postgres
def test_the_answer_is_one_however_it_comes_about(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    urls = [f"sqlite:///{tmp_path / 'r.db'}", make_database()]
    _require_one_answer(11, urls, tmp_path / "e.jsonl", facts_each=8)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(100, 112))
def test_the_answer_is_one_for_many_histories(
    tmp_path: Path, make_database: Callable[[], str], seed: int
) -> None:
    urls = [f"sqlite:///{tmp_path / 'r.db'}", make_database()]
    _require_one_answer(seed, urls, tmp_path / "e.jsonl", facts_each=40)
