"""Who may import whom (pyproject.toml, import-linter), and that we import ourselves."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import services
import shared


def test_the_import_rules_hold(repository: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_packages_under_test_are_those_of_this_repository(repository: Path) -> None:
    for package in (services, shared):
        assert package.__file__ is not None
        assert Path(package.__file__).parent.parent == repository


def test_every_package_has_an_init_file(repository: Path, code: dict[Path, str]) -> None:
    folders = {path.parent for path in code}
    missing = [folder for folder in folders if not (repository / folder / "__init__.py").is_file()]
    assert missing == []


def test_no_import_is_started_without_a_declared_dependency(
    repository: Path, code: dict[Path, str]
) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    declared = {_distribution_name(line) for line in (*project["dependencies"], *extras)}
    providers = packages_distributions()
    undeclared = {
        (str(path), name)
        for path, text in code.items()
        for name in _imported(text)
        if name not in sys.stdlib_module_names
        and name not in {"services", "shared"}
        and not declared
        & ({_plain(found) for found in providers.get(name, [])} | BROUGHT.get(name, set()))
    }
    assert undeclared == set(), "imported, but not a run-time dependency of pyproject.toml"


def test_the_independent_reading_knows_the_standard_library_only(code: dict[Path, str]) -> None:
    folder = Path("services/reporting/audit")
    parts = sorted(path.stem for path in code if path.match(f"{folder}/independent_*.py"))
    assert len(parts) == 8
    for name in parts:
        text = code[folder / f"{name}.py"]
        for part in parts:
            text = text.replace(f"from services.reporting.audit.{part} import", "from json import")
            text = text.replace(f"from services.reporting.audit import {part}", "import json")
        nodes = list(ast.walk(ast.parse(text)))
        assert _imported(text) <= sys.stdlib_module_names
        assert not any(isinstance(node, ast.ImportFrom) and node.level for node in nodes)


# What a declared dependency itself always brings along, and hands out in its own interface.
BROUGHT = {
    "distributed": {"distributed"},  # extras that are not installed here
    "pyspark": {"pyspark"},
    "pydantic_core": {"pydantic"},
    "annotated_types": {"pydantic"},
    "starlette": {"fastapi"},
    "click": {"typer"},
    "markupsafe": {"jinja2"},
}


def _distribution_name(line: str) -> str:
    name = line.split(";", maxsplit=1)[0]
    for mark in "[<>=!~ ":
        name = name.split(mark, maxsplit=1)[0]
    return _plain(name)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _imported(text: str) -> set[str]:
    """Return the top-level names that a module imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names
