"""What the runbook and the doctor tell a person to run or to read exists, word for word."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from services.console.main import app

ROW = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
DVK = re.compile(r"(?:^|\s|/)dvk ([a-z][a-z-]*)((?:[^\n#|]|\n(?=  ))*)")
ANCHOR = re.compile(r"docs/operations\.md#([a-z-]+)")


def words(page: str) -> list[str]:
    """Return all that stands as a command or as code."""
    return [*FENCE.findall(page), *ROW.findall(FENCE.sub("", page))]


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/operations.md").read_text("utf-8")


@pytest.fixture(scope="module")
def advice(code: dict[Path, str]) -> list[str]:
    """Give every text that the doctor may say."""
    return [
        node.value
        for path, text in code.items()
        if path.is_relative_to("services/console/doctor")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.fixture(scope="module")
def options() -> dict[str, set[str]]:
    """Give the options of each command of `dvk`."""
    group: Any = typer.main.get_command(app)
    return {name: options_of(command) for name, command in group.commands.items()}


def options_of(command: Any) -> set[str]:
    """Return the options of a command, or those of all commands of a group."""
    own = {option for parameter in command.params for option in parameter.opts}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()))


def unknown_commands(texts: list[str], options: dict[str, set[str]]) -> list[str]:
    said = [(name, rest) for text in texts for name, rest in DVK.findall(text)]
    assert said
    return [
        f"dvk {name}{rest}"
        for name, rest in said
        if name not in options or not set(re.findall(r"--[a-z-]+", rest)) <= options[name]
    ]


def test_every_dvk_command_of_the_runbook_exists_with_its_options(
    page: str, options: dict[str, set[str]]
) -> None:
    assert unknown_commands(words(page), options) == []


def test_every_dvk_command_is_in_the_runbook(page: str) -> None:
    group: Any = typer.main.get_command(app)
    commands = [
        " ".join(("dvk", name, *sub))
        for name, command in group.commands.items()
        for sub in ((), *((each,) for each in getattr(command, "commands", {})))
    ]
    assert "dvk quarantine show" in commands
    missing = [each for each in commands if not re.search(rf"{each}(?![\w-])", page)]
    assert missing == [], "docs/operations.md has a line for every command"


def test_every_dvk_command_that_the_doctor_says_exists(
    advice: list[str], options: dict[str, set[str]]
) -> None:
    assert unknown_commands([text for text in advice if text.startswith("dvk ")], options) == []


def test_every_container_that_is_named_in_a_command_exists(
    repository: Path, page: str, advice: list[str]
) -> None:
    compose = yaml.safe_load((repository / "docker-compose.yml").read_text("utf-8"))
    verbs = (
        r"docker compose(?: --file \S+)* (up --detach|up|exec|run|restart|logs --tail \d+|stop|build)"
        r'(?: -T| --[a-z-]+(?: "[^"]*")?)*((?: [a-z]+)*)'
    )
    texts = [*words(page), *advice]
    said = [
        name
        for text in texts
        for verb, names in re.findall(verbs, text)
        for name in names.split()[: 1 if verb in {"exec", "run"} else None]
    ]
    assert {"reporting", "registry", "lists"} <= set(said)
    assert [name for name in said if name not in compose["services"]] == []
    every = [text for text in texts if "docker compose" in text]
    assert [text for text in every if not re.search(verbs, text)] == []


def test_every_place_of_the_runbook_that_the_doctor_points_to_exists(
    page: str, advice: list[str]
) -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    }
    pointed = {anchor for text in advice for anchor in ANCHOR.findall(text)}
    assert pointed
    assert pointed <= headings


def test_every_file_that_is_named_in_a_command_exists(
    repository: Path, page: str, advice: list[str]
) -> None:
    named = {
        path for text in [*words(page), *advice] for path in re.findall(r"\bdeploy/[\w./-]+", text)
    }
    assert named
    assert [path for path in named if not (repository / path.rstrip(".")).exists()] == []


def test_the_runbook_says_how_to_start_stop_back_up_restore_upgrade_and_rebuild(page: str) -> None:
    chapters = set(re.findall(r"^## (.+)$", page, re.MULTILINE))
    assert {
        "On one machine",
        "In a data centre",
        "Stop",
        "Upgrade",
        "Back up and restore",
        "Rebuild a read model",
        "Doctor",
        "Alarms",
    } <= chapters
