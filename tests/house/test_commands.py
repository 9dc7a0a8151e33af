"""The commands that people read are the commands that exist, and the ones that are checked."""

import re
import subprocess
from pathlib import Path

TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
SPOKEN = re.compile(r"(?:^|`|\$ )make ([a-z][a-z-]*)", re.MULTILINE)


def test_every_make_command_of_the_documents_exists(
    repository: Path, documents: dict[Path, str]
) -> None:
    targets = set(TARGET.findall((repository / "Makefile").read_text("utf-8")))
    unknown = [
        f"{path}: make {name}"
        for path, text in documents.items()
        for name in SPOKEN.findall(text)
        if name not in targets
    ]
    assert unknown == []


def test_help_lists_every_command(repository: Path) -> None:
    makefile = (repository / "Makefile").read_text("utf-8")
    public = set(TARGET.findall(makefile)) - {"install-with-pip"}
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=repository, check=True, capture_output=True, text=True
    ).stdout
    assert set(re.findall(r"^make ([a-z-]+) +\S", shown, re.MULTILINE)) == public


def test_the_checks_of_the_ci_are_commands_of_the_readme(repository: Path) -> None:
    script = (repository / ".ci" / "run").read_text("utf-8")
    checked = set(re.findall(r"^make ([a-z-]+)$", script, re.MULTILINE))
    assert checked == {"lint", "test", "test-thorough"}
    for readme in ("README.md", "README.vi.md"):
        assert checked <= set(SPOKEN.findall((repository / readme).read_text("utf-8")))


def test_the_ci_never_skips_the_browser(repository: Path, texts: dict[Path, str]) -> None:
    script = (repository / ".ci" / "run").read_text("utf-8")
    (variable,) = re.findall(r"^export (DVK_\w+)=1$", script, re.MULTILINE)
    used = [path for path, text in texts.items() if path.parts[0] == "tests" and variable in text]
    assert set(used) - {Path("tests/house/test_commands.py")}, f"no test asks for {variable}"


def test_the_shell_scripts_can_be_run(repository: Path, texts: dict[Path, str]) -> None:
    scripts = [path for path, text in texts.items() if text.startswith("#!")]
    assert Path(".ci/run") in scripts
    for script in scripts:
        assert (repository / script).stat().st_mode & 0o100, f"{script} is not executable"
