"""What is wrong with an option is said at once: which one, which value, what is expected; code 2."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.console import options
from services.console.main import app

NOWHERE = "127.0.0.1:1"
"""Nothing listens there: a command that gets so far fails otherwise."""
WITHOUT_ADDRESS = {
    "up",
    "demo",
    "generate",
    "rebuild",
    "archive",
    "forward status",
    "redis-acl",
    "sign",
    "quarantine discard",
    "key new",
    "key show",
    "key request",
    "trust begin",
    "witness sign",
    "witness vkey",
    "proof verify",
    *(f"account {each}" for each in ("add", "link", "list", "token", "sign-out", "remove")),
    "persons show",
    "persons look-ups",
    "persons hold",
    "persons release",
    "redact apply",
}
"""The commands that make a file, or work on the ledger of the settings."""
WRONG = [
    ("diff --year 2022 --from 2023-31-01", "--from", "2023-31-01", "năm-tháng-ngày"),
    ("diff --year 2022 --from 31/01/2023", "--from", "31/01/2023", "năm-tháng-ngày"),
    ("diff --year 2022 --from 2023-01-31T08:00:00", "--from", "2023-01-31T08:00:00", "múi giờ"),
    ("diff --year 2022 --from -5", "--from", "-5", "vị trí"),
    ("diff --year 2022 --from 5 --to tomorrow", "--to", "tomorrow", "múi giờ"),
    ("diff --year 22 --from 5", "--year", "22", "1900"),
    ("diff --year two --from 5", "--year", "two", "1900"),
    ("diff --year 2022 --from 5 --map 2023-02-30", "--map", "2023-02-30", "recorded"),
    ("diff --year 2022 --from 5 --map today", "--map", "today", "current"),
    ("diff --year 2022 --from 5 --address http://", "--address", "http://", "127.0.0.1:8080"),
    ("diff --year 2022 --from 5 --at ftp://x", "--at", "ftp://x", "127.0.0.1:8080"),
    ("audit FILE --known-at 2023-13-01", "--known-at", "2023-13-01", "năm-tháng-ngày"),
    ("audit FILE --year 0", "--year", "0", "1900"),
    ("audit FILE --map now", "--map", "now", "recorded"),
    ("audit FILE --year 2022 --address x:99999", "--address", "x:99999", "127.0.0.1:8080"),
    ("audit FILE --year 2022 --against :::", "--against", ":::", "127.0.0.1:8080"),
    ("export out.jsonl --after x", "--after", "x", "14541"),
    ("export out.jsonl --until 1.5", "--until", "1.5", "14541"),
    ("export out.jsonl --year 20222", "--year", "20222", "2999"),
    ("generate --seed 1 --registrations 1 --years 2026-2022", "--years", "2026-2022", "2022-2026"),
    ("status --address x:y", "--address", "x:y", "127.0.0.1:8080"),
    ("status --to x:y", "--to", "x:y", "127.0.0.1:8080"),
    ("doctor --address http://[", "--address", "http://[", "127.0.0.1:8080"),
    ("publish FILE --address x:0", "--address", "x:0", "127.0.0.1:8080"),
    ("load-map --to //x", "--to", "//x", "127.0.0.1:8080"),
    ("quarantine list --address x:-1", "--address", "x:-1", "127.0.0.1:8080"),
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("COLUMNS", "400")
    file = tmp_path / "file.jsonl"
    file.write_text("")

    def running(line: str) -> tuple[int, str]:
        words = [str(file) if word == "FILE" else word for word in line.split()]
        done = CliRunner().invoke(app, words, env={"LC_ALL": "C.UTF-8"})
        assert done.exception is None or isinstance(done.exception, SystemExit), line
        return done.exit_code, done.output

    return running


@pytest.mark.parametrize(("line", "option", "value", "expected"), WRONG, ids=lambda each: each)
def test_a_wrong_value_is_named_with_its_option_and_what_is_expected(
    run: object, line: str, option: str, value: str, expected: str
) -> None:
    code, said = run(line)  # type: ignore[operator]
    assert code == 2, said
    assert option in said
    assert f"“{value}”" in said
    assert expected in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "line",
    [
        "status --address {at}",
        "status --to {at}",
        "status --at {at}",
        "doctor --to {at} --json",
        "publish FILE --to {at}",
        "export out.jsonl --at {at}",
        "export out.jsonl --address {at}",
        "diff --year 2022 --from 1 --at {at}",
        "diff --year 2022 --from 1 --to 2 --address {at}",
    ],
)
def test_the_names_of_before_work_like_the_one_of_today(
    run: object, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DVK_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("DVK_PORT", "9")
    code, said = run(line.format(at=NOWHERE))  # type: ignore[operator]
    assert code in {0, 1, 2}
    assert "Usage" not in said
    if "publish" not in line:  # an empty file is sent without anybody being asked
        assert NOWHERE in said, said


def commands(group: Any) -> Iterator[str]:
    """Yield the names of all commands, those of groups with the name of their group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from (f"{name} {each}" for each in commands(command))
        else:
            yield name


def test_every_command_that_asks_a_ledger_has_the_one_option_for_its_address(run: object) -> None:
    every = set(commands(typer.main.get_command(app)))
    assert every >= WITHOUT_ADDRESS
    for command in every - WITHOUT_ADDRESS:
        _, said = run(f"{command} --help")  # type: ignore[operator]
        assert "--address" in said, command
        for former in ("--at ", "--against"):
            assert former not in said, command
        assert ("--to " in said) == (command == "diff"), command


def test_it_says_its_version(run: object) -> None:
    code, said = run("--version")  # type: ignore[operator]
    assert code == 0
    assert said.startswith("dvk 0.")
    assert "Python 3." in said


@pytest.mark.parametrize(
    "stated", ["0", "14541", "2023-01-31", "2023-01-31T08:00:00+07:00", "2023-01-31T08:00Z"]
)
def test_moments_are_taken_as_they_are(stated: str) -> None:
    assert options.moment(stated) == stated


@pytest.mark.parametrize("stated", ["recorded", "current", "2025-07-01"])
def test_maps_are_taken_as_they_are(stated: str) -> None:
    assert options.map_(stated) == stated


@pytest.mark.parametrize(
    ("stated", "address"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("localhost:8080/", "http://localhost:8080"),
        ("https://so.example.vn", "https://so.example.vn"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_gets_its_scheme_and_loses_its_slash(stated: str, address: str) -> None:
    assert options.address(stated) == address
