"""Each type of event is handled by every part of the code that ought to, or left out on purpose.

What ought to is in docs/event-coverage.md, written by hand: a new type of event gets a row there,
and a new read model a column. These tests hold the code against that page.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args

import pytest

import services.evaluation.domain.rules
import services.registry.domain.rules
import services.reporting.domain.rules
from services.evaluation.decider import EvaluationDecider
from services.registry.decider import RegistryDecider
from services.reporting.decider import ReportingDecider
from services.reporting.readmodels.catalog import Catalog
from shared.deciders.stream_decider import latest
from shared.events.catalogue import CATALOGUE
from shared.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.deciders.stream_cache import StreamFold

PAGE = Path(__file__).parents[2] / "docs" / "event-coverage.md"
NAMES = {event.name for event in CATALOGUE.values()}
RULES = {
    Family.REGISTRY: services.registry.domain.rules,
    Family.EVALUATION: services.evaluation.domain.rules,
    Family.REPORTING: services.reporting.domain.rules,
}
DECIDERS = (RegistryDecider, EvaluationDecider, ReportingDecider)
YES, NO = "●", "–"


def table(heading: str) -> dict[str, dict[str, str]]:
    """Return a table of the page: by event, its cells by their column."""
    section = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    head, _, *body = rows
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in body}


def stated(heading: str, column: str) -> set[str]:
    """Return the events with a mark in a column."""
    marks = {event: cells[column] for event, cells in table(heading).items()}
    assert set(marks.values()) <= {YES, NO}, f"each cell of {column} is {YES} or {NO}"
    return {event for event, mark in marks.items() if mark == YES}


def handled(function: Callable[..., Any]) -> set[str]:
    """Return the events that a function tells from others, by `match` or `isinstance`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    told: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.MatchClass):
            told.append(node.cls)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            told.append(node.args[1])
    namespace = vars(sys.modules[function.__module__])
    return set(_names(eval(ast.unparse(each), dict(namespace)) for each in told))  # noqa: S307


def _names(types: Iterable[Any]) -> Iterable[str]:
    for each in types:
        if isinstance(each, UnionType):
            yield from _names(get_args(each))
        elif isinstance(each, tuple):
            yield from _names(each)
        elif hasattr(each, "NAME"):
            yield each.NAME


@pytest.mark.parametrize("heading", ["Rules and decisions", "Read models"])
def test_every_type_of_event_has_a_row(heading: str) -> None:
    assert set(table(heading)) == NAMES


def test_every_read_model_has_a_column() -> None:
    columns = {column for cells in table("Read models").values() for column in cells}
    assert columns == {model.name for model in Catalog().all()}


@pytest.mark.parametrize("model", Catalog().all(), ids=lambda model: model.name)
def test_a_read_model_takes_in_the_events_of_its_column(model: Any) -> None:
    assert set(model.events) == stated("Read models", model.name)


@pytest.mark.parametrize("family", RULES, ids=str)
def test_the_rules_of_a_service_tell_each_event_from_the_others(family: Family) -> None:
    accepted = {event.name for event in CATALOGUE.values() if family in event.families}
    own = stated("Rules and decisions", "rule of its own")
    assert handled(RULES[family]._own_rules) == accepted & own


def kinds() -> dict[str, list[StreamFold]]:
    """Return the kinds of streams that deciders fold, by name."""
    found: dict[str, list[StreamFold]] = {}
    for decider in DECIDERS:
        for name, kind in decider()._cache._kinds.items():
            found.setdefault(name, []).append(kind)
    return found


@pytest.mark.parametrize("name", sorted(kinds()))
def test_what_a_decider_folds_is_what_its_fold_handles(name: str) -> None:
    for kind in kinds()[name]:
        if kind.evolve is not latest:
            assert set(kind.names) == handled(kind.evolve), "declared, and handled"
        assert set(kind.names) == stated("Rules and decisions", f"{name} stream")
