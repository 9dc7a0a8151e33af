"""Names that say nothing are not used: what a module does is its name."""

import ast
from pathlib import Path

SAYING_NOTHING = {
    "base", "bases", "common", "helper", "helpers", "manager", "managers", "misc",
    "model", "models", "util", "utils",
}  # fmt: skip
ENDINGS = ("Manager", "Helper", "Helpers", "Util", "Utils")


def test_no_module_has_a_name_that_says_nothing(files: tuple[Path, ...]) -> None:
    python = [path for path in files if path.suffix == ".py"]
    banned = [path for path in python if SAYING_NOTHING & {path.stem, *path.parent.parts}]
    assert banned == []


def test_no_class_is_called_model_or_manager(texts: dict[Path, str]) -> None:
    # "Model" alone is a mô hình, a Pydantic class and an ORM class: nobody could tell which.
    banned = [
        f"{path}:{node.lineno} {node.name}"
        for path, text in texts.items()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
        if node.name == "Model" or node.name.endswith(ENDINGS)
    ]
    assert banned == []
