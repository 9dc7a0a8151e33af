"""Every code of the shared vocabulary has its Vietnamese and English words in the glossary."""

import importlib
import pkgutil
import re
from enum import Enum
from pathlib import Path

import pytest

import shared.vocabulary

ROW = re.compile(
    r"^\| *(?P<vi>[^|]*?) *\| *(?P<en>[^|]*?) *\| *`(?P<code>[^`|]+)` *\|", re.MULTILINE
)


def _lists() -> list[type[Enum]]:
    names = [info.name for info in pkgutil.iter_modules(shared.vocabulary.__path__)]
    modules = [importlib.import_module(f"shared.vocabulary.{name}") for name in names]
    found = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Enum)
        and thing.__module__ == module.__name__
    }
    return sorted(found, key=lambda thing: thing.__name__)


@pytest.mark.parametrize("codes", _lists(), ids=lambda codes: codes.__name__)
def test_every_code_of_the_vocabulary_stands_in_the_glossary(
    repository: Path, codes: type[Enum]
) -> None:
    sections = re.split(
        r"^## ", (repository / "docs/glossary.md").read_text("utf-8"), flags=re.MULTILINE
    )
    named = [text for text in sections if f"(`{codes.__name__}`)" in text.partition("\n")[0]]
    assert len(named) == 1, f"docs/glossary.md needs one section for {codes.__name__}"
    rows = {row["code"]: (row["vi"], row["en"]) for row in ROW.finditer(named[0])}
    assert set(rows) == {str(member.value) for member in codes}
    assert all(vi and en for vi, en in rows.values()), "each code has words in both languages"


def test_the_lists_are_found() -> None:
    assert {"Family", "Measure", "Dimension", "Flag"} <= {codes.__name__ for codes in _lists()}
