"""ARCHITECTURE follows one event from the request to a figure: each place that it names is there."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

PLACE = re.compile(r"`((?:shared|services)/[\w/]+\.py)`((?: `[\w.]+`)*)")
STEPS = 15


def _section(repository: Path) -> str:
    text = (repository / "ARCHITECTURE.md").read_text("utf-8")
    return text.split("## The way of one")[1].split("\n## ")[0]


def test_each_step_names_where_it_happens(repository: Path) -> None:
    rows = [line for line in _section(repository).splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) == STEPS
    assert all(PLACE.search(row.rsplit("|", 2)[1]) for row in rows)


def test_each_place_is_there(repository: Path) -> None:
    places = [
        (path, name)
        for path, names in PLACE.findall(_section(repository))
        for name in re.findall(r"[\w.]+", names)
    ]
    assert len(places) > STEPS
    for path, name in places:
        module = import_module(path.removesuffix(".py").replace("/", "."))
        found = reduce(getattr, name.split("."), module)
        assert found.__module__ == module.__name__, f"{name} is not defined in {path}"
