"""One distribution: its wheel holds everything that runs, and runs where nothing else is."""

import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

BOOTSTRAP = Path(".bootstrap/bin/python")
"""The environment of `make`: it has pip, which knows this machine's configuration, and hatchling."""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this repository."""
    bootstrap = repository / BOOTSTRAP
    if not bootstrap.is_file():
        pytest.skip("the wheel is built with pip of .bootstrap/, which `make install` makes")
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: hatchling is there already, and no test needs the network.
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    _run(bootstrap, *command, "-w", folder, repository)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_product(wheel: Path, files: tuple[Path, ...]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        described = {name.split("/", 1)[1] for name in archive.namelist() if ".dist-info/" in name}
    ours = {str(path) for path in files if path.parts[0] in {"services", "shared"}}
    assert packed == ours
    assert {"licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"} <= described


def test_the_image_has_the_extra_of_the_commands_about_archives(repository: Path) -> None:
    image = (repository / "deploy/Dockerfile").read_text("utf-8")
    installed = [line for line in image.splitlines() if "uv sync" in line]
    assert len(installed) == 2, "what it depends on, and the product: the second may remove nothing"
    for line in installed:
        assert "--extra archive" in line


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_runs_in_a_clean_environment(
    wheel: Path, repository: Path, tmp_path: Path, code: dict[Path, str]
) -> None:
    constraints = tmp_path / "constraints.txt"
    uv = repository / BOOTSTRAP.with_name("uv")
    export = ["export", "--quiet", "--frozen", "--no-config", "--no-dev", "--extra", "archive"]
    export += ["--no-emit-project"]
    _run(uv, *export, "--no-hashes", "--output-file", constraints, folder=repository)
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean" / "bin" / "python"
    _run(
        python, "-m", "pip", "install", "--quiet", "--constraint", constraints, f"{wheel}[archive]"
    )
    modules = sorted(
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in code
        if path.stem != "__main__"
    )
    loading = f"import importlib; [importlib.import_module(name) for name in {modules!r}]"
    _run(python, "-I", "-c", loading, folder=tmp_path)
    _run(tmp_path / "clean" / "bin" / "dvk", "--help", folder=tmp_path)


def _run(*command: object, folder: Path | None = None) -> None:
    run = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
