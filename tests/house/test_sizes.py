"""The largest file and the largest function may not grow: sizes.json says how large they are.

A file that must be one file stands there alone, with a size of its own.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

LEDGER = Path(__file__).with_name("sizes.json")
SLACK = 10
"""By so many lines the largest may shrink before the ledger must follow."""


@pytest.mark.parametrize("part", ["code", "tests"])
@pytest.mark.parametrize("kind", ["file", "function"])
def test_the_largest_does_not_grow(texts: dict[Path, str], part: str, kind: str) -> None:
    allowed = json.loads(LEDGER.read_text("utf-8"))[part][kind]
    roots = {"code": {"services", "shared"}, "tests": {"tests"}}[part]
    python = {
        path: text
        for path, text in texts.items()
        if path.suffix == ".py"
        and path.parts[0] in roots
        and not (kind == "file" and str(path) in _alone())
    }
    measured = {"file": _files, "function": _functions}[kind](python)
    lines, where = max(measured, default=(0, "nothing"))
    assert lines <= allowed, (
        f"{where} has {lines} lines; the largest {kind} of {part} may have {allowed}. "
        f"Split it; only with a good reason raise the figure in tests/house/sizes.json."
    )
    assert lines >= allowed - SLACK, (
        f"The largest {kind} of {part} is now {where} with {lines} lines, not {allowed}: "
        f"write {lines} into tests/house/sizes.json, so that it stays so small."
    )


@pytest.mark.parametrize("name", json.loads(LEDGER.read_text("utf-8"))["alone"])
def test_a_file_that_stands_alone_does_not_grow(texts: dict[Path, str], name: str) -> None:
    lines, allowed = len(texts[Path(name)].splitlines()), _alone()[name]
    assert lines <= allowed, f"{name} has {lines} lines and may have {allowed}."
    assert lines >= allowed - SLACK, f"{name} has {lines} lines: write that into sizes.json."


def _alone() -> dict[str, int]:
    alone: dict[str, int] = json.loads(LEDGER.read_text("utf-8"))["alone"]
    return alone


def _files(python: dict[Path, str]) -> Iterator[tuple[int, str]]:
    for path, text in python.items():
        yield len(text.splitlines()), str(path)


def _functions(python: dict[Path, str]) -> Iterator[tuple[int, str]]:
    for path, text in python.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                last = node.end_lineno or node.lineno
                yield last - node.lineno + 1, f"{path}:{node.lineno} {node.name}"
