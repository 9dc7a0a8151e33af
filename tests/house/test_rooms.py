"""The layout shows the architecture: small rooms, no circles, names of the field, plain prose."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOM = 16
"""So many modules a package may have beside its __init__ and its packages."""

HOME_MADE = {
    "Announcing", "Atlas", "Books", "Chance", "Composed", "Desk", "Fates", "Inbox", "Looking",
    "Remembered", "Settled", "Silent", "Yard", "announcing", "chance", "desk", "door", "fates",
    "poke", "scanning", "standing_still", "tally", "telling", "typed_event", "unbound",
    "yards",
}  # fmt: skip
"""Names that this project once had for things that have a name in the field."""

PROSE = {
    "stands or lies": r"\b(stands?|lies?|lying|standing)\b",
    "opens with what, who or where": r"^(What|Who|Whom|Where|Whether)\b",
    "whoever or whatever": r"\b(who|what|wher)ever\b",
    "somebody or nobody": r"\b(some|no|every)body\b",
    "anew": r"\banew\b",
    "told or heard": r"\b(told|hears?|heard)\b",
}
"""Words that made the prose a private language; no docstring has one."""


def test_no_room_has_too_many_modules(code: dict[Path, str]) -> None:
    rooms = Counter(path.parent for path in code if path.name != "__init__.py")
    assert {str(room): count for room, count in rooms.items() if count > ROOM} == {}


def test_a_class_name_has_one_meaning(code: dict[Path, str]) -> None:
    meanings = defaultdict(list)
    for path, text in code.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                meanings[node.name].append(str(path))
    assert {name: paths for name, paths in meanings.items() if len(paths) > 1} == {}


def test_no_name_is_home_made(code: dict[Path, str]) -> None:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path, text in code.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds) and node.name in HOME_MADE
    ]
    found += [str(path) for path in code if HOME_MADE & {path.stem, *path.parent.parts}]
    assert found == []


def test_no_module_imports_itself_in_a_circle(code: dict[Path, str]) -> None:
    graph = {_module(path): set(_imports(text)) for path, text in code.items()}
    graph = {name: {each for each in imported if each in graph} for name, imported in graph.items()}
    # What imports nothing that is left cannot be in a circle; nor can what nothing left imports.
    while leaves := {name for name, imported in graph.items() if not imported & graph.keys()}:
        graph = {name: imported for name, imported in graph.items() if name not in leaves}
    while roots := graph.keys() - set[str]().union(*graph.values()):
        graph = {name: imported for name, imported in graph.items() if name not in roots}
    assert sorted(graph) == []


def _module(path: Path) -> str:
    name = ".".join(path.with_suffix("").parts)
    return name.removesuffix(".__init__")


def _imports(text: str) -> Iterator[str]:
    """Yield the modules that a module imports, for types alone and within functions too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.fixture(scope="module")
def docstrings(code: dict[Path, str]) -> list[tuple[str, str]]:
    """Give every docstring with the place of what it documents."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{path}:{getattr(node, 'lineno', 1)}", docstring)
        for path, text in code.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, documented) and (docstring := ast.get_docstring(node))
    ]


@pytest.mark.parametrize("kind", PROSE)
def test_docstrings_are_in_plain_english(docstrings: list[tuple[str, str]], kind: str) -> None:
    found = [where for where, text in docstrings if re.search(PROSE[kind], text)]
    assert found == [], f"{kind}: use the field's terms"
