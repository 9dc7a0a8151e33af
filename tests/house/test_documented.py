"""What exists is documented: settings, metrics, events, problem codes, decisions."""

import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Metric

import services
import shared
from shared.errors import declared
from shared.events.catalogue import CATALOGUE
from shared.settings import Settings
from shared.telemetry.metrics import Metrics

SETTING = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


class _Asked(dict[str, str]):
    """An environment that remembers which names it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """Remember the name, and say that it is not set."""
        self.names.add(name)
        return default


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """Import every module of the product, so that all it declares is declared."""
    names = list(_modules())
    for name in names:
        importlib.import_module(name)
    return names


def _modules() -> Iterator[str]:
    for package in (services, shared):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield found.name


def test_every_setting_stands_in_the_runbook_and_no_other(
    repository: Path, code: dict[Path, str]
) -> None:
    asked = _Asked()
    Settings.from_environment(asked)
    assert len(asked.names) >= 8
    spoken = {name for text in code.values() for name in re.findall(r"\bDVK_[A-Z_]+\b", text)}
    page = (repository / "docs/operations.md").read_text("utf-8")
    assert set(SETTING.findall(page)) == asked.names | spoken


def test_every_event_stands_in_the_generated_contract(repository: Path) -> None:
    page = (repository / "docs/events.md").read_text("utf-8")
    assert [name for name in CATALOGUE if name.split(".")[1] not in page] == []


def test_every_event_is_in_the_glossary(repository: Path) -> None:
    page = (repository / "docs/glossary.md").read_text("utf-8")
    names = {event.name for event in CATALOGUE.values()}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_problem_code_stands_in_the_documents(
    loaded: list[str], documents: dict[Path, str]
) -> None:
    written = "\n".join(text for path, text in documents.items() if path.parts[0] == "docs")
    silent = [rule.code for rule in declared() if f"`{rule.code}`" not in written]
    assert declared()
    assert silent == []


def test_every_metric_stands_in_the_documents_and_no_other(repository: Path) -> None:
    page = (repository / "docs/metrics.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(dvk_\w+)`", page, re.MULTILINE))
    kept = Metrics(CollectorRegistry()).registry.collect()
    assert rows == {_exposed(metric) for metric in kept}


def _exposed(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def test_every_problem_has_words_in_both_languages(loaded: list[str]) -> None:
    for rule in declared():
        assert rule.vi, rule.code
        assert rule.en, rule.code
        assert rule.vi != rule.en, rule.code
        assert set(re.findall(r"{(\w+)", rule.vi)) == set(re.findall(r"{(\w+)", rule.en)), rule.code


def test_every_run_time_dependency_has_its_reason(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    listed = (*project["dependencies"], *extras)
    names = {re.split(r"[^A-Za-z0-9_.-]", line)[0] for line in listed} - {project["name"]}
    page = (repository / "docs/adr/0006-run-time-dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z0-9_.-]+)", page, re.MULTILINE)) == names


def test_the_decisions_are_numbered_without_a_gap(repository: Path) -> None:
    numbers = [int(path.name[:4]) for path in sorted((repository / "docs/adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
