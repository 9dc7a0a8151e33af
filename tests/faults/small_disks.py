"""A small room on a disk that a test can fill to the last byte and make free again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 1024 * 1024


class NoRoomError(Exception):
    """This machine lets nobody make a small file system; the message says what would help."""


class Room:
    """A file system of its own; it is full when `fill` returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Write until there is no room for one more byte."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (MIB, 4096, 1):
                try:
                    while filler.write(b"\0" * size):
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Make room again."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_room(folder: Path, mebibytes: int) -> Iterator[Room]:
    """Mount a small file system in memory; raises `NoRoomError` where that is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={mebibytes}m,mode=0777",
        "dvk-room",
        str(folder),
    ]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoRoomError(f"there is no mount command: {error}") from error
    if mounted.returncode:
        raise NoRoomError(
            f"mount: {mounted.stderr.strip()} (user {os.geteuid()}). Run as root, or within "
            "`unshare --map-root-user --mount`, so that a full disk can be made."
        )
    try:
        yield Room(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
