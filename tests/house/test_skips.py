"""A test that does not run says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

SKIPPING = {"skip", "skipif", "xfail", "importorskip"}


def test_no_test_is_skipped_without_a_reason(texts: dict[Path, str]) -> None:
    silent = [
        f"{path}:{line}"
        for path, text in texts.items()
        if path.suffix == ".py" and path.parts[0] == "tests"
        for line in _silent_skips(ast.parse(text))
    ]
    assert silent == []


def test_a_silent_skip_is_found() -> None:
    lines = (
        "@pytest.mark.skip",
        "@pytest.mark.skipif(True)",
        "@pytest.mark.skipif(True, reason='r')",
        "def test_one(): pytest.skip('why')",
        "def test_two(): pytest.skip()",
    )
    source = "\n".join(lines)
    assert sorted(_silent_skips(ast.parse(source))) == [1, 2, 5]


def _silent_skips(tree: ast.AST) -> Iterator[int]:
    """Return the lines of `pytest.skip`, `pytest.mark.skip` and the like without a reason."""
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in SKIPPING):
            continue
        if ast.unparse(node.value) not in {"pytest", "pytest.mark"}:
            continue
        call = calls.get(id(node))
        if call is None or not _states_reason(node.attr, call):
            yield node.lineno


def _states_reason(name: str, call: ast.Call) -> bool:
    named = {word.arg: word.value for word in call.keywords}
    given = call.args[:1] if name == "skip" else []
    reason = named.get("reason", given[0] if given else None)
    return reason is not None and not (isinstance(reason, ast.Constant) and not reason.value)
